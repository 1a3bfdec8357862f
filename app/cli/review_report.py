"""Agreement with reviewers and overrides as a table, as Markdown and as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence

from app.cli.rendering import table
from app.matching.metrics import Interval
from app.services.review_figures import ALL, ReviewReport, ReviewRow

_HEADER = (
    "group",
    "decisions",
    "overrides",
    "override rate",
    "vacancies",
    "pairs",
    "agreement then",
    "pairs now",
    "agreement now",
)
_TITLE = "Decisions of reviewers"


def show_review_table(report: ReviewReport) -> None:
    """Print the table to standard output."""
    print(f"\n{_TITLE} ({_basis(report)})")
    for line in table(_HEADER, [_cells(row) for row in report.rows]):
        print(f"  {line}")


def review_markdown(report: ReviewReport) -> str:
    """The table as a section of a Markdown document."""
    lines = [f"## {_TITLE}", "", f"{_basis(report)}.".capitalize(), ""]
    for row in (_HEADER, ["---"] * len(_HEADER), *map(_cells, report.rows)):
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


def review_json(report: ReviewReport) -> dict[str, object]:
    """Every figure and count; what cannot be measured is null."""
    return {
        "release": report.release,
        "weights": report.weights,
        "seed": report.seed,
        "rows": [
            {
                "group": row.group,
                "value": row.value,
                "n_decisions": row.n_decisions,
                "n_overrides": row.n_overrides,
                "override_rate": _interval(row.override_rate),
                "n_vacancies": row.n_vacancies,
                "n_pairs": row.n_pairs,
                "agreement_then": _interval(row.then),
                "n_pairs_now": row.n_pairs_now,
                "agreement_now": _interval(row.now),
            }
            for row in report.rows
        ],
    }


def _basis(report: ReviewReport) -> str:
    return f"release {report.release}, weights {report.weights}, seed {report.seed}"


def _cells(row: ReviewRow) -> Sequence[str]:
    return (
        ALL if row.group == ALL else f"{row.group} {row.value}",
        str(row.n_decisions),
        str(row.n_overrides),
        _bounded(row.override_rate),
        str(row.n_vacancies),
        str(row.n_pairs),
        _bounded(row.then),
        str(row.n_pairs_now),
        _bounded(row.now),
    )


def _bounded(interval: Interval) -> str:
    if math.isnan(interval.value):
        return "–"
    return f"{interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def _interval(interval: Interval) -> dict[str, float | None]:
    return {name: None if math.isnan(value) else value for name, value in interval._asdict().items()}
