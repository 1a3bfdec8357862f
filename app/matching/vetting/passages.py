"""Passages of a text that earn nothing, and the text without them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Reason(StrEnum):
    """Why a passage earns nothing; also the name of the flag."""

    INVISIBLE = "invisible_text"
    INSTRUCTION = "machine_instruction"
    LIST = "keyword_list"
    REPETITION = "repetition"
    COPIED = "copied_from_vacancy"


class Passage(NamedTuple):
    """``text[start:end]`` and what is wrong with it."""

    start: int
    end: int
    reason: Reason


# Removing them leaves a word whole, replacing them would cut it.
_JOINERS = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")


def blank(text: str, passages: Iterable[Passage]) -> str:
    """Put spaces for passages; every other character stays where it was.

    A passage of whole lines takes its last line end with it, so that the lines around it stand
    to each other as if it had never been there. Invisible characters that a passage consists
    of are left, since readers of words look through them.

    Examples
    --------
    >>> blank("one\\ntwo\\nthree", [Passage(4, 7, Reason.COPIED)])
    'one\\n    three'
    """
    kept: list[str] = []
    done = 0
    for start, end, _ in sorted(passages):
        start, end = max(start, done), whole_lines(text, start, end)
        if end <= start:
            continue
        cut = text[start:end]
        kept += [text[done:start], cut if not _JOINERS.sub("", cut) else " " * len(cut)]
        done = end
    return "".join([*kept, text[done:]])


def whole_lines(text: str, start: int, end: int) -> int:
    """The end of a passage, past the line end if it is a line or several."""
    while end < len(text) and text[end] in " \t\r":
        end += 1
    begins = not text[text.rfind("\n", 0, start) + 1 : start].strip()
    return end + 1 if begins and text[end : end + 1] == "\n" else end


def merged(passages: Iterable[Passage]) -> tuple[Passage, ...]:
    """Passages in text order, those of one reason that overlap or touch made one."""
    last: dict[Reason, Passage] = {}
    done: list[Passage] = []
    for passage in sorted(passages):
        held = last.get(passage.reason)
        if held is not None and passage.start <= held.end:
            last[passage.reason] = held._replace(end=max(held.end, passage.end))
            continue
        if held is not None:
            done.append(held)
        last[passage.reason] = passage
    return tuple(sorted([*done, *last.values()]))
