"""Phrases -> their distinct words: those of labels by row, and strange ones, that no label uses.

A strange word may stand for label words spelt nearly like it, but only for those of the phrase's
declared language and for English ones: "backend" in an English phrase is not German *backen*.
Both twins of the search begin with this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.matching.words import ANY_LANG, WordTable


class PhraseWords(NamedTuple):
    """Words of some phrases.

    Attributes
    ----------
    word : ndarray of shape (n_phrase_words,), int32
        Words of all phrases, in order: positions in ``row``.
    row : ndarray of shape (n_distinct,), int64
        Row in ``WordTable.words`` of each distinct word, or ``-i - 1`` for strange word ``i``.
    strange : list of str
        The same word in phrases of two languages stands here twice.
    strange_langs : ndarray of shape (n_strange,), int64
        Bits of the languages whose words each may stand for.
    """

    word: NDArray[np.int32]
    row: NDArray[np.int64]
    strange: list[str]
    strange_langs: NDArray[np.int64]


def words_of_phrases(
    table: WordTable, split: Sequence[Sequence[str]], lang_bits: Sequence[int]
) -> PhraseWords:
    """Find the words of phrases in a table.

    Parameters
    ----------
    split : sequence of sequence of str
        Words of each canonical phrase.
    lang_bits : sequence of int
        Bit of each phrase's declared language; 0 where none is declared or loaded.
    """
    row_of = table.row_of
    position: dict[str | tuple[str, int], int] = {}
    strange: list[str] = []
    langs: list[int] = []
    rows: list[int] = []
    word: list[int] = []
    for words, bit in zip(split, lang_bits, strict=True):
        for each in words:
            row = row_of.get(each)
            key = each if row is not None else (each, bit)
            at = position.setdefault(key, len(rows))
            if at == len(rows):
                if row is None:
                    strange.append(each)
                    langs.append(bit or ANY_LANG)
                    row = -len(strange)
                rows.append(row)
            word.append(at)
    return PhraseWords(
        np.array(word, dtype=np.int32),
        np.array(rows, dtype=np.int64),
        strange,
        np.array(langs, dtype=np.int64),
    )
