"""A match told to a person: the waterfall from 0 to the score, and sentences.

API, files, command line and console read these, so they show the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.eligibility import Message, Value
from app.domain.enums import EvidenceGrade, Tenure, Verdict
from app.domain.results import Contribution, RankedMatch, WhatIf
from app.domain.summary import MEETING_RELATIONS, summarise
from app.domain.tenure import TENURE_OF

_TOLD_TENURES = {Tenure.TAUGHT: "told_occupation_taught", Tenure.LEFT: "told_occupation_left"}
_TOLD_FLAGS = (
    "invisible_text",
    "machine_instruction",
    "keyword_list",
    "copied_from_vacancy",
    "thin_profile",
    "confidence_medium",
    "confidence_low",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a waterfall, from ``start`` up by ``value`` to ``end``.

    ``share`` is the requirement behind it; None where several small ones, ``n_shares`` of
    them, are drawn together.
    """

    value: float
    start: float
    end: float
    share: Contribution | None
    n_shares: int = 1


def waterfall(match: RankedMatch, most: int = 14) -> tuple[Step, ...]:
    """Take a score as steps: the largest share first, small ones beyond ``most`` as one, the text last.

    The steps end at the score exactly, as contributions are dyadic fractions (ADR 0003).
    """
    brought = [share for share in match.contributions if share.value > 0]
    single = sorted((each for each in brought if each.part != "text"), key=_largest_first)
    texts = [each for each in brought if each.part == "text"]
    groups: list[list[Contribution]] = [[each] for each in single[:most]]
    if len(single) > most:
        groups.append(single[most:])
    groups += [[each] for each in texts]
    steps: list[Step] = []
    reached = 0.0
    for group in groups:
        value = sum(share.value for share in group)
        share = group[0] if len(group) == 1 else None
        steps.append(Step(value, reached, reached + value, share, len(group)))
        reached += value
    return tuple(steps)


def in_words(match: RankedMatch) -> tuple[Message, ...]:
    """Tell a match in a few sentences: what is met, best evidence, main gap, what stands in the way."""
    return (*_skills(match), *_occupation(match), *_standing(match), *_flags(match))


def what_if_in_words(what_if: WhatIf) -> Message:
    """Tell what would change a rank."""
    return Message(
        "what_if",
        {
            "requirement": what_if.requirement,
            "evidence": what_if.evidence.value,
            "score": str(what_if.score),
            "rank": what_if.rank,
        },
    )


def _skills(match: RankedMatch) -> Iterator[Message]:
    summary = summarise(match)
    if summary.n_essentials:
        yield Message("told_essentials", {"met": summary.essentials_met, "all": summary.n_essentials})
    if summary.strongest is not None:
        yield Message("told_strongest", _evidence(summary.strongest))
    if summary.gap is not None:
        is_partly = summary.gap.value > 0
        yield Message("told_partly" if is_partly else "told_missing", _evidence(summary.gap))


def support_of(part: str, evidence: EvidenceGrade | None) -> tuple[str, str] | None:
    """Vocabulary and code of what a grade says in a part of the score; None where there is none."""
    if evidence is None:
        return None
    return ("tenure", TENURE_OF[evidence]) if part == "occupation" else ("evidence", evidence)


def _evidence(share: Contribution) -> dict[str, Value]:
    return {
        "requirement": share.requirement,
        "claim": share.claim,
        "evidence": share.evidence.value if share.evidence else EvidenceGrade.SELF_STATED.value,
        "relation": share.relation,
    }


def _occupation(match: RankedMatch) -> Iterator[Message]:
    share = next((each for each in match.contributions if each.part == "occupation"), None)
    if share is None:
        return
    values: dict[str, Value] = {"requirement": share.requirement, "claim": share.claim}
    if share.value == 0:
        yield Message("told_other_occupation", values)
    elif share.relation in MEETING_RELATIONS:
        yield Message("told_same_occupation", values)
    else:
        yield Message("told_near_occupation", values)
    code = _TOLD_TENURES.get(TENURE_OF[share.evidence])
    if code is not None:
        yield Message(code)


def _standing(match: RankedMatch) -> Iterator[Message]:
    """Eligibility: the cheapest fix of a no, or the first open question."""
    eligibility = match.eligibility
    if eligibility.verdict is Verdict.NO:
        yield Message("told_not_eligible", {"count": len(eligibility.failed)})
        for result in eligibility.failed:
            yield result.finding
            if result.fix is not None:
                yield result.fix.message
    elif eligibility.verdict is Verdict.UNKNOWN:
        questions = eligibility.open_questions
        yield Message("told_open", {"count": len(questions)})
        yield from (result.ask for result in questions[:1] if result.ask is not None)
    elif eligibility.results:
        yield Message("told_eligible")


def _flags(match: RankedMatch) -> Iterator[Message]:
    for flag in _TOLD_FLAGS:
        if flag in match.flags:
            yield Message(f"told_{flag}")
    if match.near_duplicates:
        yield Message("told_near_duplicates", {"count": len(match.near_duplicates)})


def _largest_first(share: Contribution) -> tuple[float, str]:
    return -share.value, share.requirement
