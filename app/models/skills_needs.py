"""Skills needs: dated forecasts of demand."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.transitions import SkillsNeedStatus
from app.models.base import Base, IdColumn, Versioned, enum_type, external_id_check, scoped_key
from app.models.skills import RequirementColumns, level_check


class SkillsNeed(Versioned, Base):
    """How many people with which skills an employer will need, where and when."""

    __tablename__ = "skills_need"
    __table_args__ = (
        scoped_key("employer_id", "organisation"),
        UniqueConstraint("employer_id", "external_id"),
        Index(None, "partnership_id", "status"),
        CheckConstraint("headcount >= 1", name="headcount_positive"),
        CheckConstraint("needed_until >= needed_from", name="period_forwards"),
        external_id_check(),
    )

    id: Mapped[IdColumn]
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    employer_id: Mapped[UUID]
    external_id: Mapped[str]
    occupation: Mapped[str]
    headcount: Mapped[int]
    lang: Mapped[str | None] = mapped_column(String(16))
    country: Mapped[str | None] = mapped_column(String(2))
    region: Mapped[str]
    needed_from: Mapped[date | None]
    needed_until: Mapped[date | None]
    status: Mapped[SkillsNeedStatus] = mapped_column(enum_type(SkillsNeedStatus))

    requirements: Mapped[list[SkillsNeedRequirement]] = relationship(
        lazy="raise",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="SkillsNeedRequirement.position",
    )


class SkillsNeedRequirement(RequirementColumns, Base):
    """A skill that a skills need asks for, as the employer wrote it."""

    __tablename__ = "skills_need_requirement"
    __table_args__ = (level_check(),)

    skills_need_id: Mapped[UUID] = mapped_column(
        ForeignKey("skills_need.id", ondelete="CASCADE"), primary_key=True, sort_order=-1
    )
