"""Queries over what was done to a vacancy."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.permissions import Operation, require
from app.domain.vacancy_events import VacancyEvent
from app.models import AuditEvent, StaffAccount


class VacancyHistoryRepository:
    """What was done to vacancies, for whoever may read rankings: states, versions and counts alone."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session = session
        self.actor = actor

    def list_newest(self, vacancy_id: UUID, *, limit: int) -> list[VacancyEvent]:
        """List the newest events of a vacancy that the caller has found the actor to know."""
        require(self.actor, Operation.RANKING_READ)
        query = (
            select(
                AuditEvent.at,
                AuditEvent.operation,
                AuditEvent.actor_role,
                StaffAccount.display_name,
                AuditEvent.details,
            )
            .outerjoin(StaffAccount, StaffAccount.id == AuditEvent.actor_account_id)
            .where(
                AuditEvent.partnership_id == self.actor.partnership_id,
                AuditEvent.subject_type == "vacancy",
                AuditEvent.subject_id == vacancy_id,
            )
            .order_by(AuditEvent.id.desc())
            .limit(limit)
        )
        return [VacancyEvent(*row) for row in self.session.execute(query)]
