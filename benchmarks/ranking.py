"""Ranking beside the libraries that rank sparse vectors, in one process, in turn."""

from __future__ import annotations

import importlib.metadata
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from app.matching.jit import is_installed
from app.matching.ranking.filters import Between
from app.matching.ranking.pool import Pool
from app.matching.ranking.query import Query
from app.matching.ranking.rows import Rows
from app.matching.ranking.twin import ranking_code
from benchmarks.measure import highest_peak_mib, machine, take_turns_each
from benchmarks.ranking_checks import check_exactness, compare_peers
from benchmarks.ranking_data import (
    N_SKILLS,
    Vacancies,
    candidate_matrix,
    kept_candidates,
    make_candidates,
    make_vacancies,
)
from benchmarks.ranking_peers import Peer, Task, installed_peers, masked_scipy
from benchmarks.ranking_start import measure_start
from benchmarks.ranking_work import measure_batch, measure_updates

BARE = "this engine, bare product"
WHOLE = "this engine, whole score"
FILTERS = {"1 %": 0, "10 %": 9, "100 %": 99}
"""Greatest ``part`` that passes."""

_K = 10
_MANY = 100
_MODULES = ("numpy", "scipy", "numba", "scikit-learn", "sparse-dot-topn", "sp-matmul-rs")
_MORE_MODULES = ("impact-index", "bm25s", "tantivy")

Figures = dict[str, object]


@dataclass(frozen=True, slots=True)
class Options:
    """What to measure.

    Attributes
    ----------
    n_naive : int
        Vacancies that the slow contenders are asked for.
    n_checked : int
        Vacancies whose answers are compared with brute force.
    updates_at : int
        Number of candidates at which changes are measured.
    seconds : float
        How long queries are timed beside changes, and as long without.
    """

    sizes: Sequence[int]
    n_vacancies: int = 100
    rounds: int = 3
    n_naive: int = 3
    n_checked: int = 20
    updates_at: int = 100_000
    seconds: float = 10.0
    peers: list[str] | None = None
    data: Path | None = None


def rank_benchmark(options: Options, say: Callable[[str], None]) -> Figures:
    """Measure each size in turn; ``say`` is told what is being done."""
    if is_installed():
        ranking_code.compile_now()
    vacancies = make_vacancies(options.n_vacancies)
    report: Figures = {"machine": machine(), "versions": _versions(), "k": _K}
    sizes = []
    for n in options.sizes:
        say(f"{n:,} candidates")
        sizes.append(_measure_size(n, vacancies, options, say))
    report["sizes"] = sizes
    report["slopes"] = _slopes(sizes)
    report["bytes_per_candidate"] = bytes_per_candidate()
    report["peak_mib"] = highest_peak_mib()
    return report


def bytes_per_candidate(n: int = 50_000) -> float:
    """Bytes of everything kept for a candidate with 20 skills, an occupation or two, and 90 words."""
    rows = _thinned(make_candidates(n, n_claims=(45, 50), n_words=(230, 240)), 20, 90)
    sealed = Pool.of(rows).sealed()[0]
    return (sealed.segment.n_bytes + sealed.live.nbytes) / rows.n_rows


def _thinned(rows: Rows, n_skills: int, n_words: int) -> Rows:
    """Only so many skills and words of each row, evenly spread over those it has."""
    is_skill = rows.claim_term < N_SKILLS
    ends = np.concatenate([[0], np.cumsum(is_skill)])[rows.claim_ptr]
    kept = np.flatnonzero(is_skill)[_spread(np.diff(ends), ends[:-1], n_skills)]
    claim = np.sort(np.concatenate([kept, np.flatnonzero(~is_skill)]))
    word = _spread(np.diff(rows.word_ptr), rows.word_ptr[:-1], n_words)
    return Rows(
        ids=rows.ids,
        claim_ptr=np.searchsorted(claim, rows.claim_ptr),
        claim_term=rows.claim_term[claim],
        claim_grade=rows.claim_grade[claim],
        word_ptr=np.arange(rows.n_rows + 1) * n_words,
        word_term=rows.word_term[word],
        columns=rows.columns,
        digest=rows.digest,
    )


