"""What reviewers do beside deciding: claim a pair, give a second opinion, rate before they see the score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.ids import new_id
from app.domain.permissions import Operation, require
from app.domain.reviews import (
    BY_OPINION,
    CLAIM_LIFE,
    OPEN_TO_OPINIONS,
    Rating,
    ReviewReason,
    disagrees,
)
from app.domain.transitions import ReviewState
from app.errors import Conflict, NotPermitted
from app.models import CandidateProfile, FirstRating, Review, ReviewClaim, ReviewOpinion, Vacancy
from app.repositories.accounts import get_account_row
from app.repositories.candidates import CandidateRepository
from app.repositories.records import VacancyRepository
from app.repositories.review_work import Pair, ReviewWorkRepository
from app.repositories.reviews import ReviewRepository
from app.services.audit import record_event
from app.services.review_rules import basis_of, require_open, require_reason


class ClaimedByAnother(Conflict):
    """Somebody else is reviewing the pair."""

    code = "claimed-by-another"
    title = "Somebody else is reviewing this candidate"


def claim_pair(
    session: Session, actor: Actor, vacancy_id: UUID, candidate_id: UUID, *, now: datetime
) -> ReviewClaim:
    """Say that one is reviewing a pair, for half an hour; this gives up any other. Flushes.

    Who claims in two places at the same moment has claimed: the second place waits for the first.

    Raises
    ------
    NotFound
        The actor knows no such vacancy or candidate.
    ClaimedByAnother
        Somebody else is at it.
    """
    account_id = _account_of(actor)
    pair = _known_pair(session, actor, vacancy_id, candidate_id)
    get_account_row(session, account_id, for_update=True)
    repository = ReviewWorkRepository(session, actor)
    held = repository.find_claim(pair, now)
    if held is not None and held.account_id == account_id:
        held.expires_at = now + CLAIM_LIFE
        session.flush()
        return held
    if held is not None:
        raise _claimed(held)
    repository.delete_claims(account_id=account_id, also_expired=pair, now=now)
    claim = ReviewClaim(
        vacancy_id=vacancy_id,
        candidate_id=candidate_id,
        partnership_id=actor.partnership_id,
        account_id=account_id,
        claimed_at=now,
        expires_at=now + CLAIM_LIFE,
    )
    session.add(claim)
    _record(session, actor, "review.claimed", pair, now)
    try:
        session.flush()
    except IntegrityError:
        raise ClaimedByAnother("Somebody else began to review this candidate at the same moment.") from None
    return claim


def release_claim(
    session: Session, actor: Actor, vacancy_id: UUID, candidate_id: UUID, *, now: datetime
) -> None:
    """Leave a pair to others."""
    pair = _known_pair(session, actor, vacancy_id, candidate_id)
    ReviewWorkRepository(session, actor).delete_claim_on(pair, _account_of(actor))
    _record(session, actor, "review.released", pair, now)


def require_unclaimed(
    session: Session, actor: Actor, vacancy_id: UUID, candidate_id: UUID, *, now: datetime
) -> None:
    """Raise ClaimedByAnother where somebody else is reviewing the pair."""
    held = ReviewWorkRepository(session, actor).find_claim(Pair(vacancy_id, candidate_id), now)
    if held is not None and held.account_id != actor.account_id:
        raise _claimed(held)


def close_own_work(
    session: Session, actor: Actor, vacancy_id: UUID, candidate_id: UUID, *, now: datetime
) -> None:
    """Give up the claim of one who has decided, and their opinion: the decision says more."""
    if actor.account_id is None:
        return
    repository = ReviewWorkRepository(session, actor)
    pair = Pair(vacancy_id, candidate_id)
    repository.delete_claim_on(pair, actor.account_id)
    repository.withdraw_opinions(pair, actor.account_id, now)


def give_opinion(
    session: Session,
    actor: Actor,
    vacancy_id: UUID,
    candidate_id: UUID,
    state: ReviewState,
    *,
    reason: ReviewReason | None = None,
    note: str = "",
    after: UUID,
    now: datetime,
) -> ReviewOpinion:
    """Say what one holds to be right for a pair that somebody else decided on. Flushes.

    It replaces the actor's earlier opinion. Where it is not what was decided, the pair counts as a
    disagreement until a decision or the opinion changes.

    Parameters
    ----------
    after
        The decision on which it is given.

    Raises
    ------
    NotFound
        The actor knows no such vacancy or candidate.
    Conflict
        Nobody has decided, the actor did, the decision is another one by now, or it is not for
        staff to change.
    InvalidInput
        As ``record_review``.
    """
    account_id = _account_of(actor)
    if state not in BY_OPINION:
        raise ValueError(f"nobody is of the opinion {state}")
    vacancy, candidate = _known(session, actor, vacancy_id, candidate_id)
    history = ReviewRepository(session, actor).list_pair(vacancy_id, candidate_id)
    _require_other_decision(actor, history, after)
    require_open(vacancy, candidate, state)
    basis = basis_of(session, actor, vacancy, candidate, None)
    require_reason(state, reason, note, overrides=basis.overrides(state, vacancy.openings))
    pair = Pair(vacancy_id, candidate_id)
    repository = ReviewWorkRepository(session, actor)
    repository.withdraw_opinions(pair, account_id, now)
    opinion = ReviewOpinion(
        id=new_id(),
        partnership_id=actor.partnership_id,
        vacancy_id=vacancy_id,
        candidate_id=candidate_id,
        account_id=account_id,
        review_id=history[0].id,
        state=state,
        reason=reason,
        note=note,
        given_at=now,
    )
    session.add(opinion)
    differs = disagrees(history[0].state, state)
    _record(session, actor, "opinion.given", pair, now, state=str(state), differs=differs)
    repository.delete_claim_on(pair, account_id)
    session.flush()
    return opinion


def withdraw_opinion(
    session: Session, actor: Actor, vacancy_id: UUID, candidate_id: UUID, *, now: datetime
) -> None:
    """Take one's own opinion on a pair back; raises Conflict where there is none."""
    pair = _known_pair(session, actor, vacancy_id, candidate_id)
    if not ReviewWorkRepository(session, actor).withdraw_opinions(pair, _account_of(actor), now):
        raise Conflict("There is no opinion of yours on this candidate.")
    _record(session, actor, "opinion.withdrawn", pair, now)
    session.flush()


