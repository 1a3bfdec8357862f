"""Jobs: long work as rows, written in the transaction of the request that asks for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.actor import Role
from app.domain.transitions import JobStatus
from app.models.base import Base, IdColumn, JsonObject, JsonType, by_one, enum_type, scoped_key


class Job(Base):
    """One piece of long work.

    ``attempts`` counts how often it was claimed and is the fencing token: a worker
    that lost its lease carries an old number and can no longer write. ``subject_id``
    is the record that it is about, where that is not a match run, and ``result`` what
    it found where nothing else keeps it: ids and counts, never personal data.
    ``progress_since`` is when the present stage began.
    """

    __tablename__ = "job"
    __table_args__ = (
        scoped_key("organisation_id", "organisation"),
        # Serves the claim: the oldest queued job.
        Index(None, "status", "id"),
        Index(None, "partnership_id", "id"),
        by_one("requested_by"),
        CheckConstraint("attempts <= max_attempts", name="attempts_bounded"),
        CheckConstraint("(status = 'running') = (lease_until IS NOT NULL)", name="running_is_leased"),
    )

    id: Mapped[IdColumn]
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    organisation_id: Mapped[UUID | None]
    requested_by_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_key.id"))
    requested_by_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_account.id"))
    requested_role: Mapped[Role] = mapped_column(enum_type(Role))
    match_run_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("match_run.id", ondelete="CASCADE"), index=True
    )
    subject_id: Mapped[UUID | None] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(64))
    payload: Mapped[JsonObject]
    status: Mapped[JobStatus] = mapped_column(enum_type(JobStatus))
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int]
    worker: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    progress_stage: Mapped[str]
    progress_done: Mapped[int] = mapped_column(default=0)
    progress_total: Mapped[int] = mapped_column(default=0)
    progress_since: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    error_code: Mapped[str | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
