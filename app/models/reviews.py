"""Decisions of people on pairs of vacancy and candidate."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.actor import Role
from app.domain.enums import Verdict
from app.domain.reviews import MAX_NOTE, ReviewReason
from app.domain.transitions import ReviewState
from app.models.base import Base, IdColumn, by_one, enum_type
from app.models.candidates import CandidateProfile
from app.models.match_runs import MatchRun
from app.models.vacancies import Vacancy


class Review(Base):
    """One decision on a pair; the one with the highest ``number`` counts.

    Triggers refuse to change or delete it, but for its note, which may hold what a person
    asks to have erased. What it was made on is pinned: the match run that gave the pair, with
    the rank (of somebody apart, the one that they would have), score and verdict found there,
    and the versions that were ranked; without such a run, the versions at that time.
    ``decided_by_key_id`` and ``decided_by_account_id`` None is an operator at the command line.
    ``deferred_until`` is the day on which somebody deferred is to be looked at again.
    """

    __tablename__ = "review"
    __table_args__ = (
        # Two who decide at once cannot both follow the same decision.
        UniqueConstraint("vacancy_id", "candidate_id", "number"),
        Index(None, "candidate_id"),
        Index(None, "partnership_id", "id"),
        CheckConstraint("number >= 1", name="number_positive"),
        by_one("decided_by"),
        CheckConstraint(f"length(note) <= {MAX_NOTE}", name="note_length"),
        CheckConstraint("state NOT IN ('rejected', 'declined') OR reason IS NOT NULL", name="no_has_reason"),
        CheckConstraint("deferred_until IS NULL OR state = 'deferred'", name="only_deferred_until"),
        CheckConstraint("NOT is_override OR reason IS NOT NULL", name="override_has_reason"),
        CheckConstraint(
            "(run_id IS NULL) = (rank IS NULL) AND (run_id IS NULL) = (score IS NULL)"
            " AND (run_id IS NULL) = (verdict IS NULL)",
            name="run_is_pinned",
        ),
    )

    id: Mapped[IdColumn]
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id"))
    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("candidate_profile.id"))
    number: Mapped[int]
    state: Mapped[ReviewState] = mapped_column(enum_type(ReviewState))
    reason: Mapped[ReviewReason | None] = mapped_column(enum_type(ReviewReason))
    note: Mapped[str]
    is_override: Mapped[bool]
    deferred_until: Mapped[date | None]
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("match_run.id"))
    rank: Mapped[int | None]
    score: Mapped[float | None] = mapped_column(Double())
    verdict: Mapped[Verdict | None] = mapped_column(enum_type(Verdict))
    requirements_version: Mapped[int]
    candidate_version: Mapped[int]
    decided_by_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_key.id"))
    decided_by_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_account.id"))
    decided_by_role: Mapped[Role] = mapped_column(enum_type(Role))
    decided_at: Mapped[datetime]

    vacancy: Mapped[Vacancy] = relationship(lazy="raise", viewonly=True)
    candidate: Mapped[CandidateProfile] = relationship(lazy="raise", viewonly=True)
    run: Mapped[MatchRun | None] = relationship(lazy="raise", viewonly=True)

    @property
    def is_stale(self) -> bool:
        """Whether the requirements or the profile have changed since."""
        return (
            self.requirements_version != self.vacancy.requirements_version
            or self.candidate_version != self.candidate.version
        )

    def __repr__(self) -> str:
        # The note is nobody's business in a log.
        return f"Review({self.id}, {self.state})"
