"""Lists of what one vacancy asks for, however they are written.

By words, whether commas, bullets, lines, "and" or nothing stands between: a word of what is asked
counts one, any other takes one away, and a stretch that names ``PIECE`` things is a piece of a list.
By items, within a line or a column: an item of one's own takes away the same whether it has one word
or eight. Other lines do not go together there, or the skills under each job would be one list with
the jobs in it. All pieces of a profile are judged together, so that cutting a list in two changes
nothing, and an item of one's own in it hardly ever. Honest people of a trade share skills with its
adverts, and hardly ever nearly all of them in rows with little else between.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.matching.vetting.stretches import Rows, gaining, stretches_of

LEAST = 6
"""Things that the pieces of a list name together. Adverts of several employers, and so people, often
state the same five of an official list of a trade's skills and nothing else; hardly ever six."""

COVERED = 0.75
"""Share of all that is asked that they name."""

MANY = 8
"""So many are a list, whatever else is asked."""

PIECE = 3
"""Things that a stretch names to be a piece."""

OWN = 4
"""Things that make up for one item of anything else: with two on either side of it they are no list
yet, or the skills of each job were one; "MySQL, PostgreSQL and Oracle databases" is common speech."""

MOST_WORDS = 8
"""Words of one item; what goes on longer is running text, each word of which takes away."""

_ABOUT = 3  # other words between a piece and one more of its words: an item or two
_BITS = 64

Thing = Sequence[Sequence[int]]
"""One thing that is asked for: its phrases, each as the places of its words, the most telling one first."""


class AskedFor:
    """What a vacancy asks for; threads may share it.

    Parameters
    ----------
    things : sequence of Thing
        All words of one phrase name it. What has the same phrases is one thing.
    n_words : int
        How many words the vacancy has; places are below it.
    """

    def __init__(self, things: Sequence[Thing], n_words: int) -> None:
        phrases = dict.fromkeys(frozenset(map(frozenset, thing)) for thing in things)
        self._things = [thing for thing in phrases if thing]
        leads = dict.fromkeys((frozenset(phrase), phrase[0]) for thing in things for phrase in thing)
        # One place more, which stays empty, for the words that are not the vacancy's.
        self._is_asked = np.zeros(n_words + 1, dtype=np.bool_)
        self._led = np.zeros((n_words + 1, 1 + len(self._things) // _BITS), dtype=np.uint64)
        for phrase, lead in leads:
            self._is_asked[list(phrase)] = True
            for at, thing in enumerate(self._things):
                if phrase in thing:
                    self._led[lead, at // _BITS] |= np.uint64(1 << at % _BITS)

    def may_be_listed(self, rows: Rows, starts: Rows) -> NDArray[np.bool_]:
        """Which texts may hold a list of it; ``starts`` is where each begins, and none is empty.

        Parameters
        ----------
        rows : ndarray of shape (n_words,), int64
            The vacancy's word that each word is, below 0 for any other.
        """
        if len(self._things) < LEAST:
            return np.zeros(len(starts), dtype=np.bool_)
        led = np.bitwise_or.reduceat(self._led[np.maximum(rows, -1)], starts, axis=0)
        return self._are_most(np.bitwise_count(led).sum(axis=1, dtype=np.int64))

    def listed(
        self, rows: Rows, clauses: Rows, lists: Rows, is_joined: NDArray[np.bool_]
    ) -> list[tuple[int, int]]:
        """First word and end of the pieces of a list of it in one text; none where there is no list.

        Parameters
        ----------
        rows : ndarray of shape (n_words,), int64
            The words that count, as for ``may_be_listed``; at least one.
        clauses : ndarray of shape (n_words,), int64
            The clause or list item that each stands in, ascending from 0 on.
        lists : ndarray of shape (n_words,), int64
            The same for the line or column of items.
        is_joined : ndarray of shape (n_words,), bool
            Whether there is nothing between it and the word before that parts two items.
        """
        is_asked = self._is_asked[np.maximum(rows, -1)]
        by_words = stretches_of(np.where(is_asked, 1, -1).tolist(), least=1)
        by_items = gaining(self._gains_by_items(rows, is_asked, clauses, is_joined), lists)
        is_in_piece = np.zeros(len(rows), dtype=np.bool_)
        named: set[int] = set()
        for first, last in [*((first, last) for first, last, _ in by_words), *by_items]:
            found = self._named(frozenset(rows[first:last].tolist()))
            if len(found) >= PIECE:
                is_in_piece[first:last] = True
                named |= found
        if not self._are_most(np.array([len(named)]))[0]:
            return []
        # Items of a list that stand apart from the rest behind some other words are items all the same.
        n_before = np.concatenate([[0], np.cumsum(is_in_piece)])
        near = _near(np.flatnonzero(is_asked))
        return [(first, last) for first, last in near if n_before[last] > n_before[first]]

    def _gains_by_items(
        self, rows: Rows, is_asked: NDArray[np.bool_], clauses: Rows, is_joined: NDArray[np.bool_]
    ) -> Rows:
        # Where a clause holds nothing that is asked, all of it is one item, small words and all.
        is_own_clause = np.bincount(clauses, weights=is_asked)[clauses] == 0
        goes_on = np.zeros(len(rows), dtype=np.bool_)
        goes_on[1:] = ~is_asked[1:] & ~is_asked[:-1] & (np.diff(clauses) == 0)
        goes_on &= is_joined | is_own_clause
        item = np.cumsum(~goes_on)
        goes_on &= np.bincount(item)[item] <= MOST_WORDS
        # Of a thing its most telling word counts.
        is_thing = self._led[np.maximum(rows, -1)].any(axis=1)
        return np.where(is_asked | goes_on, is_thing, -OWN)

    def _named(self, words: frozenset[int]) -> set[int]:
        return {at for at, thing in enumerate(self._things) if any(phrase <= words for phrase in thing)}

    def _are_most(self, n_named: Rows) -> NDArray[np.bool_]:
        share = n_named >= COVERED * len(self._things)
        return np.asarray((n_named >= MANY) | ((n_named >= LEAST) & share))


def _near(at: Rows) -> list[tuple[int, int]]:
    """First and end of the groups of places with up to ``_ABOUT`` others between two."""
    turns = np.flatnonzero(np.diff(at) > _ABOUT + 1) + 1
    return [(int(group[0]), int(group[-1]) + 1) for group in np.split(at, turns) if len(group)]
