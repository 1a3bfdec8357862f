"""Hard conditions as bits over rows: what is not eligible is never scored.

A condition is worked out once for a segment, which never changes, and kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from app.matching.ranking.rows import Rows
from app.matching.ranking.segment import BLOCK, Segment

UNKNOWN = np.iinfo(np.int32).min
"""Value of a column where the fact is not known."""

_KEPT = 64


@dataclass(frozen=True, slots=True)
class Between:
    """A column lies in ``[least, most]``, or is unknown where that is let pass."""

    column: str
    least: int = UNKNOWN + 1
    most: int = np.iinfo(np.int32).max
    unknown_passes: bool = True

    def holds(self, values: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which values pass."""
        passes = (values >= self.least) & (values <= self.most)
        is_unknown = values == UNKNOWN
        return np.asarray(passes | is_unknown if self.unknown_passes else passes & ~is_unknown)


@dataclass(frozen=True, slots=True)
class OneOf:
    """A column has one of some values, or is unknown where that is let pass."""

    column: str
    values: tuple[int, ...]
    unknown_passes: bool = True

    def holds(self, values: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which values pass."""
        passes = np.isin(values, self.values)
        is_unknown = values == UNKNOWN
        return np.asarray(passes | is_unknown if self.unknown_passes else passes & ~is_unknown)


@dataclass(frozen=True, slots=True)
class Claimed:
    """One of some terms is claimed at one of some grades, or at any where ``grades`` is None."""

    terms: tuple[int, ...]
    grades: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Not:
    """A condition is not met."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of some conditions is met."""

    conditions: tuple[Condition, ...]


Condition = Between | OneOf | Claimed | Not | AnyOf


def all_of(*conditions: Condition) -> Condition:
    """Every one of some conditions is met."""
    return Not(AnyOf(tuple(Not(each) for each in conditions)))


def passing_rows(rows: Rows, conditions: Sequence[Condition]) -> NDArray[np.bool_]:
    """Which rows meet every condition.

    Raises
    ------
    KeyError
        If a condition names a column that the rows do not have.
    """
    passes = np.ones(rows.n_rows, dtype=bool)
    for condition in conditions:
        passes &= _row_passes(rows, condition)
    return passes


def _row_passes(rows: Rows, condition: Condition) -> NDArray[np.bool_]:
    if isinstance(condition, Not):
        return ~_row_passes(rows, condition.condition)
    if isinstance(condition, AnyOf):
        passes = np.zeros(rows.n_rows, dtype=bool)
        for each in condition.conditions:
            passes |= _row_passes(rows, each)
        return passes
    if isinstance(condition, Claimed):
        fits = np.isin(rows.claim_term, condition.terms)
        if condition.grades is not None:
            fits &= np.isin(rows.claim_grade, condition.grades)
        n_before = np.concatenate([[0], np.cumsum(fits)])
        return np.asarray(n_before[rows.claim_ptr[1:]] > n_before[rows.claim_ptr[:-1]])
    return condition.holds(rows.columns[condition.column])


class SegmentFilter:
    """Conditions on one segment; threads may share it."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._lock = Lock()
        self._kept: OrderedDict[Condition, NDArray[np.uint64]] = OrderedDict()

    def bits(self, conditions: Sequence[Condition]) -> NDArray[np.uint64]:
        """Bits of the rows that meet every condition, of which there is at least one; not to be changed.

        Raises
        ------
        KeyError
            If a condition names a column that the segment does not have.
        """
        bits = self._of(conditions[0])
        for condition in conditions[1:]:
            bits = bits & self._of(condition)
        return bits

    def _of(self, condition: Condition) -> NDArray[np.uint64]:
        with self._lock:
            kept = self._kept.get(condition)
            if kept is not None:
                self._kept.move_to_end(condition)
                return kept
        found = _packed(self._passes(condition))
        with self._lock:
            self._kept[condition] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    def _passes(self, condition: Condition) -> NDArray[np.bool_]:
        segment = self._segment
        if isinstance(condition, Not):
            return ~self._passes(condition.condition)
        if isinstance(condition, AnyOf):
            passes = np.zeros(segment.n_rows, dtype=bool)
            for each in condition.conditions:
                passes |= self._passes(each)
            return passes
        if isinstance(condition, Claimed):
            return self._claimed(condition)
        if condition.column not in segment.column_names:
            raise KeyError(condition.column)
        return condition.holds(segment.columns[segment.column_names.index(condition.column)])

    def _claimed(self, condition: Claimed) -> NDArray[np.bool_]:
        segment = self._segment
        passes = np.zeros(segment.n_rows, dtype=bool)
        lists = segment.claims
        for which in lists.find(np.array(condition.terms, dtype=np.int32)):
            if which >= 0:
                first, last = lists.piece_ptr[which], lists.piece_ptr[which + 1]
                start, end = lists.piece_start[first], lists.piece_start[last]
                block = np.repeat(lists.piece_block[first:last], np.diff(lists.piece_start[first : last + 1]))
                rows = block.astype(np.int64) * BLOCK + lists.local[start:end]
                if condition.grades is not None:
                    rows = rows[np.isin(segment.claim_grade[start:end], condition.grades)]
                passes[rows] = True
        return passes


def _packed(passes: NDArray[np.bool_]) -> NDArray[np.uint64]:
    packed = np.packbits(passes, bitorder="little")
    return np.pad(packed, (0, -len(packed) % 8)).view(np.uint64)
