"""How much a score rests on, beside the score and never in it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

LOW, MEDIUM = "confidence_low", "confidence_medium"
UNLINKED = "unlinked_requirements"
"""Flag of a vacancy most of whose requirements name no concept: they meet equal words only."""

_WEAK = ("thin_vacancy", "thin_profile", "inferred_requirements", UNLINKED)


class Confidence(StrEnum):
    """Band of confidence in a score."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


def confidence_flags(flags: Iterable[str]) -> tuple[str, ...]:
    """The flag that a pair gets for the flags of its vacancy and its profile.

    One reason for doubt makes the band medium, two low. The reasons are those flags themselves.
    """
    n_reasons = len(set(flags).intersection(_WEAK))
    return () if not n_reasons else (MEDIUM,) if n_reasons == 1 else (LOW,)


def confidence_of(flags: Iterable[str]) -> Confidence:
    """The band that a pair's flags tell."""
    held = set(flags)
    if LOW in held:
        return Confidence.LOW
    return Confidence.MEDIUM if MEDIUM in held else Confidence.HIGH
