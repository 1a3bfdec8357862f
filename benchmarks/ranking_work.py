"""Whole batches, and queries beside a stream of changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace

import numpy as np

from app.matching.ranking.pool import Pool
from app.matching.ranking.query import Query
from app.matching.ranking.rows import Rows
from benchmarks.measure import forget_peak, held_mib, peak_mib, spread
from benchmarks.ranking_peers import Peer

_ROUNDS = 3
_PER_SECOND = 1000
_N_SINGLE = 500


def measure_batch(
    pool: Pool, queries: Mapping[str, Sequence[Query]], peers: Sequence[Peer], k: int
) -> list[dict[str, object]]:
    """Vacancies a second with one thread and with two, medians of rounds in turn; memory that it takes."""
    n_vacancies = len(next(iter(queries.values())))
    contenders: dict[tuple[str, int], Callable[[], object]] = {}
    for n_threads in (1, 2):
        for name, asked in queries.items():
            contenders[name, n_threads] = _searching(pool, asked, k, n_threads)
        for peer in peers:
            if peer.batch is not None and n_threads <= peer.most_threads:
                contenders[peer.name, n_threads] = _multiplying(peer.batch, k, n_threads)
    wall: dict[tuple[str, int], list[float]] = {key: [] for key in contenders}
    cpu: dict[tuple[str, int], list[float]] = {key: [] for key in contenders}
    memory = dict.fromkeys(contenders, 0)
    for _ in range(_ROUNDS):
        for key, work in contenders.items():
            forget_peak()
            before = held_mib()
            start, cpu_start = time.perf_counter(), time.process_time()
            work()
            cpu[key].append(time.process_time() - cpu_start)
            wall[key].append(time.perf_counter() - start)
            memory[key] = max(memory[key], peak_mib() - before)
    return [
        {
            "name": name,
            "n_threads": n_threads,
            "vacancies_per_s": n_vacancies / float(np.median(wall[name, n_threads])),
            "cpu_ms_per_vacancy": float(np.median(cpu[name, n_threads])) * 1000 / n_vacancies,
            "memory_mib": memory[name, n_threads],
        }
        for name, n_threads in contenders
    ]


def _searching(pool: Pool, asked: Sequence[Query], k: int, n_threads: int) -> Callable[[], object]:
    def work() -> object:
        if n_threads == 1:
            return [pool.search(query, k) for query in asked]
        with ThreadPoolExecutor(n_threads) as threads:
            return list(threads.map(lambda query: pool.search(query, k), asked))

    return work


def _multiplying(batch: Callable[[int, int], object], k: int, n_threads: int) -> Callable[[], object]:
    return lambda: batch(k, n_threads)


def measure_updates(
    pool: Pool, queries: Sequence[Query], rows: Rows, seconds: float, k: int
) -> dict[str, object]:
    """Times of single changes, and of queries with and without a thousand changes a second.

    A change replaces a candidate by one with the content of another. Upkeep (sealing and
    merging) runs beside it in a thread of its own, as in the service.
    """
    rng = np.random.default_rng(5)
    changes = [_stranger(rows, *rng.integers(0, rows.n_rows, 2)) for _ in range(2 * _N_SINGLE)]
    put_ns = [_ns(lambda change=change: pool.put(change)) for change in changes[:_N_SINGLE]]  # type: ignore[misc]
    remove_ns = [
        _ns(lambda change=change: pool.remove(change.ids.tolist()))  # type: ignore[misc]
        for change in changes[:_N_SINGLE]
    ]
    seen_ns, n_unseen = [], 0
    for change in changes[_N_SINGLE : _N_SINGLE + 100]:
        query = _asking_for(change)
        start = time.perf_counter_ns()
        pool.put(change)
        found = pool.search(query, k)
        seen_ns.append(time.perf_counter_ns() - start)
        n_unseen += change.ids[0] not in found.ids
    while pool.maintain():
        pass
    idle = _query_times(pool, queries, k, seconds)
    done = threading.Event()
    n_changed: list[int] = []
    threads = [
        threading.Thread(target=_change_steadily, args=(pool, changes, done, n_changed)),
        threading.Thread(target=_keep_up, args=(pool, done)),
    ]
    start_s = time.perf_counter()
    for thread in threads:
        thread.start()
    try:
        busy = _query_times(pool, queries, k, seconds)
    finally:
        done.set()
        for thread in threads:
            thread.join()
    return {
        "put_ms": _p50_p99(put_ns),
        "remove_ms": _p50_p99(remove_ns),
        "put_and_found_ms": _p50_p99(seen_ns),
        "not_found_at_once": n_unseen,
        "changes_per_s": n_changed[0] / (time.perf_counter() - start_s),
        "idle": asdict(spread("idle", *idle)),
        "busy": asdict(spread("busy", *busy)),
        "segments": len(pool.sealed()),
    }


def _stranger(rows: Rows, to: int, of: int) -> Rows:
    return replace(rows.take(np.array([of])), ids=rows.ids[[to]])


def _asking_for(change: Rows) -> Query:
    """A query that nobody meets better than this candidate: its rarest words."""
    n = min(10, len(change.word_term))
    none = np.empty(0, dtype=np.int32)
    return Query(
        group_weight=np.empty(0, dtype=np.int64),
        entry_group=none,
        entry_term=none,
        entry_credit=np.empty((0, 30), dtype=np.int32),
        word_term=np.sort(change.word_term)[-n:],
        word_weight=np.full(n, (1 << 24) // n, dtype=np.int64),
    )


def _query_times(pool: Pool, queries: Sequence[Query], k: int, seconds: float) -> tuple[list[int], list[int]]:
    cpu, wall = [], []
    end = time.perf_counter() + seconds
    at = 0
    while time.perf_counter() < end:
        start, cpu_start = time.perf_counter_ns(), time.thread_time_ns()
        pool.search(queries[at % len(queries)], k)
        cpu.append(time.thread_time_ns() - cpu_start)
        wall.append(time.perf_counter_ns() - start)
        at += 1
        # Queries come one after the other but not without pause, as from people.
        time.sleep(0.001)
    return cpu, wall


def _change_steadily(
    pool: Pool, changes: Sequence[Rows], done: threading.Event, n_changed: list[int]
) -> None:
    start, n = time.perf_counter(), 0
    while not done.is_set():
        if n < (time.perf_counter() - start) * _PER_SECOND:
            pool.put(changes[n % len(changes)])
            n += 1
        else:
            time.sleep(0.0005)
    n_changed.append(n)


def _keep_up(pool: Pool, done: threading.Event) -> None:
    while not done.wait(0.05):
        while pool.maintain():
            pass


def _ns(work: Callable[[], object]) -> int:
    start = time.perf_counter_ns()
    work()
    return time.perf_counter_ns() - start


def _p50_p99(times_ns: Sequence[int]) -> tuple[float, float]:
    return float(np.median(times_ns)) / 1e6, float(np.percentile(times_ns, 99)) / 1e6
