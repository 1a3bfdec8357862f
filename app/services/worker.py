"""The worker: claims jobs, carries them out, and shows that it lives."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.errors import AppError
from app.services.faults import fault_fields
from app.services.jobs import (
    ClaimedJob,
    JobLost,
    claim_next_job,
    fail_job,
    has_work,
    recover_lost_jobs,
    report_progress,
)
from app.services.transactions import Transaction

log = logging.getLogger(__name__)

INTERNAL_ERROR = "internal-error"

_REPORT_EVERY_S = 1.0
_CHORES_EVERY_S = 3600.0

Chore = Callable[[], None]
"""Something that has to be done now and then, whether or not there are jobs."""


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """How a worker works.

    Attributes
    ----------
    name
        Names the worker in the job rows, for example host and process.
    lease
        After this long without a sign of life the job goes to another worker.
    poll_s
        Seconds between looks at an empty queue.
    """

    name: str
    lease: timedelta
    poll_s: float


class JobContext:
    """What a handler gets: the job, transactions, and the way to say how far it is.

    The handler stores its result and calls ``finish_job`` in one transaction.
    """

    def __init__(
        self, job: ClaimedJob, transaction: Transaction, lease: timedelta, now: Callable[[], datetime]
    ) -> None:
        self.job = job
        self.transaction = transaction
        self.now = now
        self._lease = lease
        self._lost = threading.Event()
        self._reported_at = 0.0
        self._stage = ""

    def report(self, stage: str, done: int, total: int) -> None:
        """Say how far the work is, at most once a second; also the point where a lost job stops.

        Raises
        ------
        JobLost
            The job was cancelled or went to another worker.
        """
        if self._lost.is_set():
            raise JobLost(f"job {self.job.id} is no longer ours")
        at = time.monotonic()
        if stage == self._stage and at - self._reported_at < _REPORT_EVERY_S:
            return
        self._stage, self._reported_at = stage, at
        with self.transaction() as session:
            report_progress(
                session, self.job, lease=self._lease, now=self.now(), stage=stage, done=done, total=total
            )

    @contextmanager
    def heartbeat(self) -> Iterator[None]:
        """Renew the lease while the handler computes without reporting."""
        done = threading.Event()

        def beat() -> None:
            while not done.wait(self._lease.total_seconds() / 3):
                try:
                    with self.transaction() as session:
                        report_progress(session, self.job, lease=self._lease, now=self.now())
                except JobLost:
                    self._lost.set()
                    return
                except Exception as error:
                    # The database may be away for a moment; the lease outlasts two missed beats.
                    log.error("heartbeat_failed", extra={"job_id": str(self.job.id), **fault_fields(error)})

        thread = threading.Thread(target=beat, name=f"heartbeat-{self.job.id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


Handler = Callable[[JobContext], None]


def run_worker(
    transaction: Transaction,
    handlers: Mapping[str, Handler],
    config: WorkerConfig,
    *,
    now: Callable[[], datetime],
    stop: threading.Event,
    chores: Sequence[Chore] = (),
) -> None:
    """Work off jobs until ``stop`` is set; a job in hand is finished first.

    The chores are done at the start and then every hour, between jobs.
    """
    log.info("worker_started", extra={"worker": config.name})
    next_chores = time.monotonic()
    while not stop.is_set():
        if time.monotonic() >= next_chores:
            next_chores = time.monotonic() + _CHORES_EVERY_S
            do_chores(chores)
        try:
            worked = work_once(transaction, handlers, config, now=now)
        except Exception as error:
            # The database may be away; the next look may find it again.
            log.error("worker_stumbled", extra={"worker": config.name, **fault_fields(error)})
            worked = False
        if not worked:
            stop.wait(config.poll_s)
    log.info("worker_stopped", extra={"worker": config.name})


def do_chores(chores: Sequence[Chore]) -> None:
    """Do each chore; one that fails is left for the next time."""
    for chore in chores:
        try:
            chore()
        except Exception as error:
            log.error("chore_failed", extra=fault_fields(error))


def work_once(
    transaction: Transaction,
    handlers: Mapping[str, Handler],
    config: WorkerConfig,
    *,
    now: Callable[[], datetime],
) -> bool:
    """Claim one job and carry it out; False when there was none."""
    with transaction(write=False) as session:
        # A look that takes no lock: on SQLite claiming would hold up every writer.
        if not has_work(session, now=now()):
            return False
    with transaction() as session:
        recover_lost_jobs(session, now=now())
        job = claim_next_job(session, config.name, lease=config.lease, now=now())
    if job is None:
        return False
    _carry_out(JobContext(job, transaction, config.lease, now), handlers)
    return True


def _carry_out(context: JobContext, handlers: Mapping[str, Handler]) -> None:
    fields = {"job_id": str(context.job.id), "kind": context.job.kind, "attempt": context.job.attempt}
    log.info("job_started", extra=fields)
    try:
        with context.heartbeat():
            handlers[context.job.kind](context)
    except JobLost:
        log.warning("job_lost", extra=fields)
    except AppError as error:
        _fail(context, error.code, fields)
    except Exception as error:
        log.error("job_crashed", extra={**fields, **fault_fields(error)})
        _fail(context, INTERNAL_ERROR, fields)
    else:
        log.info("job_finished", extra=fields)


def _fail(context: JobContext, code: str, fields: Mapping[str, object]) -> None:
    log.warning("job_failed", extra={**fields, "error_code": code})
    try:
        with context.transaction() as session:
            fail_job(session, context.job, code, now=context.now())
    except JobLost:
        log.warning("job_lost", extra=dict(fields))
