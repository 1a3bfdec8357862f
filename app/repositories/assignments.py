"""Queries over who has which vacancy."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.domain.permissions import Operation
from app.models import StaffAccount, VacancyAssignment
from app.repositories.scoped import ScopedRepository


class AssignmentRepository(ScopedRepository[VacancyAssignment]):
    """Assignments within the actor's partnership."""

    model = VacancyAssignment
    noun = "assignment"

    def find(self, vacancy_id: UUID) -> VacancyAssignment | None:
        """Find who has a vacancy; the caller has locked its row to change it."""
        query = self.visible(Operation.REVIEW_READ).where(VacancyAssignment.vacancy_id == vacancy_id)
        return self.session.scalars(query).one_or_none()

    def holders(self, vacancy_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, str]]:
        """Give account and name of who has each of these vacancies, at most a page of them."""
        query = (
            self.visible(Operation.REVIEW_READ)
            .join(StaffAccount, StaffAccount.id == VacancyAssignment.account_id)
            .where(VacancyAssignment.vacancy_id.in_(vacancy_ids))
            .with_only_columns(VacancyAssignment.vacancy_id, StaffAccount.id, StaffAccount.display_name)
        )
        return {row[0]: (row[1], row[2]) for row in self.session.execute(query)}
