"""Queries over vacancies, skills needs, programmes and cohorts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select

from app.domain.permissions import Operation
from app.domain.transitions import (
    CandidateStatus,
    CohortStatus,
    ProgrammeStatus,
    SkillsNeedStatus,
    VacancyStatus,
)
from app.models import (
    CandidateProfile,
    Cohort,
    CohortIssue,
    Organisation,
    SkillsNeed,
    TrainingProgramme,
    Vacancy,
)
from app.repositories.scoped import Page, ScopedRepository, chunks


class VacancyRepository(ScopedRepository[Vacancy]):
    """Vacancies within the actor's scope."""

    model = Vacancy
    noun = "vacancy"
    owner = "employer_id"
    children = (Vacancy.requirements, Vacancy.languages)

    def published(self) -> ColumnElement[bool]:
        return Vacancy.status == VacancyStatus.PUBLISHED

    def list_page(
        self,
        *,
        after: UUID | None,
        limit: int,
        status: VacancyStatus | None = None,
        country: str | None = None,
        employer_id: UUID | None = None,
        external_id: str | None = None,
        updated_since: datetime | None = None,
    ) -> Page[Vacancy]:
        where: list[ColumnElement[bool]] = []
        if status is not None:
            where.append(Vacancy.status == status)
        if country is not None:
            where.append(Vacancy.country == country)
        if employer_id is not None:
            where.append(Vacancy.employer_id == employer_id)
        if external_id is not None:
            where.append(Vacancy.external_id == external_id)
        if updated_since is not None:
            where.append(Vacancy.updated_at >= updated_since)
        return self.page(Operation.VACANCY_READ, *where, after=after, limit=limit)

    def versions(self, vacancy_id: UUID, operation: Operation) -> tuple[int, int]:
        """Give a vacancy's version and that of its requirements.

        Raises
        ------
        NotFound
            No such vacancy within the actor's scope.
        """
        query = self.visible(operation).where(Vacancy.id == vacancy_id)
        columns = query.with_only_columns(Vacancy.version, Vacancy.requirements_version)
        found = self.session.execute(columns).one_or_none()
        if found is None:
            raise self.absent()
        return found[0], found[1]

    def statuses(self, vacancy_ids: Sequence[UUID]) -> dict[UUID, VacancyStatus]:
        """Give the status of each of these vacancies that the actor may read."""
        query = self.visible(Operation.VACANCY_READ).with_only_columns(Vacancy.id, Vacancy.status)
        return {
            key: status
            for chunk in chunks(vacancy_ids)
            for key, status in self.session.execute(query.where(Vacancy.id.in_(chunk)))
        }

    def titles(self, vacancy_ids: Iterable[UUID]) -> dict[UUID, tuple[str, str | None]]:
        """Give title and its language of each of these vacancies that the actor may read."""
        query = self.visible(Operation.VACANCY_READ).with_only_columns(
            Vacancy.id, Vacancy.title, Vacancy.lang
        )
        return {
            key: (title, lang)
            for chunk in chunks(vacancy_ids)
            for key, title, lang in self.session.execute(query.where(Vacancy.id.in_(chunk)))
        }

    def published_titles(self, limit: int) -> list[tuple[UUID, str, str | None]]:
        """List id, title and its language of published vacancies, newest first."""
        query = self.visible(Operation.VACANCY_READ).where(self.published()).order_by(Vacancy.id.desc())
        columns = query.with_only_columns(Vacancy.id, Vacancy.title, Vacancy.lang).limit(limit)
        return [(row[0], row[1], row[2]) for row in self.session.execute(columns)]

    def list_published(self, vacancy_ids: list[UUID] | None = None) -> list[tuple[Vacancy, str]]:
        """List published vacancies with their employer's external id, all or those named."""
        query = (
            self._with_children(self.visible(Operation.VACANCY_READ))
            .where(self.published())
            .join(Organisation, Vacancy.employer_id == Organisation.id)
            .add_columns(Organisation.external_id)
        )
        if vacancy_ids is None:
            return [(row[0], row[1]) for row in self.session.execute(query)]
        return [
            (row[0], row[1])
            for chunk in chunks(vacancy_ids)
            for row in self.session.execute(query.where(Vacancy.id.in_(chunk)))
        ]

    def published_versions(self) -> list[tuple[UUID, int]]:
        """Say which vacancies are published, at which version, by id."""
        query = self.visible(Operation.VACANCY_READ).where(self.published()).order_by(Vacancy.id)
        columns = query.with_only_columns(Vacancy.id, Vacancy.version)
        return [(row[0], row[1]) for row in self.session.execute(columns)]


