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

# Combining marks are spelling in South Asian scripts, but optional in these.
_MARK_IS_OPTIONAL = ("LATIN", "GREEK", "ARABIC", "HEBREW", "CYRILLIC")
_CYRILLIC_BREVE = "\u0306"  # й is a letter of its own, not an accented и

_MAX_PASSES = 5


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
        return " ".join(_word_pattern().findall(text.lower()))
    for _ in range(_MAX_PASSES):
        folded = " ".join(_word_pattern().findall(_fold(text)))
        if folded == text:
            break
        text = folded
    return text


def tokens(text: str) -> list[Token]:
    """Split ``text`` into canonical words with their spans in the original.

    Returns
    -------
    list of Token
        In text order. A word that folds to several words gives each the whole span.
    """
    found = []
    for start, end in _word_spans(text):
        found += [Token(word, start, end) for word in canonical(text[start:end]).split()]
    return found


def _word_spans(text: str) -> Iterator[tuple[int, int]]:
    for match in _raw_word_pattern().finditer(text):
        yield match.span()


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold().translate(_ARABIC)
    folded: list[str] = []
    base_is_foldable = False
    base_is_cyrillic = False
    for char in unicodedata.normalize("NFD", text):
        category = unicodedata.category(char)
        if category == "Mn":
            if base_is_foldable and not (base_is_cyrillic and char == _CYRILLIC_BREVE):
                continue
        elif category == "Cf":
            continue
        elif category == "Nd":
            char = str(unicodedata.digit(char))
            base_is_foldable = False
        else:
            script = unicodedata.name(char, "")
            base_is_foldable = script.startswith(_MARK_IS_OPTIONAL)
            base_is_cyrillic = script.startswith("CYRILLIC")
        folded.append(char)
    return unicodedata.normalize("NFC", "".join(folded))


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
