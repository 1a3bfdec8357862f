"""Measure ranking and linking against the naive baseline: ``python -m benchmarks``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from app.domain.enums import ConceptKind
from app.matching.engine import ENGINE_VERSION, match_block
from app.services.taxonomy_index import ConceptTable
from app.taxonomy import read_taxonomy, starter_taxonomy
from benchmarks.data import make_pool
from benchmarks.measure import Timing, take_turns
from benchmarks.naive import NaiveLinker, NaiveRanker

K = 10
N_VACANCIES = 50
N_PHRASES = 50


def rank_benchmark(n_candidates: int, rounds: int) -> list[Timing]:
    """CPU milliseconds a vacancy, best ten of ``n_candidates``, index already built."""
    pool = make_pool(n_vacancies=N_VACANCIES, n_candidates=n_candidates)
    naive = NaiveRanker(pool.candidate_texts)

    def engine() -> object:
        return match_block(pool.parts, n_vacancies=N_VACANCIES, n_candidates=n_candidates, k=K)

    def baseline() -> object:
        return [naive.rank(text, K) for text in pool.vacancy_texts]

    return take_turns(
        {"naive (cosine_similarity)": (baseline, N_VACANCIES), "engine, batch": (engine, N_VACANCIES)},
        rounds=rounds,
    )


def link_benchmark(taxonomy_path: Path | None, rounds: int) -> tuple[int, list[Timing]]:
    """CPU milliseconds a phrase that no label equals, best ten labels or concepts."""
    taxonomy = read_taxonomy(taxonomy_path).taxonomy if taxonomy_path else starter_taxonomy()
    linker = ConceptTable(taxonomy, ConceptKind.SKILL).build_linker()
    labels = linker.labels.texts
    step = max(1, len(labels) // N_PHRASES)
    phrases = [f"{label} tasks" for label in labels[::step]][:N_PHRASES]
    naive = NaiveLinker(labels)

    def baseline() -> object:
        return [naive.link(phrase, K) for phrase in phrases]

    timings = take_turns(
        {
            "naive (linear_kernel, WRatio)": (baseline, len(phrases)),
            "linker, one by one": (lambda: [linker.link([p], k=K) for p in phrases], len(phrases)),
            "linker, batch": (lambda: linker.link(phrases, k=K), len(phrases)),
        },
        rounds=rounds,
    )
    return len(labels), timings


def as_table(title: str, timings: Iterable[Timing]) -> str:
    """A Markdown table; the first contender is the baseline of the ratios."""
    rows = list(timings)
    lines = [f"### {title}", "", "| contender | median ms | least | most | baseline / this |"]
    lines.append("|---|---:|---:|---:|---:|")
    for row in rows:
        ratio = rows[0].median_ms / row.median_ms
        lines.append(
            f"| {row.name} | {row.median_ms:.2f} | {row.least_ms:.2f} | {row.most_ms:.2f} | {ratio:.1f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--candidates", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--taxonomy", type=Path, help="a release to link against; default: the starter")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write every figure to this file")
    options = parser.parse_args()
    machine = f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}"
    print(f"CPU milliseconds for one vacancy or phrase; engine {ENGINE_VERSION}; {machine}\n")
    report: dict[str, object] = {"machine": machine, "engine": ENGINE_VERSION, "rounds": options.rounds}
    for n_candidates in options.candidates:
        timings = rank_benchmark(n_candidates, options.rounds)
        report[f"rank_{n_candidates}"] = [asdict(timing) for timing in timings]
        print(as_table(f"Rank one vacancy, best {K} of {n_candidates:,} candidates", timings), flush=True)
    n_labels, timings = link_benchmark(options.taxonomy, options.rounds)
    report[f"link_{n_labels}"] = [asdict(timing) for timing in timings]
    print(as_table(f"Link one phrase to {n_labels:,} labels", timings))
    report["peak_memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"Peak memory of the whole run: {report['peak_memory_mib']} MiB")
    if options.json:
        options.json.write_text(json.dumps(report, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
