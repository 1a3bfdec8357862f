"""A changing pool of candidates: sealed segments, a small delta, and what is live in each.

Changes are seen by the next search. Readers never wait for a merge: what they search is
put together under the lock and does not change afterwards.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.matching.ranking.delta import Delta, DeltaView
from app.matching.ranking.filters import Condition, SegmentFilter
from app.matching.ranking.query import Query
from app.matching.ranking.rows import N_DIGEST, Rows, join
from app.matching.ranking.segment import Segment, build_segment, segment_rows
from app.matching.ranking.twin import Searcher

SEAL_AT = 1024
"""Rows of the delta, which are scored one by one, before they are arranged as a segment."""

_MERGE_AT = 4
"""Segments of about the same size before they are made one."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Best candidates: score descending, then id ascending.

    Attributes
    ----------
    ids : ndarray of shape (n,), bytes
    units : ndarray of shape (n,), int64
        Scores in units of ``1 / SCORE_UNITS``.
    """

    ids: NDArray[np.bytes_]
    units: NDArray[np.int64]


@dataclass(slots=True)
class Sealed:
    """A segment and which of its rows are still of use."""

    segment: Segment
    searcher: Searcher
    filter: SegmentFilter
    live: NDArray[np.uint64]
    n_live: int

    @classmethod
    def of(cls, segment: Segment, live: NDArray[np.uint64] | None = None) -> Sealed:
        live = all_rows(segment.n_rows) if live is None else live
        return cls(
            segment, Searcher(segment), SegmentFilter(segment), live, int(np.bitwise_count(live).sum())
        )

    def holds(self, row: int) -> bool:
        return bool((int(self.live[row >> 6]) >> (row & 63)) & 1)

    def drop(self, row: int) -> None:
        self.live[row >> 6] &= ~np.uint64(1 << (row & 63))
        self.n_live -= 1


@dataclass(frozen=True, slots=True)
class PoolView:
    """A pool as it was at one moment; threads may share it.

    Attributes
    ----------
    sealed : sequence of (Sealed, ndarray)
        Segments, the largest first, and the rows of each that were live.
    n_live : int
        Candidates.
    digest_sum : int
        Sum of the rows' digests.
    """

    sealed: Sequence[tuple[Sealed, NDArray[np.uint64]]]
    delta: DeltaView
    column_names: tuple[str, ...]
    n_live: int
    digest_sum: int

    @property
    def fingerprint(self) -> str:
        """As that of a pool of these candidates."""
        return _as_text(self.digest_sum)

    def rows(self) -> Rows | None:
        """All candidates by id, or None if there are none."""
        parts = [live_rows(each.segment, live) for each, live in self.sealed if live.any()]
        if self.delta.live.any():
            parts.append(self.delta.rows.take(np.flatnonzero(self.delta.live)))
        return join(parts).by_id() if parts else None

    def __len__(self) -> int:
        return self.n_live

    def search(self, query: Query, k: int, *, only: Sequence[Condition] = ()) -> Ranked:
        """Find the best ``k`` candidates.

        Parameters
        ----------
        only
            Conditions that every candidate found has to meet.

        Raises
        ------
        ValueError
            If ``k < 1``.
        KeyError
            If a condition names a column that the pool does not have.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, got {k}")
        # Room is made for as many as are asked for.
        k = min(k, max(1, self.n_live))
        found: list[tuple[NDArray[np.bytes_], NDArray[np.int64]]] = []
        floor = -1
        # The largest comes first: its k-th best is a good floor for the others. A floor of 0, or one from
        # the few rows of the delta, would only keep a segment from looking for its own.
        for each, live in self.sealed:
            takes_part = live & each.filter.bits(only) if only else live
            row, units = each.searcher.best_rows(query, k, live=takes_part, floor=floor)
            found.append((each.segment.ids.take(row), units))
            if len(units) == k and units[-1] > 0:
                floor = max(floor, int(units[-1]))
        if len(found) == 1 and self.delta.is_empty:
            return Ranked(*found[0])
        found.append(self.delta.score(query, only))
        ids, units = (np.concatenate(parts) for parts in zip(*found, strict=True))
        best = np.lexsort((ids, -units))[:k]
        return Ranked(ids[best], units[best])


