"""Who looks after a vacancy: claim it, take it over, let it go."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.permissions import Operation, require
from app.errors import Conflict, NotPermitted
from app.models import VacancyAssignment
from app.repositories.assignments import AssignmentRepository
from app.repositories.records import VacancyRepository
from app.services.audit import record_event
from app.services.changes import flush


def claim_vacancy(
    session: Session, actor: Actor, vacancy_id: UUID, *, instead_of: UUID | None = None, now: datetime
) -> VacancyAssignment:
    """Take a vacancy on; of somebody else only with their account named. Flushes.

    Raises
    ------
    NotFound
        No such vacancy in the actor's partnership.
    NotPermitted
        The role decides on nobody, or the actor is not signed in with an account.
    Conflict
        A colleague has it who is not ``instead_of``.
    """
    account_id = _account_of(actor)
    _lock(session, actor, vacancy_id)
    held = AssignmentRepository(session, actor).find(vacancy_id)
    if held is not None and held.account_id == account_id:
        return held
    if held is not None and held.account_id != instead_of:
        raise Conflict("A colleague has this vacancy. Look at who it is, and take it over from them.")
    details = {} if held is None else {"taken_from": str(held.account_id)}
    if held is None:
        held = VacancyAssignment(vacancy_id=vacancy_id, partnership_id=actor.partnership_id)
        session.add(held)
    held.account_id = account_id
    held.assigned_at = now
    record_event(session, actor, "vacancy.claimed", "vacancy", vacancy_id, now=now, **details)
    flush(session)
    return held


def release_vacancy(session: Session, actor: Actor, vacancy_id: UUID, *, now: datetime) -> None:
    """Let a vacancy go that the actor has; one that they do not have stays as it is. Flushes."""
    account_id = _account_of(actor)
    _lock(session, actor, vacancy_id)
    held = AssignmentRepository(session, actor).find(vacancy_id)
    if held is None or held.account_id != account_id:
        return
    session.delete(held)
    record_event(session, actor, "vacancy.released", "vacancy", vacancy_id, now=now)
    flush(session)


def _account_of(actor: Actor) -> UUID:
    require(actor, Operation.REVIEW_WRITE)
    if actor.account_id is None:
        raise NotPermitted("Only somebody who is signed in takes a vacancy on.")
    return actor.account_id


def _lock(session: Session, actor: Actor, vacancy_id: UUID) -> None:
    """Let two who claim at once come one after the other."""
    VacancyRepository(session, actor).get(vacancy_id, Operation.VACANCY_READ, for_update=True)
