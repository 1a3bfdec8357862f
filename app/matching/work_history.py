"""Running text of a profile -> the words beside its periods of work, where titles stand.

A period is two dates, or a date and a word for now, with a dash or a word for "until" between.
Dates are told by their years, so that no language's months have to be known.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from app.matching.cues import PeriodCues, period_cues
from app.matching.text import canonical
from app.matching.titles import first_part

MOST_PERIODS = 30
"""Periods read: what a text gives is bounded, however many it lists."""

_LONGEST_LINE = 200
_LONGEST_PART = 120
_MOST_WORDS = 8
_LINES_BEFORE = 2
_MOST_CUE_WORDS = 3

_YEAR = r"(?:(?:\d{1,2}[./])?\d{1,2}[./])?(?:19|20)\d\d(?:-\d\d)?(?![./]?\d)"
_DATE = re.compile(_YEAR)
_FIRST_DATE = re.compile(rf"(?<![\d./-]){_YEAR}")
_DASH = re.compile(r" ?[-–—] ?")
_WORD = re.compile(r"[^\s\d,;:|()/–—-]{1,14}")
_MONTH = re.compile(r"[^\W\d_]{3,12}\.?,? ")
_EDGES = " -–—,;:|"


class _Period(NamedTuple):
    """Where a period stands in a line, and whether its end names a month before the year."""

    start: int
    end: int
    has_month: bool


def beside_periods(text: str, lang: str | None) -> list[list[str]]:
    """What may be the title of each of the first periods, likeliest place first.

    On the line of the dates; where at most one word more stands there, which may be a month, also the
    line after it and those before.

    Parameters
    ----------
    lang
        ISO 639-1 code of the text, whose words for "until" and "now" count beside the English ones.

    Examples
    --------
    >>> beside_periods("Nov 2003 to Current\\nIT Manager, Lahore", "en")
    [['Nov', 'IT Manager']]
    >>> beside_periods("Welder at a shipyard 04/2014 - 07/2015", "en")
    [['Welder at a shipyard']]
    """
    cues = period_cues(lang)
    lines = [line for raw in text.splitlines() if (line := _plain(raw))]
    periods = [_period(line, cues) for line in lines]
    found: list[list[str]] = []
    for at, (line, period) in enumerate(zip(lines, periods, strict=True)):
        if period is None:
            continue
        parts = _on_line(line, period)
        if sum(len(part.split()) for part in parts) <= 1:
            around = (at + 1, *(at - back for back in range(1, _LINES_BEFORE + 1)))
            near = [each for each in around if 0 <= each < len(lines) and periods[each] is None]
            parts += [lines[each] for each in near if len(lines[each]) <= _LONGEST_PART]
        titles = [" ".join(first_part(part).split()[:_MOST_WORDS]) for part in parts]
        found.append([title for title in titles if title])
        if len(found) == MOST_PERIODS:
            break
    return found


def _plain(line: str) -> str:
    """A line with single blanks, composed letters and European digits, and no marks of direction."""
    composed = unicodedata.normalize("NFC", line)
    kept = (each for each in composed if unicodedata.category(each) != "Cf")
    return " ".join("".join(str(unicodedata.decimal(each, each)) for each in kept).split())


def _on_line(line: str, period: _Period) -> list[str]:
    before, after = line[: period.start].rstrip(_EDGES + "("), line[period.end :].lstrip(_EDGES + ").")
    if period.has_month:
        before = before.rpartition(" ")[0].rstrip(_EDGES + "(")
    return [part for part in (before, after) if part.strip(_EDGES + "().")]


def _period(line: str, cues: PeriodCues) -> _Period | None:
    """The first period in a line, if there is one."""
    if len(line) > _LONGEST_LINE:
        return None
    for date in _FIRST_DATE.finditer(line):
        for start in _after_link(line, date.end(), cues.until):
            month = _MONTH.match(line, start)
            for at in (start, *([month.end()] if month else [])):
                end = _DATE.match(line, at)
                if end:
                    return _Period(date.start(), end.end(), at > start)
        end_of_now = _now(line, date.end(), cues)
        if end_of_now:
            return _Period(date.start(), end_of_now, False)
    return None


def _after_link(line: str, at: int, until: frozenset[str]) -> Iterator[int]:
    """Where the end of a period may begin: after a dash, or a word for "until"."""
    dash = _DASH.match(line, at)
    if dash:
        yield dash.end()
    for words, end in _phrases(line, at):
        if words in until and line[end : end + 1] == " ":
            yield end + 1


def _now(line: str, at: int, cues: PeriodCues) -> int:
    """Where a word for now ends that closes a period; 0 where none does.

    It ends its clause: what follows is no small letter.
    """
    for start in (at, *_after_link(line, at, cues.until)):
        for words, end in _phrases(line, start):
            is_linked = start > at or " " in words
            if is_linked and words in cues.now and not line[end:].lstrip(" ")[:1].islower():
                return end
    return 0


def _phrases(line: str, at: int) -> Iterator[tuple[str, int]]:
    """The first words from a place on, canonical, and where they end; more of them first."""
    words: list[str] = []
    ends: list[int] = []
    at += line[at : at + 1] == " "
    while len(words) < _MOST_CUE_WORDS and (word := _WORD.match(line, at)):
        words.append(word.group())
        ends.append(word.end())
        if line[word.end() : word.end() + 1] != " ":
            break
        at = word.end() + 1
    for n in range(len(words), 0, -1):
        yield canonical(" ".join(words[:n])), ends[n - 1]
