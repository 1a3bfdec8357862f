"""Vacancies: submit, change, publish, pause, fill and close."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.ids import joined_id, new_id
from app.domain.permissions import Operation, require
from app.domain.records import VacancyRecord
from app.domain.transitions import VacancyStatus, allowed_next
from app.errors import Conflict
from app.models import Vacancy
from app.repositories.records import VacancyRepository
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
from app.services.conversion import fill_vacancy, ranked_record, vacancy_record
from app.services.settled_requirements import decisions_in_force


def get_vacancy(session: Session, actor: Actor, vacancy_id: UUID) -> Vacancy:
    """Get a vacancy with requirements and languages; raises NotFound."""
    return VacancyRepository(session, actor).get(vacancy_id, Operation.VACANCY_READ)


def vacancy_titles(
    session: Session, actor: Actor, vacancy_ids: Iterable[UUID]
) -> dict[UUID, tuple[str, str | None]]:
    """Give title and its language of those of these vacancies that the actor may read."""
    return VacancyRepository(session, actor).titles(vacancy_ids)


def list_published_titles(
    session: Session, actor: Actor, *, limit: int
) -> list[tuple[UUID, str, str | None]]:
    """List id, title and its language of published vacancies, newest first."""
    return VacancyRepository(session, actor).published_titles(limit)


def list_vacancies(
    session: Session,
    actor: Actor,
    *,
    after: UUID | None = None,
    limit: int = 50,
    status: VacancyStatus | None = None,
    country: str | None = None,
    employer_id: UUID | None = None,
    external_id: str | None = None,
    updated_since: datetime | None = None,
) -> Page[Vacancy]:
    """List the vacancies that the actor may read, oldest first."""
    return VacancyRepository(session, actor).list_page(
        after=after,
        limit=limit,
        status=status,
        country=country,
        employer_id=employer_id,
        external_id=external_id,
        updated_since=updated_since,
    )


def create_vacancy(session: Session, actor: Actor, record: VacancyRecord, *, now: datetime) -> Vacancy:
    """Submit a vacancy as a draft of the actor's organisation.

    Raises
    ------
    InvalidInput
        The id is not usable.
    Conflict
        The employer has a vacancy with this id.
    """
    require(actor, Operation.VACANCY_WRITE)
    require_external_id(record.id)
    if VacancyRepository(session, actor).existing_external_ids([record.id]):
        raise duplicate_id("vacancy")
    vacancy, extras = _build(actor, record, now)
    session.add_all([vacancy, *extras])
    flush(session)
    return vacancy


def create_vacancies(
    session: Session, actor: Actor, records: Sequence[VacancyRecord], *, mode: BulkMode, now: datetime
) -> list[ItemOutcome[Vacancy]]:
    """Submit many vacancies as drafts and say what became of each.

    With ``BulkMode.ATOMIC`` one bad item leaves nothing behind; the caller need
    not roll back. For a dry run, roll back.
    """
    require(actor, Operation.VACANCY_WRITE)
    taken = VacancyRepository(session, actor).existing_external_ids(record.id for record in records)
    return create_each(
        session,
        records,
        lambda record: _build(actor, record, now),
        taken=taken,
        mode=mode,
        noun="vacancy",
    )


def replace_vacancy(
    session: Session,
    actor: Actor,
    vacancy_id: UUID,
    record: VacancyRecord,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Vacancy:
    """Replace everything a vacancy says.

    An equal record changes nothing. What ranking reads is versioned apart: when it
    changes, ``requirements_version`` counts up and earlier matches are stale.

    Raises
    ------
    VersionMismatch
        The vacancy is no longer at ``expected_version``.
    Conflict
        The vacancy is filled, closed or expired, or the record has another id.
    """
    vacancy = VacancyRepository(session, actor).get(vacancy_id, Operation.VACANCY_WRITE, for_update=True)
    _replace(session, actor, vacancy, record, expected_version, now)
    return vacancy


def put_vacancy(
    session: Session,
    actor: Actor,
    record: VacancyRecord,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> tuple[Vacancy, bool]:
    """Create or replace the vacancy with the record's id; also say whether it was created."""
    require_external_id(record.id)
    vacancy = VacancyRepository(session, actor).find_by_external_id(
        record.id, Operation.VACANCY_WRITE, for_update=True
    )
    if vacancy is None:
        return create_vacancy(session, actor, record, now=now), True
    _replace(session, actor, vacancy, record, expected_version, now)
    return vacancy, False


