"""Queries over match runs, their matches and contributions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, delete, func, insert, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from app.domain.actor import Actor
from app.domain.permissions import Operation, require
from app.domain.transitions import MatchRunState
from app.errors import NotFound
from app.models import (
    CandidateProfile,
    Match,
    MatchApart,
    MatchContribution,
    MatchRun,
    RankedVacancy,
    Vacancy,
)
from app.repositories.reviews import is_ruled_out
from app.repositories.scoped import Page, ScopedRepository

Rows = Sequence[Mapping[str, Any]]


class RankedCount(NamedTuple):
    """A vacancy that a run ranked, at which version of its requirements, and how many it lists."""

    vacancy_id: UUID
    requirements_version: int
    n_matches: int


class Place(NamedTuple):
    """Where a run placed a candidate for a vacancy, and which version of the profile it saw."""

    vacancy_id: UUID
    candidate_id: UUID
    rank: int
    score: float
    candidate_version: int | None


class MatchRunRepository(ScopedRepository[MatchRun]):
    """Match runs of the actor's partnership, newest first."""

    model = MatchRun
    noun = "match run"
    newest_first = True

    def list_page(
        self, *, after: UUID | None, limit: int, state: MatchRunState | None = None
    ) -> Page[MatchRun]:
        where = [] if state is None else [MatchRun.state == state]
        return self.page(Operation.RANKING_READ, *where, after=after, limit=limit)

    def find_latest_complete(self, vacancy_id: UUID, *, before: MatchRun | None = None) -> MatchRun | None:
        """Find the newest complete run that ranked this vacancy; before another run if one is named."""
        query = (
            self.visible(Operation.RANKING_READ)
            .join(RankedVacancy, RankedVacancy.run_id == MatchRun.id)
            .where(MatchRun.state == MatchRunState.COMPLETE, RankedVacancy.vacancy_id == vacancy_id)
            .order_by(MatchRun.id.desc())
            .limit(1)
        )
        if before is not None:
            query = query.where(MatchRun.id < before.id)
        return self.session.scalars(query).one_or_none()

    def list_ranked_vacancies(self, run: MatchRun) -> list[RankedVacancy]:
        """List what the run ranked, in the order in which the vacancies were made."""
        query = select(RankedVacancy).where(RankedVacancy.run_id == run.id).order_by(RankedVacancy.vacancy_id)
        return list(self.session.scalars(query))

    def list_ranked_counts(self, run: MatchRun, *, limit: int | None = None) -> list[RankedCount]:
        """List what the run ranked as ``list_ranked_vacancies`` does, without what it read of them."""
        query = (
            select(RankedVacancy.vacancy_id, RankedVacancy.requirements_version, RankedVacancy.n_matches)
            .where(RankedVacancy.run_id == run.id)
            .order_by(RankedVacancy.vacancy_id)
            .limit(limit)
        )
        return [RankedCount(*row) for row in self.session.execute(query)]

    def find_complete_before(self, run: MatchRun) -> MatchRun | None:
        """Find the newest complete run that was asked for before this one."""
        query = (
            self.visible(Operation.RANKING_READ)
            .where(MatchRun.state == MatchRunState.COMPLETE, MatchRun.id < run.id)
            .order_by(MatchRun.id.desc())
            .limit(1)
        )
        return self.session.scalars(query).one_or_none()

    def find_ranked_vacancy(self, run: MatchRun, vacancy_id: UUID) -> RankedVacancy | None:
        return self.session.get(RankedVacancy, (run.id, vacancy_id))

    def n_kept(self, before: MatchRun, after: MatchRun) -> dict[UUID, tuple[int, int]]:
        """Count, by vacancy, the pairs that both runs list, and those of them at another rank."""
        old, new = aliased(Match), aliased(Match)
        query = (
            select(
                new.vacancy_id,
                func.count(),
                func.sum(case((new.rank != old.rank, 1), else_=0)),
            )
            .join(old, (old.vacancy_id == new.vacancy_id) & (old.candidate_id == new.candidate_id))
            .where(new.run_id == after.id, old.run_id == before.id)
            .group_by(new.vacancy_id)
        )
        return {vacancy_id: (kept, moved) for vacancy_id, kept, moved in self.session.execute(query)}

    def list_places(self, run: MatchRun, vacancy_ids: Sequence[UUID]) -> list[Place]:
        """List where a run placed whom for these vacancies, by vacancy and rank."""
        query = (
            select(Match.vacancy_id, Match.candidate_id, Match.rank, Match.score, Match.candidate_version)
            .where(Match.run_id == run.id, Match.vacancy_id.in_(vacancy_ids))
            .order_by(Match.vacancy_id, Match.rank)
        )
        return [Place(*row) for row in self.session.execute(query)]

    def store_rankings(
        self, run: MatchRun, *, ranked_vacancies: Rows, matches: Rows, contributions: Rows, apart: Rows
    ) -> None:
        """Store a run's result, one mapping of column values for each row.

        Plain inserts: a run has more rows than a session should hold as objects.
        """
        for model, rows in (
            (RankedVacancy, ranked_vacancies),
            (Match, matches),
            (MatchContribution, contributions),
            (MatchApart, apart),
        ):
            if rows:
                self.session.execute(insert(model), list(rows))

    def delete_rankings(self, run: MatchRun) -> None:
        """Remove what an interrupted attempt of an unfinished run has stored."""
        for model in (Match, MatchApart, RankedVacancy):
            self.session.execute(delete(model).where(model.run_id == run.id))


