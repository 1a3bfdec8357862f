"""Queries over decisions on requirements."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.permissions import Operation
from app.models import SettledRequirement, Vacancy
from app.repositories.records import VacancyRepository
from app.repositories.scoped import chunks


class RequirementDecisionRepository:
    """Decisions on the requirements of vacancies that the actor may read."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session = session
        self.actor = actor

    def list_all(self, vacancy_ids: Sequence[UUID] | None = None) -> list[SettledRequirement]:
        """List the decisions on some vacancies, or on all, those of one vacancy in their order."""
        readable = VacancyRepository(self.session, self.actor).visible(Operation.VACANCY_READ)
        query = (
            select(SettledRequirement)
            .where(SettledRequirement.vacancy_id.in_(readable.with_only_columns(Vacancy.id)))
            .order_by(SettledRequirement.vacancy_id, SettledRequirement.number)
        )
        if vacancy_ids is None:
            return list(self.session.scalars(query))
        return [
            row
            for chunk in chunks(vacancy_ids)
            for row in self.session.scalars(query.where(SettledRequirement.vacancy_id.in_(chunk)))
        ]

    def next_number(self, vacancy_id: UUID) -> int:
        """The number of the next decision on a vacancy, whose row the caller has locked."""
        query = select(func.max(SettledRequirement.number)).where(SettledRequirement.vacancy_id == vacancy_id)
        return (self.session.scalars(query).one() or 0) + 1