def _spread(n_each: NDArray[np.int64], first: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """``n`` places of each row, whose ``n_each`` places begin with ``first``."""
    if n_each.min() < n:
        raise ValueError(f"a row has {n_each.min()} of {n}")
    return (first[:, None] + np.arange(n)[None, :] * n_each[:, None] // n).ravel()


def _measure_size(n: int, vacancies: Vacancies, options: Options, say: Callable[[str], None]) -> Figures:
    rows = kept_candidates(n, options.data)
    start, cpu_start = time.perf_counter(), time.process_time()
    pool = Pool.of(rows)
    build = {"wall_s": time.perf_counter() - start, "cpu_s": time.process_time() - cpu_start}
    figures: Figures = {"n": n, "build": build}
    figures["mean_bytes_per_candidate"] = (
        sum(each.segment.n_bytes + each.live.nbytes for each in pool.sealed()) / n
    )
    with TemporaryDirectory() as folder:
        matrix = candidate_matrix(rows)
        task = Task(matrix, matrix.T.tocsr(), vacancies.matrix, Path(folder))
        say("  building the peers")
        peers, missing = installed_peers(task, options.peers)
        figures["missing"] = missing
        say("  comparing answers with brute force")
        figures["exactness"] = check_exactness(pool, task, vacancies, options.n_checked, _K)
        figures["agreement"] = compare_peers(task, peers, options.n_naive, options.n_checked, _K)
        say("  one vacancy at a time")
        figures["single"] = _single(pool, vacancies, peers, options, _K)
        fast = [peer for peer in peers if not peer.is_naive and peer.is_exact]
        figures["many"] = _single(pool, vacancies, fast, options, _MANY)
        figures["filtered"] = _filtered(pool, vacancies, task, options)
        say("  all vacancies")
        figures["batch"] = measure_batch(pool, {BARE: vacancies.bare, WHOLE: vacancies.whole}, fast, _K)
        say("  new processes")
        figures["start"] = measure_start(pool, vacancies.whole[0], _K, options.rounds)
    if n == options.updates_at:
        say("  beside changes")
        figures["updates"] = measure_updates(pool, vacancies.whole, rows, options.seconds, _K)
    return figures


def _single(
    pool: Pool, vacancies: Vacancies, peers: Sequence[Peer], options: Options, k: int
) -> list[Figures]:
    """Times of one vacancy after the other, contenders in turn."""
    contenders: dict[str, tuple[Callable[[int], object], int]] = {
        BARE: (lambda i: pool.search(vacancies.bare[i], k), options.n_vacancies),
        WHOLE: (lambda i: pool.search(vacancies.whole[i], k), options.n_vacancies),
    }
    for peer in peers:
        n_items = options.n_naive if peer.is_naive else options.n_vacancies
        contenders[peer.name] = (lambda i, peer=peer: peer.search(i, k), n_items)  # type: ignore[misc]
    timings = take_turns_each(contenders, rounds=options.rounds)
    is_exact = {BARE: True, WHOLE: True} | {peer.name: peer.is_exact for peer in peers}
    return [asdict(timing) | {"is_exact": is_exact[name]} for name, timing in timings.items()]


def _filtered(pool: Pool, vacancies: Vacancies, task: Task, options: Options) -> Mapping[str, list[Figures]]:
    """The same with a condition that so many meet, against scoring all and leaving out."""
    contenders: dict[str, tuple[Callable[[int], object], int]] = {}
    part = pool.sealed()[0].segment.columns[0]
    for share, most in FILTERS.items():
        only, passes = (Between("part", most=most),), part <= most
        for name, queries in ((BARE, vacancies.bare), (WHOLE, vacancies.whole)):
            contenders[f"{share}|{name}"] = (_search(pool, queries, only), options.n_vacancies)
        contenders[f"{share}|SciPy, all scored, then masked"] = (
            lambda i, passes=passes: masked_scipy(task, i, _K, passes),  # type: ignore[misc]
            options.n_vacancies,
        )
    for name, queries in ((BARE, vacancies.bare), (WHOLE, vacancies.whole)):
        contenders[f"none|{name}"] = (_search(pool, queries, ()), options.n_vacancies)
    timings = take_turns_each(contenders, rounds=options.rounds)
    return {
        share: [
            asdict(timing) | {"name": key.split("|")[1]}
            for key, timing in timings.items()
            if key.split("|")[0] == share
        ]
        for share in (*FILTERS, "none")
    }


def _search(pool: Pool, queries: Sequence[Query], only: tuple[Between, ...]) -> Callable[[int], object]:
    return lambda i: pool.search(queries[i], _K, only=only)


def _slopes(sizes: Sequence[Figures]) -> dict[str, float]:
    """Exponent of the cost's growth with N, fitted over all sizes: 1 is in proportion."""
    points: dict[str, list[tuple[float, float]]] = {}
    for figures in sizes:
        for each in figures["single"]:  # type: ignore[attr-defined]
            points.setdefault(each["name"], []).append((math.log(figures["n"]), math.log(each["cpu_p50_ms"])))  # type: ignore[arg-type]
    return {name: _slope(each) for name, each in points.items() if len(each) > 1}


def _slope(points: Sequence[tuple[float, float]]) -> float:
    x, y = np.array(points).T
    return float(np.polyfit(x, y, 1)[0])


def _versions() -> dict[str, str]:
    found = {}
    for name in (*_MODULES, *_MORE_MODULES):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
