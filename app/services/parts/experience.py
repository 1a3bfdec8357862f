"""Experience: months of work in or near the vacancy's occupation, against the months asked for."""

from __future__ import annotations

from collections.abc import Sequence

from app.matching.weights import EXPERIENCE, WeightProfile
from app.services.parts.wanted import Named, Wanted, level_credit
from app.services.work_terms import ANY_WORK, experience_level, worked_term


def experience_part(months: int | None, around: Sequence[Named]) -> list[Wanted]:
    """Ask for the months where the vacancy states them.

    Parameters
    ----------
    around
        The occupation and the groups around it, as the occupation part asks for them; where
        there are none, work of any kind counts.
    """
    if not months:
        return []
    named: list[Named] = [
        (worked_term(key), factor, relation) for key, factor, relation in around if isinstance(key, str)
    ]
    return [
        Wanted(
            EXPERIENCE,
            f"{months} months of work",
            1.0,
            named or [(ANY_WORK, 1.0, "any_work")],
            experience_level(months),
        )
    ]


def experience_worth(level: int, place: int, asked: int, _weights: WeightProfile) -> float:
    """Share reached of the time asked for; work of unknown length earns nothing."""
    return 0.0 if place else level_credit(level, asked, 0.0)
