"""Pages of the console with many candidates in the database: ``python -m benchmarks.console``.

A server in a process of its own and a stored match run of every vacancy; a signed-in reviewer
opens the work queue, the page and the ranked list of each vacancy, and the review of its matches
one after the other. Times
are those of the whole request over HTTP on this machine, so they are above the server's own.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

import httpx
import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import make_engine, make_session_factory, session_scope, upgrade_database
from app.domain.actor import Actor, Role
from app.main import job_handlers
from app.models import Match, MatchContribution
from app.services.accounts import create_account
from app.services.match_runs import request_match_run
from app.services.staff_sessions import open_session
from app.services.taxonomy_cache import TaxonomyIndexCache
from app.services.worker import WorkerConfig, work_once
from benchmarks.service import fill, serving
from benchmarks.service_data import Filled

_K = 20
_LEAST_REQUIREMENTS = 15
_MOST = 200
_QUEUES = ("", "&order=newest", "&order=start", "&need=pending", "&need=stale", "&q=weld")


class Pages(NamedTuple):
    """Addresses to open, and the session that may."""

    token: str
    queue: list[str]
    vacancies: list[str]
    ranked: list[str]
    reviews: list[str]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.console", description=__doc__)
    parser.add_argument("--candidates", type=int, default=100_000)
    parser.add_argument("--vacancies", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=4, help="times that every page is opened")
    parser.add_argument("--taxonomy", type=Path, help="a release; default: the starter")
    parser.add_argument("--database", help="address of an empty database; default: a SQLite file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{folder}/benchmark.sqlite3"
        upgrade_database(url)
        filled = fill(url, options)
        pages = _prepare(url, filled)
        print(f"{options.candidates:,} candidates, {options.vacancies} vacancies, {url.partition(':')[0]}")
        with serving(url) as address, httpx.Client(base_url=address, timeout=600) as client:
            client.headers["Cookie"] = f"tb_session={pages.token}"
            for what, paths in (
                ("work queue", pages.queue),
                ("vacancy", pages.vacancies),
                ("ranked list", pages.ranked),
                ("match review", pages.reviews),
            ):
                _open(client, paths[:1])
                _report(what, _open(client, paths * options.rounds))


def _prepare(url: str, filled: Filled) -> Pages:
    """Rank every vacancy, and sign a reviewer in."""
    engine = make_engine(url)
    transaction = partial(session_scope, make_session_factory(engine))
    now = datetime.now(UTC)
    with transaction() as session:
        run, _ = request_match_run(session, filled.actor, k=_K, now=now)
        run_id = run.id
        admin = Actor(key_id=None, role=Role.ADMIN, partnership_id=filled.actor.partnership_id)
        account = create_account(
            session, admin, email="reviewer@example.org", display_name="Reviewer", role=Role.REVIEWER, now=now
        )
        token = open_session(session, account, now=now).token
    config = WorkerConfig(name="benchmark", lease=timedelta(hours=1), poll_s=1.0)
    handlers = job_handlers(TaxonomyIndexCache())
    work_once(transaction, handlers, config, now=lambda: datetime.now(UTC))
    with transaction(write=False) as session:
        pairs = _long_pairs(session, run_id)
    engine.dispose()
    return Pages(
        token,
        [f"/console/queue?tab=all{more}" for more in _QUEUES for _ in range(10)],
        [f"/console/vacancies/{each}" for each in filled.vacancy_ids[:_MOST]],
        [f"/console/vacancies/{each}/matches" for each in filled.vacancy_ids[:_MOST]],
        [f"/console/vacancies/{vacancy}/matches/{candidate}" for vacancy, candidate in pairs],
    )


def _long_pairs(session: Session, run_id: object) -> Sequence[tuple[object, object]]:
    """The pairs whose explanation has at least fifteen shares, in a fixed order."""
    counted = (
        select(Match.vacancy_id, Match.candidate_id)
        .join(MatchContribution, MatchContribution.match_id == Match.id)
        .where(Match.run_id == run_id)
        .group_by(Match.vacancy_id, Match.candidate_id, Match.rank)
        .having(func.count() >= _LEAST_REQUIREMENTS)
        .order_by(Match.vacancy_id, Match.rank)
    )
    return [(row[0], row[1]) for row in session.execute(counted)][:_MOST]


def _open(client: httpx.Client, paths: Sequence[str]) -> list[float]:
    taken = []
    for path in paths:
        started = time.perf_counter()
        response = client.get(path)
        taken.append((time.perf_counter() - started) * 1000)
        assert response.status_code == 200, (path, response.status_code)
    return taken


def _report(what: str, taken: Sequence[float]) -> None:
    p50, p95, p99 = np.percentile(taken, [50, 95, 99])
    print(f"{what}: {len(taken)} calls, p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms")


if __name__ == "__main__":
    main()
