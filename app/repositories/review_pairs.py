"""Queries over one pair, and over one candidate, as a reviewer reads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from app.domain.actor import Actor
from app.domain.permissions import Operation, require
from app.domain.reviews import SPOKEN_FOR, Elsewhere
from app.domain.transitions import MatchRunState
from app.models import (
    CandidateProfile,
    Match,
    MatchApart,
    MatchRun,
    Organisation,
    RankedVacancy,
    Review,
    Vacancy,
)
from app.repositories.match_runs import MatchRepository
from app.repositories.reviews import is_newest
from app.repositories.scoped import chunks

PairT = TypeVar("PairT", Match, MatchApart)


class ReviewPairRepository:
    """Pairs of the runs of the actor's partnership."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session = session
        self.actor = actor

    def find_explained(self, run_id: UUID, vacancy_id: UUID, candidate_id: UUID) -> Match | MatchApart | None:
        """Find what a complete run says of a pair, be it apart, with the candidate and the contributions."""
        query = (
            MatchRepository(self.session, self.actor)
            .visible()
            .where(Match.run_id == run_id, Match.vacancy_id == vacancy_id, Match.candidate_id == candidate_id)
            .options(joinedload(Match.candidate), selectinload(Match.contributions))
        )
        match = self.session.scalars(query).one_or_none()
        if match is not None:
            return match
        apart = (
            self._apart(run_id, vacancy_id)
            .where(MatchApart.candidate_id == candidate_id)
            .options(joinedload(MatchApart.candidate))
        )
        return self.session.scalars(apart).one_or_none()

    def list_elsewhere(
        self, candidate_ids: Sequence[UUID], *, beside: UUID | None = None
    ) -> dict[UUID, list[Elsewhere]]:
        """Other vacancies that candidates were introduced to, or that accepted them, oldest first.

        By candidate; those whom no other vacancy was introduced to are left out.
        """
        require(self.actor, Operation.REVIEW_READ)
        query = (
            select(
                Review.candidate_id,
                Review.vacancy_id,
                Vacancy.title,
                Vacancy.lang,
                Organisation.name,
                Review.state,
                Review.decided_at,
            )
            .join(Vacancy, Vacancy.id == Review.vacancy_id)
            .join(Organisation, Organisation.id == Vacancy.employer_id)
            .where(
                Review.partnership_id == self.actor.partnership_id,
                Review.state.in_(SPOKEN_FOR),
                is_newest(),
            )
            .order_by(Review.id)
        )
        if beside is not None:
            query = query.where(Review.vacancy_id != beside)
        found: dict[UUID, list[Elsewhere]] = defaultdict(list)
        for chunk in chunks(candidate_ids):
            for row in self.session.execute(query.where(Review.candidate_id.in_(chunk))):
                found[row[0]].append(Elsewhere(*row[1:]))
        return found

    def list_pairs(
        self, run_id: UUID, vacancy_id: UUID, candidate_ids: Sequence[UUID]
    ) -> dict[UUID, Match | MatchApart]:
        """What a complete run says of some candidates for a vacancy, by candidate, without contributions."""
        matches = MatchRepository(self.session, self.actor).visible()
        matches = matches.where(Match.run_id == run_id, Match.vacancy_id == vacancy_id)
        apart = self._apart(run_id, vacancy_id)
        found: dict[UUID, Match | MatchApart] = {}
        for chunk in chunks(candidate_ids):
            for match in self.session.scalars(matches.where(Match.candidate_id.in_(chunk))):
                found[match.candidate_id] = match
            for row in self.session.scalars(apart.where(MatchApart.candidate_id.in_(chunk))):
                found[row.candidate_id] = row
        return found

    def list_newest_matches(self, candidate_id: UUID, limit: int) -> list[tuple[Match | MatchApart, Vacancy]]:
        """What the newest complete run of each vacancy says of a candidate, newest run first."""
        return [
            *self._newest(Match, candidate_id, limit),
            *self._newest(MatchApart, candidate_id, limit),
        ]

    def _newest(self, table: type[PairT], candidate_id: UUID, limit: int) -> list[tuple[PairT, Vacancy]]:
        query = (
            select(table, Vacancy)
            .join(MatchRun, MatchRun.id == table.run_id)
            .join(Vacancy, Vacancy.id == table.vacancy_id)
            .where(
                MatchRun.partnership_id == self.actor.partnership_id,
                MatchRun.state == MatchRunState.COMPLETE,
                table.candidate_id == candidate_id,
                ~_has_newer_run(table),
            )
            .order_by(table.run_id.desc(), table.vacancy_id)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in self.session.execute(query)]

    def _apart(self, run_id: UUID, vacancy_id: UUID) -> Select[MatchApart]:
        return (
            select(MatchApart)
            .join(MatchRun, MatchApart.run_id == MatchRun.id)
            .where(
                MatchRun.partnership_id == self.actor.partnership_id,
                MatchRun.state == MatchRunState.COMPLETE,
                MatchApart.run_id == run_id,
                MatchApart.vacancy_id == vacancy_id,
            )
        )

    def ids_by_pseudonym(self, pseudonyms: Sequence[str]) -> dict[str, UUID]:
        """Ids of candidates of the actor's partnership by pseudonym."""
        if not pseudonyms:
            return {}
        query = select(CandidateProfile.pseudonym, CandidateProfile.id).where(
            CandidateProfile.partnership_id == self.actor.partnership_id,
            CandidateProfile.pseudonym.in_(pseudonyms),
        )
        return dict(self.session.execute(query).all())


def _has_newer_run(table: type[Match | MatchApart]) -> ColumnElement[bool]:
    """Whether a later complete run ranked the vacancy of a row."""
    ranked, run = aliased(RankedVacancy), aliased(MatchRun)
    return exists().where(
        ranked.vacancy_id == table.vacancy_id,
        ranked.run_id == run.id,
        run.state == MatchRunState.COMPLETE,
        run.id > table.run_id,
    )
