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

from app.matching.engine import ENGINE_VERSION, match_block
from app.taxonomy import read_taxonomy, starter_taxonomy
from benchmarks.data import make_pool
from benchmarks.linking import as_json, as_lines, link_benchmark
from benchmarks.measure import Timing, take_turns
from benchmarks.naive import NaiveRanker

K = 10
N_VACANCIES = 50


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
    parser.add_argument("--candidates", type=int, nargs="*", default=[10_000, 100_000])
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
    taxonomy = read_taxonomy(options.taxonomy).taxonomy if options.taxonomy else starter_taxonomy()
    linking, timings = link_benchmark(taxonomy, options.rounds)
    report[f"link_{linking.n_labels}"] = [asdict(timing) for timing in timings]
    report["linking"] = as_json(linking)
    print(as_table(f"Link one phrase to {linking.n_labels:,} labels", timings))
    print(as_lines(linking))
    report["peak_memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"Peak memory of the whole run: {report['peak_memory_mib']} MiB")
    if options.json:
        options.json.write_text(json.dumps(report, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
