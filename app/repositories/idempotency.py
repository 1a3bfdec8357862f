"""Queries over the answers kept for repeated requests."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.models import IdempotencyKey


class IdempotencyRepository:
    """Answers kept for one API key."""

    def __init__(self, session: Session, api_key_id: UUID) -> None:
        self.session = session
        self.api_key_id = api_key_id

    def find(self, key: str, *, for_update: bool = True) -> IdempotencyKey | None:
        """Find, and lock unless told otherwise, what is kept under this key."""
        query = select(IdempotencyKey).where(
            IdempotencyKey.api_key_id == self.api_key_id, IdempotencyKey.key == key
        )
        if for_update:
            query = query.with_for_update().execution_options(populate_existing=True)
        return self.session.scalars(query).one_or_none()

    def delete(self, key: str) -> None:
        self.session.execute(
            delete(IdempotencyKey).where(
                IdempotencyKey.api_key_id == self.api_key_id, IdempotencyKey.key == key
            )
        )

    def delete_before(self, moment: datetime) -> None:
        """Remove what was kept before ``moment``, for every API key."""
        self.session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < moment))
