"""Canonical form of a label or phrase: the key under which equal wording is equal.

The form is versioned because it decides which phrases link exactly; a change
raises ``CANONICAL_VERSION`` and with it the engine version of every run.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

CANONICAL_VERSION = 1

# Letters that Arabic writers use interchangeably; tatweel only stretches a word.
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ـ": ""})

# Combining marks that writers of Latin, Greek, Cyrillic, Hebrew and Arabic script leave
# out; in South Asian scripts they are spelling, and stay.
_OPTIONAL_MARKS = ((0x300, 0x36F), (0x591, 0x5C7), (0x610, 0x61A), (0x64B, 0x65F), (0x670, 0x670))
_CYRILLIC_SHORT_I = "\u0438\u0306"  # й is a letter of its own, not an accented и

# Up to Hebrew one pass is final (tests hold this); beyond, a folded form may fold again.
_MAY_FOLD_AGAIN = re.compile("[^\u0000-\u05ff]")
_MAX_PASSES = 5
_HARMLESS_CHARS = 1000  # the order of so few marks takes no time worth a search for them
_MAX_MARKS = 30
_USUAL_LENGTH = 32  # a longer word is rare, and not worth remembering
_LONGEST_WORD = 200  # what goes on for longer is no word, and is read by its beginning

MAX_PHRASE_CHARS = 1_000
"""Characters of a phrase that are read; no label is longer."""


class Token(NamedTuple):
    """One canonical word and where it stood: ``text[start:end]``."""

    text: str
    start: int
    end: int


def canonical(text: str) -> str:
    """Return the canonical form of ``text``.

    Compatibility forms, case, diacritics of Latin, Greek, Cyrillic, Hebrew and
    Arabic script, invisible characters and most punctuation are folded away.
    ``C``, ``C++``, ``C#``, ``.NET`` and ``Node.js`` stay distinct. Idempotent.

    Parameters
    ----------
    text : str
        Any Unicode text.

    Returns
    -------
    str
        Words separated by single spaces; empty when nothing but punctuation came.

    Examples
    --------
    >>> canonical("  Soudage MIG/MAG ")
    'soudage mig mag'
    >>> canonical("C++ (basic)"), canonical("C#"), canonical("ASP.NET")
    ('c++ basic', 'c#', 'asp.net')
    """
    if text.isascii():
        lower = text.lower()
        # Most labels are letters and spaces, of which the pattern would make the same.
        if lower.replace(" ", "").isalnum():
            return " ".join(lower.split())
        return " ".join(_word_pattern().findall(lower))
    for _ in range(_MAX_PASSES):
        folded = " ".join(_word_pattern().findall(_fold(text)))
        if folded == text or not _MAY_FOLD_AGAIN.search(folded):
            return folded
        text = folded
    return text


def canonical_phrase(phrase: str) -> str:
    """Canonical form of a phrase, of its first 1,000 characters where it is longer.

    One character may fold to eighteen, so that text is cut before it is folded and not after.
    """
    return canonical(phrase[:MAX_PHRASE_CHARS])


def tokens(text: str) -> list[Token]:
    """Split ``text`` into canonical words with their spans in the original.

    Returns
    -------
    list of Token
        In text order; of a word of more than 200 characters the beginning. A word that folds
        to several words gives each the whole span.
    """
    found = []
    for start, end in _word_spans(text):
        if end - start <= _USUAL_LENGTH:
            words = _words_of(text[start:end])
        else:
            words = tuple(canonical(text[start : min(end, start + _LONGEST_WORD)]).split())
        found += [Token(word, start, end) for word in words]
    return found


@lru_cache(maxsize=1 << 16)
def _words_of(written: str) -> tuple[str, ...]:
    """Canonical words of one written word; running text repeats most of them."""
    return tuple(canonical(written).split())


def _word_spans(text: str) -> Iterator[tuple[int, int]]:
    for match in _raw_word_pattern().finditer(text):
        yield match.span()


class _FoldTable(dict[int, str | None]):
    """What ``str.translate`` puts for each character of decomposed text; filled as characters come."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        folded: str | None = char
        category = unicodedata.category(char)
        if category == "Cf" or any(low <= code <= high for low, high in _OPTIONAL_MARKS):
            folded = None
        elif category == "Nd":
            folded = str(unicodedata.digit(char))
        self[code] = folded
        return folded


_FOLD = _FoldTable()


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKC", _without_long_runs(text)).casefold().translate(_ARABIC)
    text = unicodedata.normalize("NFD", text).replace(_CYRILLIC_SHORT_I, "й")
    # Invisible characters that kept marks apart are gone now.
    return unicodedata.normalize("NFC", _without_long_runs(text.translate(_FOLD)))


def _without_long_runs(text: str) -> str:
    """Cut runs of combining marks, whose ordering takes time quadratic in their length.

    No language needs so many: the bound is that of Unicode's stream-safe text (UAX #15, section 13).
    """
    return _long_run_pattern().sub(r"\1", text) if len(text) > _HARMLESS_CHARS else text


@lru_cache(maxsize=1)
def _long_run_pattern() -> re.Pattern[str]:
    marks = "".join(chr(code) for code in range(0x300, 0x20000) if unicodedata.combining(chr(code)))
    return re.compile(f"([{marks}]{{{_MAX_MARKS}}})[{marks}]+")


@lru_cache(maxsize=1)
def _mark_class() -> str:
    """Combining marks of the basic plane, as ranges for a character class.

    Python's ``\\w`` leaves them out, which would cut every Bengali or Hindi word.
    """
    ranges: list[list[int]] = []
    for code in range(0x300, 0x10000):
        if unicodedata.category(chr(code)) in ("Mn", "Mc"):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"\\u{low:04x}-\\u{high:04x}" for low, high in ranges)


def _pattern(joiners: str) -> re.Pattern[str]:
    letter = f"(?:[^\\W_]|[{_mark_class()}]{joiners})"
    # A leading dot belongs to the word (.NET) only after a gap, else it ends a sentence.
    return re.compile(f"(?:(?<![^\\s(,;/])\\.(?=[^\\W\\d_]))?{letter}+(?:[.&]{letter}+)*[+#]*")


@lru_cache(maxsize=1)
def _word_pattern() -> re.Pattern[str]:
    return _pattern("")


@lru_cache(maxsize=1)
def _raw_word_pattern() -> re.Pattern[str]:
    # Before folding, invisible characters may stand inside a word.
    return _pattern("|[\\u00ad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\ufeff]")
