"""Queries over the pairs of one ranking, without what only a single pair's page shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, null, select
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.enums import Importance
from app.domain.permissions import Operation, require
from app.domain.summary import MEETING_RELATIONS
from app.domain.transitions import MatchRunState
from app.models import (
    CandidateProfile,
    Match,
    MatchApart,
    MatchContribution,
    MatchRun,
    Organisation,
)

_SHARE = (
    "part", "requirement", "requirement_uri", "importance", "weight", "value", "relation", "claim",
    "evidence",
)  # fmt: skip


class PairRow(NamedTuple):
    """A pair of a ranking: listed, or apart. ``place`` is the rank, or the one that it would have."""

    candidate_id: UUID
    pseudonym: str
    country: str | None
    candidate_version: int | None
    place: int
    score: float
    tied: bool
    parts: dict[str, float]
    flags: list[str]
    eligibility: list[dict[str, Any]]
    near_duplicates: list[str]
    match_id: UUID | None


class RankedPairRepository:
    """Pairs of the complete runs of the actor's partnership."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session = session
        self.actor = actor

    def list_matches(self, run_id: UUID, vacancy_id: UUID) -> list[PairRow]:
        """List a vacancy's whole ranking within a run, best first."""
        query = self._rows(
            Match, Match.rank, Match.tied, Match.near_duplicates, Match.id, run_id, vacancy_id
        ).order_by(Match.rank)
        return [PairRow(*row) for row in self.session.execute(query)]

    def list_apart(self, run_id: UUID, vacancy_id: UUID) -> list[PairRow]:
        """List those whom a must rules out, by the rank that they would have."""
        query = self._rows(MatchApart, MatchApart.place, null(), null(), null(), run_id, vacancy_id).order_by(
            MatchApart.place
        )
        rows = (PairRow(*row) for row in self.session.execute(query))
        return [row._replace(tied=False, near_duplicates=[]) for row in rows]

    def count_essentials(self, run_id: UUID, vacancy_id: UUID) -> dict[UUID, tuple[int, int]]:
        """Count the essential skills that each listed match meets, and all that are asked for."""
        query = (
            select(MatchContribution.match_id, MatchContribution.relation, func.count())
            .join(Match, Match.id == MatchContribution.match_id)
            .where(
                Match.run_id == run_id,
                Match.vacancy_id == vacancy_id,
                MatchContribution.part == "skills",
                MatchContribution.importance == Importance.ESSENTIAL,
            )
            .group_by(MatchContribution.match_id, MatchContribution.relation)
        )
        counts: dict[UUID, tuple[int, int]] = {}
        for match_id, relation, n_requirements in self.session.execute(query):
            met, asked = counts.get(match_id, (0, 0))
            meets = n_requirements if relation in MEETING_RELATIONS else 0
            counts[match_id] = met + meets, asked + n_requirements
        return counts

    def list_shares(
        self, run_id: UUID, vacancy_id: UUID, candidate_ids: Sequence[UUID]
    ) -> list[tuple[UUID, dict[str, Any]]]:
        """Give the contributions of some pairs, listed or apart, each with its candidate."""
        columns = [getattr(MatchContribution, name) for name in _SHARE]
        listed = (
            self._complete(select(Match.candidate_id, *columns), Match)
            .join(MatchContribution, MatchContribution.match_id == Match.id)
            .where(
                Match.run_id == run_id,
                Match.vacancy_id == vacancy_id,
                Match.candidate_id.in_(candidate_ids),
            )
            .order_by(Match.rank, MatchContribution.position)
        )
        apart = self._complete(select(MatchApart.candidate_id, MatchApart.contributions), MatchApart).where(
            MatchApart.run_id == run_id,
            MatchApart.vacancy_id == vacancy_id,
            MatchApart.candidate_id.in_(candidate_ids),
        )
        shares = [(row[0], dict(zip(_SHARE, row[1:], strict=True))) for row in self.session.execute(listed)]
        return shares + [(row[0], share) for row in self.session.execute(apart) for share in row[1]]

    def _rows(
        self,
        model: type[Match] | type[MatchApart],
        place: Any,
        tied: Any,
        near_duplicates: Any,
        match_id: Any,
        run_id: UUID,
        vacancy_id: UUID,
    ) -> Any:
        columns: Sequence[Any] = (
            model.candidate_id,
            CandidateProfile.pseudonym,
            Organisation.country,
            model.candidate_version,
            place,
            model.score,
            tied,
            model.parts,
            model.flags,
            model.eligibility,
            near_duplicates,
            match_id,
        )
        return (
            self._complete(select(*columns), model)
            .join(CandidateProfile, CandidateProfile.id == model.candidate_id)
            .join(Organisation, Organisation.id == CandidateProfile.institution_id)
            .where(model.run_id == run_id, model.vacancy_id == vacancy_id)
        )

    def _complete(self, query: Any, model: type[Match] | type[MatchApart]) -> Any:
        require(self.actor, Operation.RANKING_READ)
        return query.join(MatchRun, MatchRun.id == model.run_id).where(
            MatchRun.partnership_id == self.actor.partnership_id,
            MatchRun.state == MatchRunState.COMPLETE,
        )
