"""Queries over the audit log."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement

from app.domain.permissions import Operation
from app.models import AuditEvent
from app.repositories.scoped import Page, ScopedRepository


class AuditRepository(ScopedRepository[AuditEvent]):
    """Audit events of the actor's partnership, newest first."""

    model = AuditEvent
    noun = "audit event"
    newest_first = True

    def list_page(
        self,
        *,
        after: UUID | None,
        limit: int,
        subject_id: UUID | None = None,
        subject_type: str | None = None,
        operation: str | None = None,
        doer: UUID | None = None,
        since: datetime | None = None,
        before: datetime | None = None,
    ) -> Page[AuditEvent]:
        where: list[ColumnElement[bool]] = []
        if subject_id is not None:
            where.append(AuditEvent.subject_id == subject_id)
        if subject_type is not None:
            where.append(AuditEvent.subject_type == subject_type)
        if operation is not None:
            where.append(AuditEvent.operation == operation)
        if doer is not None:
            where.append((AuditEvent.actor_account_id == doer) | (AuditEvent.actor_key_id == doer))
        if since is not None:
            where.append(AuditEvent.at >= since)
        if before is not None:
            where.append(AuditEvent.at < before)
        return self.page(Operation.AUDIT_READ, *where, after=after, limit=limit)