def open_disagreements(session: Session, actor: Actor, vacancy_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Count, by vacancy, the candidates on whom two reviewers differ; vacancies without any are left out."""
    return ReviewWorkRepository(session, actor).count_disagreements(vacancy_ids)


def rate_first(
    session: Session,
    actor: Actor,
    vacancy_id: UUID,
    candidate_id: UUID,
    rating: Rating,
    *,
    run_id: UUID,
    now: datetime,
) -> FirstRating:
    """Keep how well somebody fits in the actor's eyes, before the score is shown. Flushes.

    Raises
    ------
    NotFound
        The actor knows no such vacancy or candidate, or the run did not rank the pair.
    Conflict
        The actor has rated the pair before.
    """
    account_id = _account_of(actor)
    vacancy, candidate = _known(session, actor, vacancy_id, candidate_id)
    basis_of(session, actor, vacancy, candidate, run_id)
    pair = Pair(vacancy_id, candidate_id)
    if ReviewWorkRepository(session, actor).find_rating(pair, account_id) is not None:
        raise Conflict("You have rated this candidate for this vacancy before; the first rating stays.")
    row = FirstRating(
        id=new_id(),
        partnership_id=actor.partnership_id,
        vacancy_id=vacancy_id,
        candidate_id=candidate_id,
        account_id=account_id,
        run_id=run_id,
        rating=rating,
        rated_at=now,
    )
    session.add(row)
    _record(session, actor, "rating.given", pair, now, rating=str(rating))
    session.flush()
    return row


def _require_other_decision(actor: Actor, history: Sequence[Review], after: UUID) -> None:
    if not history or history[0].state not in OPEN_TO_OPINIONS:
        raise Conflict("There is no decision to have an opinion on. Decide instead.")
    if history[0].id != after:
        raise Conflict("Somebody has decided meanwhile. Read the newest decision first.")
    if actor.is_who(history[0].decided_by_key_id, history[0].decided_by_account_id):
        raise Conflict("The decision is your own. Change it instead.")


def _account_of(actor: Actor) -> UUID:
    require(actor, Operation.REVIEW_WRITE)
    if actor.account_id is None:
        raise NotPermitted("Only somebody who is signed in claims, rates or gives an opinion.")
    return actor.account_id


def _known(
    session: Session, actor: Actor, vacancy_id: UUID, candidate_id: UUID
) -> tuple[Vacancy, CandidateProfile]:
    vacancy = VacancyRepository(session, actor).get(vacancy_id, Operation.VACANCY_READ)
    return vacancy, CandidateRepository(session, actor).get(candidate_id, Operation.CANDIDATE_READ)


def _known_pair(session: Session, actor: Actor, vacancy_id: UUID, candidate_id: UUID) -> Pair:
    _known(session, actor, vacancy_id, candidate_id)
    return Pair(vacancy_id, candidate_id)


def _claimed(held: ReviewClaim) -> ClaimedByAnother:
    until = held.expires_at.strftime("%H:%M")
    return ClaimedByAnother(
        f"Somebody else is reviewing this candidate until {until} UTC. Decide all the same only if you "
        "have agreed on it."
    )


def _record(
    session: Session, actor: Actor, operation: str, pair: Pair, now: datetime, **details: str | bool
) -> None:
    record_event(
        session,
        actor,
        operation,
        "candidate",
        pair.candidate_id,
        now=now,
        vacancy_id=str(pair.vacancy_id),
        **details,
    )
