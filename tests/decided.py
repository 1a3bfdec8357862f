"""A partnership whose reviewers decided on many pairs, all by one rule."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor, Role
from app.domain.reviews import ReviewReason
from app.domain.transitions import ReviewState
from app.main import job_handlers, worker_config
from app.models import Partnership
from app.services.match_runs import request_match_run
from app.services.reviews import record_review
from app.services.taxonomy_cache import TaxonomyIndexCache
from app.services.transactions import Transaction
from app.services.worker import work_once
from tests.api.conftest import SETTINGS
from tests.factories import (
    NOW,
    make_candidate_record,
    make_cohort,
    make_employer,
    make_institution,
    make_staff,
    make_vacancy,
    make_vacancy_record,
)

N_UNDECIDED = 5
SKILLS = ("arc welding", "weld grinding", "site safety", "blueprint reading")


def decide_by_occupation(
    transaction: Transaction,
    indexes: TaxonomyIndexCache,
    partnership: Partnership,
    *,
    n_vacancies: int = 12,
    n_candidates: int = 8,
) -> list[UUID]:
    """Rank, then put forward whoever has the occupation, and reject all others; gives the vacancies.

    Every other candidate has the occupation, and each has some of the skills. On some nobody
    has decided yet.
    """
    reviewer = make_staff(partnership, role=Role.REVIEWER)
    with transaction() as session:
        employer, institution = make_employer(session, partnership), make_institution(session, partnership)
        vacancies = [
            make_vacancy(
                session,
                employer,
                record=make_vacancy_record(
                    id=f"v{at:02}",
                    title="Welder",
                    occupation="welder",
                    skills=SKILLS[: 3 + at % 2],
                    openings=2,
                ),
            ).id
            for at in range(n_vacancies)
        ]
        records = [
            make_candidate_record(
                id=f"c{at}", occupations=["welder"] if at % 2 else [], skills=SKILLS[: (3 * at) % 5]
            )
            for at in range(n_candidates + N_UNDECIDED)
        ]
        _, people = make_cohort(session, institution, candidates=records)
        request_match_run(session, reviewer, k=n_candidates + N_UNDECIDED, now=NOW)
    assert work_once(transaction, job_handlers(indexes), worker_config(SETTINGS), now=lambda: NOW)
    with transaction() as session:
        for vacancy_id in vacancies:
            for at, person in enumerate(people[:n_candidates]):
                _decide(session, reviewer, vacancy_id, person.id, is_good=bool(at % 2))
    return vacancies


def _decide(
    session: Session, reviewer: Actor, vacancy_id: UUID, candidate_id: UUID, *, is_good: bool
) -> None:
    record_review(
        session,
        reviewer,
        vacancy_id,
        candidate_id,
        ReviewState.SHORTLISTED if is_good else ReviewState.REJECTED,
        reason=None if is_good else ReviewReason.EXPERIENCE_TOO_SHORT,
        now=NOW,
    )
