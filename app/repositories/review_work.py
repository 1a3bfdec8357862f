"""Queries over what reviewers do beside deciding: claims, opinions, ratings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.permissions import Operation, require
from app.domain.reviews import OPEN_TO_OPINIONS
from app.domain.transitions import ReviewState
from app.models import FirstRating, IdentityLook, Review, ReviewClaim, ReviewOpinion
from app.repositories.reviews import is_newest
from app.repositories.scoped import chunks


class Pair(NamedTuple):
    """A vacancy and a candidate of it."""

    vacancy_id: UUID
    candidate_id: UUID


class ReviewWorkRepository:
    """Claims, opinions and ratings within the actor's partnership."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session = session
        self.actor = actor

    def find_claim(self, pair: Pair, now: datetime) -> ReviewClaim | None:
        """Find who is reviewing a pair; raises NotPermitted."""
        require(self.actor, Operation.REVIEW_READ)
        query = select(ReviewClaim).where(
            ReviewClaim.partnership_id == self.actor.partnership_id,
            ReviewClaim.vacancy_id == pair.vacancy_id,
            ReviewClaim.candidate_id == pair.candidate_id,
            ReviewClaim.expires_at > now,
        )
        return self.session.scalars(query).one_or_none()

    def delete_claims(self, *, account_id: UUID, also_expired: Pair | None = None, now: datetime) -> None:
        """Delete an account's claim, and one on a pair that has expired."""
        condition = ReviewClaim.account_id == account_id
        if also_expired is not None:
            condition = or_(
                condition,
                and_(
                    ReviewClaim.vacancy_id == also_expired.vacancy_id,
                    ReviewClaim.candidate_id == also_expired.candidate_id,
                    ReviewClaim.expires_at <= now,
                ),
            )
        self.session.execute(delete(ReviewClaim).where(condition))

    def delete_claim_on(self, pair: Pair, account_id: UUID) -> None:
        """Delete an account's claim on a pair, if there is one."""
        self.session.execute(
            delete(ReviewClaim).where(
                ReviewClaim.account_id == account_id,
                ReviewClaim.vacancy_id == pair.vacancy_id,
                ReviewClaim.candidate_id == pair.candidate_id,
            )
        )

    def list_opinions(self, pair: Pair) -> list[ReviewOpinion]:
        """List the opinions on a pair that stand, newest first; raises NotPermitted."""
        require(self.actor, Operation.REVIEW_READ)
        query = (
            select(ReviewOpinion)
            .where(
                ReviewOpinion.partnership_id == self.actor.partnership_id,
                ReviewOpinion.vacancy_id == pair.vacancy_id,
                ReviewOpinion.candidate_id == pair.candidate_id,
                ReviewOpinion.withdrawn_at.is_(None),
            )
            .order_by(ReviewOpinion.id.desc())
        )
        return list(self.session.scalars(query))

    def withdraw_opinions(self, pair: Pair, account_id: UUID, now: datetime) -> int:
        """Withdraw what an account holds of a pair, and say how many opinions that were."""
        changed = self.session.execute(
            update(ReviewOpinion)
            .where(
                ReviewOpinion.vacancy_id == pair.vacancy_id,
                ReviewOpinion.candidate_id == pair.candidate_id,
                ReviewOpinion.account_id == account_id,
                ReviewOpinion.withdrawn_at.is_(None),
            )
            .values(withdrawn_at=now)
        )
        return int(getattr(changed, "rowcount", 0))

    def count_disagreements(self, vacancy_ids: Iterable[UUID]) -> dict[UUID, int]:
        """Count the pairs of each vacancy on which an opinion stands that is not what was decided."""
        query = self._differing().with_only_columns(
            ReviewOpinion.vacancy_id, func.count(ReviewOpinion.candidate_id.distinct())
        )
        query = query.group_by(ReviewOpinion.vacancy_id)
        return {
            vacancy_id: n_pairs
            for chunk in chunks(vacancy_ids)
            for vacancy_id, n_pairs in self.session.execute(query.where(ReviewOpinion.vacancy_id.in_(chunk)))
        }

    def differing(self, vacancy_id: UUID) -> frozenset[UUID]:
        """The candidates of a vacancy on whom two reviewers differ."""
        query = self._differing().where(ReviewOpinion.vacancy_id == vacancy_id)
        return frozenset(self.session.scalars(query.with_only_columns(ReviewOpinion.candidate_id)))

    def _differing(self) -> Select[ReviewOpinion]:
        """Select the opinions that stand and are not what was decided; as ``disagrees`` of the domain."""
        require(self.actor, Operation.REVIEW_READ)
        agrees = or_(
            Review.state == ReviewOpinion.state,
            and_(
                Review.state == ReviewState.INTRODUCED,
                ReviewOpinion.state == ReviewState.SHORTLISTED,
            ),
        )
        return (
            select(ReviewOpinion)
            .join(
                Review,
                and_(
                    Review.vacancy_id == ReviewOpinion.vacancy_id,
                    Review.candidate_id == ReviewOpinion.candidate_id,
                ),
            )
            .where(
                ReviewOpinion.partnership_id == self.actor.partnership_id,
                ReviewOpinion.withdrawn_at.is_(None),
                Review.state.in_(OPEN_TO_OPINIONS),
                is_newest(),
                ~agrees,
            )
        )

    def find_rating(self, pair: Pair, account_id: UUID) -> FirstRating | None:
        """Find how an account rated a pair first; raises NotPermitted."""
        require(self.actor, Operation.REVIEW_READ)
        query = select(FirstRating).where(
            FirstRating.partnership_id == self.actor.partnership_id,
            FirstRating.vacancy_id == pair.vacancy_id,
            FirstRating.candidate_id == pair.candidate_id,
            FirstRating.account_id == account_id,
        )
        return self.session.scalars(query).one_or_none()

    def list_looks(self, candidate_id: UUID) -> list[IdentityLook]:
        """List who was shown a candidate's identity and why, newest first; raises NotPermitted."""
        require(self.actor, Operation.IDENTITY_READ)
        query = (
            select(IdentityLook)
            .where(
                IdentityLook.partnership_id == self.actor.partnership_id,
                IdentityLook.candidate_id == candidate_id,
            )
            .order_by(IdentityLook.id.desc())
            .limit(20)
        )
        return list(self.session.scalars(query))
