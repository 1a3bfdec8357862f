"""Queries over decisions on pairs; whose decision is the newest is said here alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.domain.permissions import Operation
from app.domain.reviews import RULED_OUT, SHOWN_TO_EMPLOYER, SPOKEN_FOR, Decision
from app.domain.transitions import ReviewState
from app.models import CandidateProfile, Review, Vacancy
from app.repositories.scoped import Page, ScopedRepository, chunks


class ReviewRepository(ScopedRepository[Review]):
    """Decisions within the actor's scope: of employers those on introductions to their vacancies."""

    model = Review
    noun = "review"
    children = (Review.vacancy, Review.candidate, Review.run)
    newest_first = True

    def own(self) -> ColumnElement[bool]:
        of_own = select(Vacancy.id).where(Vacancy.employer_id == self.actor.organisation_id)
        return and_(Review.vacancy_id.in_(of_own), Review.state.in_(SHOWN_TO_EMPLOYER))

    def reload(self, review: Review) -> Review:
        """Give a decision that was just made with its vacancy and candidate."""
        query = select(Review).where(Review.id == review.id).execution_options(populate_existing=True)
        return self.session.scalars(self._with_children(query)).one()

    def knows_candidate(self, candidate_id: UUID) -> bool:
        """Whether the actor's partnership has this candidate."""
        query = select(CandidateProfile.id).where(
            CandidateProfile.id == candidate_id,
            CandidateProfile.partnership_id == self.actor.partnership_id,
        )
        return self.session.scalars(query).one_or_none() is not None

    def list_page(
        self,
        operation: Operation,
        *,
        vacancy_id: UUID | None = None,
        candidate_id: UUID | None = None,
        states: Sequence[ReviewState] | None = None,
        candidate_ids: Sequence[UUID] | None = None,
        with_history: bool = False,
        after: UUID | None,
        limit: int,
    ) -> Page[Review]:
        """List decisions, newest first: the newest on each pair, or with all before it."""
        where: list[ColumnElement[bool]] = [] if with_history else [is_newest()]
        if vacancy_id is not None:
            where.append(Review.vacancy_id == vacancy_id)
        if candidate_id is not None:
            where.append(Review.candidate_id == candidate_id)
        if candidate_ids is not None:
            where.append(Review.candidate_id.in_(candidate_ids))
        if states is not None:
            where.append(Review.state.in_(states))
        return self.page(operation, *where, after=after, limit=limit)

    def list_pair(self, vacancy_id: UUID, candidate_id: UUID) -> list[Review]:
        """List the decisions on one pair, newest first, without vacancy and candidate."""
        query = (
            select(Review)
            .where(
                Review.partnership_id == self.actor.partnership_id,
                Review.vacancy_id == vacancy_id,
                Review.candidate_id == candidate_id,
            )
            .order_by(Review.number.desc())
        )
        return list(self.session.scalars(query))

    def list_histories(self, vacancy_id: UUID, candidate_ids: Iterable[UUID]) -> dict[UUID, list[Review]]:
        """List the decisions on several pairs of a vacancy as ``list_pair`` does, by candidate."""
        histories: dict[UUID, list[Review]] = {}
        for chunk in chunks(candidate_ids):
            query = (
                select(Review)
                .where(
                    Review.partnership_id == self.actor.partnership_id,
                    Review.vacancy_id == vacancy_id,
                    Review.candidate_id.in_(chunk),
                )
                .order_by(Review.number.desc())
            )
            for row in self.session.scalars(query):
                histories.setdefault(row.candidate_id, []).append(row)
        return histories

    def is_spoken_for(self, candidate_id: UUID, beside: UUID) -> bool:
        """Whether another vacancy than ``beside`` was introduced to the candidate, or accepted them."""
        query = (
            self.visible(Operation.REVIEW_READ)
            .where(Review.candidate_id == candidate_id, Review.vacancy_id != beside)
            .where(Review.state.in_(SPOKEN_FOR), is_newest())
            .with_only_columns(Review.id)
            .limit(1)
        )
        return self.session.scalars(query).first() is not None

    def newest_decisions(
        self, *, vacancy_id: UUID | None = None, candidate_ids: Iterable[UUID] | None = None
    ) -> list[tuple[UUID, UUID, Decision]]:
        """Give (vacancy id, candidate id, decision) for every pair that somebody decided on.

        Parameters
        ----------
        vacancy_id
            Leave out what only other vacancies' rankings show.
        candidate_ids
            Only these; everybody when None.
        """
        query = (
            self.visible(Operation.REVIEW_READ)
            .join(Vacancy, Review.vacancy_id == Vacancy.id)
            .join(CandidateProfile, Review.candidate_id == CandidateProfile.id)
            .where(is_newest())
            .with_only_columns(
                Review.vacancy_id,
                Review.candidate_id,
                Review.state,
                Review.reason,
                Review.decided_at,
                Review.id,
                or_(
                    Review.requirements_version != Vacancy.requirements_version,
                    Review.candidate_version != CandidateProfile.version,
                ),
            )
        )
        if vacancy_id is not None:
            query = query.where(or_(Review.vacancy_id == vacancy_id, Review.state.in_(SPOKEN_FOR)))
        if candidate_ids is None:
            rows = list(self.session.execute(query))
        else:
            rows = [
                row
                for chunk in chunks(candidate_ids)
                for row in self.session.execute(query.where(Review.candidate_id.in_(chunk)))
            ]
        return [
            (row[0], row[1], Decision(row[2], row[3], row[4], review_id=row[5], is_stale=bool(row[6])))
            for row in rows
        ]


@cache
def is_newest() -> ColumnElement[bool]:
    """Whether a row of ``Review`` is the newest on its pair."""
    other = aliased(Review)
    newest = (
        select(func.max(other.number))
        .where(other.vacancy_id == Review.vacancy_id, other.candidate_id == Review.candidate_id)
        .correlate(Review)
        .scalar_subquery()
    )
    return Review.number == newest


def is_decided(
    vacancy_id: InstrumentedAttribute[UUID], candidate_id: InstrumentedAttribute[UUID], today: date
) -> ColumnElement[bool]:
    """Whether somebody has decided on a pair of two columns of another table, and it is not due again."""
    is_due = and_(Review.deferred_until.is_not(None), Review.deferred_until <= today)
    return exists().where(
        Review.vacancy_id == vacancy_id,
        Review.candidate_id == candidate_id,
        Review.state != ReviewState.PROPOSED,
        ~is_due,
        is_newest(),
    )


def is_ruled_out(
    vacancy_id: InstrumentedAttribute[UUID], candidate_id: InstrumentedAttribute[UUID]
) -> ColumnElement[bool]:
    """Whether a pair of two columns of another table is not for the list as of now."""
    return exists().where(
        Review.vacancy_id == vacancy_id,
        Review.candidate_id == candidate_id,
        Review.state.in_(RULED_OUT),
        is_newest(),
    )
