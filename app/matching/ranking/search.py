"""The best rows of one segment by compiled code: arrays in, arrays out."""

from __future__ import annotations

from threading import local
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from app.matching.ranking import plain
from app.matching.ranking.each import score_each
from app.matching.ranking.heap import kernel
from app.matching.ranking.kernel import best_rows
from app.matching.ranking.localise import in_steps, localise_entries, localise_words
from app.matching.ranking.places import Places, matrix, vector
from app.matching.ranking.query import Query
from app.matching.ranking.rows import Rows
from app.matching.ranking.sample import room_for_sample
from app.matching.ranking.segment import BLOCK, Lists, Segment

_MOST_TERMS = 1 << 15
"""Terms of a query, each rounded up by a step at most: half of what sums of 16 bits hold."""


@kernel
def _cursors(n):
    return np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)


@kernel
def _lists_at(table, first):
    return (
        vector(table, first, np.int64),
        vector(table, first + 1, np.int32),
        vector(table, first + 2, np.int64),
        vector(table, first + 3, np.uint16),
    )


@kernel
def search(
    segment,
    scratch,
    live,
    group_weight,
    entry_group,
    entry_term,
    entry_credit,
    word_term,
    word_weight,
    k,
    floor,
):
    """Bring a query into the segment's terms, and find the best ``k`` live rows.

    ``segment`` and ``scratch`` are tables of places. Returns rows and units, as one array.
    """
    claims, words = _lists_at(segment, 0), _lists_at(segment, 4)
    claim_grade = vector(segment, 8, np.uint16)
    common, planes = matrix(segment, 9, np.uint64), matrix(segment, 10, np.uint64)
    by_row = vector(segment, 11, np.int64), vector(segment, 12, np.int32), vector(segment, 13, np.uint16)
    claim_table, word_table = matrix(segment, 14, np.int32), vector(segment, 15, np.int32)
    acc, found = vector(scratch, 0, np.uint16), vector(scratch, 1, np.int32)
    held, head = vector(scratch, 2, np.int64), vector(scratch, 3, np.int32)
    word_list, list_weight, common_asked, common_bound = localise_words(word_table, word_term, word_weight)
    n_listed, entries, step = localise_entries(
        claim_table, group_weight, entry_group, entry_term, entry_credit, list_weight.sum(), len(word_list)
    )
    out = np.empty((2, k), np.int64)
    n = best_rows(
        len(by_row[0]) - 1,
        (claims, claim_grade, words, common, planes),
        by_row,
        live,
        (
            n_listed,
            entries,
            (group_weight, entry_group, entry_credit),
            step,
            (word_list, list_weight, in_steps(list_weight, step)),
            common_asked,
            common_bound,
        ),
        (
            (acc, found, held),
            (head, np.empty(len(entries[0]), np.int32), np.empty(len(group_weight), np.int64)),
            _cursors(n_listed),
            _cursors(len(word_list)),
            (
                np.empty(room_for_sample(k), np.int64),
                (np.empty(k, np.int64), np.empty(k, np.int64)),
            ),
        ),
        k,
        floor,
        out[1],
        out[0],
    )
    return out[:, :n]


class CompiledSegment:
    """A segment as compiled code takes it; threads may share it."""

    def __init__(self, segment: Segment) -> None:
        self._places = Places(
            [
                *_fields(segment.claims),
                *_fields(segment.words),
                (segment.claim_grade, np.uint16),
                (segment.common, np.uint64),
                (segment.planes, np.uint64),
                (segment.row_ptr, np.int64),
                (segment.row_list, np.int32),
                (segment.row_grade, np.uint16),
                (_claim_table(segment), np.int32),
                (_word_table(segment), np.int32),
            ]
        )
        self._n_lists = len(segment.claims.terms)
        self._segment = segment

    def best_rows(
        self, query: Query, k: int, *, live: NDArray[np.uint64], floor: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Find the best ``k`` live rows; as ``plain.best_rows``."""
        if len(query.entry_term) + len(query.word_term) > _MOST_TERMS:
            return plain.best_rows(self._segment, query, k, live=live, floor=floor)
        # Held by this call: the arrays of a thread that ends with the process go before its search does.
        scratch = _scratch(self._n_lists)
        row, units = search(
            self._places.table,
            scratch.table,
            live,
            query.group_weight,
            query.entry_group,
            query.entry_term,
            query.entry_credit,
            query.word_term,
            query.word_weight,
            k,
            floor,
        )
        return row, units


def score_chosen(rows: Rows, query: Query, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """Units of single rows; as ``plain.score_each``."""
    by_term = np.argsort(query.entry_term, kind="stable")
    terms, first = np.unique(query.entry_term[by_term], return_index=True)
    by_word = np.argsort(query.word_term)
    units = score_each(
        (rows.claim_ptr, rows.claim_term, rows.claim_grade, rows.word_ptr, rows.word_term),
        chosen,
        np.append(first, len(by_term)),
        query.entry_group[by_term],
        terms,
        query.entry_credit[by_term],
        query.group_weight,
        query.word_term[by_word],
        query.word_weight[by_word],
    )
    return units  # type: ignore[no-any-return]  # compiled code has no types


def _claim_table(segment: Segment) -> NDArray[np.int32]:
    """List of each term or -1, its length, and its plane or -1."""
    lists = segment.claims
    table = np.full((int(lists.terms[-1]) + 1 if len(lists.terms) else 0, 3), -1, dtype=np.int32)
    table[lists.terms, 0] = np.arange(len(lists.terms))
    table[lists.terms, 1] = lists.sizes()
    table[lists.terms[segment.plane_list], 2] = np.arange(len(segment.plane_list))
    return table


def _word_table(segment: Segment) -> NDArray[np.int32]:
    """List of each word, -1 where there is none, and ``-2 - bit`` of common words."""
    words, common = segment.words.terms, segment.common_term
    table = np.full(max(words.max(initial=-1), common.max(initial=-1)) + 1, -1, dtype=np.int32)
    table[words] = np.arange(len(words))
    table[common] = -2 - np.arange(len(common))
    return table


_thread = local()


def _scratch(n_lists: int) -> Places:
    """Places of this thread's arrays, which every search leaves as it finds them, or clears first."""
    held: tuple[int, Places] | None = getattr(_thread, "scratch", None)
    if held is None or held[0] < n_lists:
        places = Places(
            [
                (np.zeros(BLOCK, dtype=np.uint16), np.uint16),
                (np.zeros(BLOCK, dtype=np.int32), np.int32),
                (np.zeros(BLOCK, dtype=np.int64), np.int64),
                (np.full(n_lists, -1, dtype=np.int32), np.int32),
            ]
        )
        held = _thread.scratch = (n_lists, places)
    return held[1]


def _fields(lists: Lists) -> list[tuple[NDArray[Any], DTypeLike]]:
    return [
        (lists.piece_ptr, np.int64),
        (lists.piece_block, np.int32),
        (lists.piece_start, np.int64),
        (lists.local, np.uint16),
    ]
