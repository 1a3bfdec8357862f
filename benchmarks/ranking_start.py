"""How long a new process takes to open a snapshot, rank its first vacancy, and end."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from app.matching.ranking.pool import Pool, Ranked
from app.matching.ranking.query import Query
from app.matching.ranking.snapshot import open_pool, save_pool
from app.matching.ranking.twin import ranking_code

_ROOT = Path(__file__).parents[1]


def measure_start(pool: Pool, query: Query, k: int, rounds: int) -> dict[str, float]:
    """Save a pool, and let new processes open it and rank one vacancy, one after the other.

    Returns
    -------
    dict
        Size and time of the snapshot's writing; medians of the seconds, by the clock, from the start of a
        process to its end, to open the snapshot with its checksums, and to the first ranking after that.
        The file has just been written, so that it need not come from the disk.

    Raises
    ------
    ValueError
        If a process ranks otherwise than this one.
    """
    with TemporaryDirectory() as folder:
        path, asked = Path(folder) / "pool", Path(folder) / "asked"
        start = time.perf_counter()
        save_pool(path, pool, {})
        saved = time.perf_counter() - start
        asked.write_bytes(pickle.dumps((query, k)))
        runs = [_run(path, asked, pool.search(query, k)) for _ in range(rounds)]
        figures = {name: sorted(run[name] for run in runs)[rounds // 2] for name in runs[0]}
        return {"saved_s": saved, "size_mib": path.stat().st_size / 2**20, **figures}


def _run(path: Path, asked: Path, wanted: Ranked) -> dict[str, float]:
    start = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.ranking_start", str(path), str(asked)]
    done = subprocess.run(command, cwd=_ROOT, check=True, stdout=subprocess.PIPE, text=True)
    whole = time.perf_counter() - start
    told = json.loads(done.stdout)
    if told["ids"] != [each.decode() for each in wanted.ids.tolist()]:
        raise ValueError("a new process ranks otherwise than the one that wrote the snapshot")
    return {"process_s": whole, "opened_s": told["opened_s"], "first_s": told["first_s"]}


def _open_and_rank(path: Path, asked: Path) -> None:
    ranking_code.compile_now()
    query, k = pickle.loads(asked.read_bytes())
    start = time.perf_counter()
    pool = open_pool(path).pool
    opened = time.perf_counter()
    found = pool.search(query, k)
    first = time.perf_counter()
    ids = [each.decode() for each in found.ids.tolist()]
    sys.stdout.write(json.dumps({"opened_s": opened - start, "first_s": first - opened, "ids": ids}))


def _main(arguments: Sequence[str]) -> None:
    path, asked = map(Path, arguments)
    _open_and_rank(path, asked)


if __name__ == "__main__":
    _main(sys.argv[1:])
