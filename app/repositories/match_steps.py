"""From one pair of a ranking to another: beside it, and the next that waits for a decision."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, exists, func, select
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.reviews import Neighbours, Progress
from app.models import CandidateProfile, Match, MatchApart, ReviewClaim
from app.repositories.match_runs import MatchRepository
from app.repositories.reviews import is_decided


class MatchSteps:
    """Steps within the ranking that a complete run of the actor's partnership gave a vacancy."""

    def __init__(self, session: Session, actor: Actor, run_id: UUID, vacancy_id: UUID) -> None:
        self._session = session
        self._actor = actor
        self._run_id = run_id
        self._vacancy_id = vacancy_id

    def beside(self, pair: Match | MatchApart) -> Neighbours:
        """The candidates beside a pair of this ranking, as listed, decided or not."""
        if isinstance(pair, Match):
            table: type[Match | MatchApart] = Match
            at, column = pair.rank, Match.rank
        else:
            table, at, column = MatchApart, pair.position, MatchApart.position
        query = select(column, table.candidate_id).where(
            table.run_id == self._run_id, table.vacancy_id == self._vacancy_id, column.in_((at - 1, at + 1))
        )
        found = dict(self._session.execute(query).all())
        return Neighbours(found.get(at - 1), found.get(at + 1))

    def next_undecided(self, after_rank: int, *, now: datetime) -> UUID | None:
        """The candidate of the next match nobody has decided on, from the top again after the last one.

        Those whom another reviewer has claimed are left to them.
        """
        later_first = case((Match.rank > after_rank, 0), else_=1)
        query = self._undecided(now).order_by(later_first, Match.rank).limit(1)
        return self._session.scalars(query).first()

    def next_undecided_by_name(self, after: str, *, now: datetime) -> UUID | None:
        """As ``next_undecided``, in an order that says nothing of the ranks: by pseudonym."""
        name = CandidateProfile.pseudonym
        query = self._undecided(now).join(CandidateProfile, CandidateProfile.id == Match.candidate_id)
        query = query.order_by(case((name > after, 0), else_=1), name).limit(1)
        return self._session.scalars(query).first()

    def progress(self, now: datetime) -> Progress:
        """How far the decisions on this ranking are."""
        decided = is_decided(Match.vacancy_id, Match.candidate_id, now.date())
        query = (
            self._matches()
            .with_only_columns(func.count(), func.sum(case((decided, 1), else_=0)))
            .order_by(None)
        )
        n_matches, n_decided = self._session.execute(query).one()
        return Progress(int(n_decided or 0), int(n_matches))

    def _undecided(self, now: datetime) -> Select[UUID]:
        return (
            self._matches()
            .where(~is_decided(Match.vacancy_id, Match.candidate_id, now.date()), ~self._is_claimed(now))
            .with_only_columns(Match.candidate_id)
        )

    def _matches(self) -> Select[Match]:
        visible = MatchRepository(self._session, self._actor).visible()
        return visible.where(Match.run_id == self._run_id, Match.vacancy_id == self._vacancy_id)

    def _is_claimed(self, now: datetime) -> ColumnElement[bool]:
        condition = exists().where(
            ReviewClaim.vacancy_id == Match.vacancy_id,
            ReviewClaim.candidate_id == Match.candidate_id,
            ReviewClaim.expires_at > now,
        )
        if self._actor.account_id is not None:
            condition = condition.where(ReviewClaim.account_id != self._actor.account_id)
        return condition
