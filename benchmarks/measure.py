"""Fair timing: contenders take turns in one process; CPU time and wall time, medians and 99th percentiles."""

from __future__ import annotations

import os
import platform
import resource
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_STATUS = Path("/proc/self/status")
_forgotten: list[int] = []


@dataclass(frozen=True, slots=True)
class Timing:
    """CPU milliseconds for one unit of work: median, least and most over the rounds."""

    name: str
    median_ms: float
    least_ms: float
    most_ms: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds of single calls: CPU time of all threads, and wall time."""

    name: str
    n_calls: int
    cpu_p50_ms: float
    cpu_p99_ms: float
    cpu_mean_ms: float
    wall_p50_ms: float
    wall_p99_ms: float


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


def take_turns_each(
    contenders: Mapping[str, tuple[Callable[[int], object], int]], *, rounds: int
) -> dict[str, Spread]:
    """Run item after item through each contender in turn, after one item that does not count.

    Parameters
    ----------
    contenders
        Name -> (work on item ``i``, number of items it is given).
    """
    cpu: dict[str, list[int]] = {name: [] for name in contenders}
    wall: dict[str, list[int]] = {name: [] for name in contenders}
    for work, _ in contenders.values():
        work(0)
    for _ in range(rounds):
        for item in range(max(n_items for _, n_items in contenders.values())):
            for name, (work, n_items) in contenders.items():
                if item < n_items:
                    wall_start, cpu_start = time.perf_counter_ns(), time.process_time_ns()
                    work(item)
                    cpu[name].append(time.process_time_ns() - cpu_start)
                    wall[name].append(time.perf_counter_ns() - wall_start)
    return {name: spread(name, cpu[name], wall[name]) for name in contenders}


def spread(name: str, cpu_ns: Sequence[int], wall_ns: Sequence[int]) -> Spread:
    """Sum up the times of single calls."""
    cpu, wall = np.array(cpu_ns) / 1e6, np.array(wall_ns) / 1e6
    return Spread(
        name=name,
        n_calls=len(cpu),
        cpu_p50_ms=float(np.median(cpu)),
        cpu_p99_ms=float(np.percentile(cpu, 99)),
        cpu_mean_ms=float(cpu.mean()),
        wall_p50_ms=float(np.median(wall)),
        wall_p99_ms=float(np.percentile(wall, 99)),
    )


def peak_mib() -> int:
    """Most memory that this process has held, since it began or since ``forget_peak``."""
    if _STATUS.exists():
        # What getrusage tells begins with the memory of the process that started this one.
        return _status_mib("VmHWM")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def held_mib() -> int:
    """Memory that this process holds now, where the system tells; else its peak."""
    return _status_mib("VmRSS") if _STATUS.exists() else peak_mib()


def highest_peak_mib() -> int:
    """Most memory that this process has held since it began."""
    return max([peak_mib(), *_forgotten])


def forget_peak() -> None:
    """Let the peak begin anew, where the system can."""
    _forgotten.append(peak_mib())
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def machine() -> str:
    """What it ran on, and how busy that was."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text("utf-8").splitlines() if line.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{model}, {os.cpu_count()} CPUs{load}, Python {platform.python_version()}"


def _status_mib(field: str) -> int:
    lines = _STATUS.read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) // 1024
