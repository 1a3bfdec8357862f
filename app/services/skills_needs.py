"""Skills needs: submit, change and close a forecast of demand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.ids import new_id
from app.domain.permissions import Operation, require
from app.domain.submissions import SkillsNeedRecord
from app.domain.transitions import SkillsNeedStatus, allowed_next
from app.errors import Conflict
from app.models import SkillsNeed
from app.repositories.records import SkillsNeedRepository
from app.repositories.scoped import Page
from app.services.audit import audit_event, record_event
from app.services.bulk import BulkMode, ItemOutcome, create_each, duplicate_id
from app.services.changes import (
    change_status,
    flush,
    require_external_id,
    require_organisation,
    require_version,
    touch,
)
from app.services.conversion import fill_skills_need, skills_need_record


def get_skills_need(session: Session, actor: Actor, need_id: UUID) -> SkillsNeed:
    """Get a skills need with its requirements; raises NotFound."""
    return SkillsNeedRepository(session, actor).get(need_id, Operation.SKILLS_NEED_READ)


def list_skills_needs(
    session: Session,
    actor: Actor,
    *,
    after: UUID | None = None,
    limit: int = 50,
    status: SkillsNeedStatus | None = None,
    country: str | None = None,
    external_id: str | None = None,
    updated_since: datetime | None = None,
) -> Page[SkillsNeed]:
    """List the skills needs that the actor may read, oldest first."""
    return SkillsNeedRepository(session, actor).list_page(
        after=after,
        limit=limit,
        status=status,
        country=country,
        external_id=external_id,
        updated_since=updated_since,
    )


def create_skills_need(
    session: Session, actor: Actor, record: SkillsNeedRecord, *, now: datetime
) -> SkillsNeed:
    """Submit a skills need of the actor's organisation; raises InvalidInput or Conflict for its id."""
    require(actor, Operation.SKILLS_NEED_WRITE)
    require_external_id(record.id)
    if SkillsNeedRepository(session, actor).existing_external_ids([record.id]):
        raise duplicate_id("skills need")
    need, extras = _build(actor, record, now)
    session.add_all([need, *extras])
    flush(session)
    return need


def create_skills_needs(
    session: Session, actor: Actor, records: Sequence[SkillsNeedRecord], *, mode: BulkMode, now: datetime
) -> list[ItemOutcome[SkillsNeed]]:
    """Submit many skills needs and say what became of each; see ``create_vacancies``."""
    require(actor, Operation.SKILLS_NEED_WRITE)
    taken = SkillsNeedRepository(session, actor).existing_external_ids(record.id for record in records)
    return create_each(
        session,
        records,
        lambda record: _build(actor, record, now),
        taken=taken,
        mode=mode,
        noun="skills need",
    )


def replace_skills_need(
    session: Session,
    actor: Actor,
    need_id: UUID,
    record: SkillsNeedRecord,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> SkillsNeed:
    """Replace everything a skills need says; an equal record changes nothing.

    Raises
    ------
    VersionMismatch
        It is no longer at ``expected_version``.
    Conflict
        It is closed, or the record has another id.
    """
    need = SkillsNeedRepository(session, actor).get(need_id, Operation.SKILLS_NEED_WRITE, for_update=True)
    _replace(session, actor, need, record, expected_version, now)
    return need


def put_skills_need(
    session: Session,
    actor: Actor,
    record: SkillsNeedRecord,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> tuple[SkillsNeed, bool]:
    """Create or replace the skills need with the record's id; also say whether it was created."""
    require_external_id(record.id)
    need = SkillsNeedRepository(session, actor).find_by_external_id(
        record.id, Operation.SKILLS_NEED_WRITE, for_update=True
    )
    if need is None:
        return create_skills_need(session, actor, record, now=now), True
    _replace(session, actor, need, record, expected_version, now)
    return need, False


def close_skills_need(
    session: Session, actor: Actor, need_id: UUID, *, expected_version: int | None = None, now: datetime
) -> SkillsNeed:
    """Close a skills need for good and write the audit event; raises WrongTransition."""
    need = SkillsNeedRepository(session, actor).get(need_id, Operation.SKILLS_NEED_CLOSE, for_update=True)
    require_version(need, expected_version)
    change_status(session, actor, need, SkillsNeedStatus.CLOSED, now=now, noun="skills_need")
    flush(session)
    return need


def _build(actor: Actor, record: SkillsNeedRecord, now: datetime) -> tuple[SkillsNeed, Sequence[Any]]:
    need = SkillsNeed(
        id=new_id(),
        partnership_id=actor.partnership_id,
        employer_id=require_organisation(actor),
        status=SkillsNeedStatus.OPEN,
        version=1,
        created_at=now,
        updated_at=now,
    )
    fill_skills_need(need, record)
    return need, [audit_event(actor, "skills_need.created", "skills_need", need.id, now=now)]


def _replace(
    session: Session,
    actor: Actor,
    need: SkillsNeed,
    record: SkillsNeedRecord,
    expected_version: int | None,
    now: datetime,
) -> None:
    require_version(need, expected_version)
    before = skills_need_record(need)
    if record == before:
        return
    if record.id != before.id:
        raise Conflict("The id of a skills need cannot change; create another one instead.")
    if not allowed_next(need.status):
        raise Conflict("The skills need is closed and can no longer be changed.")
    fill_skills_need(need, record)
    touch(need, now)
    record_event(session, actor, "skills_need.changed", "skills_need", need.id, now=now)
    flush(session)