class MatchRepository:
    """Matches of the runs of the actor's partnership."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session = session
        self.actor = actor

    def visible(self) -> Select[Match]:
        """Select the matches of complete runs; raises NotPermitted."""
        require(self.actor, Operation.RANKING_READ)
        return (
            select(Match)
            .join(MatchRun, Match.run_id == MatchRun.id)
            .where(
                MatchRun.partnership_id == self.actor.partnership_id,
                MatchRun.state == MatchRunState.COMPLETE,
            )
        )

    def get(self, match_id: UUID) -> Match:
        """Get one match with run, vacancy, candidate and contributions.

        Raises
        ------
        NotFound
            No such match in the actor's partnership.
        """
        query = (
            self.visible()
            .where(Match.id == match_id)
            .options(
                selectinload(Match.run),
                selectinload(Match.contributions),
                selectinload(Match.vacancy).selectinload(Vacancy.requirements),
                selectinload(Match.candidate).selectinload(CandidateProfile.claims),
            )
        )
        match = self.session.scalars(query).one_or_none()
        if match is None:
            raise NotFound("There is no match with this id.")
        return match

    def find_pair(self, run_id: UUID, vacancy_id: UUID, candidate_id: UUID) -> Match | MatchApart | None:
        """Find what a complete run says of a pair, be it apart; without anything that comes along."""
        query = self.visible().where(
            Match.run_id == run_id, Match.vacancy_id == vacancy_id, Match.candidate_id == candidate_id
        )
        match = self.session.scalars(query).one_or_none()
        return match or self.session.get(MatchApart, (run_id, vacancy_id, candidate_id))

    def list_for_vacancy(
        self,
        run_id: UUID,
        vacancy_id: UUID,
        *,
        after_rank: int = 0,
        limit: int,
        min_score: float | None = None,
        with_contributions: bool = False,
    ) -> list[Match]:
        """List a vacancy's ranking within a run, best first, with the candidates.

        Without those whom people have ruled out since; ``list_ruled_out`` has them.
        """
        query = self.visible().where(
            Match.run_id == run_id,
            Match.vacancy_id == vacancy_id,
            Match.rank > after_rank,
            ~is_ruled_out(Match.vacancy_id, Match.candidate_id),
        )
        if min_score is not None:
            query = query.where(Match.score >= min_score)
        return self._list(query.order_by(Match.rank).limit(limit), with_contributions)

    def list_ruled_out(self, run_id: UUID, vacancy_id: UUID) -> list[Match]:
        """List the matches of a vacancy within a run that people have ruled out since, explained."""
        query = self.visible().where(
            Match.run_id == run_id,
            Match.vacancy_id == vacancy_id,
            is_ruled_out(Match.vacancy_id, Match.candidate_id),
        )
        return self._list(query.order_by(Match.rank), with_contributions=True)

    def list_for_run(
        self, run_id: UUID, *, after: tuple[UUID, int] | None, limit: int, with_contributions: bool = False
    ) -> list[Match]:
        """List a run's matches by vacancy and rank, going on after a (vacancy id, rank)."""
        query = self.visible().where(Match.run_id == run_id)
        if after is not None:
            vacancy_id, rank = after
            later: ColumnElement[bool] = (Match.vacancy_id > vacancy_id) | (
                (Match.vacancy_id == vacancy_id) & (Match.rank > rank)
            )
            query = query.where(later)
        return self._list(query.order_by(Match.vacancy_id, Match.rank).limit(limit), with_contributions)

    def list_apart(self, run_id: UUID, vacancy_id: UUID | None = None) -> list[MatchApart]:
        """List those whom a must rules out of a run's rankings, by vacancy and place, with the candidates."""
        require(self.actor, Operation.RANKING_READ)
        query = (
            select(MatchApart)
            .join(MatchRun, MatchApart.run_id == MatchRun.id)
            .where(
                MatchRun.partnership_id == self.actor.partnership_id,
                MatchRun.state == MatchRunState.COMPLETE,
                MatchApart.run_id == run_id,
            )
            .order_by(MatchApart.vacancy_id, MatchApart.position)
            .options(joinedload(MatchApart.candidate))
        )
        if vacancy_id is not None:
            query = query.where(MatchApart.vacancy_id == vacancy_id)
        return list(self.session.scalars(query))

    def _list(self, query: Select[Match], with_contributions: bool) -> list[Match]:
        query = query.options(selectinload(Match.candidate))
        if with_contributions:
            query = query.options(selectinload(Match.contributions))
        return list(self.session.scalars(query))