def change_vacancy_status(
    session: Session,
    actor: Actor,
    vacancy_id: UUID,
    target: VacancyStatus,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Vacancy:
    """Publish, pause, fill, close or expire a vacancy and write the audit event.

    Raises
    ------
    WrongTransition
        The present state does not allow it; the detail names what it allows.
    VersionMismatch
        The vacancy is no longer at ``expected_version``.
    """
    operation = Operation.VACANCY_CLOSE if target is VacancyStatus.CLOSED else Operation.VACANCY_WRITE
    vacancy = VacancyRepository(session, actor).get(vacancy_id, operation, for_update=True)
    require_version(vacancy, expected_version)
    change_status(session, actor, vacancy, target, now=now, noun="vacancy")
    flush(session)
    return vacancy


def list_published_vacancies(
    session: Session, actor: Actor, vacancy_ids: list[UUID] | None = None
) -> list[tuple[Vacancy, VacancyRecord]]:
    """Load published vacancies for ranking, all or those named, with their records.

    Record ids are made of the employer's and the vacancy's own external ids: unique
    in the partnership and the same on every database. Sorted by that id.
    """
    rows = [
        (joined_id(employer, vacancy.external_id), vacancy)
        for vacancy, employer in VacancyRepository(session, actor).list_published(vacancy_ids)
    ]
    rows.sort(key=lambda row: row[0])
    decided = decisions_in_force(session, actor, vacancy_ids)
    return [
        (vacancy, ranked_record(vacancy, decided.get(vacancy.id, ()), record_id=key)) for key, vacancy in rows
    ]


def _build(actor: Actor, record: VacancyRecord, now: datetime) -> tuple[Vacancy, Sequence[Any]]:
    vacancy = Vacancy(
        id=new_id(),
        partnership_id=actor.partnership_id,
        employer_id=require_organisation(actor),
        status=VacancyStatus.DRAFT,
        requirements_version=1,
        version=1,
        created_at=now,
        updated_at=now,
    )
    fill_vacancy(vacancy, record)
    return vacancy, [audit_event(actor, "vacancy.created", "vacancy", vacancy.id, now=now)]


def _replace(
    session: Session,
    actor: Actor,
    vacancy: Vacancy,
    record: VacancyRecord,
    expected_version: int | None,
    now: datetime,
) -> None:
    require_version(vacancy, expected_version)
    before = vacancy_record(vacancy)
    if record == before:
        return
    if record.id != before.id:
        raise Conflict("The id of a vacancy cannot change; create another one instead.")
    if not allowed_next(vacancy.status):
        raise Conflict(f"The vacancy is {vacancy.status} and can no longer be changed.")
    if _ranked_content(record) != _ranked_content(before):
        vacancy.requirements_version += 1
    fill_vacancy(vacancy, record)
    touch(vacancy, now)
    record_event(
        session,
        actor,
        "vacancy.changed",
        "vacancy",
        vacancy.id,
        now=now,
        requirements_version=vacancy.requirements_version,
    )
    flush(session)


def _ranked_content(record: VacancyRecord) -> tuple[Any, ...]:
    """Everything of a vacancy that can move a score or decide who is eligible."""
    return (
        record.title,
        record.description,
        record.lang,
        record.country,
        record.occupation,
        record.skills,
        record.languages,
        record.conditions,
    )
