"""A vacancy's shortlist: who is on it, whom the employer was introduced to, and what they answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.permissions import Operation, Scope, require
from app.domain.reviews import SHOWN_TO_EMPLOYER, Elsewhere, ReviewReason
from app.domain.transitions import ReviewState
from app.errors import AppError, Conflict, InvalidInput
from app.models import Match, MatchApart, Review, Vacancy
from app.repositories.match_runs import MatchRunRepository
from app.repositories.records import VacancyRepository
from app.repositories.review_pairs import ReviewPairRepository
from app.repositories.review_work import ReviewWorkRepository
from app.repositories.reviews import ReviewRepository
from app.services.accounts import account_names
from app.services.review_rules import Basis, basis_of_pair, unlisted_basis
from app.services.reviews import needs_second_person, record_review

ON_SHORTLIST = (ReviewState.SHORTLISTED, *SHOWN_TO_EMPLOYER)
MAX_INTRODUCED = 50
"""Most people that are introduced at once."""


@dataclass(frozen=True, slots=True)
class Shortlisted:
    """Somebody on a shortlist, or beyond it.

    Attributes
    ----------
    review
        The newest decision, with the candidate.
    pair
        What the newest complete run says of them, None where it lists them no more.
    elsewhere
        Other vacancies to which they were introduced, or that accepted them.
    needs_reason
        Why an introduction has to have a reason: ``override``, ``elsewhere`` or nothing.
    needs_second_person
        Somebody else than the actor has to introduce them.
    differs
        Two reviewers hold different things to be right.
    """

    review: Review
    pair: Match | MatchApart | None
    elsewhere: Sequence[Elsewhere]
    needs_reason: str
    needs_second_person: bool
    differs: bool


@dataclass(frozen=True, slots=True)
class Shortlist:
    """A page of a vacancy's shortlist, newest decision first."""

    vacancy: Vacancy
    people: Sequence[Shortlisted]
    names: Mapping[UUID, str]
    next_after: UUID | None
    pseudonymous: bool


class Introduction(NamedTuple):
    """Whom to introduce, on which decision, and why where a reason is needed."""

    candidate_id: UUID
    after: UUID
    reason: ReviewReason | None = None
    note: str = ""


def read_shortlist(
    session: Session,
    actor: Actor,
    vacancy_id: UUID,
    *,
    candidate_ids: Sequence[UUID] | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> Shortlist:
    """Read who is on a vacancy's shortlist, was introduced, accepted, declined, or lapsed.

    Parameters
    ----------
    candidate_ids
        Only these; everybody when None.

    Raises
    ------
    NotFound
        The actor knows no such vacancy.
    """
    pseudonymous = require(actor, Operation.REVIEW_READ) is Scope.PSEUDONYMOUS
    vacancy = VacancyRepository(session, actor).get(vacancy_id, Operation.VACANCY_READ)
    page = ReviewRepository(session, actor).list_page(
        Operation.REVIEW_READ,
        vacancy_id=vacancy_id,
        states=ON_SHORTLIST,
        candidate_ids=candidate_ids,
        after=after,
        limit=limit,
    )
    ids = [row.candidate_id for row in page.items]
    pairs = ReviewPairRepository(session, actor)
    bases, found = _bases(session, actor, vacancy, page.items)
    elsewhere = pairs.list_elsewhere(ids, beside=vacancy_id)
    differing = ReviewWorkRepository(session, actor).differing(vacancy_id)
    histories = ReviewRepository(session, actor).list_histories(vacancy_id, ids)
    people = [
        _shortlisted(
            actor,
            vacancy,
            histories[row.candidate_id],
            bases[row.candidate_id],
            elsewhere,
            found,
            differing,
        )
        for row in page.items
    ]
    decided = [row.decided_by_account_id for row in page.items if row.decided_by_account_id is not None]
    return Shortlist(vacancy, people, account_names(session, actor, decided), page.next_after, pseudonymous)


def introduce_all(
    session: Session,
    actor: Actor,
    vacancy_id: UUID,
    introductions: Sequence[Introduction],
    *,
    now: datetime,
) -> dict[UUID, AppError]:
    """Introduce several people to the vacancy's employer, all of them or nobody.

    Returns
    -------
    dict
        What stands in the way, by candidate; empty when all were introduced.

    Raises
    ------
    InvalidInput
        Nobody is named, or more than are introduced at once.
    """
    require(actor, Operation.REVIEW_WRITE)
    if not 0 < len(introductions) <= MAX_INTRODUCED:
        raise InvalidInput(f"Choose 1 to {MAX_INTRODUCED} people to introduce.")
    faults: dict[UUID, AppError] = {}
    with session.begin_nested() as together:
        for each in introductions:
            try:
                with session.begin_nested():
                    record_review(
                        session,
                        actor,
                        vacancy_id,
                        each.candidate_id,
                        ReviewState.INTRODUCED,
                        reason=each.reason,
                        note=each.note,
                        after=each.after,
                        now=now,
                    )
            except (Conflict, InvalidInput) as error:
                faults[each.candidate_id] = error
        if faults:
            together.rollback()
    return faults


def _bases(
    session: Session, actor: Actor, vacancy: Vacancy, rows: Sequence[Review]
) -> tuple[dict[UUID, Basis], dict[UUID, Match | MatchApart]]:
    """What the newest complete run says of each."""
    runs = MatchRunRepository(session, actor)
    run = runs.find_latest_complete(vacancy.id)
    ranked = None if run is None else runs.find_ranked_vacancy(run, vacancy.id)
    found: dict[UUID, Match | MatchApart] = {}
    if run is not None:
        ids = [row.candidate_id for row in rows]
        found = ReviewPairRepository(session, actor).list_pairs(run.id, vacancy.id, ids)
    bases = {}
    for row in rows:
        pair = found.get(row.candidate_id)
        if pair is None or ranked is None:
            bases[row.candidate_id] = unlisted_basis(vacancy, row.candidate)
        else:
            bases[row.candidate_id] = basis_of_pair(pair, ranked, row.candidate)
    return bases, found


def _shortlisted(
    actor: Actor,
    vacancy: Vacancy,
    history: Sequence[Review],
    basis: Basis,
    elsewhere: Mapping[UUID, Sequence[Elsewhere]],
    pairs: Mapping[UUID, Match | MatchApart],
    differing: frozenset[UUID],
) -> Shortlisted:
    row = history[0]
    overrides = basis.overrides(ReviewState.INTRODUCED, vacancy.openings)
    others = elsewhere.get(row.candidate_id, ())
    return Shortlisted(
        review=row,
        pair=pairs.get(row.candidate_id),
        elsewhere=others,
        needs_reason="override" if overrides else "elsewhere" if others else "",
        needs_second_person=needs_second_person(actor, history, basis, overrides=overrides),
        differs=row.candidate_id in differing,
    )
