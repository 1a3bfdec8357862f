"""The audit log: who did what, when; append-only."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.actor import Role
from app.models.base import Base, IdColumn, JsonObject, by_one, enum_type


class AuditEvent(Base):
    """One thing that was done. Triggers refuse to change or delete it.

    ``details`` hold states, counts and ids, never personal data. The ids carry no
    foreign keys: the event outlives its subject.
    """

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "partnership_id", "id"), Index(None, "subject_id"), by_one("actor"))

    id: Mapped[IdColumn]
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    at: Mapped[datetime]
    actor_key_id: Mapped[UUID | None]
    actor_account_id: Mapped[UUID | None]
    actor_role: Mapped[Role] = mapped_column(enum_type(Role))
    actor_organisation_id: Mapped[UUID | None]
    operation: Mapped[str] = mapped_column(String(64))
    subject_type: Mapped[str] = mapped_column(String(64))
    subject_id: Mapped[UUID]
    details: Mapped[JsonObject]
