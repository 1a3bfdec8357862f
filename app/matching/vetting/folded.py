"""Texts as arrays of folded words: how copies are looked for.

Every character becomes one letter without case, marks or look-alikes of another script, so that
offsets stay, and words become numbers. Invisible characters inside a word do not cut it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from app.matching.cues import cue_languages, function_words
from app.matching.vetting.units import clauses, sentences

_PLANE = 0x10000
_SEPARATOR, _IGNORED = 0, 1
_LEAST_LETTERS = 3  # shorter words say too little to count as shared
_LEAST_SLIP = 5  # letters of a word in which one typing error is read over

# Letters of other scripts that look like Latin ones, in Latin ones: whoever writes a word in
# look-alikes copies it all the same.
_LOOK_ALIKES = dict(
    zip(
        "аеорсухіјѕһԁԛԝкмтвнгпοαερτυνικωηβγδ",
        "aeopcyxijshdqwkmtbhrnoaeptuvikwnbyd",
        strict=True,
    )
)

_Hashes = NDArray[np.uint64]
# An odd number, so it has an inverse modulo 2**64.
_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(int(_BASE), -1, 1 << 64))
_SPREAD = np.uint64(0xBF58476D1CE4E5B9)


@dataclass(frozen=True)
class FoldedText:
    """The words of a text.

    Attributes
    ----------
    text : str
        The text itself.
    start, end : ndarray of shape (n_words,), int32
        Where each word stands: ``text[start:end]``.
    key : ndarray of shape (n_words,), uint64
        Equal for equal words.
    counts : ndarray of shape (n_words,), bool
        False for numbers, small words and those under three letters.
    slip_key : ndarray, uint64
        Keys of the words of five letters or more, small ones too, with one letter left out.
    slip_word : ndarray aligned with ``slip_key``, int32
        The word each belongs to.
    """

    text: str
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    key: _Hashes
    counts: NDArray[np.bool_]
    slip_key: _Hashes
    slip_word: NDArray[np.int32]

    @cached_property
    def sentences(self) -> NDArray[np.int64]:
        """First word and end of each sentence, of shape (n_sentences, 2)."""
        return self._words_of(_spans(sentences(self.text)))

    @cached_property
    def clauses(self) -> NDArray[np.int32]:
        """Where each clause or list item begins and ends in the text, of shape (n_clauses, 2)."""
        return _spans(clauses(self.text))

    @cached_property
    def clause_words(self) -> NDArray[np.int64]:
        """First word and end of each of ``clauses``."""
        return self._words_of(self.clauses)

    def _words_of(self, spans: NDArray[np.int32]) -> NDArray[np.int64]:
        # Hardly any text has to be cut into them.
        return np.searchsorted(self.start, spans)


def fold(text: str) -> FoldedText:
    """Take a text apart into folded words; linear in its length.

    Examples
    --------
    >>> a, b = fold("Wélding, plates"), fold("WEL\u200bDING\u2028Plates!")
    >>> bool((a.key == b.key).all())
    True
    """
    codes = _letters(text)
    kept = np.flatnonzero(codes != _IGNORED)
    letters = codes[kept]
    is_letter = letters != _SEPARATOR
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_letter, [False]]).astype(np.int8)))
    first, last = edges[::2], edges[1::2]
    if not len(first):
        empty = np.empty(0, dtype=np.int32)
        none = np.empty(0, dtype=np.uint64)
        return FoldedText(text, empty, empty, none, np.empty(0, dtype=np.bool_), none, empty)
    powers, inverses = _powers(len(letters) + 1)
    sums = np.concatenate([[np.uint64(0)], np.cumsum(letters.astype(np.uint64) * powers[: len(letters)])])
    key = _finish((sums[last] - sums[first]) * inverses[first])
    digits = (letters >= 0x30) & (letters <= 0x39)
    n_digits = np.concatenate([[0], np.cumsum(digits)])
    n_letters = last - first
    is_number = n_digits[last] - n_digits[first] == n_letters
    counts = ~is_number & (n_letters >= _LEAST_LETTERS) & ~_is_small(key)
    # One letter left out of each longer word.
    chosen = np.flatnonzero(~is_number & (n_letters >= _LEAST_SLIP))
    sizes = n_letters[chosen]
    owner = np.repeat(chosen, sizes)
    at = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes) + first[owner]
    without = (sums[at] - sums[first[owner]]) + (sums[last[owner]] - sums[at + 1]) * _INVERSE
    return FoldedText(
        text=text,
        start=kept[first].astype(np.int32),
        end=(kept[last - 1] + 1).astype(np.int32),
        key=key,
        counts=counts,
        slip_key=_finish(without * inverses[first[owner]]),
        slip_word=owner.astype(np.int32),
    )


def join(texts: Sequence[FoldedText]) -> FoldedText:
    """The words of several texts, one text after the other; sentences and clauses are lost."""
    first = np.cumsum([0, *(len(each.key) for each in texts)])
    slip_words = [each.slip_word + first[at] for at, each in enumerate(texts)]
    return FoldedText(
        text="",
        start=np.concatenate([each.start for each in texts]),
        end=np.concatenate([each.end for each in texts]),
        key=np.concatenate([each.key for each in texts]),
        counts=np.concatenate([each.counts for each in texts]),
        slip_key=np.concatenate([each.slip_key for each in texts]),
        slip_word=np.concatenate(slip_words).astype(np.int32),
    )


def _spans(found: Iterator[tuple[int, int]]) -> NDArray[np.int32]:
    return np.array(list(found), dtype=np.int32).reshape(-1, 2)


def visible_letters(text: str) -> str:
    """A text in folded letters; other characters stay, and invisible ones go.

    Examples
    --------
    >>> visible_letters("Ig\u200bnör\u0435!")
    'ignore!'
    """
    return text.lower() if text.isascii() else text.translate(_VISIBLE)


def visible_positions(text: str) -> Sequence[int]:
    """Where each character of ``visible_letters`` stands in the text."""
    if text.isascii():
        return range(len(text))
    return [at for at, char in enumerate(text) if _VISIBLE[ord(char)] is not None]


class _Visible(dict[int, int | None]):
    """What ``str.translate`` puts for each character; filled as characters come."""

    def __missing__(self, code: int) -> int | None:
        folded = _folded(code)
        self[code] = None if folded == _IGNORED else folded or code
        return self[code]


_VISIBLE = _Visible()


def _finish(sums: _Hashes) -> _Hashes:
    """Spread what differs over all bits; as a bijection it keeps different sums different."""
    mixed = (sums ^ (sums >> np.uint64(30))) * _SPREAD
    return np.asarray(mixed ^ (mixed >> np.uint64(27)))


def _letters(text: str) -> NDArray[np.uint32]:
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    table = _table()
    if not len(points) or int(points.max()) < _PLANE:
        return table[points]
    low = table[np.minimum(points, _PLANE - 1)]
    for row in np.flatnonzero(points >= _PLANE).tolist():
        low[row] = _folded(int(points[row]))
    return low


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint32]:
    return np.array([_folded(code) for code in range(_PLANE)], dtype=np.uint32)


@lru_cache(maxsize=4096)
def _folded(code: int) -> int:
    char = chr(code)
    if unicodedata.category(char) in ("Mn", "Mc", "Me", "Cf"):
        return _IGNORED
    base = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())[:1]
    if not base.isalnum():
        return _SEPARATOR
    if base.isdigit():
        return ord(str(unicodedata.digit(base)))
    return ord(_LOOK_ALIKES.get(base, base))


def _is_small(key: _Hashes) -> NDArray[np.bool_]:
    # For a text's few words numpy.isin takes ten times as long.
    small = _small_words()
    return np.asarray(small[np.minimum(np.searchsorted(small, key), len(small) - 1)] == key)


@lru_cache(maxsize=1)
def _small_words() -> _Hashes:
    words = sorted({word for lang in cue_languages() for word in function_words(lang)})
    letters = [[code for code in _letters(word).tolist() if code > _IGNORED] for word in words]
    powers, _ = _powers(max(map(len, letters)))
    keys = [
        np.sum(np.array(each, dtype=np.uint64) * powers[: len(each)], dtype=np.uint64) for each in letters
    ]
    return np.unique(_finish(np.array(keys, dtype=np.uint64)))


def _powers(n: int) -> tuple[_Hashes, _Hashes]:
    """Powers of the base and of its inverse, at least ``n`` of each."""
    return _powers_of(1 << max(12, n.bit_length()))


@lru_cache(maxsize=4)
def _powers_of(n: int) -> tuple[_Hashes, _Hashes]:
    ones = np.ones(1, dtype=np.uint64)
    powers = np.cumprod(np.concatenate([ones, np.full(n - 1, _BASE)]), dtype=np.uint64)
    return powers, np.cumprod(np.concatenate([ones, np.full(n - 1, _INVERSE)]), dtype=np.uint64)
