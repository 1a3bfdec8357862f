"""All vacancies against all candidates: block after block, in order, in bounded memory.

Results do not depend on the executor, the number of threads or the size of blocks. A run
that keeps its blocks in a folder continues after it was killed.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import lru_cache, partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.matching.array_file import BadSnapshot, Stamp, open_arrays, save_arrays
from app.matching.jit import is_installed
from app.matching.ranking.filters import Condition
from app.matching.ranking.pool import PoolView, Ranked
from app.matching.ranking.query import Query
from app.matching.ranking.snapshot import open_pool
from app.matching.ranking.twin import ranking_code
from app.matching.version import ENGINE_VERSION

BLOCK_SIZE = 64
"""Vacancies of one block: a tenth of a second at a million candidates, a few hundred kB of queries."""

_KIND = "ranked block 1"


@dataclass(frozen=True, slots=True)
class Asked:
    """One vacancy: what it asks for, and the conditions that every candidate has to meet."""

    query: Query
    only: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Some vacancies in a row; ``first`` is the position of the first of them."""

    first: int
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class RankedBlock:
    """Best candidates of the vacancies of a block.

    Attributes
    ----------
    first : int
    ptr : ndarray of shape (n + 1,), int64
        Vacancy ``first + i`` has ``ids[ptr[i]:ptr[i + 1]]``, best first.
    ids : ndarray, bytes
    units : ndarray aligned with ``ids``, int64
    """

    first: int
    ptr: NDArray[np.int64]
    ids: NDArray[np.bytes_]
    units: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ptr) - 1

    def rankings(self) -> Iterator[Ranked]:
        """One ranking for each vacancy, in order."""
        for start, end in zip(self.ptr[:-1], self.ptr[1:], strict=True):
            yield Ranked(self.ids[start:end], self.units[start:end])


class BlockExecutor(Protocol):
    """Where blocks are ranked."""

    @property
    def fingerprint(self) -> str:
        """Content of the pool that is searched."""
        ...

    def rank(self, blocks: Iterable[Block], k: int) -> Iterator[RankedBlock]:
        """Rank blocks, in their order; few of them are taken ahead of what was given back."""
        ...


class ThreadExecutor:
    """Threads of this process; compiled searches run beside each other."""

    def __init__(self, view: PoolView, n_threads: int = 1) -> None:
        _at_least_one("n_threads", n_threads)
        self._view = view
        self._n_threads = n_threads

    @property
    def fingerprint(self) -> str:
        return self._view.fingerprint

    def rank(self, blocks: Iterable[Block], k: int) -> Iterator[RankedBlock]:
        """As ``BlockExecutor``."""
        with ThreadPoolExecutor(self._n_threads, "rank") as threads:
            yield from _in_order(threads, partial(rank_block, self._view, k), blocks, 2 * self._n_threads)


class ProcessExecutor:
    """Processes that each map the same snapshot; its pages are in memory once.

    The snapshot is verified here; the processes refuse another file under its name.

    Raises
    ------
    FileNotFoundError
        There is no snapshot.
    BadSnapshot
        It is torn, changed, or of another version.
    """

    def __init__(self, path: Path, n_processes: int) -> None:
        _at_least_one("n_processes", n_processes)
        opened = open_pool(path)
        self._path = path
        self._stamp = opened.stamp
        self._fingerprint = opened.fingerprint
        self._n_processes = n_processes

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    def rank(self, blocks: Iterable[Block], k: int) -> Iterator[RankedBlock]:
        """As ``BlockExecutor``; raises BadSnapshot if the file was replaced meanwhile."""
        if is_installed():
            # Once here, not in every process.
            ranking_code.compile_now()
        work = partial(rank_from_file, self._path, self._stamp, k)
        with ProcessPoolExecutor(self._n_processes, mp_context=get_context("spawn")) as processes:
            yield from _in_order(processes, work, blocks, 2 * self._n_processes)


