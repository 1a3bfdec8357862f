"""Fair timing: contenders take turns in one process, CPU time counts, medians are told."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """CPU milliseconds for one unit of work: median, least and most over the rounds."""

    name: str
    median_ms: float
    least_ms: float
    most_ms: float


def take_turns(contenders: Mapping[str, tuple[Callable[[], object], int]], *, rounds: int) -> list[Timing]:
    """Run each contender once per round, in turn, after one round that does not count.

    Parameters
    ----------
    contenders
        Name -> (work, units of work in one call). CPU time of all threads is counted.
    """
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for round_number in range(rounds + 1):
        for name, (work, n_units) in contenders.items():
            start = time.process_time()
            work()
            if round_number:
                taken[name].append((time.process_time() - start) * 1000 / n_units)
    return [Timing(name, statistics.median(times), min(times), max(times)) for name, times in taken.items()]
