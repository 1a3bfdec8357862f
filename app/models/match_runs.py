"""Match runs, their matches, and the contributions that add up to each score."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.enums import EvidenceGrade, Importance, Provenance
from app.domain.transitions import MatchRunState
from app.models.base import Base, IdColumn, JsonArray, JsonObject, JsonType, by_one, enum_type
from app.models.candidates import CandidateProfile
from app.models.vacancies import Vacancy


class MatchRun(Base):
    """One execution of the ranking: what was asked, and everything that pins its result.

    ``vacancy_ids`` None means every published vacancy. The pins are written when
    the run starts or completes; a complete run has them all, except that runs from
    before there were aliases name no alias versions.
    """

    __tablename__ = "match_run"
    __table_args__ = (
        CheckConstraint("k >= 1", name="k_positive"),
        by_one("requested_by"),
        CheckConstraint(
            "state <> 'complete' OR (engine_version IS NOT NULL AND taxonomy_name IS NOT NULL"
            " AND taxonomy_checksum IS NOT NULL AND index_fingerprint IS NOT NULL"
            " AND input_digest IS NOT NULL AND finished_at IS NOT NULL)",
            name="complete_is_pinned",
        ),
        Index(None, "partnership_id", "id"),
    )

    id: Mapped[IdColumn]
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    requested_by_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_key.id"))
    # Without a foreign key, which SQLite would only add by copying the table that matches refer to.
    requested_by_account_id: Mapped[UUID | None]
    state: Mapped[MatchRunState] = mapped_column(enum_type(MatchRunState))
    k: Mapped[int]
    vacancy_ids: Mapped[list[str] | None] = mapped_column(JsonType)
    weight_profile_name: Mapped[str]
    weight_profile: Mapped[JsonObject]
    engine_version: Mapped[str | None]
    taxonomy_name: Mapped[str | None]
    taxonomy_checksum: Mapped[str | None]
    alias_version: Mapped[int | None]
    shared_alias_version: Mapped[int | None]
    index_fingerprint: Mapped[str | None]
    input_digest: Mapped[str | None]
    n_vacancies: Mapped[int] = mapped_column(default=0)
    n_candidates: Mapped[int] = mapped_column(default=0)
    n_matches: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class RankedVacancy(Base):
    """A vacancy as a run saw it: the version and the linked requirements it was ranked on."""

    __tablename__ = "ranked_vacancy"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("match_run.id", ondelete="CASCADE"), primary_key=True)
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id"), primary_key=True, index=True)
    requirements_version: Mapped[int]
    n_matches: Mapped[int]
    flags: Mapped[JsonArray]
    requirements: Mapped[JsonArray]


class Match(Base):
    """A scored pair within a run.

    ``near_duplicates`` are pseudonyms of the same ranking. ``candidate_version`` is that of the
    profile that was ranked; None in runs from before it was kept.
    """

    __tablename__ = "match"
    __table_args__ = (
        # Serves the ranking of a vacancy, which is read far more often than anything else.
        UniqueConstraint("run_id", "vacancy_id", "rank"),
        UniqueConstraint("run_id", "vacancy_id", "candidate_id"),
        Index(None, "candidate_id"),
        Index(None, "vacancy_id"),
        CheckConstraint("score BETWEEN 0 AND 1", name="score_range"),
        CheckConstraint("rank >= 1", name="rank_positive"),
    )

    id: Mapped[IdColumn]
    run_id: Mapped[UUID] = mapped_column(ForeignKey("match_run.id", ondelete="CASCADE"))
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id"))
    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("candidate_profile.id"))
    rank: Mapped[int]
    score: Mapped[float] = mapped_column(Double())
    tied: Mapped[bool]
    parts: Mapped[JsonObject]
    flags: Mapped[JsonArray]
    eligibility: Mapped[JsonArray] = mapped_column(JsonType, default=list, server_default="[]")
    candidate_side: Mapped[JsonObject] = mapped_column(JsonType, default=dict, server_default="{}")
    near_duplicates: Mapped[JsonArray] = mapped_column(JsonType, default=list, server_default="[]")
    candidate_version: Mapped[int | None]

    run: Mapped[MatchRun] = relationship(lazy="raise", viewonly=True)
    vacancy: Mapped[Vacancy] = relationship(lazy="raise", viewonly=True)
    candidate: Mapped[CandidateProfile] = relationship(lazy="raise", viewonly=True)
    contributions: Mapped[list[MatchContribution]] = relationship(
        lazy="raise", viewonly=True, order_by="MatchContribution.position"
    )


class MatchApart(Base):
    """A pair that a must rules out and that would be among the matches without it.

    ``place`` is the rank that it would have; ``contributions`` as in ``MatchContribution``.
    """

    __tablename__ = "match_apart"
    __table_args__ = (
        CheckConstraint("score BETWEEN 0 AND 1", name="score_range"),
        CheckConstraint("place >= 1", name="place_positive"),
    )

    run_id: Mapped[UUID] = mapped_column(ForeignKey("match_run.id", ondelete="CASCADE"), primary_key=True)
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id"), primary_key=True, index=True)
    candidate_id: Mapped[UUID] = mapped_column(
        ForeignKey("candidate_profile.id"), primary_key=True, index=True
    )
    position: Mapped[int]
    place: Mapped[int]
    score: Mapped[float] = mapped_column(Double())
    parts: Mapped[JsonObject]
    flags: Mapped[JsonArray]
    eligibility: Mapped[JsonArray]
    candidate_side: Mapped[JsonObject]
    contributions: Mapped[JsonArray]
    candidate_version: Mapped[int | None]

    candidate: Mapped[CandidateProfile] = relationship(lazy="raise", viewonly=True)


class MatchContribution(Base):
    """One requirement's share of a score; see ``app.domain.results.Contribution``."""

    __tablename__ = "match_contribution"

    match_id: Mapped[UUID] = mapped_column(ForeignKey("match.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    part: Mapped[str] = mapped_column(String(32))
    requirement: Mapped[str]
    requirement_uri: Mapped[str | None]
    importance: Mapped[Importance | None] = mapped_column(enum_type(Importance))
    provenance: Mapped[Provenance | None] = mapped_column(enum_type(Provenance))
    weight: Mapped[float] = mapped_column(Double())
    credit: Mapped[float] = mapped_column(Double())
    value: Mapped[float] = mapped_column(Double())
    relation: Mapped[str] = mapped_column(String(32))
    claim: Mapped[str]
    claim_uri: Mapped[str | None]
    evidence: Mapped[EvidenceGrade | None] = mapped_column(enum_type(EvidenceGrade))
    source: Mapped[str] = mapped_column(default="", server_default="")
