"""Training programmes with what they teach."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.transitions import ProgrammeStatus
from app.models.base import Base, IdColumn, Versioned, enum_type, external_id_check, scoped_key
from app.models.skills import ClaimColumns, level_check


class TrainingProgramme(Versioned, Base):
    """What an institution teaches."""

    __tablename__ = "training_programme"
    __table_args__ = (
        scoped_key("institution_id", "organisation"),
        UniqueConstraint("institution_id", "external_id"),
        UniqueConstraint("id", "institution_id"),
        Index(None, "partnership_id", "status"),
        CheckConstraint("eqf_level BETWEEN 1 AND 8", name="eqf_level_range"),
        external_id_check(),
    )

    id: Mapped[IdColumn]
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    institution_id: Mapped[UUID]
    external_id: Mapped[str]
    title: Mapped[str]
    lang: Mapped[str | None] = mapped_column(String(16))
    isced_f: Mapped[str | None] = mapped_column(String(4))
    eqf_level: Mapped[int | None]
    status: Mapped[ProgrammeStatus] = mapped_column(enum_type(ProgrammeStatus))

    claims: Mapped[list[ProgrammeSkillClaim]] = relationship(
        lazy="raise",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="ProgrammeSkillClaim.position",
    )


class ProgrammeSkillClaim(ClaimColumns, Base):
    """A skill that a programme teaches, as the institution wrote it."""

    __tablename__ = "programme_skill_claim"
    __table_args__ = (level_check(),)

    programme_id: Mapped[UUID] = mapped_column(
        ForeignKey("training_programme.id", ondelete="CASCADE"), primary_key=True, sort_order=-1
    )