class Pool:
    """All candidates that may be ranked.

    Threads may search while others change it. What ``put`` and ``remove`` did is seen
    by every search that begins after they return.
    """

    def __init__(self, sealed: Sequence[Sealed] = (), column_names: Sequence[str] = ()) -> None:
        self._lock = threading.Lock()
        self._merging = threading.Lock()
        self._sealed = list(sealed)
        self._delta = Delta(column_names)
        self._fingerprint = sum((_sum_of_digests(each) for each in self._sealed), start=0)
        self._gone: set[bytes] | None = None
        self._view: PoolView | None = None

    @classmethod
    def of(cls, rows: Rows) -> Pool:
        """A pool of given candidates; raises ValueError if an id comes twice."""
        return cls([Sealed.of(build_segment(rows))] if rows.n_rows else [], tuple(rows.columns))

    def __len__(self) -> int:
        with self._lock:
            return self._count()

    def _count(self) -> int:
        return sum(each.n_live for each in self._sealed) + self._delta.n_live

    @property
    def fingerprint(self) -> str:
        """Equal for equal content, however it came about: the sum of the rows' digests."""
        return _as_text(self._fingerprint)

    def put(self, rows: Rows) -> None:
        """Add candidates, or replace those with the same id.

        Raises
        ------
        ValueError
            If an id comes twice, or the columns are not those of the pool.
        """
        rows = rows.by_id()
        with self._lock:
            self._delta.require_columns(rows)
            self._view = None
            for candidate_id in rows.ids.tolist():
                self._remove(candidate_id)
            self._delta.append(rows)
            self._fingerprint += _digest_sum(rows.digest)

    def remove(self, ids: Sequence[bytes]) -> int:
        """Take candidates out; returns how many were there."""
        with self._lock:
            self._view = None
            return sum(self._remove(candidate_id) for candidate_id in ids)

    def _remove(self, candidate_id: bytes) -> bool:
        digest = self._delta.remove(candidate_id)
        if digest is None:
            for each in self._sealed:
                row = each.segment.find_row(candidate_id)
                if row >= 0 and each.holds(row):
                    each.drop(row)
                    digest = each.segment.digest[row]
                    break
        if self._gone is not None:
            self._gone.add(candidate_id)
        if digest is None:
            return False
        self._fingerprint -= _digest_sum(digest)
        return True

    def view(self) -> PoolView:
        """What is in the pool now; later changes do not show in it.

        Make a query after the view, so that it knows every term and grade in it.
        """
        with self._lock:
            if self._view is None:
                largest_first = sorted(self._sealed, key=lambda each: -each.n_live)
                self._view = PoolView(
                    [(each, each.live.copy()) for each in largest_first],
                    self._delta.view(),
                    self._delta.column_names,
                    self._count(),
                    self._fingerprint,
                )
            return self._view

    def search(self, query: Query, k: int, *, only: Sequence[Condition] = ()) -> Ranked:
        """Find the best ``k`` candidates; see ``PoolView.search``."""
        return self.view().search(query, k, only=only)

    def maintain(self) -> bool:
        """Seal the delta if it is long, and merge segments of about one size; returns whether it did.

        One thread at a time does the work; searches and changes go on meanwhile.
        """
        with self._merging:
            return self._seal() or self._merge()

    def _seal(self) -> bool:
        with self._lock:
            if self._delta.n_rows < SEAL_AT:
                return False
            taken, n_taken = self._delta.live_rows(), self._delta.n_rows
            self._gone = set()
        segment = build_segment(taken)
        with self._lock:
            fresh = Sealed.of(segment)
            self._drop_gone(fresh)
            self._view = None
            self._delta = self._delta.without_first(n_taken)
            if fresh.n_live:
                self._sealed.append(fresh)
        return True

    def _merge(self) -> bool:
        with self._lock:
            chosen = _worth_merging(self._sealed)
            if not chosen:
                return False
            copies = [(each.segment, each.live.copy()) for each in chosen]
            self._gone = set()
        merged = join([live_rows(segment, live) for segment, live in copies])
        segment = build_segment(merged) if merged.n_rows else None
        with self._lock:
            kept = [each for each in self._sealed if not any(each is other for other in chosen)]
            if segment is not None:
                fresh = Sealed.of(segment)
                self._drop_gone(fresh)
                kept.append(fresh)
            else:
                self._gone = None
            self._view = None
            self._sealed = kept
        return True

    def _drop_gone(self, fresh: Sealed) -> None:
        """Take out of a new segment what went, or came anew, while it was built."""
        for candidate_id in self._gone or ():
            row = fresh.segment.find_row(candidate_id)
            if row >= 0 and fresh.holds(row):
                fresh.drop(row)
        self._gone = None

    def rows(self) -> Rows | None:
        """All live candidates by id, or None if there are none."""
        return self.view().rows()

    def sealed(self) -> list[Sealed]:
        """The segments as they are now."""
        with self._lock:
            return list(self._sealed)


def all_rows(n_rows: int) -> NDArray[np.uint64]:
    """Bits that say yes to every row and to nothing beyond."""
    bits = np.full((n_rows + 63) // 64, ~np.uint64(0))
    if n_rows % 64:
        bits[-1] = np.uint64((1 << (n_rows % 64)) - 1)
    return bits


def set_bits(bits: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Positions of the bits that are set, ascending."""
    return np.flatnonzero(np.unpackbits(bits.view(np.uint8), bitorder="little"))


def live_rows(segment: Segment, live: NDArray[np.uint64]) -> Rows:
    """The rows of a segment that are left."""
    return segment_rows(segment).take(set_bits(live))


def _worth_merging(sealed: Sequence[Sealed]) -> list[Sealed]:
    """The smallest segments, if several are of about one size, or one that is mostly gone."""
    for each in sealed:
        if each.n_live < each.segment.n_rows // 2:
            return [each]
    by_size = sorted(sealed, key=lambda each: each.n_live)
    for n in range(len(by_size), _MERGE_AT - 1, -1):
        group = by_size[:n]
        if group[-1].n_live <= _MERGE_AT * max(SEAL_AT, sum(each.n_live for each in group[:-1])):
            return group
    return []


def _as_text(digest_sum: int) -> str:
    return f"{digest_sum % (1 << 8 * N_DIGEST):0{2 * N_DIGEST}x}"


def _digest_sum(digest: NDArray[np.uint8]) -> int:
    """Sum of digests, as whole numbers; the order of rows does not matter."""
    columns = digest.reshape(-1, N_DIGEST).sum(axis=0, dtype=np.int64).tolist()
    return sum(int(total) << (8 * place) for place, total in enumerate(columns))


def _sum_of_digests(each: Sealed) -> int:
    return _digest_sum(each.segment.digest[set_bits(each.live)])
