"""Jobs: long work as rows.

A request enqueues in its own transaction, so a job exists exactly when the
request's other effects do. A worker claims with a lease, reports progress, and
finishes in the transaction that stores the result. A worker that is killed lets
its lease run out; the job is then queued again, as often as ``max_attempts``
allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.ids import new_id
from app.domain.permissions import Operation
from app.domain.transitions import JobStatus, MatchRunState, allowed_next, require_transition
from app.models import Job
from app.repositories.jobs import JobQueue, JobRepository
from app.repositories.scoped import Page
from app.services.audit import record_event
from app.services.changes import flush

WORKER_LOST = "worker-lost"

# What becomes of a match run whose job ends without a result.
_RUN_STATE = {JobStatus.FAILED: MatchRunState.FAILED, JobStatus.CANCELLED: MatchRunState.CANCELLED}


class JobLost(Exception):
    """The job was cancelled or given to another worker: stop, and store nothing."""


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job as its worker holds it; ``attempt`` proves that it is still the holder.

    ``actor`` is whoever asked for the work, so that the work is scoped as the request was.
    """

    id: UUID
    kind: str
    payload: Mapping[str, Any]
    attempt: int
    actor: Actor
    match_run_id: UUID | None
    subject_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Recovery:
    """What became of the jobs of lost workers."""

    requeued: tuple[UUID, ...]
    failed: tuple[UUID, ...]


def get_job(session: Session, actor: Actor, job_id: UUID) -> Job:
    """Get a job; raises NotFound."""
    return JobRepository(session, actor).get(job_id, Operation.JOB_READ)


def find_latest_job(session: Session, actor: Actor, kind: str, subject_id: UUID) -> Job | None:
    """Find the newest job of a kind about a record; None where there never was one."""
    return JobRepository(session, actor).find_latest(kind, subject_id)


def list_jobs(
    session: Session,
    actor: Actor,
    *,
    after: UUID | None = None,
    limit: int = 50,
    status: JobStatus | None = None,
    match_run_id: UUID | None = None,
) -> Page[Job]:
    """List the jobs that the actor may see, newest first."""
    return JobRepository(session, actor).list_page(
        after=after, limit=limit, status=status, match_run_id=match_run_id
    )


def enqueue_job(
    session: Session,
    actor: Actor,
    kind: str,
    payload: Mapping[str, Any],
    *,
    match_run_id: UUID | None = None,
    subject_id: UUID | None = None,
    max_attempts: int = 2,
    now: datetime,
) -> Job:
    """Queue work in the caller's transaction; whoever calls has authorised it.

    ``payload`` is JSON with ids and options, never personal data; ``subject_id`` is the
    record that the work is about.
    """
    job = Job(
        id=new_id(),
        partnership_id=actor.partnership_id,
        organisation_id=actor.organisation_id,
        requested_by_key_id=actor.key_id,
        requested_by_account_id=actor.account_id,
        requested_role=actor.role,
        match_run_id=match_run_id,
        subject_id=subject_id,
        kind=kind,
        payload=dict(payload),
        status=JobStatus.QUEUED,
        attempts=0,
        max_attempts=max_attempts,
        progress_stage="",
        progress_done=0,
        progress_total=0,
        created_at=now,
    )
    session.add(job)
    record_event(session, actor, "job.enqueued", "job", job.id, now=now, kind=kind)
    flush(session)
    return job


def cancel_job(session: Session, actor: Actor, job_id: UUID, *, now: datetime) -> Job:
    """Cancel a queued or running job, and its match run with it.

    A worker in the middle of it learns at its next sign of life and stops; what it
    did not commit is lost.

    Raises
    ------
    WrongTransition
        The job has ended already.
    """
    job = JobRepository(session, actor).get(job_id, Operation.JOB_CANCEL, for_update=True)
    _end(session, actor, job, JobStatus.CANCELLED, now, error_code=None)
    flush(session)
    return job


def has_work(session: Session, *, now: datetime) -> bool:
    """Say, without locking anything, whether claiming or recovering would find a job."""
    return JobQueue(session).has_work(now)


