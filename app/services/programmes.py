"""Training programmes: submit, change and withdraw what is taught."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.ids import new_id
from app.domain.permissions import Operation, require
from app.domain.submissions import ProgrammeRecord
from app.domain.transitions import ProgrammeStatus, allowed_next
from app.errors import Conflict
from app.models import TrainingProgramme
from app.repositories.records import ProgrammeRepository
from app.repositories.scoped import Page
from app.services.audit import record_event
from app.services.bulk import duplicate_id
from app.services.changes import (
    change_status,
    flush,
    require_external_id,
    require_organisation,
    require_version,
    touch,
)
from app.services.conversion import fill_programme, programme_record


def get_programme(session: Session, actor: Actor, programme_id: UUID) -> TrainingProgramme:
    """Get a programme with what it teaches; raises NotFound."""
    return ProgrammeRepository(session, actor).get(programme_id, Operation.PROGRAMME_READ)


def list_programmes(
    session: Session,
    actor: Actor,
    *,
    after: UUID | None = None,
    limit: int = 50,
    status: ProgrammeStatus | None = None,
    external_id: str | None = None,
    updated_since: datetime | None = None,
) -> Page[TrainingProgramme]:
    """List the programmes that the actor may read, oldest first."""
    return ProgrammeRepository(session, actor).list_page(
        after=after, limit=limit, status=status, external_id=external_id, updated_since=updated_since
    )


def create_programme(
    session: Session, actor: Actor, record: ProgrammeRecord, *, now: datetime
) -> TrainingProgramme:
    """Submit a programme of the actor's organisation; raises InvalidInput or Conflict for its id."""
    require(actor, Operation.PROGRAMME_WRITE)
    require_external_id(record.id)
    if ProgrammeRepository(session, actor).existing_external_ids([record.id]):
        raise duplicate_id("training programme")
    programme = TrainingProgramme(
        id=new_id(),
        partnership_id=actor.partnership_id,
        institution_id=require_organisation(actor),
        status=ProgrammeStatus.SUBMITTED,
        version=1,
        created_at=now,
        updated_at=now,
    )
    fill_programme(programme, record)
    session.add(programme)
    record_event(session, actor, "programme.created", "programme", programme.id, now=now)
    flush(session)
    return programme


def replace_programme(
    session: Session,
    actor: Actor,
    programme_id: UUID,
    record: ProgrammeRecord,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> TrainingProgramme:
    """Replace everything a programme says; an equal record changes nothing.

    Raises
    ------
    VersionMismatch
        It is no longer at ``expected_version``.
    Conflict
        It is withdrawn, or the record has another id.
    """
    programme = ProgrammeRepository(session, actor).get(
        programme_id, Operation.PROGRAMME_WRITE, for_update=True
    )
    _replace(session, actor, programme, record, expected_version, now)
    return programme


def put_programme(
    session: Session,
    actor: Actor,
    record: ProgrammeRecord,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> tuple[TrainingProgramme, bool]:
    """Create or replace the programme with the record's id; also say whether it was created."""
    require_external_id(record.id)
    programme = ProgrammeRepository(session, actor).find_by_external_id(
        record.id, Operation.PROGRAMME_WRITE, for_update=True
    )
    if programme is None:
        return create_programme(session, actor, record, now=now), True
    _replace(session, actor, programme, record, expected_version, now)
    return programme, False


def withdraw_programme(
    session: Session, actor: Actor, programme_id: UUID, *, expected_version: int | None = None, now: datetime
) -> TrainingProgramme:
    """Withdraw a programme for good and write the audit event; raises WrongTransition."""
    programme = ProgrammeRepository(session, actor).get(
        programme_id, Operation.PROGRAMME_WITHDRAW, for_update=True
    )
    require_version(programme, expected_version)
    change_status(session, actor, programme, ProgrammeStatus.WITHDRAWN, now=now, noun="programme")
    flush(session)
    return programme


def _replace(
    session: Session,
    actor: Actor,
    programme: TrainingProgramme,
    record: ProgrammeRecord,
    expected_version: int | None,
    now: datetime,
) -> None:
    require_version(programme, expected_version)
    before = programme_record(programme)
    if record == before:
        return
    if record.id != before.id:
        raise Conflict("The id of a programme cannot change; create another one instead.")
    if not allowed_next(programme.status):
        raise Conflict("The programme is withdrawn and can no longer be changed.")
    fill_programme(programme, record)
    touch(programme, now)
    record_event(session, actor, "programme.changed", "programme", programme.id, now=now)
    flush(session)
