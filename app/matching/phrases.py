"""Running text -> the stretches of it that may name a skill.

Two readings of one text: ``segments`` cuts it where writers cut it (lines,
bullets, sentences, enumerations), never inside a word and never at a
conjunction; ``label_spans`` finds known labels wherever they stand.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

from app.matching.text import Token

# Line ends and bullets, sentence ends before a space, and the marks of an
# enumeration. A hyphen or dot inside a word is part of it.
_BREAK = re.compile(r"[\n\r\t•·●▪◦*|;:!?()\[\]{}،؛؟]+|[.,](?=\s|$)|\s[-–—]+\s|/(?=\s)|(?<=\s)/")


class Span(NamedTuple):
    """A stretch of text, ``text[start:end]``."""

    start: int
    end: int


class LabelSpan(NamedTuple):
    """A known label in a token sequence: ``tokens[first:last]`` reads ``label``."""

    first: int
    last: int
    label: str


def segments(text: str) -> Iterator[Span]:
    """Cut ``text`` into its lines, list items, clauses and enumerated parts.

    Yields
    ------
    Span
        Stretches with at least one letter or digit, in text order, without surrounding white space.

    Examples
    --------
    >>> text = "Skills: welding and handling, C++; use of a lathe."
    >>> [text[span.start:span.end] for span in segments(text)]
    ['Skills', 'welding and handling', 'C++', 'use of a lathe']
    """
    start = 0
    for match in _BREAK.finditer(text):
        yield from _trimmed(text, start, match.start())
        start = match.end()
    yield from _trimmed(text, start, len(text))


def label_spans(
    text: str,
    tokens: Sequence[Token],
    labels: Container[str],
    single_words: Container[str],
    max_words: int = 8,
) -> list[LabelSpan]:
    """Find the longest known labels in a segment, left to right, without overlap.

    A label of one word is too often an ordinary word ("standard", "go") to count
    inside running text, unless it is in ``single_words`` or written as an
    abbreviation ("SQL"); as a segment of its own, a list item, it counts.

    Parameters
    ----------
    text : str
        The segment as written.
    tokens : sequence of Token
        Its canonical words.
    labels : container of str
        Canonical labels.
    single_words : container of str
        Labels of one word that count wherever they stand.
    max_words : int
        Longest label to look for.
    """
    words = [token.text for token in tokens]
    whole = " ".join(words)
    shouts = text.isupper()  # capitals then say nothing about a word
    found = []
    first = 0
    while first < len(words):
        for last in range(min(len(words), first + max_words), first, -1):
            label = " ".join(words[first:last])
            if label in labels and (
                label == whole
                or last - first > 1
                or label in single_words
                or (not shouts and _is_abbreviation(text[tokens[first].start : tokens[first].end]))
            ):
                found.append(LabelSpan(first, last, label))
                first = last
                break
        else:
            first += 1
    return found


def _is_abbreviation(word: str) -> bool:
    return sum(char.isupper() for char in word) > 1


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if any(char.isalnum() for char in text[start:end]):
        yield Span(start, end)
