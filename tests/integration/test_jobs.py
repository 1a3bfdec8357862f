"""Jobs are done once: by claims that exclude each other, leases, and the attempt number."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import URL, select
from sqlalchemy.orm import Session

from app.db import SessionFactory, session_scope
from app.domain.actor import Actor, Role
from app.domain.transitions import JobStatus, MatchRunState
from app.errors import WrongTransition
from app.models import AuditEvent, Job, MatchRun, Partnership
from app.services.jobs import (
    WORKER_LOST,
    ClaimedJob,
    JobLost,
    cancel_job,
    claim_next_job,
    enqueue_job,
    fail_job,
    finish_job,
    get_job,
    recover_lost_jobs,
    report_progress,
)
from tests.factories import NOW, make_account, make_employer, make_partnership, make_staff
from tests.integration.job_worker import LEASE

ROOT = Path(__file__).parents[2]
AFTER_LEASE = NOW + LEASE + timedelta(seconds=1)


@pytest.fixture
def actor(session: Session) -> Actor:
    return make_staff(make_partnership(session), role=Role.REVIEWER)


def claim(session: Session, *, now: datetime = NOW) -> ClaimedJob:
    claimed = claim_next_job(session, "worker", lease=LEASE, now=now)
    assert claimed is not None
    return claimed


def make_run(session: Session, actor: Actor) -> MatchRun:
    run = MatchRun(
        partnership_id=actor.partnership_id,
        state=MatchRunState.REQUESTED,
        k=1,
        weight_profile_name="default",
        weight_profile={},
        created_at=NOW,
    )
    session.add(run)
    session.flush()
    return run


def test_jobs_are_claimed_oldest_first(session: Session, actor: Actor):
    jobs = [enqueue_job(session, actor, "test", {"n": n}, now=NOW) for n in range(3)]

    claimed = [claim(session) for _ in jobs]

    assert [c.id for c in claimed] == [job.id for job in jobs]
    assert [c.payload for c in claimed] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert claim_next_job(session, "worker", lease=LEASE, now=NOW) is None


def test_a_claimed_job_carries_whoever_asked_for_it(session: Session):
    employer = make_employer(session, make_partnership(session))
    enqueue_job(session, employer, "test", {}, now=NOW)

    assert claim(session).actor == employer


def test_a_claimed_job_carries_the_account_that_asked_for_it(session: Session):
    reviewer = make_account(session, make_partnership(session))
    job = enqueue_job(session, reviewer, "test", {}, now=NOW)

    assert (job.requested_by_key_id, job.requested_by_account_id) == (None, reviewer.account_id)
    assert claim(session).actor == reviewer


def test_progress_renews_the_lease(session: Session, actor: Actor):
    job = enqueue_job(session, actor, "test", {}, now=NOW)
    claimed = claim(session)

    later = NOW + timedelta(minutes=5)
    report_progress(session, claimed, lease=LEASE, now=later, stage="ranking", done=3, total=8)
    report_progress(session, claimed, lease=LEASE, now=later)

    assert (job.progress_stage, job.progress_done, job.progress_total) == ("ranking", 3, 8)
    assert (job.heartbeat_at, job.lease_until) == (later, later + LEASE)
    assert recover_lost_jobs(session, now=AFTER_LEASE).requeued == ()


def test_a_finished_job_is_over(session: Session, actor: Actor):
    job = enqueue_job(session, actor, "test", {}, now=NOW)
    claimed = claim(session)

    finish_job(session, claimed, now=NOW)

    assert (job.status, job.attempts, job.finished_at, job.lease_until) == (
        JobStatus.SUCCEEDED,
        1,
        NOW,
        None,
    )
    with pytest.raises(JobLost):
        finish_job(session, claimed, now=NOW)
    with pytest.raises(WrongTransition, match="final"):
        cancel_job(session, actor, job.id, now=NOW)


def test_a_failed_job_fails_its_match_run(session: Session, actor: Actor):
    run = make_run(session, actor)
    job = enqueue_job(session, actor, "test", {}, match_run_id=run.id, now=NOW)

    fail_job(session, claim(session), "invalid-input", now=NOW)

    assert (job.status, job.error_code) == (JobStatus.FAILED, "invalid-input")
    assert (run.state, run.error_code, run.finished_at) == (MatchRunState.FAILED, "invalid-input", NOW)


def test_cancelling_stops_the_worker_and_the_match_run(session: Session, actor: Actor):
    run = make_run(session, actor)
    job = enqueue_job(session, actor, "test", {}, match_run_id=run.id, now=NOW)
    claimed = claim(session)

    cancel_job(session, actor, job.id, now=NOW)

    assert run.state is MatchRunState.CANCELLED
    with pytest.raises(JobLost):
        report_progress(session, claimed, lease=LEASE, now=NOW)
    with pytest.raises(JobLost):
        finish_job(session, claimed, now=NOW)
    query = select(AuditEvent.operation).order_by(AuditEvent.id)
    assert list(session.scalars(query)) == ["job.enqueued", "job.cancelled", "match_run.cancelled"]


def test_a_queued_job_can_be_cancelled(session: Session, actor: Actor):
    job = enqueue_job(session, actor, "test", {}, now=NOW)

    cancel_job(session, actor, job.id, now=NOW)

    assert claim_next_job(session, "worker", lease=LEASE, now=NOW) is None


def test_a_lost_workers_job_goes_to_another_and_the_first_can_store_nothing(session: Session, actor: Actor):
    job = enqueue_job(session, actor, "test", {}, now=NOW)
    first = claim(session)

    assert recover_lost_jobs(session, now=NOW + LEASE).requeued == ()
    assert recover_lost_jobs(session, now=AFTER_LEASE).requeued == (job.id,)
    second = claim(session, now=AFTER_LEASE)

    assert (first.attempt, second.attempt) == (1, 2)
    for late in (finish_job, lambda s, c, now: report_progress(s, c, lease=LEASE, now=now)):
        with pytest.raises(JobLost):
            late(session, first, now=AFTER_LEASE)
    finish_job(session, second, now=AFTER_LEASE)
    assert job.status is JobStatus.SUCCEEDED


def test_a_job_that_loses_every_worker_fails_with_its_run(session: Session, actor: Actor):
    run = make_run(session, actor)
    job = enqueue_job(session, actor, "test", {}, match_run_id=run.id, max_attempts=2, now=NOW)
    claim(session)
    recover_lost_jobs(session, now=AFTER_LEASE)
    claim(session, now=AFTER_LEASE)

    recovery = recover_lost_jobs(session, now=AFTER_LEASE + LEASE + timedelta(seconds=1))

    assert (recovery.requeued, recovery.failed) == ((), (job.id,))
    assert (job.status, job.error_code, job.attempts) == (JobStatus.FAILED, WORKER_LOST, 2)
    assert (run.state, run.error_code) == (MatchRunState.FAILED, WORKER_LOST)


def test_a_job_vanishes_with_the_request_that_failed(session_factory: SessionFactory):
    with session_scope(session_factory) as session:
        actor = make_staff(make_partnership(session))
    with session_factory() as session:
        enqueue_job(session, actor, "test", {}, now=NOW)
        session.rollback()

    with session_scope(session_factory) as session:
        assert claim_next_job(session, "worker", lease=LEASE, now=NOW) is None


def test_concurrent_workers_claim_every_job_once(session_factory: SessionFactory):
    n_workers, n_jobs = 4, 40
    with session_scope(session_factory) as session:
        actor = make_staff(make_partnership(session))
        queued = {enqueue_job(session, actor, "test", {}, now=NOW).id for _ in range(n_jobs)}
    start = threading.Barrier(n_workers)

    def work(_number: int) -> list[UUID]:
        done: list[UUID] = []
        start.wait()
        while True:
            with session_scope(session_factory) as session:
                claimed = claim_next_job(session, "worker", lease=LEASE, now=NOW)
            if claimed is None:
                return done
            with session_scope(session_factory) as session:
                finish_job(session, claimed, now=NOW)
            done.append(claimed.id)

    with ThreadPoolExecutor(n_workers) as pool:
        done = [job_id for part in pool.map(work, range(n_workers)) for job_id in part]

    assert len(done) == n_jobs
    assert set(done) == queued
    with session_scope(session_factory, write=False) as session:
        assert {(job.status, job.attempts) for job in session.scalars(select(Job))} == {
            (JobStatus.SUCCEEDED, 1)
        }


@contextmanager
def worker_process(url: URL, clock: datetime, mode: str) -> Iterator[subprocess.Popen[str]]:
    address = url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.integration.job_worker", address, clock.isoformat(), mode]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_job_whose_worker_was_killed_is_run_exactly_once_more(
    session_factory: SessionFactory, database_url: URL
):
    """With real processes and SIGKILL, in the middle of the transaction that stores the result."""
    with session_scope(session_factory) as session:
        actor = make_staff(make_partnership(session))
        job_id = enqueue_job(session, actor, "test", {"effect": "Effect"}, now=NOW).id
    with worker_process(database_url, NOW, "hang") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in the middle\n"
        process.kill()
        assert process.wait() == -9

    says = []
    for clock in (NOW + LEASE / 2, AFTER_LEASE, AFTER_LEASE + 2 * LEASE):
        with worker_process(database_url, clock, "work") as process:
            says.append(process.communicate()[0])

    # Within the lease it might still live; then it is run again; then there is nothing left.
    assert says == ["nothing to do\n", "worked\n", "nothing to do\n"]
    with session_scope(session_factory, write=False) as session:
        job = get_job(session, actor, job_id)
        assert (job.status, job.attempts, job.worker) == (JobStatus.SUCCEEDED, 2, "work")
        effects = select(Partnership).where(Partnership.name == "Effect")
        assert len(session.scalars(effects).all()) == 1
