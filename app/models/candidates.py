"""Candidate profiles with what they offer, and identity in a table of its own."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.transitions import CandidateStatus
from app.models.base import Base, IdColumn, JsonArray, JsonObject, Versioned, enum_type, external_id_check
from app.models.cohorts import Cohort
from app.models.skills import ClaimColumns, LanguageColumns, level_check


class CandidateProfile(Versioned, Base):
    """What a candidate offers, without direct identifiers.

    ``education`` is a list of texts, ``experience`` a list of objects with
    ``occupation``, ``text``, ``months`` and, since they are kept, ``started`` and ``ended`` as
    ISO 8601 dates. ``circumstances`` is what ``app.domain.conditions.Circumstances.as_dict``
    gives. ``pool_change`` is the partnership's count when the profile, or whether it may be
    ranked, last changed.
    """

    __tablename__ = "candidate_profile"
    __table_args__ = (
        ForeignKeyConstraint(
            ["cohort_id", "institution_id", "partnership_id"],
            ["cohort.id", "cohort.institution_id", "cohort.partnership_id"],
        ),
        UniqueConstraint("cohort_id", "external_id"),
        UniqueConstraint("partnership_id", "pseudonym"),
        Index(None, "institution_id"),
        Index(None, "partnership_id", "pool_change"),
        external_id_check(),
    )

    id: Mapped[IdColumn]
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    institution_id: Mapped[UUID]
    cohort_id: Mapped[UUID]
    external_id: Mapped[str]
    pseudonym: Mapped[str] = mapped_column(String(16))
    lang: Mapped[str | None] = mapped_column(String(16))
    text: Mapped[str]
    education: Mapped[JsonArray]
    experience: Mapped[JsonArray]
    circumstances: Mapped[JsonObject] = mapped_column(default=dict, server_default="{}")
    status: Mapped[CandidateStatus] = mapped_column(enum_type(CandidateStatus))
    pool_change: Mapped[int] = mapped_column(default=0, server_default="0")

    cohort: Mapped[Cohort] = relationship(lazy="raise", viewonly=True)
    occupations: Mapped[list[CandidateOccupation]] = relationship(
        lazy="raise",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="CandidateOccupation.position",
    )
    claims: Mapped[list[SkillClaim]] = relationship(
        lazy="raise", cascade="all, delete-orphan", passive_deletes=True, order_by="SkillClaim.position"
    )
    languages: Mapped[list[CandidateLanguage]] = relationship(
        lazy="raise",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="CandidateLanguage.position",
    )


class CandidateOccupation(Base):
    """A past or trained occupation, as written."""

    __tablename__ = "candidate_occupation"

    candidate_id: Mapped[UUID] = mapped_column(
        ForeignKey("candidate_profile.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source_text: Mapped[str]


class SkillClaim(ClaimColumns, Base):
    """A skill that a candidate offers, as written."""

    __tablename__ = "skill_claim"
    __table_args__ = (level_check(),)

    candidate_id: Mapped[UUID] = mapped_column(
        ForeignKey("candidate_profile.id", ondelete="CASCADE"), primary_key=True, sort_order=-1
    )


class CandidateLanguage(LanguageColumns, Base):
    """A language that a candidate speaks."""

    __tablename__ = "candidate_language"

    candidate_id: Mapped[UUID] = mapped_column(
        ForeignKey("candidate_profile.id", ondelete="CASCADE"), primary_key=True, sort_order=-1
    )


class PreparedCandidate(Base):
    """A profile after linking: derived data that may be thrown away at any time.

    It holds for one version of the profile and one ``basis``: the engine, the taxonomy
    release, what was learned from it and the aliases. ``content`` is JSON.
    """

    __tablename__ = "prepared_candidate"

    candidate_id: Mapped[UUID] = mapped_column(
        ForeignKey("candidate_profile.id", ondelete="CASCADE"), primary_key=True
    )
    candidate_version: Mapped[int]
    basis: Mapped[str] = mapped_column(String(64))
    content: Mapped[str]


class CandidateIdentity(Base):
    """Who the candidate is.

    Deliberately without a relationship from the profile: nothing that ranks or
    explains can load it by accident. Only ``IdentityRepository`` reads it.
    """

    __tablename__ = "candidate_identity"

    candidate_id: Mapped[UUID] = mapped_column(
        ForeignKey("candidate_profile.id", ondelete="CASCADE"), primary_key=True
    )
    given_name: Mapped[str | None]
    family_name: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    birth_date: Mapped[date | None]
    sex: Mapped[str | None]
    nationality: Mapped[str | None]

    def __repr__(self) -> str:
        # Reprs end up in logs and test output.
        return f"CandidateIdentity({self.candidate_id})"
