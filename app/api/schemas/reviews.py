"""Decisions on pairs, and introductions, as callers send and get them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from app.api.schemas.common import Day, Given, Received, RecordId
from app.api.schemas.matched import MatchedCandidate, matched_candidate
from app.domain.actor import Role
from app.domain.enums import Verdict
from app.domain.reviews import BY_EMPLOYER, MAX_NOTE, Decision, PairReview, ReviewReason
from app.domain.transitions import ReviewState
from app.models import Review

EXAMPLE: dict[str, Any] = {
    "candidate_id": "019c1b2e-8f00-7000-8000-5d1c2b3a4f60",
    "decision": "rejected",
    "reason": "language_too_low",
    "note": "A2 in the interview; a course ends in May.",
}

Note = Annotated[
    str,
    StringConstraints(max_length=MAX_NOTE),
    Field(description="For colleagues; nothing that the person should not read about themselves."),
]


class ReviewIn(Received):
    """A decision on a pair. It is kept as it is; undoing it is another one, back to `proposed`.

    `reason` is needed for `rejected`, `lapsed` and `proposed`, and where the decision goes against
    what the ranking proposed: somebody whom a must rules out or no run lists is shortlisted or
    introduced, or somebody of the first five ranks for each opening is rejected. `other` needs a note.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    candidate_id: RecordId
    decision: Literal[
        "shortlisted", "rejected", "info_requested", "deferred", "introduced", "lapsed", "proposed"
    ]
    reason: ReviewReason | None = None
    note: Note = ""
    after: Annotated[
        RecordId | None,
        Field(description="`id` of the newest decision on this pair that you know; 409 if there is another."),
    ] = None
    run_id: Annotated[
        RecordId | None,
        Field(description="Match run that you decide on; the newest complete one when left out."),
    ] = None

    deferred_until: Annotated[
        Day | None, Field(description="With `deferred`: the day to look at them again, after today.")
    ] = None
    despite_claim: Annotated[
        bool,
        Field(strict=True, description="Decide although somebody is reviewing this pair in the console."),
    ] = False

    @property
    def state(self) -> ReviewState:
        return ReviewState(self.decision)


class AnswerIn(Received):
    """An employer's answer to an introduction. `declined` needs a reason, `other` a note."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"answer": "accepted"}]})

    answer: Literal["accepted", "declined"]
    reason: ReviewReason | None = None
    note: Note = ""

    @property
    def state(self) -> ReviewState:
        return ReviewState(self.answer)


class ReviewOut(Given):
    """A decision on a pair, and what it was made on.

    `run_id`, `rank`, `score` and `verdict` are those of the match run that gave the pair, all
    null where none did; of somebody listed apart, `rank` is the one that they would have. `is_stale`
    says that the vacancy's requirements or the profile have changed since. `decided_by_key_id` and
    `decided_by_account_id` are null for what was done at the command line; `note` is null
    for who may see people by pseudonym only.
    """

    id: UUID
    vacancy_id: UUID
    candidate: MatchedCandidate
    number: int = Field(description="Counts the decisions on this pair; the highest one counts.")
    decision: ReviewState
    reason: ReviewReason | None
    note: str | None
    deferred_until: date | None
    is_override: bool = Field(description="It goes against what the ranking proposed.")
    is_stale: bool
    run_id: UUID | None
    rank: int | None
    score: float | None
    verdict: Verdict | None
    requirements_version: int
    candidate_version: int
    decided_by_role: Role
    decided_by_key_id: UUID | None
    decided_by_account_id: UUID | None
    decided_at: datetime

    @classmethod
    def of(cls, row: Review, *, pseudonymous: bool = False) -> ReviewOut:
        own = ("candidate", "decision", "note")
        values = {name: getattr(row, name) for name in cls.model_fields if name not in own}
        return cls(
            candidate=matched_candidate(row.candidate, pseudonymous=pseudonymous),
            decision=row.state,
            note=None if pseudonymous else row.note,
            **values,
        )


class IntroductionOut(Given):
    """Somebody who was introduced to a vacancy's employer, and the employer's answer if there is one.

    Whom staff decided on otherwise, who decided and why is not shown here.
    """

    vacancy_id: UUID
    candidate: MatchedCandidate
    state: ReviewState
    reason: ReviewReason | None = Field(description="Of the employer's answer.")
    note: str | None = Field(description="Of the employer's answer.")
    at: datetime

    @classmethod
    def of(cls, row: Review) -> IntroductionOut:
        is_answer = row.state in BY_EMPLOYER
        return cls(
            vacancy_id=row.vacancy_id,
            candidate=matched_candidate(row.candidate, pseudonymous=True),
            state=row.state,
            reason=row.reason if is_answer else None,
            note=row.note if is_answer else None,
            at=row.decided_at,
        )


class DecisionOut(Given):
    """The newest decision on a pair; `GET` the reviews of the vacancy for all of it."""

    review_id: UUID
    decision: ReviewState
    reason: ReviewReason | None
    decided_at: datetime
    is_stale: bool = Field(description="The vacancy's requirements or the profile have changed since.")

    @classmethod
    def of(cls, decision: Decision | None) -> DecisionOut | None:
        if decision is None or decision.review_id is None or decision.decided_at is None:
            return None
        return cls(
            review_id=decision.review_id,
            decision=decision.state,
            reason=decision.reason,
            decided_at=decision.decided_at,
            is_stale=decision.is_stale,
        )


class Reviewed(Given):
    """What people have decided, as of now, that concerns a pair."""

    decision: DecisionOut | None = Field(default=None, description="Null where nobody has decided yet.")
    introduced_elsewhere: list[UUID] = Field(
        default_factory=list,
        description="Other vacancies to which the candidate was introduced, or that accepted them.",
    )


def reviewed(review: PairReview) -> dict[str, Any]:
    """The fields of ``Reviewed``."""
    return {
        "decision": DecisionOut.of(review.decision),
        "introduced_elsewhere": [UUID(each) for each in review.introduced_elsewhere],
    }
