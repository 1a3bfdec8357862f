"""The figures of a ranking run as a page: tables in Markdown, and a plot of cost against size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.ranking import BARE, WHOLE
from benchmarks.ranking_peers import NAIVE, NAIVE_32

Figures = dict[str, Any]


def as_markdown(report: Figures, plot: str | None = None) -> str:
    """Every figure of ``rank_benchmark``; ``plot`` is the address of the picture."""
    parts = [_head(report)]
    if plot:
        parts.append(f"![CPU milliseconds per vacancy against the number of candidates]({plot})\n")
    parts.append(_slopes(report["slopes"]))
    for figures in report["sizes"]:
        parts += [_single(figures, report["k"]), _many(figures), _filtered(figures), _batch(figures)]
        parts.append(_start(figures["start"]))
        if "updates" in figures:
            parts.append(_updates(figures))
    return "\n".join(parts)


def cost_by_size(report: Figures) -> dict[str, list[tuple[float, float]]]:
    """Median CPU milliseconds of one vacancy by number of candidates, by contender."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for figures in report["sizes"]:
        for each in figures["single"]:
            lines.setdefault(each["name"], []).append((figures["n"], each["cpu_p50_ms"]))
    return lines


def _head(report: Figures) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    built = "; ".join(
        f"{each['n']:,} candidates in {each['build']['wall_s']:.1f} s "
        f"({each['build']['cpu_s']:.1f} s of CPU), {each['mean_bytes_per_candidate']:.0f} bytes each"
        for each in report["sizes"]
    )
    return f"""# What ranking costs

All of this page comes from one run of one command, on seeded made-up data; only ratios within it mean
anything elsewhere:

```
{report["repeat"]}
```

- Machine: {report["machine"]}; {versions}.
- Candidates: 5–40 claims over 14,000 skills, one or two occupations of 3,000, 30–150 words of 30,000, all
  by Zipf's law. Vacancies: 5–25 weighted skills with levels, an occupation, 30–150 words.
- *Bare product*: a weight and a credit for every skill and word in common, added up. That is all the
  libraries can rank by, and they are given it as one sparse matrix in 32-bit floats; scikit-learn's cosine
  also in 64-bit floats, in which its `TfidfVectorizer` gives them unless told otherwise. *Whole score*: each
  skill also met by four others near it, at its level, the best claim counting; the occupation and the four
  groups of ISCO-08 around it; words. Random pairs of skills are near each other.
- Contenders take turns, vacancy by vacancy, in one process. CPU time counts all threads.
- *Exact*: ranks by the bare product itself. A cosine and BM25 rank by something else; their cost is shown.
- 20 skills, an occupation or two and 90 words take {report["bytes_per_candidate"]:.0f} bytes, all included.
- Built: {built}.
- Peak memory of the whole run, peers and data included: {report["peak_mib"]:,} MiB.
"""


def _slopes(slopes: dict[str, float]) -> str:
    if not slopes:
        return ""
    rows = [[name, f"{slope:.2f}"] for name, slope in slopes.items()]
    text = "The cost grows with N to the power of (1 is in proportion, less is slower):\n\n"
    return text + _table(["contender", "power"], rows)


def _single(figures: Figures, k: int) -> str:
    exact = figures["exactness"]
    title = f"## {figures['n']:,} candidates\n\n### One vacancy, best {k}\n\n"
    check = (
        f"{exact['compared']} rankings compared with brute force in this run, without a filter and with "
        f"filters of 10 % and 1 %: {exact['differ']} differ.\n\n"
    )
    if figures["missing"]:
        check += f"Not installed and left out: {', '.join(figures['missing'])}.\n\n"
    agreement = figures["agreement"]
    rows = _timing_rows(
        figures["single"], lambda name: f"{agreement[name]:.0%}" if name in agreement else "100%"
    )
    return title + check + _table([*_HEAD, f"of the best {k}"], rows)


def _many(figures: Figures) -> str:
    return "### One vacancy, best 100\n\n" + _table([*_HEAD], _timing_rows(figures["many"]))


_HEAD = (
    "contender",
    "exact",
    "CPU p50 ms",
    "CPU p99",
    "wall p50",
    "wall p99",
    "64-bit cosine / this",
    "32-bit cosine / this",
    "fastest exact library / this",
)


