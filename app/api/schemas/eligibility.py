"""Eligibility as callers get it, in the reader's language."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import Query
from pydantic import Field

from app.api.schemas.common import Given
from app.domain.eligibility import Eligibility, RuleResult
from app.domain.enums import Need, Rule, Verdict
from app.domain.results import CandidateSide
from app.wording import say

ReaderLanguage = Annotated[
    Literal["en", "fr", "ar"], Query(alias="lang", description="Language of the sentences in the answer.")
]


class RuleResultOut(Given):
    """One rule's answer.

    Every `no` has a `fix`, the cheapest one, with a planning value in weeks; every `unknown`
    says in `ask` what has to be asked. `since` is the first day on which the source holds.
    """

    rule: Rule
    need: Need
    verdict: Verdict
    finding: str
    source: str
    since: date
    fix: str | None
    fix_weeks: int | None
    ask: str | None

    @classmethod
    def of(cls, result: RuleResult, lang: str) -> RuleResultOut:
        return cls(
            rule=result.rule,
            need=result.need,
            verdict=result.verdict,
            finding=say(result.finding, lang),
            source=result.source,
            since=result.since,
            fix=None if result.fix is None else say(result.fix.message, lang),
            fix_weeks=None if result.fix is None else result.fix.weeks,
            ask=None if result.ask is None else say(result.ask, lang),
        )


class EligibilityOut(Given):
    """What the rules say together: `no` where a must says no, else `unknown` where nobody knows.

    Wishes (need `desired`) are listed, and decide nothing.
    """

    verdict: Verdict
    results: list[RuleResultOut]

    @classmethod
    def of(cls, eligibility: Eligibility, lang: str) -> EligibilityOut:
        return cls(
            verdict=eligibility.verdict,
            results=[RuleResultOut.of(result, lang) for result in eligibility.results],
        )


class CandidateSideOut(Given):
    """How the vacancy looks to the candidate; it moves no score."""

    wishes_met: int = Field(default=0, description="Wishes of the candidate that the vacancy meets.")
    wishes_unmet: int = Field(default=0, description="Wishes that it does not meet.")
    skills_used: int = Field(default=0, description="Skills of the profile that met something asked for.")
    skills_offered: int = Field(default=0, description="Different skills of the profile.")

    @classmethod
    def of(cls, side: CandidateSide) -> CandidateSideOut:
        return cls.model_validate(side)
