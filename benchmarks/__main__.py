"""Measure ranking or linking against others: ``python -m benchmarks rank`` or ``link``."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from app.matching.version import ENGINE_VERSION
from benchmarks.measure import Timing, machine


def main(arguments: list[str] | None = None) -> None:
    given = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(required=True)
    rank = commands.add_parser(
        "rank", help="one vacancy, filters, batches, changes, memory; libraries beside it"
    )
    rank.add_argument("--candidates", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    rank.add_argument("--vacancies", type=int, default=100)
    rank.add_argument("--rounds", type=int, default=3)
    rank.add_argument("--peers", nargs="*", help="only these libraries")
    rank.add_argument("--updates-at", type=int, default=100_000, help="candidates when changes are measured")
    rank.add_argument("--seconds", type=float, default=10.0, help="of queries beside changes")
    rank.add_argument("--data", type=Path, help="folder where drawn candidates are kept for the next run")
    rank.add_argument("--markdown", type=Path, help="write a page here, and its plot beside it")
    rank.set_defaults(run=run_rank)
    link = commands.add_parser("link", help="link phrases to the labels of a release")
    link.add_argument("--taxonomy", type=Path, help="a release to link against; default: the starter")
    link.add_argument("--rounds", type=int, default=5)
    link.set_defaults(run=run_link)
    for command in (rank, link):
        command.add_argument("--json", type=Path, help="also write every figure to this file")
    options = parser.parse_args(given)
    report = options.run(options)
    report["command"] = shlex.join(["python", "-m", "benchmarks", *given])
    if options.json:
        options.json.write_text(json.dumps(report, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def run_rank(options: argparse.Namespace) -> dict[str, object]:
    """Measure ranking, print the page, and write it where it is wanted."""
    from benchmarks.plot import draw_lines
    from benchmarks.ranking import Options, rank_benchmark
    from benchmarks.ranking_peers import PEER_NAMES
    from benchmarks.report import as_markdown, cost_by_size

    unknown = set(options.peers or ()) - set(PEER_NAMES)
    if unknown:
        raise SystemExit(f"unknown peers {sorted(unknown)}; there are {', '.join(PEER_NAMES)}")
    wanted = Options(
        sizes=options.candidates,
        n_vacancies=options.vacancies,
        rounds=options.rounds,
        updates_at=options.updates_at,
        seconds=options.seconds,
        peers=options.peers,
        data=options.data,
    )
    report = rank_benchmark(wanted, lambda text: print(text, file=sys.stderr, flush=True))
    sizes = " ".join(map(str, options.candidates))
    report["repeat"] = (
        f"python -m benchmarks rank --candidates {sizes} --vacancies {options.vacancies}"
        f" --rounds {options.rounds} --seconds {options.seconds:g}"
    )
    print(as_markdown(report))
    if options.markdown:
        plot = options.markdown.with_suffix(".svg")
        lines = cost_by_size(report)
        plot.write_text(
            draw_lines(lines, across="candidates", up="CPU ms per vacancy, median"), encoding="utf-8"
        )
        options.markdown.write_text(as_markdown(report, plot.name), encoding="utf-8")
    return report


def run_link(options: argparse.Namespace) -> dict[str, object]:
    """Measure linking and print a table and a list."""
    from app.taxonomy import read_taxonomy, starter_taxonomy
    from benchmarks.linking import as_json, as_lines, link_benchmark

    print(f"CPU milliseconds for one phrase; engine {ENGINE_VERSION}; {machine()}\n")
    taxonomy = read_taxonomy(options.taxonomy).taxonomy if options.taxonomy else starter_taxonomy()
    linking, timings = link_benchmark(taxonomy, options.rounds)
    print(as_table(f"Link one phrase to {linking.n_labels:,} labels", timings))
    print(as_lines(linking))
    return {
        "machine": machine(),
        "engine": ENGINE_VERSION,
        "rounds": options.rounds,
        f"link_{linking.n_labels}": [asdict(timing) for timing in timings],
        "linking": as_json(linking),
    }


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


if __name__ == "__main__":
    main()
