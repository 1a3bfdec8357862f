"""Rows of words that belong together: where a count of them goes up, and how far it pays to go on.

Words stand for their places among those of a vacancy; -1 for any other word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]

_NEAR = 6  # within so many words a word counts once: repetition is no copy
_GIVEN_UP = 10  # a stretch ends where it has lost so much


def find(known: NDArray[np.generic], keys: NDArray[np.generic]) -> Rows:
    """Places of keys among known ones, ascending; -1 where they are not there."""
    if not len(known):
        return np.full(len(keys), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[place] == keys, place, -1)


def said_before(rows: Rows) -> NDArray[np.bool_]:
    """Whether the same stands a few places before."""
    before = np.zeros(len(rows), dtype=np.bool_)
    order = np.argsort(rows, kind="stable")
    is_same = (np.diff(rows[order]) == 0) & (np.diff(order) <= _NEAR)
    before[order[1:][is_same]] = True
    return before


def stretches_of(gains: Sequence[int], least: int) -> Iterator[tuple[int, int, int]]:
    """First word, end and total of the stretches that come to ``least``, each as long as it pays."""
    start = total = best = 0
    last = -1
    for at, gain in enumerate([*gains, -_GIVEN_UP - 1]):
        if total <= 0:
            start, total, best, last = at, 0, 0, -1
        total += gain
        if total > best or (total == best and gain == 0):
            best, last = total, at
        if total <= 0 or total < best - _GIVEN_UP:
            if best >= least:
                yield start, last + 1, best
            total = 0


def gaining(gains: Rows, parts: Rows) -> list[tuple[int, int]]:
    """First word and end of the stretches each word of which is in some row that comes to more than 0.

    Every such row is within one stretch, whatever stands before and after it.

    Parameters
    ----------
    gains : ndarray of shape (n_words,), int64
    parts : ndarray of shape (n_words,), int64
        The part of the text that each word stands in, ascending; no row goes on in the next.

    Examples
    --------
    >>> gaining(np.array([1, 1, 1, -2, 1, -3, -2, 1]), np.zeros(8, dtype=np.int64))
    [(0, 5), (7, 8)]
    >>> gaining(np.array([1, 1, 1]), np.array([0, 0, 1]))
    [(0, 2), (2, 3)]
    """
    # Between two parts stands more than all words make up for.
    breaks = np.flatnonzero(np.diff(parts)) + 1
    parted = np.insert(gains, breaks, -int(np.abs(gains).sum()) - 1)
    sums = np.concatenate([[0], np.cumsum(parted)])
    # What the best row through each word comes to.
    best = np.maximum.accumulate(sums[:0:-1])[::-1] - np.minimum.accumulate(sums[:-1])
    turns = np.flatnonzero(np.diff(np.concatenate([[False], best > 0, [False]]).astype(np.int8)))
    turns -= np.searchsorted(breaks + np.arange(len(breaks)), turns)
    return list(zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True))
