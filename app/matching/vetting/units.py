"""Where sentences, clauses and list items of a text begin and end."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SENTENCE_END = re.compile(r"(?<=[.!?\u061f\u06d4\u0964\u3002])[\"')\]\u00bb\u201d]*\s+|\n+")
_CLAUSE_END = re.compile(r"[,;\n|\u2022\u00b7\u25cf\u25aa\u060c\u3001]|(?<=[.!?:])\s|\s[-\u2013\u2014*]\s")


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Spans of sentences; a line end closes one, as in lists."""
    return _between(text, _SENTENCE_END)


def clauses(text: str) -> Iterator[tuple[int, int]]:
    """Spans of what stands between commas, stops, bullets and line ends."""
    return _between(text, _CLAUSE_END)


def _between(text: str, ends: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    start = 0
    for match in ends.finditer(text):
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < len(text):
        yield start, len(text)
