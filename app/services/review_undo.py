"""Taking one's own last decision on a pair back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.permissions import Operation, require
from app.domain.reviews import BY_OPINION, ReviewReason
from app.domain.transitions import ReviewState
from app.errors import Conflict, NotPermitted
from app.models import Review
from app.repositories.reviews import ReviewRepository
from app.services.reviews import append_review, record_review

_PUT_BACK = (
    "vacancy_id",
    "candidate_id",
    "state",
    "reason",
    "note",
    "deferred_until",
    "is_override",
    "run_id",
    "rank",
    "score",
    "verdict",
    "requirements_version",
    "candidate_version",
)


def undo_review(
    session: Session, actor: Actor, vacancy_id: UUID, candidate_id: UUID, *, after: UUID, now: datetime
) -> Review:
    """Take back what the actor has just decided, and bring back what was decided before. Flushes.

    Nothing is deleted: a decision taken back is followed by one back to proposed, and by the one
    that it had followed. That one is put back as it was, with its reason, its note as far as that is
    kept, its day, and what it was made on; nobody decides anew, so what a decision would need today
    is not asked. Introducing somebody asks for all of it.

    Parameters
    ----------
    after
        The decision that is taken back.

    Raises
    ------
    Conflict
        Something else was decided since, or it is one that is not taken back, such as an
        introduction, which the employer has seen.
    NotPermitted
        Somebody else decided.
    """
    require(actor, Operation.REVIEW_WRITE)
    history = ReviewRepository(session, actor).list_pair(vacancy_id, candidate_id)
    if not history or history[0].id != after:
        raise Conflict("Something else was decided since. Nothing was taken back.")
    newest, earlier = history[0], history[1] if len(history) > 1 else None
    if not actor.is_who(newest.decided_by_key_id, newest.decided_by_account_id):
        raise NotPermitted("Only who decided takes it back like this. Decide again instead.")
    if newest.state not in BY_OPINION:
        raise Conflict(f"{newest.state.capitalize()} is not taken back like this.")
    undone = record_review(
        session,
        actor,
        vacancy_id,
        candidate_id,
        ReviewState.PROPOSED,
        reason=ReviewReason.DECIDED_BY_MISTAKE,
        after=after,
        now=now,
    )
    if earlier is None or earlier.state not in BY_OPINION:
        return undone
    return append_review(session, actor, (undone, *history), _again(earlier), now)


def _again(earlier: Review) -> Review:
    """A decision once more, made on what it was made on."""
    return Review(**{name: getattr(earlier, name) for name in _PUT_BACK})
