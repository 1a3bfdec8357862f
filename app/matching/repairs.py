"""Words that no label uses -> the label words that one or two errors of typing made them of.

An error leaves a letter out, adds one, puts one for another or swaps two neighbours
(Damerau 1964, each place edited once). What comes that near counts almost as much as
the word itself. The compiled twin of the search is in ``app.matching.compiled_repairs``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.matching.spelling import LONGEST_SPELLING
from app.matching.words import ANY_LANG, MAX_LIKES, SHORTEST_LIKE, Likes

if TYPE_CHECKING:
    from app.matching.words import WordTable

MAX_EDITS = 2
MAX_REPAIRS = 16
SHORTEST_TWICE = 6  # in shorter words two errors leave too little of the word
REPAIRED = (256, 246, 205)
"""Likeness of a word to what it becomes by so many edits, in 1/256."""

_Lengths = tuple[tuple[str, ...], NDArray[np.int32], NDArray[np.int64]]


class Repairs(NamedTuple):
    """Label words that words are a few errors away from, grouped by word.

    Attributes
    ----------
    indptr : ndarray of shape (n_words + 1,), int64
    word_row : ndarray of shape (n_repairs,), int32
        Row in ``WordTable.words``; within a word by edits, then the most used, then row.
    n_edits : ndarray of shape (n_repairs,), int32
        At least 1, as the words asked about are no label words.
    """

    indptr: NDArray[np.int64]
    word_row: NDArray[np.int32]
    n_edits: NDArray[np.int32]


def edits_allowed(word: str) -> int:
    """How many errors are looked for: none in short words, in very long ones and in codes ("html5")."""
    if not SHORTEST_LIKE <= len(word) <= LONGEST_SPELLING or any(char.isdigit() for char in word):
        return 0
    return MAX_EDITS if len(word) >= SHORTEST_TWICE else 1


def rows_by_length(words: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Rows of words by length, then row, and where each length begins; too long ones are left out.

    Returns
    -------
    row : ndarray of shape (n_comparable,), int32
    start : ndarray of shape (LONGEST_SPELLING + 2,), int64
        Words of ``n`` letters are ``row[start[n]:start[n + 1]]``; shorter than ``SHORTEST_LIKE``, none.
    """
    length = np.array([len(word) for word in words], dtype=np.int64)
    comparable = np.flatnonzero((length >= SHORTEST_LIKE) & (length <= LONGEST_SPELLING))
    row = comparable[np.argsort(length[comparable], kind="stable")]
    return row.astype(np.int32), np.searchsorted(length[row], np.arange(LONGEST_SPELLING + 2))


def find_repairs(table: WordTable, words: Sequence[str], langs: NDArray[np.int64] | None = None) -> Repairs:
    """Find what words that no label uses may have been before errors of typing.

    Parameters
    ----------
    langs : ndarray of shape (n_words,), int64, optional
        Bits of the languages whose words each word may have been; any where not given.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    row, start = rows_by_length(table.words)
    found: list[list[tuple[int, int, int]]] = []
    wanted = np.full(len(words), ANY_LANG, np.int64) if langs is None else langs
    for word, bits in zip(words, wanted.tolist(), strict=True):
        most = edits_allowed(word)
        near: list[tuple[int, int, int]] = []
        if most:
            near_length = row[start[len(word) - most] : start[min(len(word) + most, LONGEST_SPELLING) + 1]]
            rows = near_length[(table.langs[near_length] & bits) != 0].tolist()
            others = [table.words[each] for each in rows]
            edits = process.cdist([word], others, scorer=OSA.distance, score_cutoff=most, dtype=np.int32)[0]
            near = [
                (int(edits[at]), int(table.rarity[rows[at]]), rows[at])
                for at in np.flatnonzero(edits <= most).tolist()
            ]
        found.append(sorted(near)[:MAX_REPAIRS])
    indptr = np.zeros(len(words) + 1, dtype=np.int64)
    np.cumsum([len(near) for near in found], out=indptr[1:])
    return Repairs(
        indptr,
        np.array([each for near in found for _, _, each in near], dtype=np.int32),
        np.array([n_edits for near in found for n_edits, _, _ in near], dtype=np.int32),
    )


def likes_with_repairs(table: WordTable, likes: Likes, repairs: Repairs) -> Likes:
    """Let words stand for what they may have been, beside what they are spelt like."""
    if not len(repairs.word_row):
        return likes
    merged: list[list[tuple[int, int, int]]] = []
    like_start, like_row, likeness_of = (array.tolist() for array in likes)
    repair_start, repaired_row, n_edits_of = (array.tolist() for array in repairs)
    for at in range(len(like_start) - 1):
        of = slice(like_start[at], like_start[at + 1])
        best = dict(zip(like_row[of], likeness_of[of], strict=True))
        of = slice(repair_start[at], repair_start[at + 1])
        for row, n_edits in zip(repaired_row[of], n_edits_of[of], strict=True):
            best[row] = max(best.get(row, 0), REPAIRED[n_edits])
        # Of equal ones the most used first.
        ranked = sorted((-likeness, int(table.rarity[row]), row) for row, likeness in best.items())
        merged.append(ranked[:MAX_LIKES])
    indptr = np.zeros(len(merged) + 1, dtype=np.int64)
    np.cumsum([len(each) for each in merged], out=indptr[1:])
    return Likes(
        indptr,
        np.array([row for each in merged for _, _, row in each], dtype=np.int32),
        np.array([-likeness for each in merged for likeness, _, _ in each], dtype=np.int32),
    )


def vectors_with_repairs(
    vectors: NDArray[np.int64], repairs: Repairs, word_vectors: NDArray[np.int16]
) -> NDArray[np.int64]:
    """Move words halfway to the mean of the label words that the fewest errors lead to.

    Parameters
    ----------
    vectors : ndarray of shape (n_words, N_DIMS), int64
        From the words' own n-grams.
    word_vectors : ndarray of shape (n_label_words, N_DIMS), int16
    """
    moved = vectors.copy()
    start, n_edits = repairs.indptr.tolist(), repairs.n_edits.tolist()
    for at in range(len(vectors)):
        edits = n_edits[start[at] : start[at + 1]]
        if edits:
            # Repairs come by edits.
            fewest = repairs.word_row[start[at] : start[at] + edits.count(edits[0])]
            mean = word_vectors[fewest].sum(axis=0, dtype=np.int64) // len(fewest)
            moved[at] = (vectors[at] + mean) // 2
    return moved
