"""Linking against the naive baseline: single phrases, batches, start, memory."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np

from app.domain.enums import ConceptKind
from app.domain.taxonomy import Taxonomy
from app.matching.compiled import built_index, compile_now
from app.matching.jit import is_installed
from app.matching.latent import latent_config
from app.matching.latent_space import learn_latent_space
from app.matching.link import Linker
from app.matching.snapshot import open_snapshot, save_snapshot
from app.services.taxonomy_index import ConceptTable
from benchmarks.measure import Timing, take_turns
from benchmarks.naive import NaiveLinker

_T = TypeVar("_T")

K = 10
N_SINGLE = 100
N_BATCH = 6000
BATCH_SHARE_NEW = 0.25
"""In adverts most phrases have come before: so many of a batch are new."""

_ADDED = ("tasks", "experience with", "knowledge of", "good", "daily", "and reporting", "in a team")


@dataclass(frozen=True, slots=True)
class LinkReport:
    """What linking costs with one release.

    ``single_ms`` are the 50th and 99th percentile of CPU milliseconds a phrase, one by one;
    ``per_second`` phrases a second of CPU, in batches; seconds of CPU for build, learning
    and opening a snapshot; its size, and in MiB the peak of a process that only opens it and
    links a phrase, and of the whole benchmark.
    """

    n_labels: int
    n_concepts: int
    single_ms: tuple[float, float]
    distinct_per_second: float
    repeated_per_second: float
    build_s: float
    learn_s: float
    open_s: float
    snapshot_mib: float
    opened_mib: int
    peak_mib: int


def make_phrases(labels: tuple[str, ...], n: int, seed: int) -> list[str]:
    """Reworded labels: a word or two more, a word less, another order, a slip in one of four.

    No label of the release equals any of them, so none is answered by looking it up.
    """
    rng = np.random.default_rng(seed)
    known = set(labels)
    phrases: dict[str, None] = {}
    while len(phrases) < n:
        words = labels[int(rng.integers(0, len(labels)))].split()
        how = rng.random()
        if how < 0.5 or len(words) < 3:
            added = _ADDED[int(rng.integers(0, len(_ADDED)))]
            words = [*words, added] if rng.random() < 0.5 else [added, *words]
        elif how < 0.75:
            del words[int(rng.integers(0, len(words)))]
        else:
            rng.shuffle(words)
        if rng.random() < 0.25:
            row = max(range(len(words)), key=lambda at: len(words[at]))
            at = int(rng.integers(0, max(1, len(words[row]) - 1)))
            words[row] = words[row][:at] + words[row][at + 1 :]
        phrase = " ".join(words)
        if phrase not in known:
            phrases[phrase] = None
    return list(phrases)


def link_benchmark(taxonomy: Taxonomy, rounds: int) -> tuple[LinkReport, list[Timing]]:
    """Measure linking to the skills of a release; the twin is the compiled one where Numba is there."""
    if is_installed():
        compile_now()
    table = ConceptTable(taxonomy, ConceptKind.SKILL)
    labels, table_s = _timed(table.label_table)
    index, index_s = _timed(lambda: built_index(labels))
    space, learn_s = _timed(lambda: learn_latent_space(index, table.contexts(), latent_config(table.kind)))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "linker"
        save_snapshot(path, labels, index.with_latent(space))
        snapshot_mib = path.stat().st_size / 2**20
        # A process of its own: beside a whole release in memory, every object made costs more.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            open_s, opened_mib = pool.submit(_open, path).result()
        opened = open_snapshot(path)
        linker = Linker(opened[0], index=opened[1])
    phrases = make_phrases(labels.texts, N_SINGLE + N_BATCH, seed=20261126)
    single, batch = phrases[:N_SINGLE], phrases[N_SINGLE:]
    repeated = [batch[i] for i in _repeats(len(batch))]
    naive = NaiveLinker(labels.texts)
    timings = take_turns(
        {
            "naive (linear_kernel, WRatio)": (
                lambda: [naive.link(phrase, K) for phrase in single],
                len(single),
            ),
            "linker, one by one": (lambda: [linker.link([p], k=K) for p in single], len(single)),
            "linker, batch of distinct phrases": (lambda: linker.link(batch, k=K), len(batch)),
            "linker, batch with repetition": (lambda: linker.link(repeated, k=K), len(repeated)),
        },
        rounds=rounds,
    )
    each = [_timed(partial(linker.link, [phrase], k=K))[1] * 1000 for phrase in single * 3]
    report = LinkReport(
        n_labels=len(labels.texts),
        n_concepts=len(table),
        single_ms=(statistics.median(each), float(np.percentile(each, 99))),
        distinct_per_second=1000 / timings[2].median_ms,
        repeated_per_second=1000 / timings[3].median_ms,
        build_s=table_s + index_s,
        learn_s=learn_s,
        open_s=open_s,
        snapshot_mib=snapshot_mib,
        opened_mib=opened_mib,
        peak_mib=_peak_mib(),
    )
    return report, timings


def as_lines(report: LinkReport) -> str:
    """The report in Markdown, a figure a line."""
    named = {
        "labels": f"{report.n_labels:,} of {report.n_concepts:,} concepts",
        "one phrase, CPU ms, p50 / p99": f"{report.single_ms[0]:.2f} / {report.single_ms[1]:.2f}",
        "distinct phrases a second, one core": f"{report.distinct_per_second:,.0f}",
        "the same, three of four having come before": f"{report.repeated_per_second:,.0f}",
        "build, CPU s": f"{report.build_s:.1f}",
        "learning the latent space, CPU s": f"{report.learn_s:.1f}",
        "opened from a snapshot and first phrase linked, CPU s": f"{report.open_s:.2f}",
        "snapshot, MiB": f"{report.snapshot_mib:.0f}",
        "peak memory of a process that opens it and links, MiB": f"{report.opened_mib:,}",
        "peak memory of the whole benchmark, MiB": f"{report.peak_mib:,}",
    }
    return "\n".join(f"- {name}: {value}" for name, value in named.items()) + "\n"


def as_json(report: LinkReport) -> dict[str, object]:
    """The report as plain values."""
    return asdict(report)


def _open(path: Path) -> tuple[float, int]:
    """CPU seconds to open a snapshot and link a first phrase, in a process that has loaded its code; MiB."""
    if is_installed():
        compile_now()
    start = time.process_time()
    labels, index = open_snapshot(path)
    Linker(labels, index=index).link(["anything at all"], k=1)
    return time.process_time() - start, _peak_mib()


def _peak_mib() -> int:
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage tells begins with the memory of the process that started this one.
        lines = status.read_text("ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _timed(work: Callable[[], _T]) -> tuple[_T, float]:
    start = time.process_time()
    done = work()
    return done, time.process_time() - start


def _repeats(n: int) -> list[int]:
    rng = np.random.default_rng(7)
    n_new = round(n * BATCH_SHARE_NEW)
    return rng.integers(0, n_new, n).tolist()
