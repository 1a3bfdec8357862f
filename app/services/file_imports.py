"""Store what was read from a file, and tell for every row what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.records import CandidateRecord, VacancyRecord
from app.domain.submissions import CohortRecord
from app.domain.transitions import VacancyStatus
from app.errors import FieldIssue
from app.intake.outcome import ReadOutcome, ReadWarning
from app.services.bulk import BulkMode, ItemOutcome, ItemStatus
from app.services.candidates import add_candidates
from app.services.cohorts import commit_cohort, create_cohort, record_validation
from app.services.vacancies import change_vacancy_status, create_vacancies


@dataclass(frozen=True, slots=True)
class FileReceipt:
    """What became of a file.

    Attributes
    ----------
    created
        Ids of the new rows, in the order of the file.
    issues
        Faults by row: those of the file and those that storing found.
    cohort_id
        The cohort the rows went to, if they are candidates.
    """

    n_rows: int
    created: tuple[UUID, ...]
    issues: tuple[FieldIssue, ...]
    warnings: tuple[ReadWarning, ...]
    cohort_id: UUID | None = None

    @property
    def n_refused(self) -> int:
        return self.n_rows - len(self.created)


def import_vacancies(
    session: Session, actor: Actor, outcome: ReadOutcome[VacancyRecord], *, publish: bool, now: datetime
) -> FileReceipt:
    """Submit the vacancies of a file as drafts of the actor's organisation, and publish them if told.

    A vacancy whose id is taken becomes an issue; the others are stored.
    """
    items = create_vacancies(session, actor, outcome.records, mode=BulkMode.PARTIAL, now=now)
    receipt = _receipt(outcome, items)
    if publish:
        for vacancy_id in receipt.created:
            change_vacancy_status(session, actor, vacancy_id, VacancyStatus.PUBLISHED, now=now)
    return receipt


def import_cohort(
    session: Session,
    actor: Actor,
    cohort: CohortRecord,
    outcome: ReadOutcome[CandidateRecord],
    *,
    commit: bool,
    now: datetime,
) -> FileReceipt:
    """Open a cohort with the candidates of a file, keep its row errors, and commit it if told.

    Identities go to their own table.

    Raises
    ------
    Conflict
        The institution has a cohort with this id.
    """
    row = create_cohort(session, actor, cohort, now=now)
    items = add_candidates(
        session, actor, row.id, outcome.records, identities=outcome.identities, mode=BulkMode.PARTIAL, now=now
    )
    receipt = _receipt(outcome, items, row.id)
    record_validation(session, actor, row.id, receipt.issues, now=now)
    if commit:
        commit_cohort(session, actor, row.id, now=now)
    return receipt


def _receipt(
    outcome: ReadOutcome[Any], items: Sequence[ItemOutcome[Any]], cohort_id: UUID | None = None
) -> FileReceipt:
    refused = [
        FieldIssue("/id", item.error.code, item.error.detail, row=outcome.rows[item.index])
        for item in items
        if item.error is not None
    ]
    return FileReceipt(
        n_rows=outcome.n_rows,
        created=tuple(
            item.row.id for item in items if item.status is ItemStatus.CREATED and item.row is not None
        ),
        issues=tuple(sorted([*outcome.issues, *refused], key=lambda issue: issue.row or 0)),
        warnings=outcome.warnings,
        cohort_id=cohort_id,
    )
