"""Queries behind the work queue: a fixed number, however many vacancies there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.permissions import Operation, require
from app.domain.transitions import MatchRunState, ReviewState, VacancyStatus
from app.domain.work_queue import QueueFilter, QueueNeed, QueueOrder, QueueTab
from app.models import (
    CandidateProfile,
    Match,
    MatchRun,
    Organisation,
    RankedVacancy,
    Review,
    StaffAccount,
    Vacancy,
    VacancyAssignment,
)
from app.repositories.records import VacancyRepository
from app.repositories.reviews import is_decided, is_newest

OPEN = (VacancyStatus.PUBLISHED, VacancyStatus.PAUSED)
_NO_START = "9999-99-99"


class QueuedVacancy(NamedTuple):
    """A vacancy of the queue, with whose it is and who has it."""

    id: UUID
    external_id: str
    title: str
    lang: str | None
    country: str | None
    status: VacancyStatus
    openings: int
    requirements_version: int
    created_at: datetime
    starts_on: str | None
    employer: str
    holder_id: UUID | None
    holder: str | None


class LatestRanking(NamedTuple):
    """The newest complete run that ranked a vacancy."""

    run_id: UUID
    requirements_version: int
    finished_at: datetime


class DecisionCount(NamedTuple):
    """How many pairs of a vacancy stand in a state, and how many of those changed since."""

    vacancy_id: UUID
    state: ReviewState
    n_pairs: int
    n_stale: int


class WorkQueueRepository:
    """Vacancies as work, within the actor's partnership."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session = session
        self.actor = actor

    def list_page(
        self, wanted: QueueFilter, today: date, *, after: tuple[str, UUID] | None, limit: int
    ) -> list[QueuedVacancy]:
        """List vacancies in the order asked for, going on after a position that ``position_of`` gave."""
        query = (
            _in_order(self._filtered(wanted, today), wanted.order, after)
            .join(Organisation, Organisation.id == Vacancy.employer_id)
            .outerjoin(StaffAccount, StaffAccount.id == VacancyAssignment.account_id)
            .with_only_columns(
                Vacancy.id,
                Vacancy.external_id,
                Vacancy.title,
                Vacancy.lang,
                Vacancy.country,
                Vacancy.status,
                Vacancy.openings,
                Vacancy.requirements_version,
                Vacancy.created_at,
                _starts_on(),
                Organisation.name,
                StaffAccount.id,
                StaffAccount.display_name,
            )
            .limit(limit)
        )
        rows: Any = self.session.execute(query)
        return [QueuedVacancy(*row) for row in rows]

    def count_tabs(self, wanted: QueueFilter, today: date) -> Mapping[QueueTab, int]:
        """Count what each tab would list with the same filters."""
        everybody = self._filtered(wanted, today, in_tab=False).with_only_columns(
            func.count(),
            func.sum(case((VacancyAssignment.account_id == self.actor.account_id, 1), else_=0)),
            func.sum(case((VacancyAssignment.account_id.is_(None), 1), else_=0)),
        )
        n_all, n_mine, n_free = self.session.execute(everybody).one()
        return {QueueTab.MINE: n_mine or 0, QueueTab.UNASSIGNED: n_free or 0, QueueTab.ALL: n_all}

    def list_countries(self) -> list[str]:
        """List the countries of open vacancies."""
        query = (
            self._visible()
            .where(Vacancy.status.in_(OPEN), Vacancy.country.is_not(None))
            .with_only_columns(Vacancy.country)
            .distinct()
        )
        return sorted(str(country) for country in self.session.scalars(query))

    def latest_rankings(self, vacancy_ids: Sequence[UUID]) -> dict[UUID, LatestRanking]:
        """Give the newest complete run of each of these vacancies, at most a page of them."""
        newest_first = (
            func.row_number()
            .over(partition_by=RankedVacancy.vacancy_id, order_by=RankedVacancy.run_id.desc())
            .label("position")
        )
        ranked = (
            select(
                RankedVacancy.vacancy_id,
                RankedVacancy.run_id,
                RankedVacancy.requirements_version,
                MatchRun.finished_at,
                newest_first,
            )
            .join(MatchRun, MatchRun.id == RankedVacancy.run_id)
            .where(
                RankedVacancy.vacancy_id.in_(vacancy_ids),
                MatchRun.partnership_id == self.actor.partnership_id,
                MatchRun.state == MatchRunState.COMPLETE,
            )
            .subquery()
        )
        rows = self.session.execute(select(ranked).where(ranked.c.position == 1))
        return {row.vacancy_id: LatestRanking(*row[1:4]) for row in rows}

    def count_pending(self, rankings: Mapping[UUID, LatestRanking], today: date) -> dict[UUID, int]:
        """Count the listed matches of some rankings on whom nobody has decided, or who are due again."""
        by_run: dict[UUID, list[UUID]] = {}
        for vacancy_id, ranking in rankings.items():
            by_run.setdefault(ranking.run_id, []).append(vacancy_id)
        # Not as pairs: for those SQLite reads every match there is.
        of_rankings = [
            and_(Match.run_id == run_id, Match.vacancy_id.in_(ranked)) for run_id, ranked in by_run.items()
        ]
        query = (
            select(Match.vacancy_id, func.count())
            .where(or_(false(), *of_rankings), ~_is_decided(today))
            .group_by(Match.vacancy_id)
        )
        return {row[0]: row[1] for row in self.session.execute(query)}

    def count_decisions(self, vacancy_ids: Sequence[UUID]) -> list[DecisionCount]:
        """Count the newest decisions on these vacancies' pairs by state."""
        is_stale = or_(
            Review.requirements_version != Vacancy.requirements_version,
            Review.candidate_version != CandidateProfile.version,
        )
        query = (
            select(Review.vacancy_id, Review.state, func.count(), func.sum(case((is_stale, 1), else_=0)))
            .join(Vacancy, Vacancy.id == Review.vacancy_id)
            .join(CandidateProfile, CandidateProfile.id == Review.candidate_id)
            .where(
                Review.partnership_id == self.actor.partnership_id,
                Review.vacancy_id.in_(vacancy_ids),
                Review.state != ReviewState.PROPOSED,
                is_newest(),
            )
            .group_by(Review.vacancy_id, Review.state)
        )
        return [DecisionCount(*row) for row in self.session.execute(query)]

    def _visible(self) -> Select[Any]:
        require(self.actor, Operation.REVIEW_READ)
        return VacancyRepository(self.session, self.actor).visible(Operation.VACANCY_READ)

    def _filtered(self, wanted: QueueFilter, today: date, *, in_tab: bool = True) -> Select[Any]:
        query = self._visible().outerjoin(VacancyAssignment, VacancyAssignment.vacancy_id == Vacancy.id)
        states = OPEN if wanted.status is None else (wanted.status,)
        query = query.where(Vacancy.status.in_(states))
        if in_tab and wanted.tab is QueueTab.MINE:
            query = query.where(VacancyAssignment.account_id == self.actor.account_id)
        elif in_tab and wanted.tab is QueueTab.UNASSIGNED:
            query = query.where(VacancyAssignment.account_id.is_(None))
        if wanted.country:
            query = query.where(Vacancy.country == wanted.country)
        if wanted.words:
            part = wanted.words
            query = query.where(
                or_(
                    Vacancy.title.icontains(part, autoescape=True),
                    Vacancy.external_id.icontains(part, autoescape=True),
                )
            )
        if wanted.need is QueueNeed.PENDING:
            query = query.where(_has_pending(today))
        elif wanted.need is QueueNeed.STALE:
            query = query.where(_is_stale())
        return query