def claim_next_job(session: Session, worker: str, *, lease: timedelta, now: datetime) -> ClaimedJob | None:
    """Claim the oldest queued job for ``worker`` until ``lease`` runs out; None when there is none.

    Commit before starting the work: the claim holds from then on.
    """
    job = JobQueue(session).find_next()
    if job is None:
        return None
    require_transition(job.status, JobStatus.RUNNING)
    job.status = JobStatus.RUNNING
    job.attempts += 1
    job.worker = worker
    job.started_at = now
    job.heartbeat_at = now
    job.lease_until = now + lease
    flush(session)
    return ClaimedJob(
        id=job.id,
        kind=job.kind,
        payload=job.payload,
        attempt=job.attempts,
        actor=_requester(job),
        match_run_id=job.match_run_id,
        subject_id=job.subject_id,
    )


def report_progress(
    session: Session,
    claimed: ClaimedJob,
    *,
    lease: timedelta,
    now: datetime,
    stage: str | None = None,
    done: int = 0,
    total: int = 0,
) -> None:
    """Give a sign of life, renew the lease, and say how far the work is (``stage`` None: no news).

    Raises
    ------
    JobLost
        The job was cancelled, or its lease ran out and it went to another worker.
    """
    job = _held(session, claimed)
    job.heartbeat_at = now
    job.lease_until = now + lease
    if stage is not None:
        if stage != job.progress_stage or done < job.progress_done:
            job.progress_since = now
        job.progress_stage, job.progress_done, job.progress_total = stage, done, total
    flush(session)


def finish_job(
    session: Session, claimed: ClaimedJob, *, result: Mapping[str, Any] | None = None, now: datetime
) -> None:
    """Mark the job done, in the transaction that stores its result.

    ``result`` is JSON that the job keeps itself: ids and counts, never personal data.

    Raises
    ------
    JobLost
        See ``report_progress``; the transaction must then be rolled back.
    """
    job = _held(session, claimed)
    job.result = None if result is None else dict(result)
    _end(session, claimed.actor, job, JobStatus.SUCCEEDED, now, error_code=None)
    flush(session)


def fail_job(session: Session, claimed: ClaimedJob, error_code: str, *, now: datetime) -> None:
    """Mark the job and its match run failed for good; repeating it would fail the same way.

    Raises
    ------
    JobLost
        See ``report_progress``.
    """
    job = _held(session, claimed)
    _end(session, claimed.actor, job, JobStatus.FAILED, now, error_code=error_code)
    flush(session)


def recover_lost_jobs(session: Session, *, now: datetime) -> Recovery:
    """Queue the jobs again whose worker gave no sign of life in time.

    One that has used up its attempts fails, and its match run with it. Every
    worker does this before it claims, so no separate watchdog is needed.
    """
    requeued, failed = [], []
    for job in JobQueue(session).list_expired(now):
        if job.attempts < job.max_attempts:
            require_transition(job.status, JobStatus.QUEUED)
            job.status = JobStatus.QUEUED
            job.lease_until = None
            job.worker = None
            requeued.append(job.id)
        else:
            _end(session, _requester(job), job, JobStatus.FAILED, now, error_code=WORKER_LOST)
            failed.append(job.id)
    flush(session)
    return Recovery(tuple(requeued), tuple(failed))


def _held(session: Session, claimed: ClaimedJob) -> Job:
    job = JobQueue(session).find_held(claimed.id, claimed.attempt)
    if job is None:
        raise JobLost(f"job {claimed.id} is no longer held by attempt {claimed.attempt}")
    return job


def _end(
    session: Session, actor: Actor, job: Job, status: JobStatus, now: datetime, *, error_code: str | None
) -> None:
    require_transition(job.status, status)
    job.status = status
    job.lease_until = None
    job.finished_at = now
    job.error_code = error_code
    record_event(session, actor, f"job.{status}", "job", job.id, now=now, error_code=error_code)
    if job.match_run_id is None or status not in _RUN_STATE:
        return
    run = JobQueue(session).get_match_run(job.match_run_id)
    if allowed_next(run.state):
        run.state = _RUN_STATE[status]
        run.finished_at = now
        run.error_code = error_code
        record_event(session, actor, f"match_run.{run.state}", "match_run", run.id, now=now)


def _requester(job: Job) -> Actor:
    return Actor(
        key_id=job.requested_by_key_id,
        role=job.requested_role,
        partnership_id=job.partnership_id,
        organisation_id=job.organisation_id,
        account_id=job.requested_by_account_id,
    )
