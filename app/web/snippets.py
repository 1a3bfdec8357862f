"""A few words around a place in a text, with the place itself marked."""

from __future__ import annotations

import re
from typing import NamedTuple

_AROUND = 90
_ELLIPSIS = "…"


class Snippet(NamedTuple):
    """A piece of a text: what comes before the marked words, they, and what comes after."""

    before: str
    marked: str
    after: str


def cut(text: str, start: int, end: int, around: int = _AROUND) -> Snippet:
    """Cut a piece out of a text, at most ``around`` characters to either side, at ends of words and lines.

    Examples
    --------
    >>> cut("We look for a welder with TIG experience.", 14, 20, around=12)
    Snippet(before='… look for a ', marked='welder', after=' with TIG …')
    """
    before, after = text[:start], text[end:]
    before, after = before.rpartition("\n")[2], after.partition("\n")[0]
    if len(before) > around:
        before = _ELLIPSIS + re.sub(r"^\S*", "", before[-around:], count=1)
    if len(after) > around:
        after = re.sub(r"\S*$", "", after[:around], count=1) + _ELLIPSIS
    return Snippet(before, text[start:end], after)


def find(text: str, words: str) -> Snippet | None:
    """Find words in a text as whole words, whatever their case and spaces; None where they are not in it."""
    pattern = r"\s+".join(re.escape(part) for part in words.split())
    if not pattern:
        return None
    found = re.search(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE)
    return None if found is None else cut(text, found.start(), found.end())