class SkillsNeedRepository(ScopedRepository[SkillsNeed]):
    """Skills needs within the actor's scope."""

    model = SkillsNeed
    noun = "skills need"
    owner = "employer_id"
    children = (SkillsNeed.requirements,)

    def list_page(
        self,
        *,
        after: UUID | None,
        limit: int,
        status: SkillsNeedStatus | None = None,
        country: str | None = None,
        external_id: str | None = None,
        updated_since: datetime | None = None,
    ) -> Page[SkillsNeed]:
        where: list[ColumnElement[bool]] = []
        if status is not None:
            where.append(SkillsNeed.status == status)
        if country is not None:
            where.append(SkillsNeed.country == country)
        if external_id is not None:
            where.append(SkillsNeed.external_id == external_id)
        if updated_since is not None:
            where.append(SkillsNeed.updated_at >= updated_since)
        return self.page(Operation.SKILLS_NEED_READ, *where, after=after, limit=limit)


class ProgrammeRepository(ScopedRepository[TrainingProgramme]):
    """Training programmes within the actor's scope."""

    model = TrainingProgramme
    noun = "training programme"
    owner = "institution_id"
    children = (TrainingProgramme.claims,)

    def list_page(
        self,
        *,
        after: UUID | None,
        limit: int,
        status: ProgrammeStatus | None = None,
        external_id: str | None = None,
        updated_since: datetime | None = None,
    ) -> Page[TrainingProgramme]:
        where: list[ColumnElement[bool]] = []
        if status is not None:
            where.append(TrainingProgramme.status == status)
        if external_id is not None:
            where.append(TrainingProgramme.external_id == external_id)
        if updated_since is not None:
            where.append(TrainingProgramme.updated_at >= updated_since)
        return self.page(Operation.PROGRAMME_READ, *where, after=after, limit=limit)


class CohortRepository(ScopedRepository[Cohort]):
    """Cohorts within the actor's scope; their issues are queried apart, since there may be many."""

    model = Cohort
    noun = "cohort"
    owner = "institution_id"
    children = (Cohort.programme,)

    def count_people(self, cohort_ids: Sequence[UUID]) -> dict[UUID, int]:
        """Count the candidates of each cohort, but for those erased; none is 0 and left out."""
        query = (
            select(CandidateProfile.cohort_id, func.count())
            .where(
                CandidateProfile.cohort_id.in_(cohort_ids), CandidateProfile.status != CandidateStatus.ERASED
            )
            .group_by(CandidateProfile.cohort_id)
        )
        return {row[0]: row[1] for row in self.session.execute(query)}

    def count_refused_rows(self, cohort_ids: Sequence[UUID]) -> dict[UUID, int]:
        """Count the rows of each cohort's newest file that were refused; none is 0 and left out."""
        query = (
            select(CohortIssue.cohort_id, func.count(func.distinct(CohortIssue.row)))
            .where(CohortIssue.cohort_id.in_(cohort_ids))
            .group_by(CohortIssue.cohort_id)
        )
        return {row[0]: row[1] for row in self.session.execute(query)}

    def list_issues(self, cohort: Cohort) -> list[CohortIssue]:
        """List the faults found in the cohort's submission, in its order."""
        query = select(CohortIssue).where(CohortIssue.cohort_id == cohort.id).order_by(CohortIssue.position)
        return list(self.session.scalars(query))

    def replace_issues(self, cohort: Cohort, issues: Sequence[CohortIssue]) -> None:
        """Keep these faults in place of those of an earlier validation."""
        self.session.execute(delete(CohortIssue).where(CohortIssue.cohort_id == cohort.id))
        self.session.add_all(issues)

    def list_page(
        self,
        *,
        after: UUID | None,
        limit: int,
        status: CohortStatus | None = None,
        institution_id: UUID | None = None,
        external_id: str | None = None,
        updated_since: datetime | None = None,
        newest_first: bool = False,
    ) -> Page[Cohort]:
        where: list[ColumnElement[bool]] = []
        if status is not None:
            where.append(Cohort.status == status)
        if institution_id is not None:
            where.append(Cohort.institution_id == institution_id)
        if external_id is not None:
            where.append(Cohort.external_id == external_id)
        if updated_since is not None:
            where.append(Cohort.updated_at >= updated_since)
        return self.page(Operation.COHORT_READ, *where, after=after, limit=limit, newest_first=newest_first)
