"""Lists of keywords that no person writes: longer than any list of a real profile, or repeated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from app.matching.vetting.folded import FoldedText
from app.matching.vetting.passages import Passage, Reason
from app.matching.vetting.units import clauses

MOST_WORDS = 160
"""Distinct words of one bare list; the longest of 499 real resumes has 150, the median 48."""

MOST_SMALL = 0.18
"""Share of small words and numbers up to which words are a list: sentences have more, also where
they are wrapped into short lines (0.2 and more of the same resumes at 40 characters a line)."""

_ITEM_WORDS = 8
_LEAST_ITEMS, _LEAST_REPEATS = 30, 3


class _Item(NamedTuple):
    start: int
    end: int
    words: tuple[int, ...]
    counted: frozenset[int]


def list_passages(text: str, folded: FoldedText) -> Iterator[Passage]:
    """Find bare lists that are out of all measure.

    A list is a row of items of at most eight words each, hardly any of them small. Beyond
    ``MOST_WORDS`` distinct words it is a dump, all of it. Where it says the same over and
    over, what was said before is reported; it earned nothing anyhow.
    """
    if len(folded.key) < _LEAST_ITEMS:
        return
    for items in _lists(text, folded):
        words = frozenset[int]().union(*(item.counted for item in items))
        if len(words) > MOST_WORDS and _is_bare(items, folded):
            yield Passage(items[0].start, items[-1].end, Reason.LIST)
        elif len(items) >= _LEAST_ITEMS:
            yield from _repeated(items)


def _is_bare(items: list[_Item], folded: FoldedText) -> bool:
    first, last = np.searchsorted(folded.start, [items[0].start, items[-1].end]).tolist()
    n_small = last - first - int(folded.counts[first:last].sum())
    return bool(n_small <= MOST_SMALL * (last - first))


def _repeated(items: list[_Item]) -> Iterator[Passage]:
    uses = Counter(item.words for item in items)
    if len(items) < _LEAST_REPEATS * len(uses):
        return
    seen: set[tuple[int, ...]] = set()
    for item in items:
        if item.words in seen:
            yield Passage(item.start, item.end, Reason.REPETITION)
        seen.add(item.words)


def _lists(text: str, folded: FoldedText) -> Iterator[list[_Item]]:
    held: list[_Item] = []
    keys, counts = folded.key.tolist(), folded.counts.tolist()
    spans = list(clauses(text))
    edges = np.searchsorted(folded.start, np.array(spans, dtype=np.int64).reshape(-1, 2)).tolist()
    for (start, end), (first, last) in zip(spans, edges, strict=True):
        if first == last:
            continue
        if last - first > _ITEM_WORDS:
            if held:
                yield held
            held = []
            continue
        words = tuple(keys[first:last])
        counted = frozenset(
            key for key, is_counted in zip(words, counts[first:last], strict=True) if is_counted
        )
        held.append(_Item(start, end, words, counted))
    if held:
        yield held
