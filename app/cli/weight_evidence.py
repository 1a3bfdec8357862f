"""The evidence of fitted weights as lines to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.cli.rendering import table

_SHOWN = 10


def fit_lines(evidence: Mapping[str, Any]) -> Iterator[str]:
    """What a fit rests on, what it moves, how well it agrees, and which rankings would change."""
    decisions, agreement = evidence["decisions"], evidence["agreement"]
    counts = f"{decisions['n']} decisions on {decisions['n_vacancies']} vacancies"
    yield f"Fitted to {counts}, from {evidence['from']}."
    if decisions["left_out"]:
        left_out = ", ".join(f"{count} {why}" for why, count in decisions["left_out"].items())
        yield f"Left out: {left_out}."
    yield ""
    yield from table(
        ("weight", "before", "after"),
        [(name, f"{old:.3f}", f"{new:.3f}") for name, (old, new) in evidence["moved"].items()],
    )
    yield ""
    yield "Agreement with decisions, mean over vacancies, with 95 % intervals:"
    held_out = agreement["held_out"]
    yield from table(
        ("", "before", "after"),
        [
            ("fitted on", *(_bounded(agreement["fitted_on"][when]) for when in ("before", "after"))),
            ("held out", *(_bounded(held_out[when]) for when in ("before", "after"))),
        ],
    )
    yield f"Held out, it gains {_bounded(held_out['gain'], '+.3f')}, p = {held_out['p_value']:.4f}."
    yield from _moves(evidence["would_move"])


def _moves(moves: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    if not moves["n_vacancies"]:
        yield "There is no published vacancy to show what would move."
        return
    distance = moves["mean_kendall_distance"]
    yield (
        f"What would move in {moves['n_vacancies']} published vacancies: Kendall distance "
        f"{'–' if distance is None else f'{distance:.3f}'} on average, {moves['n_enter']} enter a best "
        f"{moves['top']}."
    )
    rows = [
        (
            each["vacancy_id"],
            "–" if each["kendall_distance"] is None else f"{each['kendall_distance']:.3f}",
            ", ".join(each["enter"]) or "–",
            ", ".join(each["leave"]) or "–",
        )
        for each in moves["vacancies"][:_SHOWN]
    ]
    yield from table(("vacancy", "distance", "enters", "leaves"), rows)


def _bounded(interval: Sequence[float], form: str = ".3f") -> str:
    value, low, high = interval
    return f"{value:{form}} [{low:{form}}, {high:{form}}]"
