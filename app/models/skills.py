"""Columns of requirements, claims and languages, shared by everything that asks or offers."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.enums import Cefr, EvidenceGrade, Importance
from app.models.base import JsonObject, enum_type


def level_check() -> CheckConstraint:
    """Keep a level within ``app.domain.enums.SkillLevel``."""
    return CheckConstraint("level BETWEEN 1 AND 4", name="level_range")


class RequirementColumns:
    """One skill that is asked for, at its place in the list."""

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source_text: Mapped[str]
    importance: Mapped[Importance] = mapped_column(enum_type(Importance))
    level: Mapped[int | None]


class ClaimColumns:
    """One skill that is offered, at its place in the list."""

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source_text: Mapped[str]
    evidence: Mapped[EvidenceGrade] = mapped_column(enum_type(EvidenceGrade))
    level: Mapped[int | None]


class LanguageColumns:
    """One language and its level, at its place in the list.

    ``own_levels`` gives the language skills (``app.domain.enums.LanguageSkill``) that have a
    level of their own.
    """

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lang: Mapped[str] = mapped_column(String(16))
    cefr: Mapped[Cefr | None] = mapped_column(enum_type(Cefr))
    own_levels: Mapped[JsonObject] = mapped_column(default=dict, server_default="{}")