def position_of(row: QueuedVacancy) -> tuple[str, UUID]:
    """Where a vacancy stands in any order."""
    return row.starts_on or _NO_START, row.id


def _in_order(query: Select[Any], order: QueueOrder, after: tuple[str, UUID] | None) -> Select[Any]:
    if order is QueueOrder.START:
        start = func.coalesce(_starts_on(), _NO_START)
        if after is not None:
            query = query.where(or_(start > after[0], and_(start == after[0], Vacancy.id > after[1])))
        return query.order_by(start, Vacancy.id)
    if order is QueueOrder.NEWEST:
        return (query if after is None else query.where(Vacancy.id < after[1])).order_by(Vacancy.id.desc())
    return (query if after is None else query.where(Vacancy.id > after[1])).order_by(Vacancy.id)


def _starts_on() -> ColumnElement[Any]:
    starts_on: ColumnElement[Any] = Vacancy.conditions["starts_on"].as_string()
    return starts_on


def _is_decided(today: date) -> ColumnElement[bool]:
    """Whether people have decided on a row of ``Match``, and it is not due again."""
    return is_decided(Match.vacancy_id, Match.candidate_id, today)


def _latest(column: Any) -> ScalarSelect[Any]:
    """A column of the newest complete ranking of a row of ``Vacancy``."""
    return (
        select(column)
        .join(MatchRun, MatchRun.id == RankedVacancy.run_id)
        .where(RankedVacancy.vacancy_id == Vacancy.id, MatchRun.state == MatchRunState.COMPLETE)
        .order_by(RankedVacancy.run_id.desc())
        .limit(1)
        .correlate(Vacancy)
        .scalar_subquery()
    )


def _has_pending(today: date) -> ColumnElement[bool]:
    return exists().where(
        Match.vacancy_id == Vacancy.id, Match.run_id == _latest(RankedVacancy.run_id), ~_is_decided(today)
    )


def _is_stale() -> ColumnElement[bool]:
    ranked = _latest(RankedVacancy.requirements_version)
    return or_(ranked.is_(None), ranked != Vacancy.requirements_version)