def _timing_rows(timings: Sequence[Figures], more: Any = None) -> list[list[str]]:
    costs = {each["name"]: each["cpu_p50_ms"] for each in timings}
    rival = fastest_rival(timings)
    rows = []
    for each in timings:
        cost = each["cpu_p50_ms"]
        row = [each["name"], "yes" if each["is_exact"] else "no"]
        row += [_ms(each[key]) for key in ("cpu_p50_ms", "cpu_p99_ms", "wall_p50_ms", "wall_p99_ms")]
        row += [f"{costs[name] / cost:,.0f}" if name in costs else "" for name in (NAIVE, NAIVE_32)]
        row.append(f"{rival / cost:.1f}" if rival else "")
        rows.append(row + ([more(each["name"])] if more else []))
    return rows


def fastest_rival(timings: Sequence[Figures]) -> float | None:
    """CPU milliseconds of the fastest exact library."""
    costs = [each["cpu_p50_ms"] for each in timings if each["is_exact"] and each["name"] not in (BARE, WHOLE)]
    return min(costs, default=None)


def _filtered(figures: Figures) -> str:
    rows = [
        [share, each["name"], _ms(each["cpu_p50_ms"]), _ms(each["cpu_p99_ms"]), _ms(each["wall_p50_ms"])]
        for share, timings in figures["filtered"].items()
        for each in timings
    ]
    return "### With a hard filter that so many pass\n\n" + _table(
        ["pass", "contender", "CPU p50 ms", "CPU p99", "wall p50"], rows
    )


def _batch(figures: Figures) -> str:
    batch = figures["batch"]
    rows = []
    for each in batch:
        rivals = [
            other["vacancies_per_s"]
            for other in batch
            if other["name"] not in (BARE, WHOLE) and other["n_threads"] == each["n_threads"]
        ]
        alone = next(o["vacancies_per_s"] for o in batch if o["name"] == each["name"] and o["n_threads"] == 1)
        rows.append(
            [
                each["name"],
                str(each["n_threads"]),
                f"{each['vacancies_per_s']:,.1f}",
                _ms(each["cpu_ms_per_vacancy"]),
                f"{each['vacancies_per_s'] / max(rivals):.1f}" if rivals else "",
                f"{each['vacancies_per_s'] / alone:.2f}",
                f"{each['memory_mib']:,}",
            ]
        )
    head = [
        "contender",
        "threads",
        "vacancies / s",
        "CPU ms each",
        "this / fastest library",
        "this / one thread",
        "MiB more",
    ]
    return "### All vacancies at once\n\n" + _table(head, rows)


def _start(it: Figures) -> str:
    rows = [
        ["snapshot written", f"{it['saved_s']:.2f} s, {it['size_mib']:,.0f} MiB"],
        ["opened in a new process, with its checksums", f"{it['opened_s']:.3f} s"],
        ["the first vacancy ranked after that", f"{1e3 * it['first_s']:.1f} ms"],
        [
            "from start to end of the process, imports and compiled code included; file in memory",
            f"{it['process_s']:.2f} s",
        ],
    ]
    return "### A new process\n\n" + _table(["what", "by the clock"], rows)


def _updates(figures: Figures) -> str:
    it = figures["updates"]
    idle, busy = it["idle"], it["busy"]
    rows = [
        ["put one candidate, p50 / p99", f"{it['put_ms'][0]:.3f} / {it['put_ms'][1]:.3f} ms"],
        ["remove one", f"{it['remove_ms'][0]:.3f} / {it['remove_ms'][1]:.3f} ms"],
        [
            "put one and find it with a search",
            f"{it['put_and_found_ms'][0]:.3f} / {it['put_and_found_ms'][1]:.3f} ms",
        ],
        ["of 100 put, not found by the next search", str(it["not_found_at_once"])],
        ["changes a second sustained", f"{it['changes_per_s']:,.0f}"],
        ["query, idle, wall p50 / p99", f"{idle['wall_p50_ms']:.2f} / {idle['wall_p99_ms']:.2f} ms"],
        ["query beside the changes", f"{busy['wall_p50_ms']:.2f} / {busy['wall_p99_ms']:.2f} ms"],
        ["its p99 against the idle one", f"{busy['wall_p99_ms'] / idle['wall_p99_ms']:.1f} times"],
        [
            "the same, CPU of the query's thread p50 / p99",
            f"{busy['cpu_p50_ms']:.2f} / {busy['cpu_p99_ms']:.2f} ms",
        ],
    ]
    return "### Beside changes\n\n" + _table(["what", "cost"], rows)


def _ms(value: float) -> str:
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    numbers = [
        "---:" if i and all(row[i][:1].isdigit() or not row[i] for row in rows) else "---"
        for i in range(len(head))
    ]
    lines = [f"| {' | '.join(row)} |" for row in (head, *rows)]
    return "\n".join([lines[0], f"|{'|'.join(numbers)}|", *lines[1:]]) + "\n"
