"""Plain twin of ``kernel``: every row scored in NumPy. Tests use it as the oracle.

It also answers while the compiler is at work, and where there is none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.matching.ranking.query import CREDIT_UNITS, Query
from app.matching.ranking.rows import Rows
from app.matching.ranking.segment import BLOCK, Lists, Segment

NO_FLOOR = -1


def score_rows(segment: Segment, query: Query) -> NDArray[np.int64]:
    """Score every row, in units of ``1 / SCORE_UNITS``.

    Returns
    -------
    ndarray of shape (n_rows,), int64
    """
    units = np.zeros(segment.n_rows, dtype=np.int64)
    best = np.zeros(segment.n_rows, dtype=np.int64)
    lists = segment.claims.find(query.entry_term)
    ends = np.searchsorted(query.entry_group, np.arange(len(query.group_weight) + 1))
    for group, weight in enumerate(query.group_weight):
        best[:] = 0
        for entry in range(ends[group], ends[group + 1]):
            if lists[entry] >= 0:
                rows, places = _list_rows(segment.claims, lists[entry])
                credit = query.entry_credit[entry][segment.claim_grade[places]]
                best[rows] = np.maximum(best[rows], credit)
        units += weight * best
    units += CREDIT_UNITS * _words(segment, query)
    return units


def best_rows(
    segment: Segment, query: Query, k: int, *, live: NDArray[np.uint64], floor: int = NO_FLOOR
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the best ``k`` live rows: score descending, then row ascending.

    Parameters
    ----------
    live : ndarray of shape (ceil(n_rows / 64),), uint64
        Bit ``row % 64`` of word ``row // 64`` says whether the row takes part.
    floor : int
        Rows that score less are of no use.

    Returns
    -------
    row, units : ndarray of shape (n,), int64
        ``n`` at most ``k``.
    """
    units = score_rows(segment, query)
    takes_part = np.unpackbits(live.view(np.uint8), bitorder="little")[: segment.n_rows].astype(bool)
    rows = np.flatnonzero(takes_part & (units >= floor))
    if len(rows) > 4 * k:
        # Everything that ties with the k-th stays, so the sort below decides.
        least = np.partition(units[rows], len(rows) - k)[len(rows) - k]
        rows = rows[units[rows] >= least]
    rows = rows[np.argsort(-units[rows], kind="stable")[:k]]
    return rows.astype(np.int64), units[rows]


def _words(segment: Segment, query: Query) -> NDArray[np.int64]:
    """Weight of the words that each row uses, in units of 2**-24."""
    used = np.zeros(segment.n_rows, dtype=np.int64)
    lists = segment.words.find(query.word_term)
    for position in np.flatnonzero(lists >= 0):
        rows, _ = _list_rows(segment.words, lists[position])
        used[rows] += query.word_weight[position]
    for bit, word in common_words(segment, query):
        is_set = (segment.common[:, bit // 64] >> np.uint64(bit % 64)) & np.uint64(1)
        used += is_set.astype(np.int64) * query.word_weight[word]
    return used


def common_words(segment: Segment, query: Query) -> list[tuple[int, int]]:
    """(bit, position in the query) of the words of a query that the segment keeps as bits."""
    _, bit, word = np.intersect1d(
        segment.common_term, query.word_term, assume_unique=True, return_indices=True
    )
    return list(zip(bit.tolist(), word.tolist(), strict=True))


def _list_rows(lists: Lists, which: int) -> tuple[NDArray[np.int64], slice]:
    """Rows of one list, and where its elements stand."""
    first, last = int(lists.piece_ptr[which]), int(lists.piece_ptr[which + 1])
    start, end = int(lists.piece_start[first]), int(lists.piece_start[last])
    n_each = np.diff(lists.piece_start[first : last + 1])
    block = np.repeat(lists.piece_block[first:last], n_each).astype(np.int64)
    return block * BLOCK + lists.local[start:end], slice(start, end)


def score_each(rows: Rows, query: Query, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """Score the chosen rows one by one, in units of ``1 / SCORE_UNITS``."""
    used = dict(zip(query.word_term.tolist(), query.word_weight.tolist(), strict=True))
    units = np.zeros(len(chosen), dtype=np.int64)
    for i, row in enumerate(chosen):
        claims = slice(rows.claim_ptr[row], rows.claim_ptr[row + 1])
        place = {term: at for at, term in enumerate(rows.claim_term[claims].tolist())}
        best = np.zeros(len(query.group_weight), dtype=np.int64)
        for entry, term in enumerate(query.entry_term.tolist()):
            if term in place:
                grade = rows.claim_grade[claims][place[term]]
                group = query.entry_group[entry]
                best[group] = max(best[group], query.entry_credit[entry, grade])
        words = rows.word_term[rows.word_ptr[row] : rows.word_ptr[row + 1]].tolist()
        units[i] = query.group_weight @ best + CREDIT_UNITS * sum(used.get(term, 0) for term in words)
    return units
