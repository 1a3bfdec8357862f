"""People's decisions as figures and fits take them: who was put forward, who rejected, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.enums import Verdict
from app.domain.permissions import Operation
from app.domain.reviews import ReviewReason
from app.domain.transitions import ReviewState
from app.models import Review
from app.repositories.candidate_pool import CandidatePoolRepository
from app.repositories.records import VacancyRepository
from app.repositories.reviews import ReviewRepository
from app.services.conversion import rankable_record, ranked_record
from app.services.decided_pairs import DecidedPairs, Judgement
from app.services.settled_requirements import decisions_in_force
from app.services.taxonomy_index import TaxonomyIndex

PUT_FORWARD = (ReviewState.SHORTLISTED, ReviewState.INTRODUCED, ReviewState.ACCEPTED)
OF_REVIEWERS = (ReviewState.SHORTLISTED, ReviewState.REJECTED)
"""The decisions that can go against a ranking; an introduction follows one of them."""

_R = ReviewReason
_ABOUT_FIT = frozenset(
    {
        _R.SKILLS_MISSING,
        _R.EXPERIENCE_TOO_SHORT,
        _R.LANGUAGE_TOO_LOW,
        _R.QUALIFICATION_MISSING,
        _R.OTHERS_FIT_BETTER,
    }
)
"""Reasons of a rejection that a score is to foresee; of the others a profile's skills say nothing."""

_PAGE = 500


@dataclass(frozen=True, slots=True)
class ReviewedPair:
    """The newest decision on a pair: somebody put forward, or rejected.

    Attributes
    ----------
    score, verdict
        Found by the match run it was made on; None without one.
    is_stale
        The requirements or the profile have changed since.
    """

    vacancy_id: UUID
    candidate_id: UUID
    is_good: bool
    reason: ReviewReason | None
    score: float | None
    verdict: Verdict | None
    is_stale: bool
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Learnable:
    """What weights can be fitted to, and how many pairs were left out for which reason."""

    pairs: Sequence[ReviewedPair]
    left_out: Mapping[str, int]


def reviewed_pairs(session: Session, actor: Actor) -> list[ReviewedPair]:
    """Read whom reviewers put forward and whom they rejected, by the newest decision on each pair."""
    states = (*PUT_FORWARD, ReviewState.REJECTED)
    return [
        ReviewedPair(
            vacancy_id=row.vacancy_id,
            candidate_id=row.candidate_id,
            is_good=row.state in PUT_FORWARD,
            reason=row.reason,
            score=row.score,
            verdict=row.verdict,
            is_stale=row.is_stale,
            decided_at=row.decided_at,
        )
        for row in _every(session, actor, states, with_history=False)
    ]


def count_overrides(session: Session, actor: Actor) -> dict[UUID, tuple[int, int]]:
    """Count the decisions of reviewers on each vacancy, and those that went against the ranking.

    Every shortlisting and rejection counts, taken back later or not.
    """
    n_decisions, n_overrides = Counter[UUID](), Counter[UUID]()
    for row in _every(session, actor, OF_REVIEWERS, with_history=True):
        n_decisions[row.vacancy_id] += 1
        n_overrides[row.vacancy_id] += row.is_override
    return {each: (n_decisions[each], n_overrides[each]) for each in n_decisions}


def learnable(pairs: Iterable[ReviewedPair]) -> Learnable:
    """Keep the decisions that say how well somebody fits, as the profile says today."""
    kept, left_out = [], Counter[str]()
    for pair in pairs:
        why = _why_not(pair)
        if why is None:
            kept.append(pair)
        else:
            left_out[why] += 1
    return Learnable(kept, dict(sorted(left_out.items())))


def _why_not(pair: ReviewedPair) -> str | None:
    if pair.is_stale:
        return "changed_since"
    if pair.verdict is Verdict.NO:
        return "decided_by_a_must"
    if pair.reason is not None and (pair.is_good or pair.reason not in _ABOUT_FIT):
        return f"reason_{pair.reason}"
    return None


def load_pairs(
    session: Session, actor: Actor, index: TaxonomyIndex, pairs: Sequence[ReviewedPair]
) -> DecidedPairs:
    """Load and link what was decided on; ids are those of the rows."""
    vacancies = VacancyRepository(session, actor)
    people = CandidatePoolRepository(session, actor.partnership_id)
    candidate_ids = sorted({pair.candidate_id for pair in pairs})
    vacancy_ids = sorted({pair.vacancy_id for pair in pairs})
    decided = decisions_in_force(session, actor, vacancy_ids)
    return DecidedPairs(
        index,
        {
            str(each): ranked_record(
                vacancies.get(each, Operation.VACANCY_READ), decided.get(each, ()), record_id=str(each)
            )
            for each in vacancy_ids
        },
        {str(row.id): rankable_record(row, record_id=str(row.id)) for row in people.load(candidate_ids)},
        [Judgement(str(pair.vacancy_id), str(pair.candidate_id), pair.is_good) for pair in pairs],
    )


def _every(
    session: Session, actor: Actor, states: Sequence[ReviewState], *, with_history: bool
) -> Iterator[Review]:
    repository, after = ReviewRepository(session, actor), None
    while True:
        page = repository.list_page(
            Operation.REVIEW_READ, states=states, with_history=with_history, after=after, limit=_PAGE
        )
        yield from page.items
        after = page.next_after
        if after is None:
            return
