"""Decisions of staff on the requirements of a vacancy."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.enums import Importance, Settled
from app.domain.records import RequirementDecision
from app.models.base import Base, IdColumn, by_one, enum_type


class SettledRequirement(Base):
    """One decision, never changed: of those on one requirement the one with the highest ``number`` counts.

    ``settled`` None takes back what was decided before. ``requirements_version`` is the one of
    the vacancy that the decision made. See ``app.domain.records.RequirementDecision``.
    """

    __tablename__ = "settled_requirement"
    __table_args__ = (
        UniqueConstraint("vacancy_id", "number"),
        CheckConstraint("number >= 1", name="number_positive"),
        CheckConstraint("phrase <> '' OR found_uri IS NOT NULL", name="names_something"),
        CheckConstraint(
            "decided_uri IS NULL OR (settled IS NOT NULL AND settled <> 'dropped')", name="concept_is_decided"
        ),
        by_one("decided_by"),
    )

    id: Mapped[IdColumn]
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id"))
    number: Mapped[int]
    phrase: Mapped[str]
    found_uri: Mapped[str | None]
    settled: Mapped[Settled | None] = mapped_column(enum_type(Settled))
    decided_uri: Mapped[str | None]
    importance: Mapped[Importance | None] = mapped_column(enum_type(Importance))
    requirements_version: Mapped[int]
    decided_by_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_key.id"))
    decided_by_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_account.id"))
    decided_at: Mapped[datetime]

    def decision(self) -> RequirementDecision | None:
        """What is decided; None where it was taken back."""
        if self.settled is None:
            return None
        return RequirementDecision(
            self.phrase, self.found_uri, self.settled, self.decided_uri, self.importance
        )
