"""Cohorts: submit, validate, commit and withdraw."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.ids import new_id
from app.domain.permissions import Operation
from app.domain.submissions import CohortRecord
from app.domain.transitions import CohortStatus
from app.errors import Conflict, FieldIssue, InvalidInput
from app.models import Cohort, CohortIssue, TrainingProgramme
from app.repositories.candidate_pool import CandidatePoolRepository
from app.repositories.records import CohortRepository, ProgrammeRepository
from app.repositories.scoped import Page
from app.services.audit import record_event
from app.services.bulk import duplicate_id
from app.services.changes import (
    change_status,
    flush,
    require_external_id,
    require_version,
    touch,
)
from app.services.conversion import cohort_record
from app.services.relaying import institution_sent_for, sending

_FINAL = (CohortStatus.FAILED, CohortStatus.WITHDRAWN)


def get_cohort(session: Session, actor: Actor, cohort_id: UUID) -> Cohort:
    """Get a cohort with its programme; raises NotFound."""
    return CohortRepository(session, actor).get(cohort_id, Operation.COHORT_READ)


def list_cohort_issues(session: Session, actor: Actor, cohort_id: UUID) -> Sequence[CohortIssue]:
    """List the faults found in a cohort's submission, in its order; raises NotFound.

    They name places and rules, never values, so an auditor may read them too.
    """
    repository = CohortRepository(session, actor)
    return repository.list_issues(repository.get(cohort_id, Operation.COHORT_READ))


def list_cohorts(
    session: Session,
    actor: Actor,
    *,
    after: UUID | None = None,
    limit: int = 50,
    status: CohortStatus | None = None,
    institution_id: UUID | None = None,
    external_id: str | None = None,
    updated_since: datetime | None = None,
) -> Page[Cohort]:
    """List the cohorts that the actor may read, oldest first."""
    return CohortRepository(session, actor).list_page(
        after=after,
        limit=limit,
        status=status,
        institution_id=institution_id,
        external_id=external_id,
        updated_since=updated_since,
    )


def create_cohort(
    session: Session,
    actor: Actor,
    record: CohortRecord,
    *,
    institution_id: UUID | None = None,
    now: datetime,
) -> Cohort:
    """Open a cohort submission, in state received.

    Parameters
    ----------
    institution_id
        Whose cohort it is, when staff send it in for an institution; else the actor's own.

    Raises
    ------
    NotFound
        The actor reaches no such institution.
    InvalidInput
        The id is not usable, or the institution has no such programme.
    Conflict
        The institution has a cohort with this id.
    """
    owner_id = institution_sent_for(session, actor, institution_id)
    require_external_id(record.id)
    repository = CohortRepository(session, actor)
    if repository.find_of_owner(owner_id, record.id, Operation.COHORT_READ) is not None:
        raise duplicate_id("cohort")
    programme = _programme(session, actor, record, owner_id)
    cohort = Cohort(
        id=new_id(),
        partnership_id=actor.partnership_id,
        institution_id=owner_id,
        external_id=record.id,
        title=record.title,
        finishes_on=record.finishes_on,
        programme_id=None if programme is None else programme.id,
        status=CohortStatus.RECEIVED,
        version=1,
        created_at=now,
        updated_at=now,
    )
    session.add(cohort)
    record_event(session, actor, "cohort.created", "cohort", cohort.id, now=now)
    flush(session)
    return repository.get(cohort.id, Operation.COHORT_READ)


def replace_cohort(
    session: Session,
    actor: Actor,
    cohort_id: UUID,
    record: CohortRecord,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Cohort:
    """Replace what is said about the cohort itself; an equal record changes nothing.

    Raises
    ------
    VersionMismatch
        It is no longer at ``expected_version``.
    Conflict
        It failed or is withdrawn, or the record has another id.
    InvalidInput
        The institution has no such programme.
    """
    repository = CohortRepository(session, actor)
    cohort = repository.get(cohort_id, Operation.COHORT_WRITE, for_update=True)
    return _replace(session, actor, cohort, record, expected_version, now)


def put_cohort(
    session: Session,
    actor: Actor,
    record: CohortRecord,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> tuple[Cohort, bool]:
    """Create or replace the cohort with the record's id; also say whether it was created."""
    require_external_id(record.id)
    cohort = CohortRepository(session, actor).find_by_external_id(
        record.id, Operation.COHORT_WRITE, for_update=True
    )
    if cohort is None:
        return create_cohort(session, actor, record, now=now), True
    return _replace(session, actor, cohort, record, expected_version, now), False


