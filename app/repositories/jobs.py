"""Queries over jobs: the actor's view of them, and the workers' queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.domain.permissions import Operation
from app.domain.transitions import JobStatus
from app.models import Job, MatchRun
from app.repositories.scoped import Page, ScopedRepository


class JobRepository(ScopedRepository[Job]):
    """Jobs within the actor's scope, newest first."""

    model = Job
    noun = "job"
    owner = "organisation_id"
    newest_first = True

    def list_page(
        self,
        *,
        after: UUID | None,
        limit: int,
        status: JobStatus | None = None,
        match_run_id: UUID | None = None,
    ) -> Page[Job]:
        where: list[ColumnElement[bool]] = []
        if status is not None:
            where.append(Job.status == status)
        if match_run_id is not None:
            where.append(Job.match_run_id == match_run_id)
        return self.page(Operation.JOB_READ, *where, after=after, limit=limit)

    def find_latest(self, kind: str, subject_id: UUID) -> Job | None:
        """Find the newest job of a kind about a record."""
        query = self.visible(Operation.JOB_READ).where(Job.kind == kind, Job.subject_id == subject_id)
        return self.session.scalars(query.order_by(Job.id.desc()).limit(1)).one_or_none()

    def ids_by_match_run(self, run_ids: Sequence[UUID]) -> dict[UUID, UUID]:
        """Give the jobs that carry out these match runs, by run."""
        query = self.visible(Operation.JOB_READ).where(Job.match_run_id.in_(run_ids))
        rows = self.session.execute(query.with_only_columns(Job.match_run_id, Job.id))
        return {run_id: job_id for run_id, job_id in rows if run_id is not None}


class JobQueue:
    """The workers' queries: over all partnerships, without an actor.

    Rows are locked with SKIP LOCKED, so that workers on PostgreSQL never wait for
    each other; on SQLite the transaction that asks holds the one write lock.
    """

    def __init__(self, session: Session) -> None:
        self.session = session

    def has_work(self, now: datetime) -> bool:
        """Look, without locking, whether a job is queued or its worker is lost."""
        lost = (Job.status == JobStatus.RUNNING) & (Job.lease_until < now)
        query = select(Job.id).where((Job.status == JobStatus.QUEUED) | lost).limit(1)
        return self.session.scalar(query) is not None

    def find_next(self) -> Job | None:
        """Find and lock the oldest queued job."""
        query = select(Job).where(Job.status == JobStatus.QUEUED).order_by(Job.id).limit(1)
        return self.session.scalars(query.with_for_update(skip_locked=True)).one_or_none()

    def list_expired(self, now: datetime) -> list[Job]:
        """List and lock the running jobs whose worker gave no sign of life in time."""
        query = select(Job).where(Job.status == JobStatus.RUNNING, Job.lease_until < now).order_by(Job.id)
        return list(self.session.scalars(query.with_for_update(skip_locked=True)))

    def find_held(self, job_id: UUID, attempt: int) -> Job | None:
        """Find and lock a job that this attempt still holds."""
        query = (
            select(Job)
            .where(Job.id == job_id, Job.status == JobStatus.RUNNING, Job.attempts == attempt)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return self.session.scalars(query).one_or_none()

    def get_match_run(self, match_run_id: UUID) -> MatchRun:
        """Get and lock the match run that a job carries out."""
        return self.session.get_one(MatchRun, match_run_id, with_for_update=True, populate_existing=True)
