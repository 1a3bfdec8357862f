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

from app.matching.version import ENGINE_VERSION
from app.taxonomy import read_taxonomy, starter_taxonomy
from benchmarks.linking import as_json, as_lines, link_benchmark
from benchmarks.measure import Timing


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
    parser.add_argument("--taxonomy", type=Path, help="a release to link against; default: the starter")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write every figure to this file")
    options = parser.parse_args()
    machine = f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}"
    print(f"CPU milliseconds for one vacancy or phrase; engine {ENGINE_VERSION}; {machine}\n")
    report: dict[str, object] = {"machine": machine, "engine": ENGINE_VERSION, "rounds": options.rounds}
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