def rank_all(
    executor: BlockExecutor,
    asked: Iterable[Asked],
    k: int,
    *,
    block_size: int = BLOCK_SIZE,
    folder: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[RankedBlock]:
    """Rank the pool for every vacancy, ``k`` candidates each, in the order of the vacancies.

    Parameters
    ----------
    asked
        Taken block by block; what was given back is not held.
    folder
        Where finished blocks are kept. A block that lies there is not ranked again if the
        candidates, the vacancies of the block, ``k`` and the engine are the same.
    progress : callable
        Told the number of vacancies done, after each block.

    Raises
    ------
    ValueError
        If ``k < 1`` or ``block_size < 1``.
    KeyError
        If a condition names a column that the pool does not have.
    """
    _at_least_one("k", k)
    _at_least_one("block_size", block_size)
    blocks = in_blocks(asked, block_size)
    ranked = executor.rank(blocks, k) if folder is None else _continued(executor, blocks, k, folder)
    return _told(ranked, progress)


def in_blocks(asked: Iterable[Asked], size: int) -> Iterator[Block]:
    """Cut vacancies into blocks."""
    rest, first = iter(asked), 0
    while block := tuple(islice(rest, size)):
        yield Block(first, block)
        first += len(block)


def rank_block(view: PoolView, k: int, block: Block) -> RankedBlock:
    """Rank a pool for the vacancies of one block."""
    found = [view.search(each.query, k, only=each.only) for each in block.asked]
    ids = np.concatenate([each.ids for each in found])
    # As wide as the longest id, and not as the widest segment that was searched.
    width = max(1, int(np.char.str_len(ids).max(initial=0)))
    return RankedBlock(
        block.first,
        np.cumsum([0, *(len(each.ids) for each in found)]),
        ids.astype(f"S{width}", copy=False),
        np.concatenate([each.units for each in found]),
    )


def rank_from_file(path: Path, stamp: Stamp, k: int, block: Block) -> RankedBlock:
    """Rank the pool of a snapshot for one block; what a worker elsewhere is sent.

    Raises
    ------
    BadSnapshot
        If the file is not the one that the stamp was given for, or a copy of it.
    """
    return rank_block(_view_of(path, stamp), k, block)


@lru_cache(maxsize=1)
def _view_of(path: Path, stamp: Stamp) -> PoolView:
    opened = open_pool(path, known=stamp)
    if opened.stamp.header_check != stamp.header_check:
        raise BadSnapshot(f"{path.name} was replaced during the run")
    if is_installed():
        ranking_code.compile_now()
    return opened.pool.view()


def _in_order(
    executor: Executor, work: Callable[[Block], RankedBlock], blocks: Iterable[Block], n_ahead: int
) -> Iterator[RankedBlock]:
    rest = iter(blocks)
    pending = deque(executor.submit(work, block) for block in islice(rest, n_ahead))
    try:
        while pending:
            done = pending.popleft().result()
            pending.extend(executor.submit(work, block) for block in islice(rest, 1))
            yield done
    finally:
        for each in pending:
            each.cancel()


def _told(ranked: Iterator[RankedBlock], progress: Callable[[int], None] | None) -> Iterator[RankedBlock]:
    for block in ranked:
        yield block
        if progress is not None:
            progress(block.first + len(block))


def _continued(
    executor: BlockExecutor, blocks: Iterator[Block], k: int, folder: Path
) -> Iterator[RankedBlock]:
    """Rank the blocks that the folder does not hold, and give back all of them in order."""
    waiting: deque[tuple[Path, str, bool]] = deque()

    def missing() -> Iterator[Block]:
        for block in blocks:
            path, key = folder / f"{block.first:09}.ranked", block_key(executor.fingerprint, k, block)
            is_held = _held(path, key) is not None
            waiting.append((path, key, is_held))
            if not is_held:
                yield block

    def held_next() -> Iterator[RankedBlock]:
        while waiting and waiting[0][2]:
            path, key, _ = waiting.popleft()
            held = _held(path, key)
            if held is None:
                raise BadSnapshot(f"{path.name} was changed during the run")
            yield held

    for ranked in executor.rank(missing(), k):
        yield from held_next()
        path, key, _ = waiting.popleft()
        arrays = {"ptr": ranked.ptr, "ids": ranked.ids, "units": ranked.units}
        save_arrays(path, _KIND, arrays, {"first": ranked.first, "key": key})
        yield ranked
    yield from held_next()


def _held(path: Path, key: str) -> RankedBlock | None:
    """A finished block, or None if it is not there, torn, or of other inputs."""
    try:
        file = open_arrays(path, _KIND)
    except (FileNotFoundError, BadSnapshot):
        return None
    if file.meta["key"] != key:
        return None
    return RankedBlock(file.meta["first"], file.arrays["ptr"], file.arrays["ids"], file.arrays["units"])


def block_key(fingerprint: str, k: int, block: Block) -> str:
    """Digest of all that the result of a block depends on."""
    digest = hashlib.sha256(repr((ENGINE_VERSION, fingerprint, k, block.first)).encode())
    for each in block.asked:
        for field in fields(Query):
            array = np.ascontiguousarray(getattr(each.query, field.name))
            digest.update(repr((array.dtype.str, array.shape)).encode())
            digest.update(array.tobytes())
        digest.update(repr(each.only).encode())
    return digest.hexdigest()


def _at_least_one(name: str, value: int) -> None:
    if value < 1:
        raise ValueError(f"{name} must be at least 1, got {value}")
