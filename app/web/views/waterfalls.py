"""A score as steps from 0, drawn and as numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.eligibility import Message
from app.domain.explained import Step, waterfall
from app.domain.results import Contribution, RankedMatch
from app.wording import say, term

SCALE = 1000
"""Width of a drawing, of a score of 1."""


@dataclass(frozen=True, slots=True)
class StepView:
    """One step: exact numbers, and where its bar is drawn, in thousandths of the full score."""

    label: str
    lang: str | None
    part: str
    value: float
    start: float
    end: float
    x: float
    width: float


def steps_of(
    match: RankedMatch, locale: str, name_of: Callable[[Contribution], tuple[str, str | None]]
) -> tuple[StepView, ...]:
    """The waterfall of a match; ``name_of`` gives the label of a share and its language."""
    return tuple(_view(step, locale, name_of) for step in waterfall(match))


def _view(step: Step, locale: str, name_of: Callable[[Contribution], tuple[str, str | None]]) -> StepView:
    lang: str | None = None
    if step.share is None:
        label = say(Message("told_smaller_shares", {"count": step.n_shares}), locale)
        part = "skills"
    elif step.share.part == "text":
        about = step.share.requirement_uri is not None
        label, part = term(*(("relation", "themes") if about else ("part", "text")), locale), "text"
    else:
        label, lang = name_of(step.share)
        part = step.share.part
    return StepView(
        label=label,
        lang=lang,
        part=part,
        value=step.value,
        start=step.start,
        end=step.end,
        x=round(step.start * SCALE, 2),
        # Seen even where it is worth hardly anything.
        width=max(round(step.value * SCALE, 2), 4),
    )
