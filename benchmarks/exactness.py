"""Compare the engine with brute force in float64: ``python -m benchmarks.exactness``.

A pool is changed at random, then ranked for random vacancies, with and without filters,
by 1, 2 and 4 threads and blocks of several sizes, by processes from a snapshot, and with
compiled code switched off. Every ranking has to be the brute force's: same candidates,
same order, same scores. It shares no code with the engine but the queries themselves.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix

from app.matching.jit import CompiledCode, is_installed
from app.matching.ranking.batch import Asked, BlockExecutor, ProcessExecutor, ThreadExecutor, rank_all
from app.matching.ranking.filters import AnyOf, Between, Claimed, Condition, Not
from app.matching.ranking.pool import Pool, Ranked, Sealed
from app.matching.ranking.query import SCORE_UNITS, Query
from app.matching.ranking.rows import Rows, join
from app.matching.ranking.snapshot import save_pool
from app.matching.ranking.twin import ranking_code
from benchmarks.pools import make_asked, make_ids, make_rows

K = 10
_TOLD_EVERY = 1000


class BruteForce:
    """Every candidate scored in float64, straight from the rows."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._claims = _columns(rows.claim_ptr, rows.claim_term, rows.claim_grade.astype(np.float64) + 1)
        self._words = _columns(rows.word_ptr, rows.word_term, np.ones(len(rows.word_term)))

    def scores(self, query: Query) -> NDArray[np.float64]:
        """Score of each row, in [0, 1]."""
        score = np.zeros(self._rows.n_rows)
        for group, weight in enumerate(query.group_weight):
            best = np.zeros(self._rows.n_rows)
            for entry in np.flatnonzero(query.entry_group == group):
                rows, grade = _column(self._claims, query.entry_term[entry])
                credit = query.entry_credit[entry][grade.astype(np.int64) - 1] / 2.0**12
                best[rows] = np.maximum(best[rows], credit)
            score += weight / 2.0**24 * best
        for term, weight in zip(query.word_term, query.word_weight, strict=True):
            rows, _ = _column(self._words, term)
            score[rows] += weight / 2.0**24
        return score

    def passing(self, conditions: Sequence[Condition]) -> NDArray[np.bool_]:
        """Rows that meet every condition; no fact is unknown here."""
        passes = np.ones(self._rows.n_rows, dtype=bool)
        for condition in conditions:
            passes &= self._passing(condition)
        return passes

    def _passing(self, condition: Condition) -> NDArray[np.bool_]:
        if isinstance(condition, Not):
            return ~self._passing(condition.condition)
        if isinstance(condition, AnyOf):
            return np.logical_or.reduce([self._passing(each) for each in condition.conditions])
        if isinstance(condition, Claimed):
            claimed = np.zeros(self._rows.n_rows, dtype=bool)
            for term in condition.terms:
                rows, grade = _column(self._claims, term)
                held = condition.grades is None or np.isin(grade - 1, condition.grades)
                claimed[rows[np.broadcast_to(held, len(rows))]] = True
            return claimed
        values = self._rows.columns[condition.column]
        if isinstance(condition, Between):
            return np.asarray((condition.least <= values) & (values <= condition.most))
        return np.isin(values, condition.values)

    def best(self, scores: NDArray[np.float64], passes: NDArray[np.bool_], k: int) -> Ranked:
        """The first ``k`` by score descending, then id ascending."""
        rows = np.flatnonzero(passes)
        if len(rows) > k:
            rows = rows[scores[rows] >= np.partition(scores[rows], len(rows) - k)[len(rows) - k]]
        rows = rows[np.lexsort((self._rows.ids[rows], -scores[rows]))[:k]]
        return Ranked(self._rows.ids[rows], np.rint(scores[rows] * SCORE_UNITS).astype(np.int64))


