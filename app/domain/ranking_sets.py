"""Judged vacancies and candidates that a ranking is measured on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class PoolMode(StrEnum):
    """Whom a vacancy's candidates are ranked among."""

    JUDGED = "judged"  # those with a judgement for this vacancy
    FULL = "full"  # all; who has no judgement has a gain of 0


@dataclass(frozen=True, slots=True)
class RankingText:
    """A vacancy or candidate of a judged set.

    Attributes
    ----------
    lang
        ISO 639-1 code; None where it is not declared.
    category
        Sector or trade as the set calls it; empty where it says none.
    fields
        What the set states beside the text, as it came.
    """

    id: str
    text: str
    lang: str | None = None
    category: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RankingSet:
    """Vacancies, candidates, and what people said of pairs of them.

    Attributes
    ----------
    gains
        Gain of each judged candidate, by vacancy; every vacancy has at least one.
    relevant_gain
        From which gain on a candidate is suitable.
    """

    name: str
    mode: PoolMode
    relevant_gain: float
    queries: tuple[RankingText, ...]
    docs: tuple[RankingText, ...]
    gains: Mapping[str, Mapping[str, float]]
