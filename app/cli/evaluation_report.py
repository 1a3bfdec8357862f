"""An evaluation as tables on a terminal, as Markdown and as JSON."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from app import __version__
from app.cli.rendering import table
from app.matching.metrics import Calibration, Interval
from app.services.evaluation import DEPTH, EvaluationReport
from app.services.evaluation_figures import FIGURES, AbstentionRow, RankingRow
from app.services.evaluation_systems import OURS

_SHOWN = ("MRR", "top-1", "RP@5", "RP@10", "R@1", "R@5", "R@10")
_RANKING_HEADER = (
    "system",
    "MRR",
    "top-1",
    "RP@5",
    "RP@10",
    "R@1",
    "R@5",
    "R@10",
    "ahead by (MRR)",
    "texts",
    "ms batch",
    "ms single",
)
_ABSTENTION_HEADER = (
    "system",
    "AUC",
    "abstains: precision",
    "recall",
    "largest gap",
    "weighted gap",
    "by chance",
    "linkable",
    "nil",
)


_CURVE_HEADER = ("scores", "phrases", "mean score", "share right")


def show_tables(report: EvaluationReport) -> None:
    """Print the tables to standard output."""
    for title, header, rows in _sections(report):
        print(f"\n{title}")
        for line in table(header, rows):
            print(f"  {line}")


def as_markdown(report: EvaluationReport) -> str:
    """The tables as a Markdown document, with what it takes to make them again."""
    options = report.options
    drawn = f"{options.limit} texts of each set" if options.limit else "whole sets"
    lines = [
        "# Linking: measured",
        "",
        f"Release {report.release} (checksum `{report.checksum[:12]}`), engine {__version__},",
        f"seed {options.seed}, {drawn}, the first {DEPTH} answers of each system.",
        "Brackets hold 95 % bootstrap intervals, times are CPU milliseconds a text.",
        "[How to read the figures](evaluation.md).",
    ]
    for title, header, rows in _sections(report):
        lines += ["", f"## {title}", "", _markdown_row(header), _markdown_row(["---"] * len(header))]
        lines += [_markdown_row(row) for row in rows]
    notes = [f"- {name} is not measured: {reason}." for name, reason in report.unavailable.items()]
    notes += [
        f"- {name}: {count} texts left out, since the release has none of their concepts."
        for name, count in sorted(report.left_out.items())
    ]
    if notes:
        lines += ["", "## Left out", "", *notes]
    return "\n".join(lines) + "\n"


def as_json(report: EvaluationReport) -> str:
    """Every figure, with its interval; what cannot be measured is null."""
    options = dataclasses.asdict(report.options)
    for key in ("model", "cache"):
        del options[key]  # paths of this machine say nothing to others
    content = {
        "release": report.release,
        "checksum": report.checksum,
        "engine": __version__,
        "depth": DEPTH,
        "options": options,
        "unavailable": report.unavailable,
        "left_out": report.left_out,
        "rankings": [_ranking_json(row) for row in report.rankings],
        "abstentions": [_abstention_json(row) for row in report.abstentions],
    }
    return json.dumps(_finite(content), ensure_ascii=False, indent=1) + "\n"


def _sections(report: EvaluationReport) -> Iterator[tuple[str, Sequence[str], list[Sequence[str]]]]:
    for title, ranked in _by_title(report.rankings, _ranking_title):
        yield title, _RANKING_HEADER, [_ranking_cells(row) for row in ranked]
    for title, told in _by_title(report.abstentions, _abstention_title):
        yield f"A{title[1:]}", _ABSTENTION_HEADER, [_abstention_cells(row) for row in told]
        for row in told:
            if row.system == OURS:
                yield f"Reliability of the linker's scores, {title}", _CURVE_HEADER, _curve_cells(row.curve)


def _by_title(rows: Iterable[Any], title_of: Any) -> list[tuple[str, list[Any]]]:
    groups: dict[str, list[Any]] = {}
    for row in rows:
        groups.setdefault(title_of(row), []).append(row)
    return list(groups.items())


def _ranking_title(row: RankingRow) -> str:
    kind = "skills and occupations" if row.kind == "all" else f"{row.kind}s"
    return f"{row.set_name}: {kind}, {_language(row.lang)}"


def _abstention_title(row: AbstentionRow) -> str:
    against = "" if row.nil_name == row.set_name else f" against {row.nil_name}"
    return f"abstention, {row.set_name}{against}: {_language(row.lang)}"


def _language(lang: str) -> str:
    return {"all": "all languages", "?": "language not declared"}.get(lang, lang)


def _ranking_cells(row: RankingRow) -> list[str]:
    mrr = row.figures["MRR"]
    return [
        row.system,
        _with_bounds(mrr),
        *(_number(row.figures[name].value) for name in _SHOWN[1:]),
        _with_bounds(row.behind, sign=True) if row.behind else "",
        str(row.n_texts),
        f"{row.batch_ms:.2f}",
        f"{row.single_ms:.2f}",
    ]


def _abstention_cells(row: AbstentionRow) -> list[str]:
    return [
        row.system,
        _with_bounds(row.auc),
        _number(row.precision),
        _number(row.recall),
        _number(row.curve.largest_gap),
        _number(row.curve.weighted_gap),
        _with_bounds(row.chance),
        str(row.n_linkable),
        str(row.n_nil),
    ]


def _curve_cells(curve: Calibration) -> list[Sequence[str]]:
    n_bins = len(curve.n_in_bin)
    return [
        [
            f"{at / n_bins:.1f}–{(at + 1) / n_bins:.1f}",
            str(curve.n_in_bin[at]),
            _number(float(curve.mean_probability[at])),
            _number(float(curve.share_right[at])),
        ]
        for at in range(n_bins)
    ]


def _with_bounds(interval: Interval, *, sign: bool = False) -> str:
    form = "+.3f" if sign else ".3f"
    return f"{interval.value:{form}} [{interval.low:{form}}, {interval.high:{form}}]"


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _ranking_json(row: RankingRow) -> dict[str, object]:
    return {
        "set": row.set_name,
        "kind": row.kind,
        "lang": row.lang,
        "system": row.system,
        "n_texts": row.n_texts,
        "figures": {name: row.figures[name]._asdict() for name in FIGURES},
        "behind_first": row.behind._asdict() if row.behind else None,
        "batch_ms": round(row.batch_ms, 4),
        "single_ms": round(row.single_ms, 4),
    }


def _abstention_json(row: AbstentionRow) -> dict[str, object]:
    return {
        "set": row.set_name,
        "nil": row.nil_name,
        "lang": row.lang,
        "system": row.system,
        "n_linkable": row.n_linkable,
        "n_nil": row.n_nil,
        "auc": row.auc._asdict(),
        "precision": row.precision,
        "recall": row.recall,
        "curve": _curve_json(row.curve),
        "gap_by_chance": row.chance._asdict(),
    }


def _curve_json(curve: Calibration) -> dict[str, object]:
    return {
        "n_in_bin": curve.n_in_bin.tolist(),
        "mean_score": curve.mean_probability.tolist(),
        "share_right": curve.share_right.tolist(),
        "largest_gap": curve.largest_gap,
        "weighted_gap": curve.weighted_gap,
    }


def _finite(value: object) -> object:
    """NaN is not JSON."""
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and math.isnan(value) else value