@dataclass
class Compared:
    """What was compared, and how much of it was alike."""

    name: str
    n_rankings: int = 0
    n_candidates: int = 0
    n_tied: int = 0
    n_different: int = 0

    def add(self, ours: Ranked, wanted: Ranked) -> None:
        self.n_rankings += 1
        self.n_candidates += len(wanted.ids)
        self.n_tied += int((wanted.units[1:] == wanted.units[:-1]).sum())
        same = np.array_equal(ours.ids, wanted.ids) and np.array_equal(ours.units, wanted.units)
        self.n_different += not same

    def __str__(self) -> str:
        verdict = "all the same" if not self.n_different else f"{self.n_different} DIFFERENT"
        what = f"{self.n_rankings:,} rankings, {self.n_candidates:,} places, {self.n_tied:,} tied"
        return f"{self.name}: {what}: {verdict}"


def changed_pool(n_candidates: int, n_updates: int, seed: int) -> tuple[Pool, Rows]:
    """A pool after random changes one by one, sealed and merged as it goes, and what it has to hold."""
    rng = np.random.default_rng(seed)
    pool = Pool.of(make_rows(n_candidates, seed=seed))
    start, fresh = make_rows(n_candidates, seed=seed), make_rows(n_updates, seed=seed + 1)
    # Where the content of each id stands: in the first rows, in the fresh ones, or nowhere.
    at_start = np.ones(n_candidates + n_updates // 4, dtype=bool)
    at_start[n_candidates:] = False
    fresh_row = np.full(len(at_start), -1)
    for update in range(n_updates):
        number = rng.integers(len(at_start))
        candidate_id = make_ids(np.array([number]))
        at_start[number] = False
        if rng.random() < 0.3:
            pool.remove(candidate_id.tolist())
            fresh_row[number] = -1
        else:
            one = fresh.take(np.array([update]))
            pool.put(_named(one, candidate_id))
            fresh_row[number] = update
        pool.maintain()
    numbers = np.flatnonzero(fresh_row >= 0)
    changed = _named(fresh.take(fresh_row[numbers]), make_ids(numbers))
    return pool, join([start.take(np.flatnonzero(at_start[:n_candidates])), changed]).by_id()


def compare(
    n_candidates: int,
    n_updates: int,
    n_vacancies: int,
    n_sample: int,
    *,
    seed: int,
    tell: Callable[[str], None],
    with_processes: bool = True,
) -> list[Compared]:
    """Rank in every way and compare each ranking with brute force.

    Parameters
    ----------
    n_sample
        Vacancies that are ranked with compiled code switched off.
    """
    pool, rows = changed_pool(n_candidates, n_updates, seed)
    view = pool.view()
    n_delta = int(view.delta.live.sum())
    n_segments = len(view.sealed)
    tell(
        f"{rows.n_rows:,} candidates after {n_updates:,} changes: {n_segments} segments, {n_delta} in a delta"
    )
    brute = BruteForce(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pool"
        save_pool(path, pool, {})
        ways: list[tuple[str, BlockExecutor, int]] = [
            ("1 thread, blocks of 64", ThreadExecutor(view, 1), 64),
            ("2 threads, blocks of 7", ThreadExecutor(view, 2), 7),
            ("4 threads, blocks of 33", ThreadExecutor(view, 4), 33),
        ]
        if with_processes:
            ways.append(("2 processes from a snapshot, blocks of 25", ProcessExecutor(path, 2), 25))
        results = _compare_ways(brute, ways, n_vacancies, seed + 2, tell)
        with _without_compiled_code():
            ways = [("compiled code off, 2 threads", ThreadExecutor(_unsearched(pool).view(), 2), 5)]
            if with_processes:
                ways.append(("compiled code off, 2 processes from a snapshot", ProcessExecutor(path, 2), 10))
            results += _compare_ways(brute, ways, n_sample, seed + 2, tell)
    return results


def _compare_ways(
    brute: BruteForce,
    ways: Sequence[tuple[str, BlockExecutor, int]],
    n_vacancies: int,
    seed: int,
    tell: Callable[[str], None],
) -> list[Compared]:
    """Rank the same vacancies in each way, without filters and with them.

    All go forward together, so that brute force scores a vacancy once.
    """
    asked = {
        False: make_asked(n_vacancies, seed=seed),
        True: make_asked(n_vacancies, seed=seed, filtered=True),
    }
    runs = [
        (
            Compared(f"{name}, {'with' if filtered else 'without'} filters"),
            _rankings(executor, asked[filtered], size),
            filtered,
        )
        for name, executor, size in ways
        for filtered in (False, True)
    ]
    for at, with_filter in enumerate(asked[True]):
        scores = brute.scores(with_filter.query)
        wanted = {
            filtered: brute.best(scores, brute.passing(each[at].only), K) for filtered, each in asked.items()
        }
        for compared, rankings, filtered in runs:
            compared.add(next(rankings), wanted[filtered])
        if (at + 1) % _TOLD_EVERY == 0:
            n_different = sum(compared.n_different for compared, *_ in runs)
            tell(f"... {at + 1:,} vacancies, {n_different} different")
    for compared, *_ in runs:
        tell(str(compared))
    return [compared for compared, *_ in runs]


def _rankings(executor: BlockExecutor, asked: Sequence[Asked], block_size: int) -> Iterator[Ranked]:
    for block in rank_all(executor, asked, K, block_size=block_size):
        yield from block.rankings()


@contextmanager
def _without_compiled_code() -> Iterator[None]:
    """Plain code here, and no compiler at all in processes that are started."""
    environment = mock.patch.dict(os.environ, {"NUMBA_DISABLE_JIT": "1"})
    with environment, mock.patch.object(CompiledCode, "is_ready", return_value=False):
        yield


def _unsearched(pool: Pool) -> Pool:
    """The same segments and delta, of which none has been searched by compiled code yet."""
    view = pool.view()
    again = Pool([Sealed.of(each.segment, live) for each, live in view.sealed], view.column_names)
    again.put(view.delta.rows.take(np.flatnonzero(view.delta.live)))
    return again


def _named(rows: Rows, ids: NDArray[np.bytes_]) -> Rows:
    return Rows(
        ids,
        rows.claim_ptr,
        rows.claim_term,
        rows.claim_grade,
        rows.word_ptr,
        rows.word_term,
        rows.columns,
        rows.digest,
    )


def _columns(ptr: NDArray[np.int64], term: NDArray[np.int32], data: NDArray[np.float64]) -> csc_matrix:
    return csr_matrix((data, term, ptr), shape=(len(ptr) - 1, int(term.max(initial=0)) + 1)).tocsc()


def _column(matrix: csc_matrix, term: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    if term >= matrix.shape[1]:
        return np.empty(0, dtype=np.int64), np.empty(0)
    where = slice(matrix.indptr[term], matrix.indptr[term + 1])
    return matrix.indices[where], matrix.data[where]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exactness", description=__doc__)
    parser.add_argument("--candidates", type=int, default=100_000)
    parser.add_argument("--updates", type=int, default=10_000)
    parser.add_argument("--vacancies", type=int, default=10_000)
    parser.add_argument("--sample", type=int, default=200, help="vacancies ranked with compiled code off")
    parser.add_argument("--seed", type=int, default=20261126)
    options = parser.parse_args()
    if is_installed():
        ranking_code.compile_now()
    print(
        f"seed {options.seed}, best {K}, compiled code {'on' if is_installed() else 'not there'}", flush=True
    )
    results = compare(
        options.candidates,
        options.updates,
        options.vacancies,
        options.sample,
        seed=options.seed,
        tell=lambda line: print(line, flush=True),
    )
    if any(each.n_different for each in results):
        raise SystemExit("the engine and brute force do not agree")


if __name__ == "__main__":
    main()
