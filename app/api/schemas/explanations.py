"""What a score is made of, as steps, in words, and with what would change the rank."""

from __future__ import annotations

from dataclasses import fields

from pydantic import Field

from app.api.schemas.common import Given
from app.domain.eligibility import Message
from app.domain.enums import EvidenceGrade, Importance, LinkMethod, Provenance, Settled, SkillLevel
from app.domain.explained import Step, what_if_in_words
from app.domain.results import Contribution, LinkedRequirement, WhatIf
from app.models import MatchContribution
from app.wording import say, term


class ContributionOut(Given):
    """One requirement's share of a score: `value` is `weight` times `credit`, exactly."""

    part: str
    requirement: str
    requirement_uri: str | None
    importance: Importance | None
    provenance: Provenance | None
    weight: float
    credit: float
    value: float
    relation: str
    claim: str
    claim_uri: str | None
    evidence: EvidenceGrade | None
    source: str = Field(description="What was asked, in the vacancy's words.")

    @classmethod
    def of(cls, share: MatchContribution | Contribution) -> ContributionOut:
        return cls.model_validate(share)


class StepOut(Given):
    """One step of the waterfall from 0 to the score.

    `position` is that of the contribution behind it; null where `n_shares` small ones are one step.
    """

    label: str
    value: float
    start: float
    end: float
    position: int | None
    n_shares: int


def step_label(step: Step, lang: str) -> str:
    """What a step of a waterfall is called."""
    if step.share is None:
        return say(Message("told_smaller_shares", {"count": step.n_shares}), lang)
    if step.share.part == "text":
        # The words of the text have no address; what it is about has that of the nearest occupation.
        named = step.share.requirement_uri is None
        return term("part", "text", lang) if named else term("relation", "themes", lang)
    return step.share.requirement


class WhatIfOut(Given):
    """One more skill, and what the match would then have, all others staying as they are."""

    requirement: str
    requirement_uri: str | None
    evidence: EvidenceGrade
    score: float
    rank: int
    text: str

    @classmethod
    def of(cls, what_if: WhatIf, lang: str) -> WhatIfOut:
        return cls(
            requirement=what_if.requirement,
            requirement_uri=what_if.requirement_uri,
            evidence=what_if.evidence,
            score=what_if.score,
            rank=what_if.rank,
            text=say(what_if_in_words(what_if), lang),
        )


class RequirementOut(Given):
    """A requirement after linking; `concept_uri` is null when the linker abstained.

    `source_start` and `source_end` say where an extracted requirement stands: characters of
    the title, a line end and the description. `decision` is of staff; what they confirmed or
    corrected counts as stated.
    """

    source_text: str
    concept_uri: str | None
    label: str
    importance: Importance
    provenance: Provenance
    level: SkillLevel | None
    link_score: float
    link_method: LinkMethod | None
    source_start: int | None
    source_end: int | None
    decision: Settled | None

    @classmethod
    def of(cls, requirement: LinkedRequirement) -> RequirementOut:
        given = {each.name: getattr(requirement, each.name) for each in fields(requirement)}
        settled = None if requirement.decision is None else requirement.decision.settled
        return cls.model_validate(given | {"decision": settled})
