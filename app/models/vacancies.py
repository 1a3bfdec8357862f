"""Vacancies with what they ask for."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.enums import Need
from app.domain.transitions import VacancyStatus
from app.models.base import (
    Base,
    IdColumn,
    JsonObject,
    Versioned,
    enum_type,
    external_id_check,
    scoped_key,
)
from app.models.organisations import Organisation
from app.models.skills import LanguageColumns, RequirementColumns, level_check


class Vacancy(Versioned, Base):
    """An open post of an employer.

    ``version`` counts every change and is the ETag; ``requirements_version``
    counts changes of what ranking reads, which make earlier matches stale.
    ``conditions`` is what ``app.domain.conditions.Conditions.as_dict`` gives.
    """

    __tablename__ = "vacancy"
    __table_args__ = (
        scoped_key("employer_id", "organisation"),
        UniqueConstraint("employer_id", "external_id"),
        Index(None, "partnership_id", "status"),
        CheckConstraint("openings >= 1", name="openings_positive"),
        external_id_check(),
    )

    id: Mapped[IdColumn]
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    employer_id: Mapped[UUID]
    external_id: Mapped[str]
    title: Mapped[str]
    description: Mapped[str]
    lang: Mapped[str | None] = mapped_column(String(16))
    country: Mapped[str | None] = mapped_column(String(2))
    occupation: Mapped[str]
    openings: Mapped[int]
    conditions: Mapped[JsonObject] = mapped_column(default=dict, server_default="{}")
    status: Mapped[VacancyStatus] = mapped_column(enum_type(VacancyStatus))
    requirements_version: Mapped[int] = mapped_column(default=1)

    employer: Mapped[Organisation] = relationship(lazy="raise", viewonly=True)
    requirements: Mapped[list[SkillRequirement]] = relationship(
        lazy="raise", cascade="all, delete-orphan", passive_deletes=True, order_by="SkillRequirement.position"
    )
    languages: Mapped[list[VacancyLanguage]] = relationship(
        lazy="raise", cascade="all, delete-orphan", passive_deletes=True, order_by="VacancyLanguage.position"
    )


class SkillRequirement(RequirementColumns, Base):
    """A skill that a vacancy asks for, as the employer wrote it."""

    __tablename__ = "skill_requirement"
    __table_args__ = (level_check(),)

    vacancy_id: Mapped[UUID] = mapped_column(
        ForeignKey("vacancy.id", ondelete="CASCADE"), primary_key=True, sort_order=-1
    )


class VacancyLanguage(LanguageColumns, Base):
    """A language that a vacancy asks for."""

    __tablename__ = "vacancy_language"

    vacancy_id: Mapped[UUID] = mapped_column(
        ForeignKey("vacancy.id", ondelete="CASCADE"), primary_key=True, sort_order=-1
    )
    need: Mapped[Need] = mapped_column(enum_type(Need), default=Need.MUST, server_default=Need.MUST.value)
