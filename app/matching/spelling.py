"""Characters of words and labels as numbers: their codes in an alphabet, and their trigrams."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

LONGEST_SPELLING = 64
"""Characters of a word or label that are compared by spelling."""

POINT_BITS = 21
"""Bits of a code point; three of them make the key of a trigram."""


def alphabet_of(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Code points of all characters of some texts, ascending."""
    return np.array(sorted(map(ord, set("".join(texts)))), dtype=np.uint32)


def codes_of(alphabet: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """What stands for each code point, up to one past the last of an alphabet: position + 1, or 0."""
    codes = np.zeros(int(alphabet.max(initial=0)) + 2, dtype=np.uint16)
    codes[alphabet] = np.arange(1, len(alphabet) + 1)
    return codes


def spell(codes: NDArray[np.uint16], texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.uint16]]:
    """Codes of the first characters of each text, one text after the other; 0 for characters without one.

    Returns
    -------
    start : ndarray of shape (n_texts + 1,), int64
    spelling : ndarray of shape (n_characters,), uint16
    """
    start, points = _points([text[:LONGEST_SPELLING] for text in texts])
    # One past the last character of the alphabet lies the place of all others.
    return start, codes.take(points, mode="clip")


def trigrams_of(words: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Distinct trigrams of each word and the spaces around it, as (position of the word, key), sorted.

    Keys sort like the trigrams they stand for; ``trigram_name`` gives the trigram.
    """
    start, points = padded_points(words)
    if len(points) < 3:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    at = points.astype(np.int64)
    key = (at[:-2] << 2 * POINT_BITS) | (at[1:-1] << POINT_BITS) | at[2:]
    word = np.repeat(np.arange(len(words)), np.diff(start))
    inside = word[:-2] == word[2:]
    key, word = key[inside], word[:-2][inside]
    order = np.lexsort((key, word))
    key, word = key[order], word[order]
    is_first = np.ones(len(key), dtype=bool)
    is_first[1:] = (key[1:] != key[:-1]) | (word[1:] != word[:-1])
    return word[is_first], key[is_first]


def padded_points(words: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Code points of the first characters of each word, with a space at either end."""
    return _points([f" {word[:LONGEST_SPELLING]} " for word in words])


def trigram_name(key: int) -> str:
    """The three characters of a key."""
    mask = (1 << POINT_BITS) - 1
    return "".join(map(chr, (key >> 2 * POINT_BITS, (key >> POINT_BITS) & mask, key & mask)))


def trigram_keys(names: Sequence[str]) -> NDArray[np.int64]:
    """Keys of strings of three characters."""
    at = _points(names)[1].astype(np.int64).reshape(-1, 3)
    return np.asarray((at[:, 0] << 2 * POINT_BITS) | (at[:, 1] << POINT_BITS) | at[:, 2])


def starts(groups: Sequence[Sized]) -> NDArray[np.int64]:
    """Where each group begins when they lie one after the other, and where the last one ends."""
    return np.array([0, *accumulate(map(len, groups))], dtype=np.int64)


def _points(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    start = starts(texts)
    # Half characters can be in no label, but in what is compared with labels.
    return start, np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
