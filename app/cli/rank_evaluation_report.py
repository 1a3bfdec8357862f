"""Measured rankings as tables on a terminal, as Markdown and as JSON."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator, Sequence

from app import __version__
from app.cli.rendering import table
from app.matching.graded_metrics import PairedTest
from app.matching.metrics import Interval
from app.services.rank_evaluation import (
    ALL,
    FIGURES,
    TESTED,
    LengthRow,
    MustRow,
    RankReport,
    RankRow,
    by_set,
)

_HEADER = (
    "system",
    *FIGURES,
    "AUC of pairs",
    *(f"first ahead by ({each})" for each in TESTED),
    "vacancies",
    "pairs",
)
_MUST_HEADER = ("", "pairs", "true matches lost", "kept")
_LENGTH_HEADER = ("order of", "Kendall correlation with length", "vacancies")


def show_rank_tables(report: RankReport) -> None:
    """Print the tables to standard output."""
    for title, header, rows in _sections(report):
        print(f"\n{title}")
        for line in table(header, rows):
            print(f"  {line}")


def rank_markdown(report: RankReport) -> str:
    """The tables as a Markdown document, with what it takes to make them again."""
    lines = [
        "# Ranking: measured",
        "",
        f"Release {report.release} (checksum `{report.checksum[:12]}`), engine {__version__}, weights",
        f"{report.weights}, seed {report.seed}. Brackets hold 95 % bootstrap intervals over vacancies;",
        "p-values are of a randomization test on pairs. [How to read the figures](evaluation.md#ranking).",
    ]
    for title, header, rows in _sections(report):
        lines += ["", f"## {title}", "", _line(header), _line(["---"] * len(header)), *map(_line, rows)]
    return "\n".join(lines) + "\n"


def rank_json(report: RankReport) -> str:
    """Every figure, with its interval; what cannot be measured is null."""
    content = {
        "release": report.release,
        "checksum": report.checksum,
        "engine": __version__,
        "weights": report.weights,
        "seed": report.seed,
        "rows": [_row_json(row) for row in report.rows],
        "musts": [dataclasses.asdict(row) for row in report.musts],
        "lengths": [
            {"set": row.set_name, "system": row.system, "n_queries": row.n_queries, "tau": _interval(row.tau)}
            for row in report.lengths
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _sections(report: RankReport) -> Iterator[tuple[str, Sequence[str], list[Sequence[str]]]]:
    for (set_name, group, value), rows in by_set(report.rows).items():
        title = set_name if group == ALL else f"{set_name}: {group} {value}"
        yield title, _HEADER, [_cells(row) for row in rows]
    for row in report.musts:
        yield f"{row.set_name}: what the musts do", _MUST_HEADER, _must_cells(row)
    for set_name in dict.fromkeys(row.set_name for row in report.lengths):
        told = [_length_cells(row) for row in report.lengths if row.set_name == set_name]
        yield f"{set_name}: does the order follow the length of the text?", _LENGTH_HEADER, told


def _cells(row: RankRow) -> Sequence[str]:
    return [
        row.system,
        *(_with_bounds(row.figures[name]) for name in FIGURES),
        _with_bounds(row.pair_auc),
        *(_test(row.behind[name]) if name in row.behind else "" for name in TESTED),
        str(row.n_queries),
        str(row.n_pairs),
    ]


def _must_cells(row: MustRow) -> list[Sequence[str]]:
    cells = [
        ("all", str(row.n_pairs), "", str(row.n_pairs - row.n_apart)),
        ("listed apart", str(row.n_apart), str(row.n_lost), ""),
    ]
    broken = [(f"against {name}", str(n), "", str(row.n_kept[name])) for name, n in row.n_broken.items()]
    return [*cells, *broken]


def _length_cells(row: LengthRow) -> Sequence[str]:
    return [row.system, _with_bounds(row.tau, sign=True), str(row.n_queries)]


def _test(test: PairedTest) -> str:
    return f"{_with_bounds(test.difference, sign=True)} p={test.p_value:.4f}"


def _with_bounds(interval: Interval, *, sign: bool = False) -> str:
    if math.isnan(interval.value):
        return "–"
    form = "+.3f" if sign else ".3f"
    return f"{interval.value:{form}} [{interval.low:{form}}, {interval.high:{form}}]"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _row_json(row: RankRow) -> dict[str, object]:
    return {
        "set": row.set_name,
        "group": row.group,
        "value": row.value,
        "system": row.system,
        "n_queries": row.n_queries,
        "n_pairs": row.n_pairs,
        "figures": {name: _interval(row.figures[name]) for name in FIGURES},
        "pair_auc": _interval(row.pair_auc),
        "behind_first": {
            name: {"difference": _interval(test.difference), "p_value": _finite(test.p_value)}
            for name, test in row.behind.items()
        },
    }


def _interval(interval: Interval) -> dict[str, float | None]:
    return {name: _finite(value) for name, value in interval._asdict().items()}


def _finite(value: float) -> float | None:
    """NaN is not JSON."""
    return None if math.isnan(value) else value
