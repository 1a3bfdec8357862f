"""Running text of a profile -> the words beside its periods of work, where titles stand.

A period is two dates, or a date and a word for now, with a dash or a few short words between.
Dates are told by their years, so that no language's months have to be known.
"""

from __future__ import annotations

import re

from app.matching.cues import words_for_now
from app.matching.text import canonical
from app.matching.titles import first_part

MOST_PERIODS = 6
"""Periods read: who lists more gets no more titles of them."""

_LONGEST_LINE = 200
_LONGEST_PART = 120
_MOST_WORDS = 8
_LINES_BEFORE = 2

_DATE = r"(?:(?:[^\W\d_]{3,12}\.?,? )?(?:19|20)\d\d(?:-\d\d(?!\d))?|\d{1,2}[/.](?:19|20)\d\d)"
_BETWEEN = r"(?: ?[-–—] ?| [^\W\d_]{1,6} (?:[^\W\d_]{1,6} )?)"
_WORD = r"[^\W\d_]{1,14}"
_PERIOD = re.compile(
    rf"(?<!\d){_DATE}"
    rf"(?:{_BETWEEN}{_DATE}(?!\d)|(?: ?(?P<dash>[-–—]) ?| )(?P<words>{_WORD}(?: {_WORD}){{0,3}}))"
)
_EDGES = " -–—,;:|"


def beside_periods(text: str) -> list[list[str]]:
    """What may be the title of each of the first periods, likeliest place first.

    On the line of the dates; where nothing else stands there, the line after it and those before.

    Examples
    --------
    >>> beside_periods("Nov 2003 to Current\\nIT Manager, Lahore")
    [['IT Manager']]
    >>> beside_periods("Welder at a shipyard 04/2014 - 07/2015")
    [['Welder at a shipyard']]
    """
    lines = [line for line in (" ".join(raw.split()) for raw in text.splitlines()) if line]
    found: list[list[str]] = []
    for at, line in enumerate(lines):
        period = _period(line)
        if period is None:
            continue
        start, end = period
        parts = [line[:start].rstrip(_EDGES + "("), line[end:].lstrip(_EDGES + ")")]
        if not any(part.strip(_EDGES + "()") for part in parts):
            around = (at + 1, *(at - back for back in range(1, _LINES_BEFORE + 1)))
            parts = [lines[near] for near in around if 0 <= near < len(lines)]
            parts = [part for part in parts if len(part) <= _LONGEST_PART and _period(part) is None]
        titles = [" ".join(first_part(part).split()[:_MOST_WORDS]) for part in parts]
        found.append([title for title in titles if title])
        if len(found) == MOST_PERIODS:
            break
    return found


def _period(line: str) -> tuple[int, int] | None:
    """Where a period stands in a line, if one does."""
    if len(line) > _LONGEST_LINE:
        return None
    for match in _PERIOD.finditer(line):
        if match["words"] is None:
            return match.span()
        n_chars = _up_to_now(match["words"].split(" "), has_dash=match["dash"] is not None)
        if n_chars:
            return match.start(), match.start("words") + n_chars
    return None


def _up_to_now(words: list[str], *, has_dash: bool) -> int:
    """Characters of the words up to the end of "now", which stands after a dash or one or two words; or 0."""
    for first in (0,) if has_dash else (1, 2):
        for last in (first + 2, first + 1):
            if canonical(" ".join(words[first:last])) in words_for_now():
                return len(" ".join(words[:last]))
    return 0
