"""Weight profiles of partnerships: proposed by one person, put in force by another."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.transitions import WeightsState
from app.models.base import Base, IdColumn, JsonObject, Versioned, by_one, enum_type

MAX_NAME, MAX_REASON = 40, 1_000

_APPROVED = text("state = 'approved'")
_APPROVER = "COALESCE(approved_by_key_id, approved_by_account_id)"
_PROPOSER = "COALESCE(proposed_by_key_id, proposed_by_account_id)"


class StoredWeights(Versioned, Base):
    """A weight profile of one partnership; never changed but for its state, never deleted.

    ``number`` counts the profiles of a name: name and number say which weights a match run
    used. ``weights`` is ``WeightProfile.as_dict``; ``evidence`` what the values rest on and
    what they would move, empty where somebody chose them by hand. Neither key nor account is
    an operator at the command line. The table itself sees to two persons.
    """

    __tablename__ = "weight_profile"
    __table_args__ = (
        UniqueConstraint("partnership_id", "name", "number"),
        Index(
            "uq_weight_profile_in_force",
            "partnership_id",
            unique=True,
            sqlite_where=_APPROVED,
            postgresql_where=_APPROVED,
        ),
        Index(None, "partnership_id", "id"),
        CheckConstraint("number >= 1", name="number_positive"),
        *(by_one(deed) for deed in ("proposed_by", "approved_by", "ended_by")),
        CheckConstraint(f"length(name) BETWEEN 1 AND {MAX_NAME}", name="name_length"),
        CheckConstraint(f"length(reason) BETWEEN 1 AND {MAX_REASON}", name="reason_length"),
        CheckConstraint(
            "state NOT IN ('approved', 'superseded') OR approved_at IS NOT NULL", name="was_approved"
        ),
        CheckConstraint(
            f"approved_at IS NULL OR COALESCE({_APPROVER} <> {_PROPOSER},"
            f" ({_APPROVER} IS NULL) <> ({_PROPOSER} IS NULL))",
            name="two_persons",
        ),
    )

    id: Mapped[IdColumn]
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    name: Mapped[str] = mapped_column(String(MAX_NAME))
    number: Mapped[int]
    weights: Mapped[JsonObject]
    reason: Mapped[str]
    evidence: Mapped[JsonObject]
    state: Mapped[WeightsState] = mapped_column(enum_type(WeightsState))
    proposed_by_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_key.id"))
    proposed_by_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_account.id"))
    approved_by_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_key.id"))
    approved_by_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_account.id"))
    ended_by_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_key.id"))
    ended_by_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_account.id"))
    approved_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
