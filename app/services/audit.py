"""The audit log: one event for every change, in the transaction of the change."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.models import AuditEvent
from app.repositories.audit import AuditRepository
from app.repositories.scoped import Page


def audit_event(
    actor: Actor,
    operation: str,
    subject_type: str,
    subject_id: UUID,
    *,
    now: datetime,
    **details: str | int | bool | None,
) -> AuditEvent:
    """Make an event such as ``vacancy.published``.

    ``details`` are states, counts and ids: never a name, an address or free text.
    """
    return AuditEvent(
        partnership_id=actor.partnership_id,
        at=now,
        actor_key_id=actor.key_id,
        actor_account_id=actor.account_id,
        actor_role=actor.role,
        actor_organisation_id=actor.organisation_id,
        operation=operation,
        subject_type=subject_type,
        subject_id=subject_id,
        details=details,
    )


def record_event(
    session: Session,
    actor: Actor,
    operation: str,
    subject_type: str,
    subject_id: UUID,
    *,
    now: datetime,
    **details: str | int | bool | None,
) -> None:
    """Write an event; see ``audit_event``. It becomes final with the caller's transaction."""
    session.add(audit_event(actor, operation, subject_type, subject_id, now=now, **details))


def list_audit_events(
    session: Session,
    actor: Actor,
    *,
    after: UUID | None = None,
    limit: int = 50,
    subject_id: UUID | None = None,
    subject_type: str | None = None,
    operation: str | None = None,
    doer: UUID | None = None,
    since: datetime | None = None,
    before: datetime | None = None,
) -> Page[AuditEvent]:
    """List the events of the actor's partnership, newest first; for admins and auditors.

    ``doer`` is the account or the API key that acted.
    """
    return AuditRepository(session, actor).list_page(
        after=after,
        limit=limit,
        subject_id=subject_id,
        subject_type=subject_type,
        operation=operation,
        doer=doer,
        since=since,
        before=before,
    )
