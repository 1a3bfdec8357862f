"""What reviewers do beside deciding: claims, second opinions, first ratings, and looks at identities."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.identities import IdentityReason
from app.domain.reviews import MAX_NOTE, Rating, ReviewReason
from app.domain.transitions import ReviewState
from app.models.base import Base, IdColumn, enum_type


class ReviewClaim(Base):
    """A pair that somebody is reviewing, until it expires; each reviews one pair at a time."""

    __tablename__ = "review_claim"
    __table_args__ = (UniqueConstraint("account_id"),)

    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id"), primary_key=True)
    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("candidate_profile.id"), primary_key=True)
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id"))
    claimed_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ReviewOpinion(Base):
    """What a second reviewer holds to be right for a pair that somebody else decided on.

    It decides nothing. Of one who gave several the newest counts, unless it is withdrawn.
    """

    __tablename__ = "review_opinion"
    __table_args__ = (
        Index(None, "vacancy_id", "candidate_id"),
        CheckConstraint(f"length(note) <= {MAX_NOTE}", name="note_length"),
        CheckConstraint(
            "state IN ('shortlisted', 'rejected', 'info_requested', 'deferred')", name="state_of_opinion"
        ),
        CheckConstraint("state <> 'rejected' OR reason IS NOT NULL", name="no_has_reason"),
    )

    id: Mapped[IdColumn]
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id"))
    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("candidate_profile.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id"))
    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"))
    state: Mapped[ReviewState] = mapped_column(enum_type(ReviewState))
    reason: Mapped[ReviewReason | None] = mapped_column(enum_type(ReviewReason))
    note: Mapped[str]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    def __repr__(self) -> str:
        # The note is nobody's business in a log.
        return f"ReviewOpinion({self.id}, {self.state})"


class FirstRating(Base):
    """How well somebody fitted in a reviewer's eyes before they saw the score, and in which run it was."""

    __tablename__ = "first_rating"
    __table_args__ = (UniqueConstraint("vacancy_id", "candidate_id", "account_id"),)

    id: Mapped[IdColumn]
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id"))
    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("candidate_profile.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id"))
    run_id: Mapped[UUID] = mapped_column(ForeignKey("match_run.id"))
    rating: Mapped[Rating] = mapped_column(enum_type(Rating))
    rated_at: Mapped[datetime]


class IdentityLook(Base):
    """Somebody was shown who a candidate is, and why; what was shown is not kept here."""

    __tablename__ = "identity_look"
    __table_args__ = (
        Index(None, "candidate_id"),
        CheckConstraint(f"length(note) <= {MAX_NOTE}", name="note_length"),
    )

    id: Mapped[IdColumn]
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("candidate_profile.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id"))
    reason: Mapped[IdentityReason] = mapped_column(enum_type(IdentityReason))
    note: Mapped[str]
    at: Mapped[datetime]

    def __repr__(self) -> str:
        return f"IdentityLook({self.id}, {self.reason})"
