"""The ranking call over HTTP: ``python -m benchmarks.service``.

A server in a process of its own, a real database, keys, and every candidate found
explained. Vacancies are asked for in turn, so no answer is a repetition of the last one.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import httpx
import numpy as np

from app.config import Settings
from app.db import make_engine, make_session_factory, session_scope, upgrade_database
from app.services.live_pools import LivePools
from app.services.live_ranking import rank_now
from app.services.taxonomy import import_release
from app.services.taxonomy_cache import TaxonomyIndexCache
from app.taxonomy import read_taxonomy
from app.taxonomy.starter import read_starter
from benchmarks.service_data import NOW, Filled, fill_database

K = 20


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service", description=__doc__)
    parser.add_argument("--candidates", type=int, default=100_000)
    parser.add_argument("--vacancies", type=int, default=50)
    parser.add_argument("--calls", type=int, default=500)
    parser.add_argument("--taxonomy", type=Path, help="a release; default: the starter")
    parser.add_argument("--database", help="address of an empty database; default: a SQLite file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{folder}/benchmark.sqlite3"
        upgrade_database(url)
        filled = fill(url, options)
        print(f"{options.candidates:,} candidates, {options.vacancies} vacancies, {url.partition(':')[0]}")
        with serving(url) as address:
            _call(address, filled, options.calls)
        _profile(url, filled)


def fill(url: str, options: argparse.Namespace) -> Filled:
    """Fill a migrated database: a release, ``options.candidates`` and ``options.vacancies``."""
    engine = make_engine(url)
    factory = make_session_factory(engine)
    release = read_taxonomy(options.taxonomy) if options.taxonomy else read_starter()
    with session_scope(factory) as session:
        import_release(session, release, now=NOW)
    with session_scope(factory) as session:
        index = TaxonomyIndexCache().get(session)
        filled = fill_database(session, index, n_candidates=options.candidates, n_vacancies=options.vacancies)
    engine.dispose()
    return filled


@contextmanager
def serving(url: str) -> Iterator[str]:
    """Serve a database from another process, without a worker, and give the address."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    process = get_context("spawn").Process(target=_serve, args=(url, port), daemon=True)
    process.start()
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            httpx.get(f"{address}/livez")
            break
        except httpx.TransportError:
            time.sleep(0.1)
    try:
        yield address
    finally:
        process.terminate()
        process.join()


def _serve(url: str, port: int) -> None:
    import uvicorn

    from app.main import create_app

    settings = Settings(database_url=url, embedded_worker=False)
    uvicorn.run(create_app(settings), host="127.0.0.1", port=port, log_level="error")


def _call(address: str, filled: Filled, n_calls: int) -> None:
    headers = {"Authorization": f"Bearer {filled.key}"}
    with httpx.Client(base_url=address, headers=headers, timeout=600) as client:
        paths = [f"/v1/vacancies/{each}/ranking?k={K}" for each in filled.vacancy_ids]
        started = time.perf_counter()
        client.get(paths[0]).raise_for_status()
        print(f"first call, which reads every candidate: {time.perf_counter() - started:.1f} s")
        _report("each vacancy's first call", _times(client, paths[1:]))
        _report("later calls", _times(client, [paths[call % len(paths)] for call in range(n_calls)]))


def _times(client: httpx.Client, paths: Sequence[str]) -> list[float]:
    taken = []
    for path in paths:
        started = time.perf_counter()
        response = client.get(path)
        taken.append((time.perf_counter() - started) * 1000)
        response.raise_for_status()
        assert len(response.json()["matches"]) == K
    return taken


def _report(what: str, taken: Sequence[float]) -> None:
    p50, p99 = np.percentile(taken, [50, 99])
    print(f"{what}: {len(taken)} calls, p50 {p50:.1f} ms, p99 {p99:.1f} ms, most {max(taken):.1f} ms")


def _profile(url: str, filled: Filled) -> None:
    """Where the time goes inside the service, without HTTP."""
    engine = make_engine(url)
    transaction = partial(session_scope, make_session_factory(engine))
    pools = LivePools(transaction, TaxonomyIndexCache())
    today = datetime.now(UTC).date()
    for vacancy_id in filled.vacancy_ids:
        rank_now(transaction, pools, filled.actor, vacancy_id, k=K, today=today, explain=True)
    profile = cProfile.Profile()
    profile.enable()
    for vacancy_id in filled.vacancy_ids:
        rank_now(transaction, pools, filled.actor, vacancy_id, k=K, today=today, explain=True)
    profile.disable()
    stats = pstats.Stats(profile)
    n_calls = len(filled.vacancy_ids)
    rows = [
        (cumulative * 1000 / n_calls, f"{Path(where[0]).stem}.{where[2]}")
        for where, (_, _, _, cumulative, _) in stats.stats.items()  # type: ignore[attr-defined]
    ]
    print("inside the service, ms a call with what it calls (the profiler itself slows it down):")
    for taken, name in sorted(rows, reverse=True)[:25]:
        print(f"  {taken:7.2f}  {name}")
    engine.dispose()


if __name__ == "__main__":
    main()
