"""Decisions on pairs of vacancy and candidate: made by people, kept for good, honoured by rankings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.ids import new_id
from app.domain.permissions import Operation, Scope, require
from app.domain.reviews import BY_EMPLOYER, BY_STAFF, SHOWN_TO_EMPLOYER, ReviewReason
from app.domain.transitions import ReviewState, allowed_next, require_transition
from app.errors import Conflict, NotFound
from app.models import Review
from app.repositories.candidates import CandidateRepository
from app.repositories.records import VacancyRepository
from app.repositories.reviews import ReviewRepository
from app.repositories.scoped import Page
from app.services.audit import record_event
from app.services.review_rules import (
    Basis,
    basis_of,
    invalid_review,
    require_open,
    require_reason,
    state_of,
)
from app.services.review_work import close_own_work, require_unclaimed


class ReviewPage(NamedTuple):
    """Some decisions, and whether the reader sees people by pseudonym only."""

    page: Page[Review]
    pseudonymous: bool


def record_review(
    session: Session,
    actor: Actor,
    vacancy_id: UUID,
    candidate_id: UUID,
    state: ReviewState,
    *,
    reason: ReviewReason | None = None,
    note: str = "",
    after: UUID | None = None,
    run_id: UUID | None = None,
    deferred_until: date | None = None,
    despite_claim: bool = False,
    now: datetime,
) -> Review:
    """Decide on a pair, as staff.

    Adds an entry that is never changed and an audit event; the newest entry counts, and
    undoing one is another entry, back to proposed. Flushes.

    Parameters
    ----------
    after
        The newest decision on the pair that the actor has seen; None for none.
    run_id
        The match run that it is made on; the newest complete one of the vacancy when None.
    deferred_until
        Day on which somebody deferred is to be looked at again; None for no day.
    despite_claim
        Decide although somebody else is reviewing the pair.

    Raises
    ------
    NotFound
        The actor knows no such vacancy, candidate or run, or the run did not rank the vacancy.
    WrongTransition
        The present state does not allow it; the detail names those that it does.
    Conflict
        Somebody else decided meanwhile; the vacancy is not open; the candidate is not to be put
        forward; or a second person has to introduce them.
    ClaimedByAnother
        Somebody else is reviewing the pair.
    InvalidInput
        The reason is missing or goes with other decisions, or ``other`` comes without a note; the
        day is past or goes with another decision.
    """
    require(actor, Operation.REVIEW_WRITE)
    vacancy = VacancyRepository(session, actor).get(vacancy_id, Operation.VACANCY_READ)
    candidate = CandidateRepository(session, actor).get(candidate_id, Operation.CANDIDATE_READ)
    repository = ReviewRepository(session, actor)
    history = repository.list_pair(vacancy_id, candidate_id)
    _require_seen(history, after)
    if state not in BY_STAFF:
        raise Conflict(f"{state.capitalize()} is for the employer to say.")
    require_transition(state_of(history), state)
    require_open(vacancy, candidate, state)
    if not despite_claim:
        require_unclaimed(session, actor, vacancy_id, candidate_id, now=now)
    basis = basis_of(session, actor, vacancy, candidate, run_id)
    overrides = basis.overrides(state, vacancy.openings)
    is_promised = state is ReviewState.INTRODUCED and repository.is_spoken_for(candidate_id, vacancy_id)
    require_reason(state, reason, note, overrides=overrides, is_promised=is_promised)
    _require_later(deferred_until, state, now)
    if state is ReviewState.INTRODUCED and needs_second_person(actor, history, basis, overrides=overrides):
        raise Conflict(
            "A second person has to introduce this candidate: a must or a doubtful passage stands against "
            "it, or no ranking lists them, and you have shortlisted them."
        )
    review = append_review(
        session,
        actor,
        history,
        Review(
            vacancy_id=vacancy_id,
            candidate_id=candidate_id,
            state=state,
            reason=reason,
            note=note,
            deferred_until=deferred_until,
            is_override=overrides,
            run_id=basis.run_id,
            rank=basis.rank,
            score=basis.score,
            verdict=basis.verdict,
            requirements_version=basis.requirements_version,
            candidate_version=basis.candidate_version,
        ),
        now,
    )
    close_own_work(session, actor, vacancy_id, candidate_id, now=now)
    return review


def answer_introduction(
    session: Session,
    actor: Actor,
    vacancy_id: UUID,
    candidate_id: UUID,
    state: ReviewState,
    *,
    reason: ReviewReason | None = None,
    note: str = "",
    now: datetime,
) -> Review:
    """Accept or decline somebody who was introduced to the actor's own vacancy.

    Raises
    ------
    NotFound
        The actor has no such vacancy, or the candidate was not introduced to it.
    WrongTransition
        The introduction was answered or has lapsed; the detail names what may follow.
    InvalidInput
        As in ``record_review``.
    """
    require(actor, Operation.INTRODUCTION_ANSWER)
    if state not in BY_EMPLOYER:
        raise ValueError(f"an introduction is not answered with {state}")
    vacancy = VacancyRepository(session, actor).get(vacancy_id, Operation.VACANCY_WRITE)
    history = ReviewRepository(session, actor).list_pair(vacancy.id, candidate_id)
    if not history or history[0].state not in SHOWN_TO_EMPLOYER:
        raise NotFound("There is no introduction of this candidate.")
    introduced = history[0]
    require_transition(introduced.state, state)
    require_reason(state, reason, note, overrides=False)
    return append_review(
        session,
        actor,
        history,
        Review(
            vacancy_id=vacancy_id,
            candidate_id=candidate_id,
            state=state,
            reason=reason,
            note=note,
            is_override=False,
            # The answer is to what was introduced.
            run_id=introduced.run_id,
            rank=introduced.rank,
            score=introduced.score,
            verdict=introduced.verdict,
            requirements_version=introduced.requirements_version,
            candidate_version=introduced.candidate_version,
        ),
        now,
    )


def list_reviews(
    session: Session,
    actor: Actor,
    vacancy_id: UUID,
    *,
    candidate_id: UUID | None = None,
    state: ReviewState | None = None,
    with_history: bool = False,
    after: UUID | None = None,
    limit: int = 50,
) -> ReviewPage:
    """List the decisions on a vacancy's candidates, newest first.

    The newest on each pair; ``with_history`` those before it, too. For staff.

    Raises
    ------
    NotFound
        The actor knows no such vacancy.
    """
    pseudonymous = require(actor, Operation.REVIEW_READ) is Scope.PSEUDONYMOUS
    VacancyRepository(session, actor).get(vacancy_id, Operation.VACANCY_READ)
    page = ReviewRepository(session, actor).list_page(
        Operation.REVIEW_READ,
        vacancy_id=vacancy_id,
        candidate_id=candidate_id,
        states=None if state is None else [state],
        with_history=with_history,
        after=after,
        limit=limit,
    )
    return ReviewPage(page, pseudonymous)


def list_candidate_reviews(
    session: Session,
    actor: Actor,
    candidate_id: UUID,
    *,
    state: ReviewState | None = None,
    with_history: bool = False,
    after: UUID | None = None,
    limit: int = 50,
) -> ReviewPage:
    """List the decisions on a candidate, over all vacancies, newest first. For staff.

    Raises
    ------
    NotFound
        The actor's partnership has no such candidate.
    """
    pseudonymous = require(actor, Operation.REVIEW_READ) is Scope.PSEUDONYMOUS
    repository = ReviewRepository(session, actor)
    if not repository.knows_candidate(candidate_id):
        raise NotFound("There is no candidate with this id.")
    page = repository.list_page(
        Operation.REVIEW_READ,
        candidate_id=candidate_id,
        states=None if state is None else [state],
        with_history=with_history,
        after=after,
        limit=limit,
    )
    return ReviewPage(page, pseudonymous)


def list_introductions(
    session: Session, actor: Actor, vacancy_id: UUID, *, after: UUID | None = None, limit: int = 50
) -> Page[Review]:
    """List whom a vacancy's employer was introduced to, with the answers, newest first.

    Raises
    ------
    NotFound
        The actor has, or knows, no such vacancy.
    """
    require(actor, Operation.INTRODUCTION_READ)
    VacancyRepository(session, actor).get(vacancy_id, Operation.VACANCY_READ)
    return ReviewRepository(session, actor).list_page(
        Operation.INTRODUCTION_READ,
        vacancy_id=vacancy_id,
        states=SHOWN_TO_EMPLOYER,
        after=after,
        limit=limit,
    )


def _require_seen(history: Sequence[Review], after: UUID | None) -> None:
    newest = history[0].id if history else None
    if newest == after:
        return
    state = state_of(history)
    allowed = ", ".join(allowed_next(state))
    way_on = f"Allowed next: {allowed}." if allowed else f"{state.capitalize()} is final."
    raise Conflict(
        f"The newest decision on this pair is not the one that you name in after: it is {state}. "
        f"Read the reviews again, and name its id. {way_on}"
    )


def _require_later(deferred_until: date | None, state: ReviewState, now: datetime) -> None:
    if deferred_until is None:
        return
    if state is not ReviewState.DEFERRED:
        raise invalid_review(
            "/deferred_until", "other-decision", "A day goes with a decision to defer only.", "Leave it out."
        )
    if deferred_until <= now.date():
        raise invalid_review("/deferred_until", "not-later", "The day must be after today.")


def needs_second_person(actor: Actor, history: Sequence[Review], basis: Basis, *, overrides: bool) -> bool:
    """Whether somebody else than the actor has to introduce a candidate.

    Whoever shortlisted somebody about whom there are doubts does not introduce them, too.
    """
    if not (overrides or basis.is_doubtful) or not history:
        return False
    meant = _meant(history)
    return actor.is_who(meant.decided_by_key_id, meant.decided_by_account_id)


def _meant(history: Sequence[Review]) -> Review:
    """The newest decision that somebody meant: what an undo brought back is whose it was before.

    An undo adds two entries at one moment, on what it takes back: back to proposed, and what it
    brings back.
    """
    at = 0
    while at + 3 < len(history):
        newest, back, earlier = history[at], history[at + 1], history[at + 3]
        is_undo = (
            back.state is ReviewState.PROPOSED
            and back.reason is ReviewReason.DECIDED_BY_MISTAKE
            and back.decided_at == newest.decided_at
            and newest.state is earlier.state
        )
        if not is_undo:
            break
        at += 3
    return history[at]


def append_review(
    session: Session, actor: Actor, history: Sequence[Review], review: Review, now: datetime
) -> Review:
    """Add a decision to those on its pair, newest first, with its audit event; checks nothing. Flushes.

    Raises
    ------
    Conflict
        Somebody else decided at the same moment.
    """
    review.id = new_id()
    review.partnership_id = actor.partnership_id
    review.number = history[0].number + 1 if history else 1
    review.decided_by_key_id = actor.key_id
    review.decided_by_account_id = actor.account_id
    review.decided_by_role = actor.role
    review.decided_at = now
    session.add(review)
    record_event(
        session,
        actor,
        f"review.{review.state}",
        "review",
        review.id,
        now=now,
        vacancy_id=str(review.vacancy_id),
        candidate_id=str(review.candidate_id),
        before=str(state_of(history)),
        reason=None if review.reason is None else str(review.reason),
        is_override=review.is_override,
    )
    try:
        session.flush()
    except IntegrityError:
        # Without the cause: the database's message quotes the row.
        raise Conflict("Somebody else decided on this pair at the same moment. Read its reviews.") from None
    return ReviewRepository(session, actor).reload(review)
