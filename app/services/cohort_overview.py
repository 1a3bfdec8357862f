"""Cohorts as the console lists them: with their institution, their size and what waits there."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.permissions import Operation
from app.domain.transitions import CohortStatus
from app.models import Cohort, Organisation, OrganisationKind
from app.repositories.organisations import OrganisationRepository
from app.repositories.records import CohortRepository
from app.repositories.scoped import Page

_MOST_TO_CHOOSE = 500


@dataclass(frozen=True, slots=True)
class CohortOverview:
    """A cohort, whose it is, how many people it has, and how many rows of its newest file were refused."""

    cohort: Cohort
    institution: str
    n_people: int
    n_refused: int


def list_cohort_overviews(
    session: Session,
    actor: Actor,
    *,
    after: UUID | None = None,
    limit: int = 50,
    status: CohortStatus | None = None,
    institution_id: UUID | None = None,
) -> Page[CohortOverview]:
    """List cohorts, newest first, in a fixed number of queries."""
    repository = CohortRepository(session, actor)
    page = repository.list_page(
        after=after, limit=limit, status=status, institution_id=institution_id, newest_first=True
    )
    return Page(_overviews(session, actor, repository, list(page.items)), page.next_after)


def get_cohort_overview(session: Session, actor: Actor, cohort_id: UUID) -> CohortOverview:
    """Get a cohort with its figures; raises NotFound."""
    repository = CohortRepository(session, actor)
    cohort = repository.get(cohort_id, Operation.COHORT_READ)
    return _overviews(session, actor, repository, [cohort])[0]


def list_institutions(session: Session, actor: Actor) -> list[Organisation]:
    """List the training institutions to choose from, by name."""
    page = OrganisationRepository(session, actor).list_page(
        after=None, limit=_MOST_TO_CHOOSE, kind=OrganisationKind.INSTITUTION
    )
    return sorted(page.items, key=lambda each: (each.name.casefold(), each.external_id))


def list_open_cohorts(session: Session, actor: Actor) -> list[Cohort]:
    """List the newest cohorts that still take people."""
    page = CohortRepository(session, actor).list_page(after=None, limit=_MOST_TO_CHOOSE, newest_first=True)
    closed = (CohortStatus.FAILED, CohortStatus.WITHDRAWN)
    return [cohort for cohort in page.items if cohort.status not in closed]


def _overviews(
    session: Session, actor: Actor, repository: CohortRepository, cohorts: list[Cohort]
) -> list[CohortOverview]:
    ids = [cohort.id for cohort in cohorts]
    people, refused = repository.count_people(ids), repository.count_refused_rows(ids)
    names = OrganisationRepository(session, actor).names(cohort.institution_id for cohort in cohorts)
    return [
        CohortOverview(
            cohort=cohort,
            institution=names.get(cohort.institution_id, ""),
            n_people=people.get(cohort.id, 0),
            n_refused=refused.get(cohort.id, 0),
        )
        for cohort in cohorts
    ]