def record_validation(
    session: Session,
    actor: Actor,
    cohort_id: UUID,
    issues: Sequence[FieldIssue],
    *,
    now: datetime,
) -> Cohort:
    """Store the outcome of validating what was submitted, in place of an earlier one.

    The cohort is then ready, or needs attention when there are issues. Writes an
    audit event for each step; raises WrongTransition once it is committed.
    """
    repository = CohortRepository(session, actor)
    cohort = repository.get(cohort_id, sending(actor), for_update=True)
    change_status(session, actor, cohort, CohortStatus.VALIDATING, now=now, noun="cohort")
    repository.replace_issues(cohort, _issue_rows(cohort, issues))
    outcome = CohortStatus.NEEDS_ATTENTION if issues else CohortStatus.READY
    change_status(session, actor, cohort, outcome, now=now, noun="cohort")
    flush(session)
    return cohort


def replace_cohort_issues(
    session: Session, actor: Actor, cohort_id: UUID, issues: Sequence[FieldIssue]
) -> None:
    """Keep these faults of a cohort's newest file in place of earlier ones, whatever its state. Flushes."""
    repository = CohortRepository(session, actor)
    cohort = repository.get(cohort_id, sending(actor), for_update=True)
    repository.replace_issues(cohort, _issue_rows(cohort, issues))
    flush(session)


def commit_cohort(
    session: Session, actor: Actor, cohort_id: UUID, *, expected_version: int | None = None, now: datetime
) -> Cohort:
    """Commit a cohort: from now on its candidates are ranked.

    A cohort that came through the API was validated on arrival, so from received
    it goes through ready in one step. One that needs attention is committed with
    the rows that were good. Every step writes its audit event.

    Raises
    ------
    WrongTransition
        It is committed already, failed or withdrawn.
    VersionMismatch
        It is no longer at ``expected_version``.
    """
    repository = CohortRepository(session, actor)
    cohort = repository.get(cohort_id, sending(actor), for_update=True)
    require_version(cohort, expected_version)
    steps = [CohortStatus.COMMITTED]
    if cohort.status is CohortStatus.RECEIVED:
        steps = [CohortStatus.VALIDATING, CohortStatus.READY, CohortStatus.COMMITTED]
    for step in steps:
        change_status(session, actor, cohort, step, now=now, noun="cohort")
    flush(session)
    CandidatePoolRepository(session, cohort.partnership_id).note_changes(cohort_id=cohort.id)
    return cohort


def withdraw_cohort(
    session: Session, actor: Actor, cohort_id: UUID, *, expected_version: int | None = None, now: datetime
) -> Cohort:
    """Withdraw a committed cohort: its candidates are no longer ranked; raises WrongTransition."""
    repository = CohortRepository(session, actor)
    cohort = repository.get(cohort_id, Operation.COHORT_WITHDRAW, for_update=True)
    require_version(cohort, expected_version)
    change_status(session, actor, cohort, CohortStatus.WITHDRAWN, now=now, noun="cohort")
    flush(session)
    CandidatePoolRepository(session, cohort.partnership_id).note_changes(cohort_id=cohort.id)
    return cohort


def _issue_rows(cohort: Cohort, issues: Sequence[FieldIssue]) -> list[CohortIssue]:
    return [
        CohortIssue(
            cohort_id=cohort.id,
            position=position,
            pointer=issue.pointer,
            code=issue.code,
            message=issue.message,
            hint=issue.hint,
            row=issue.row,
            column=issue.column,
        )
        for position, issue in enumerate(issues)
    ]


def _programme(
    session: Session, actor: Actor, record: CohortRecord, owner_id: UUID
) -> TrainingProgramme | None:
    if record.programme is None:
        return None
    programme = ProgrammeRepository(session, actor).find_of_owner(
        owner_id, record.programme, Operation.PROGRAMME_READ
    )
    if programme is None:
        message = "There is no training programme with this id; submit the programme first."
        raise InvalidInput(message, issues=[FieldIssue("/programme", "unknown-programme", message)])
    return programme


def _replace(
    session: Session,
    actor: Actor,
    cohort: Cohort,
    record: CohortRecord,
    expected_version: int | None,
    now: datetime,
) -> Cohort:
    require_version(cohort, expected_version)
    before = cohort_record(cohort)
    if record == before:
        return cohort
    if record.id != before.id:
        raise Conflict("The id of a cohort cannot change; create another one instead.")
    if cohort.status in _FINAL:
        raise Conflict(f"The cohort is {cohort.status} and can no longer be changed.")
    programme = _programme(session, actor, record, cohort.institution_id)
    cohort.title = record.title
    cohort.finishes_on = record.finishes_on
    cohort.programme_id = None if programme is None else programme.id
    touch(cohort, now)
    record_event(session, actor, "cohort.changed", "cohort", cohort.id, now=now)
    flush(session)
    session.expire(cohort, ["programme"])
    return CohortRepository(session, actor).get(cohort.id, Operation.COHORT_READ)
