"""Answers kept for repeated requests."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, IdColumn, JsonType, enum_type


class IdempotencyState(StrEnum):
    """Whether the first request with a key is still at work."""

    IN_FLIGHT = "in_flight"
    DONE = "done"


class IdempotencyKey(Base):
    """One ``Idempotency-Key`` of one API key, with the answer that was given."""

    __tablename__ = "idempotency_key"
    __table_args__ = (
        UniqueConstraint("api_key_id", "key"),
        Index(None, "created_at"),
        CheckConstraint("(state = 'done') = (status_code IS NOT NULL)", name="done_is_answered"),
    )

    id: Mapped[IdColumn]
    api_key_id: Mapped[UUID] = mapped_column(ForeignKey("api_key.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(255))
    method: Mapped[str] = mapped_column(String(8))
    path: Mapped[str]
    body_digest: Mapped[str] = mapped_column(String(64))
    state: Mapped[IdempotencyState] = mapped_column(enum_type(IdempotencyState))
    status_code: Mapped[int | None]
    response_headers: Mapped[dict[str, str] | None] = mapped_column(JsonType)
    response_body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
