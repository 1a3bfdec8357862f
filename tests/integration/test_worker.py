"""The worker: a job is done once, whatever happens to those who do it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import SessionFactory, session_scope
from app.domain.actor import Actor
from app.domain.transitions import JobStatus, MatchRunState
from app.errors import InvalidInput
from app.models import Job, Match, MatchRun
from app.services.jobs import cancel_job, claim_next_job, enqueue_job, finish_job, get_job
from app.services.match_execution import match_run_handler
from app.services.match_runs import JOB_KIND, get_match_run, request_match_run
from app.services.taxonomy import import_release
from app.services.taxonomy_cache import TaxonomyIndexCache
from app.services.transactions import Transaction
from app.services.worker import Handler, JobContext, WorkerConfig, run_worker, work_once
from tests.api.conftest import INDEXES, read_small_taxonomy
from tests.factories import (
    NOW,
    make_candidate_record,
    make_cohort,
    make_employer,
    make_institution,
    make_partnership,
    make_staff,
    make_vacancy,
    make_vacancy_record,
)

LEASE = timedelta(minutes=1)
CONFIG = WorkerConfig(name="worker-1", lease=LEASE, poll_s=0.001)


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def transaction(session_factory: SessionFactory) -> Transaction:
    def begin(*, write: bool = True):
        return session_scope(session_factory, write=write)

    return begin


@pytest.fixture
def staff(transaction: Transaction) -> Actor:
    """An admin of a partnership in which one vacancy and one candidate can be ranked."""
    with transaction() as session:
        import_release(session, read_small_taxonomy(), now=NOW)
        partnership = make_partnership(session)
        make_vacancy(session, make_employer(session, partnership), record=make_vacancy_record(title="Welder"))
        institution = make_institution(session, partnership)
        make_cohort(session, institution, candidates=[make_candidate_record(skills=["MIG welding"])])
        return make_staff(partnership)


def enqueue(transaction: Transaction, actor: Actor, kind: str = "test") -> Job:
    with transaction() as session:
        return enqueue_job(session, actor, kind, {}, now=NOW)


def job_of(transaction: Transaction, actor: Actor, job: Job) -> Job:
    with transaction(write=False) as session:
        found = get_job(session, actor, job.id)
        session.expunge(found)
        return found


def done(context: JobContext) -> None:
    with context.transaction() as session:
        finish_job(session, context.job, now=context.now())


def test_an_idle_worker_writes_nothing(transaction: Transaction, staff: Actor, clock: Clock) -> None:
    opened: list[bool] = []

    @contextmanager
    def watched(*, write: bool = True) -> Iterator[Session]:
        opened.append(write)
        with transaction(write=write) as session:
            yield session

    assert work_once(watched, {}, CONFIG, now=clock) is False
    assert opened == [False]


def test_jobs_are_done_in_order_until_none_is_left(
    transaction: Transaction, staff: Actor, clock: Clock
) -> None:
    jobs = [enqueue(transaction, staff) for _ in range(3)]
    seen = []

    def handler(context: JobContext) -> None:
        seen.append(context.job.id)
        done(context)

    while work_once(transaction, {"test": handler}, CONFIG, now=clock):
        pass
    assert seen == [job.id for job in jobs]
    assert {job_of(transaction, staff, job).status for job in jobs} == {JobStatus.SUCCEEDED}


@pytest.mark.parametrize(
    ("error", "code"),
    [(RuntimeError("Salma Invented"), "internal-error"), (InvalidInput("No."), "invalid-input")],
)
def test_a_failing_job_fails_with_a_code_and_no_words(
    transaction: Transaction,
    staff: Actor,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    code: str,
) -> None:
    job = enqueue(transaction, staff)

    def handler(_context: JobContext) -> None:
        raise error

    assert work_once(transaction, {"test": handler}, CONFIG, now=clock)
    failed = job_of(transaction, staff, job)
    assert (failed.status, failed.error_code) == (JobStatus.FAILED, code)
    assert "Salma" not in str([vars(record) for record in caplog.records])


def test_a_job_of_an_unknown_kind_fails(transaction: Transaction, staff: Actor, clock: Clock) -> None:
    job = enqueue(transaction, staff, kind="from-the-future")
    assert work_once(transaction, {}, CONFIG, now=clock)
    assert job_of(transaction, staff, job).status is JobStatus.FAILED


def test_a_cancelled_job_stops_at_its_next_report(
    transaction: Transaction, staff: Actor, clock: Clock
) -> None:
    job = enqueue(transaction, staff)
    reached_the_end = False

    def handler(context: JobContext) -> None:
        nonlocal reached_the_end
        with transaction() as session:
            cancel_job(session, staff, job.id, now=NOW)
        context.report("second", 0, 1)
        reached_the_end = True

    assert work_once(transaction, {"test": handler}, CONFIG, now=clock)
    assert not reached_the_end
    assert job_of(transaction, staff, job).status is JobStatus.CANCELLED


def test_the_lease_is_renewed_while_a_handler_computes(
    transaction: Transaction, staff: Actor, clock: Clock
) -> None:
    job = enqueue(transaction, staff)
    beats = threading.Semaphore(0)

    @contextmanager
    def watched(*, write: bool = True) -> Iterator[Session]:
        with transaction(write=write) as session:
            yield session
        if threading.current_thread().name.startswith("heartbeat-"):
            beats.release()

    def handler(context: JobContext) -> None:
        clock.at += timedelta(hours=1)
        # One beat may have begun before the clock moved.
        assert beats.acquire(timeout=30)
        assert beats.acquire(timeout=30)
        assert job_of(transaction, staff, job).heartbeat_at == clock.at
        done(context)

    config = WorkerConfig(name="w", lease=timedelta(milliseconds=30), poll_s=0)
    assert work_once(watched, {"test": handler}, config, now=clock)
    assert job_of(transaction, staff, job).status is JobStatus.SUCCEEDED


def requested(transaction: Transaction, staff: Actor) -> tuple[MatchRun, Job]:
    with transaction() as session:
        return request_match_run(session, staff, k=5, now=NOW)


def run_of(transaction: Transaction, staff: Actor, run: MatchRun) -> tuple[MatchRun, int]:
    with transaction(write=False) as session:
        found, _ = get_match_run(session, staff, run.id)
        n_matches = len(session.scalars(select(Match).where(Match.run_id == run.id)).all())
        session.expunge(found)
        return found, n_matches


def handlers() -> dict[str, Handler]:
    return {JOB_KIND: match_run_handler(INDEXES)}


def test_the_run_of_a_lost_worker_is_done_again_from_the_beginning(
    transaction: Transaction, staff: Actor, clock: Clock
) -> None:
    run, job = requested(transaction, staff)
    with transaction() as session:
        assert claim_next_job(session, "lost", lease=LEASE, now=clock()) is not None
    assert work_once(transaction, handlers(), CONFIG, now=clock) is False
    clock.at += LEASE + timedelta(seconds=1)
    assert work_once(transaction, handlers(), CONFIG, now=clock)
    found, n_matches = run_of(transaction, staff, run)
    assert (found.state, found.n_matches, n_matches) == (MatchRunState.COMPLETE, 1, 1)
    assert job_of(transaction, staff, job).attempts == 2


def test_a_worker_that_lost_its_job_while_ranking_stores_nothing(
    transaction: Transaction, staff: Actor, clock: Clock
) -> None:
    run, job = requested(transaction, staff)
    take_over: list[Callable[[], object]] = []

    def slow(context: JobContext) -> None:
        # While the first ranks, its lease runs out and a second worker does it all.
        clock.at += LEASE + timedelta(seconds=1)
        assert work_once(transaction, handlers(), CONFIG, now=clock)
        match_run_handler(INDEXES)(context)
        take_over.append(context.now)

    assert work_once(transaction, {JOB_KIND: slow}, CONFIG, now=clock)
    assert take_over == []
    found, n_matches = run_of(transaction, staff, run)
    assert (found.state, n_matches) == (MatchRunState.COMPLETE, 1)
    assert job_of(transaction, staff, job).attempts == 2


def test_a_crash_fails_the_run_too(transaction: Transaction, staff: Actor, clock: Clock) -> None:
    run, _ = requested(transaction, staff)

    def crash(_context: JobContext) -> None:
        raise MemoryError

    assert work_once(transaction, {JOB_KIND: crash}, CONFIG, now=clock)
    found, _ = run_of(transaction, staff, run)
    assert (found.state, found.error_code) == (MatchRunState.FAILED, "internal-error")


def test_a_run_without_a_taxonomy_fails_with_its_reason(
    session_factory: SessionFactory, transaction: Transaction, clock: Clock
) -> None:
    with transaction() as session:
        staff = make_staff(make_partnership(session))
    run, _ = requested(transaction, staff)
    handler = {JOB_KIND: match_run_handler(TaxonomyIndexCache())}
    assert work_once(transaction, handler, CONFIG, now=clock)
    found, _ = run_of(transaction, staff, run)
    assert (found.state, found.error_code) == (MatchRunState.FAILED, "not-found")


def test_a_worker_outlives_a_database_that_is_away(
    transaction: Transaction, staff: Actor, clock: Clock
) -> None:
    job = enqueue(transaction, staff)
    stop = threading.Event()
    n_failures = 0

    @contextmanager
    def flaky(*, write: bool = True) -> Iterator[Session]:
        nonlocal n_failures
        if n_failures < 3:
            n_failures += 1
            raise ConnectionError
        with transaction(write=write) as session:
            yield session

    def handler(context: JobContext) -> None:
        done(context)
        stop.set()

    run_worker(flaky, {"test": handler}, CONFIG, now=clock, stop=stop)
    assert job_of(transaction, staff, job).status is JobStatus.SUCCEEDED
