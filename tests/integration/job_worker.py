"""A worker process for tests: ``python -m tests.integration.job_worker URL CLOCK MODE``.

Takes one job with the clock at CLOCK (ISO 8601). The job's effect is a partnership.
MODE ``hang`` writes the effect without committing, says so, and waits to be killed;
``work`` commits the effect together with the end of the job.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta
from functools import partial

from app.db import make_engine, make_session_factory, session_scope
from app.services.jobs import finish_job
from app.services.organisations import create_partnership
from app.services.worker import JobContext, WorkerConfig, work_once

LEASE = timedelta(minutes=10)


def handle(context: JobContext, *, mode: str) -> None:
    with context.transaction() as session:
        create_partnership(session, str(context.job.payload["effect"]), now=context.now())
        if mode == "hang":
            print("in the middle", flush=True)
            time.sleep(600)  # until the test kills this process
        finish_job(session, context.job, now=context.now())


def main(url: str, clock: str, mode: str) -> None:
    engine = make_engine(url)
    worked = work_once(
        partial(session_scope, make_session_factory(engine)),
        {"test": partial(handle, mode=mode)},
        WorkerConfig(name=mode, lease=LEASE, poll_s=1),
        now=lambda: datetime.fromisoformat(clock),
    )
    engine.dispose()
    print("worked" if worked else "nothing to do", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
