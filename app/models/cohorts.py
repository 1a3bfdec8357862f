"""Cohorts and the faults found in what was submitted for them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.transitions import CohortStatus
from app.models.base import Base, IdColumn, Versioned, enum_type, external_id_check, scoped_key
from app.models.programmes import TrainingProgramme


class Cohort(Versioned, Base):
    """Learners finishing one programme together."""

    __tablename__ = "cohort"
    __table_args__ = (
        scoped_key("institution_id", "organisation"),
        # The programme is the same institution's.
        ForeignKeyConstraint(
            ["programme_id", "institution_id"], ["training_programme.id", "training_programme.institution_id"]
        ),
        UniqueConstraint("institution_id", "external_id"),
        UniqueConstraint("id", "institution_id", "partnership_id"),
        Index(None, "partnership_id", "status"),
        external_id_check(),
    )

    id: Mapped[IdColumn]
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    institution_id: Mapped[UUID]
    programme_id: Mapped[UUID | None]
    external_id: Mapped[str]
    title: Mapped[str]
    finishes_on: Mapped[date | None]
    status: Mapped[CohortStatus] = mapped_column(enum_type(CohortStatus))

    programme: Mapped[TrainingProgramme | None] = relationship(lazy="raise", viewonly=True)


class CohortIssue(Base):
    """One fault in a cohort's file: where, which rule, how to mend; never the value itself."""

    __tablename__ = "cohort_issue"

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    pointer: Mapped[str]
    code: Mapped[str]
    message: Mapped[str]
    hint: Mapped[str]
    row: Mapped[int | None]
    column: Mapped[str | None]
