"""Passages of a profile that were taken from one vacancy, in order or not.

A profile is walked word by word. A word of the vacancy counts one, and one more where it
follows the word it follows there; any other word takes three away; small words and numbers
count nothing. A stretch that comes to ``SURE`` in the vacancy's order is a copy, and one that
comes to ``SURE_LIST`` in another order a list of its words: seven telling words, or sixteen.
So are a whole sentence of six, eight list items in a row, and stretches that name nearly all that
is asked (``asked``). Who holds a sure copy loses shorter ones, too. Real resumes and vacancies of
one trade share words, and hardly ever rows of them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain, islice, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.matching.vetting.asked import AskedFor
from app.matching.vetting.folded import FoldedText, fold, join, visible_letters
from app.matching.vetting.passages import Passage, Reason, merged
from app.matching.vetting.stretches import Rows, find, said_before, stretches_of

SURE = 13
"""What a stretch in the vacancy's order has to come to."""

FURTHER = 6
"""The same, where the profile holds a sure copy already."""

SURE_LIST = 16
"""What a stretch in any other order has to come to."""

SENTENCE = 6
"""Telling words of a whole sentence that is a copy by itself; of five, people write the same."""

SENTENCES = 10
"""Telling words of several whole sentences that are copies together, each of four or more."""

ITEMS = 8
"""Items in a row, each with a word that none before had, all of whose words are the vacancy's."""

_LEAST_SENTENCE, _MOST_ITEM = 4, 8

_ENDS = 1 << 32
_LEAST_FOUND = 7
"""What the words of any copy or list come to at least: a sentence of four, that is three in order."""

_SMALL = -2  # stands for every small word of the vacancy
_MISS = 3
_TABLE_BITS = np.uint64(48)

_STOP = re.compile(r"[^\w\s]+")
_LINE_END = re.compile("[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
_YEAR = re.compile(r"\d{4}")
_PARTING = re.compile(r"[^\w\s.'\u2019-]")


class VacancyFingerprint:
    """What a vacancy is worded in; threads may share it.

    Parameters
    ----------
    text : str
        Title and description.
    phrases : sequence of str
        Further words for what is asked: labels of requirements, as who copies may take
        those of the taxonomy.
    asked : sequence of sequence of str
        Each thing that the vacancy itself asks for, in its own words and in others for it.
    """

    def __init__(self, text: str, phrases: Sequence[str] = (), asked: Sequence[Sequence[str]] = ()) -> None:
        parts = [text, *phrases, *chain.from_iterable(asked)]
        folded = fold("\n".join(parts))
        starts = np.cumsum([0, *(len(part) + 1 for part in parts)])
        edges = np.searchsorted(folded.start, starts).tolist()
        spans = list(pairwise(edges))[1 + len(phrases) :]
        counted = np.flatnonzero(folded.counts)
        shorts = [np.arange(*span) for span in spans if not folded.counts[slice(*span)].any()]
        self._has_short = any(len(each) for each in shorts)
        self._words = np.unique(folded.key[np.concatenate([counted, *shorts])])
        rows = find(self._words, folded.key)
        self._asked = AskedFor(_things(folded, rows, spans, [len(each) for each in asked]), len(self._words))
        rows = rows[counted]
        ordered = rows[: np.searchsorted(counted, edges[1 + len(phrases)])]
        self._pairs = np.unique(self._pair(ordered[:-1], ordered[1:]))
        row_of = np.full(len(folded.key), _SMALL, dtype=np.int64)
        row_of[counted] = rows
        # Words with one letter left out, and whole ones: what is one error apart shares one of them.
        keys = np.concatenate([folded.slip_key, folded.key])
        owners = np.concatenate([row_of[folded.slip_word], row_of])
        order = np.argsort(owners == _SMALL, kind="stable")
        keys, owners = keys[order], owners[order]
        self._slips, first = np.unique(keys, return_index=True)
        self._slip_row = owners[first]
        self._may_slip = np.zeros(1 << 16, dtype=np.bool_)
        self._may_slip[self._slips >> _TABLE_BITS] = True

    def may_be_in(self, texts: Sequence[FoldedText]) -> list[bool]:
        """Which texts may hold a copy or a list; ``copied`` finds nothing in the others.

        A bound that is much quicker than ``copied``, for all texts together: what words come
        to when repeated ones count in full.
        """
        if not texts:
            return []
        joined = join(texts)
        rows = self._rows(joined)
        is_short = self._are_short(joined)
        rows[is_short] = find(self._words, joined.key[is_short])
        is_counted = (joined.counts | is_short) & (rows != _SMALL)
        first = np.cumsum([0, *(len(each.key) for each in texts)])[:-1]
        n_before = np.concatenate([[0], np.cumsum(is_counted)])
        # Between two texts stands a word that ends every stretch.
        starts = n_before[first]
        rows = np.insert(rows[is_counted], starts, -1)
        gains = np.where(rows >= 0, 1, -_MISS) + self._follows(rows)
        starts += np.arange(len(texts))
        gains[starts] = -_ENDS
        sums = np.cumsum(gains)
        most = np.maximum.reduceat(sums - np.minimum.accumulate(sums), starts)
        may_be = (most >= _LEAST_FOUND) | self._asked.may_be_listed(rows, starts)
        return [bool(each) for each in may_be]

    def copied(self, text: str, folded: FoldedText | None = None) -> tuple[Passage, ...]:
        """Find the passages of a profile's text that are this vacancy's.

        Parameters
        ----------
        folded : FoldedText, optional
            ``fold(text)``, where it is at hand: that is most of the work.

        Returns
        -------
        tuple of Passage
            In text order, ``copied_from_vacancy`` where most words stand in the vacancy's
            order and ``keyword_list`` where they do not.
        """
        if not len(self._words):
            return ()
        held = fold(text) if folded is None else folded
        known = self._rows(held)
        is_short = self._are_short_names(held)
        known[is_short] = find(self._words, held.key[is_short])
        is_counted = (held.counts | is_short) & (known != _SMALL)
        counted = np.flatnonzero(is_counted)
        n_before = np.concatenate([[0], np.cumsum(is_counted)])
        rows = known[counted]
        lists = [*_lists(held.clause_words, n_before, rows), *self._listed(held, counted, rows)]
        stretches = self._sure(rows, n_before[held.sentences], lists)
        if not stretches:
            return ()
        bounds = _Bounds(text, held, counted, rows >= 0)
        return merged(Passage(*bounds.around(each.first, each.last), each.reason) for each in stretches)

    def _listed(self, held: FoldedText, counted: Rows, rows: Rows) -> list[tuple[int, int]]:
        """The pieces of a list of what is asked; ``rows`` are those of the words that count."""
        if not len(rows) or not self._asked.may_be_listed(rows, np.zeros(1, dtype=np.int64))[0]:
            return []
        clauses = np.searchsorted(held.clause_words[:, 0], counted, side="right") - 1
        return self._asked.listed(rows, clauses, _list_of_clause(held)[clauses], _are_joined(held, counted))

    def _sure(self, rows: Rows, sentences: Rows, lists: Sequence[tuple[int, int]]) -> list[_Stretch]:
        """The stretches that are copies or lists; ``rows`` are those of the words that count."""
        gains, follows = self._gains(rows)
        shares = _Shares(rows >= 0, follows)
        n_copied = np.diff(sentences)[:, 0][shares.are_copies(*sentences.T)]
        by_sentences = len(n_copied) and (n_copied.max() >= SENTENCE or n_copied.sum() >= SENTENCES)
        sums = np.concatenate([[0], np.cumsum(gains)])
        # Hardly any profile goes past this, so what follows may take its time.
        if not by_sentences and not lists and int((sums - np.minimum.accumulate(sums)).max()) < SURE:
            return []
        stretches = [
            _Stretch(first, last, total, shares.reason(first, last))
            for first, last, total in stretches_of(gains.tolist(), FURTHER)
        ]
        sure = [each for each in stretches if each.total >= (SURE if each.is_in_order else SURE_LIST)]
        sure += [_Stretch(first, last, 0, Reason.LIST) for first, last in lists]
        if by_sentences or any(each.is_in_order for each in sure):
            sure += [each for each in stretches if each.is_in_order]
            whole = sentences[shares.may_be_copies(*sentences.T)]
            sure += [_Stretch(first, last, 0, Reason.COPIED) for first, last in whole.tolist()]
        return sure

    def _pair(self, rows: Rows, following: Rows) -> Rows:
        return rows.astype(np.int64) * (len(self._words) + 1) + following

    def _rows(self, held: FoldedText) -> Rows:
        """The word of the vacancy that each word is, also with one error; -1 for none, -2 for a small one."""
        rows = np.full(len(held.key), -1, dtype=np.int64)
        place = find(self._words, held.key)
        is_known = (place >= 0) & held.counts
        rows[is_known] = place[is_known]
        is_open = (rows < 0) & held.counts
        likely = np.flatnonzero(self._may_slip[held.slip_key >> _TABLE_BITS] & is_open[held.slip_word])
        self._add_slips(rows, held.slip_word[likely], held.slip_key[likely])
        missed = np.flatnonzero((rows < 0) & held.counts)
        self._add_slips(rows, missed, held.key[missed])
        return rows

    def _are_short(self, held: FoldedText) -> NDArray[np.bool_]:
        """Which words, too short to count elsewhere, are of what is asked, as "IT" and "C"."""
        if not self._has_short:
            return np.zeros(len(held.key), dtype=np.bool_)
        return ~held.counts & (find(self._words, held.key) >= 0)

    def _are_short_names(self, held: FoldedText) -> NDArray[np.bool_]:
        """The same where an item says nothing else, or in capitals: "it" in a sentence names nothing."""
        is_short = self._are_short(held)
        if is_short.any():
            n_others = np.concatenate([[0], np.cumsum(~is_short)])
            first, last = held.clause_words.T
            is_alone = n_others[last] == n_others[first]
            turns = np.zeros(len(is_short) + 1, dtype=np.int64)
            np.add.at(turns, first[is_alone], 1)
            np.add.at(turns, last[is_alone], -1)
            is_name = np.cumsum(turns)[:-1] > 0
            for at in np.flatnonzero(is_short & ~is_name).tolist():
                is_name[at] = held.text[held.start[at] : held.end[at]].isupper()
            is_short &= is_name
        return is_short

    def _add_slips(self, rows: Rows, words: NDArray[np.signedinteger], keys: NDArray[np.uint64]) -> None:
        place = find(self._slips, keys)
        rows[words[place >= 0]] = self._slip_row[place[place >= 0]]

    def _gains(self, rows: Rows) -> tuple[Rows, NDArray[np.bool_]]:
        follows = self._follows(rows)
        gains = np.where(rows >= 0, 1 - said_before(rows), -_MISS)
        gains[1:] += follows[1:] & ~said_before(self._pair(rows[:-1], rows[1:]))
        return gains, follows

    def _follows(self, rows: Rows) -> NDArray[np.bool_]:
        """Whether each word is one of the vacancy's after the one that it follows there."""
        is_known = rows >= 0
        both = np.flatnonzero(is_known[:-1] & is_known[1:])
        follows = np.zeros(len(rows), dtype=np.bool_)
        follows[both + 1] = find(self._pairs, self._pair(rows[both], rows[both + 1])) >= 0
        return follows


class _Stretch(NamedTuple):
    """Counted words ``first`` to before ``last``, and what they come to."""

    first: int
    last: int
    total: int
    reason: Reason

    @property
    def is_in_order(self) -> bool:
        return self.reason is Reason.COPIED


class _Shares:
    """How many words of ranges are the vacancy's, and how many follow each other as there."""

    def __init__(self, is_known: NDArray[np.bool_], follows: NDArray[np.bool_]) -> None:
        self._n_known = np.concatenate([[0], np.cumsum(is_known)])
        self._n_follows = np.concatenate([[0], np.cumsum(follows)])

    def reason(self, first: int, last: int) -> Reason:
        """What a stretch is: a copy if most of its words follow each other as in the vacancy."""
        n_known = self._n_known[last] - self._n_known[first]
        n_follows = self._n_follows[last] - self._n_follows[first]
        return Reason.COPIED if 2 * n_follows > n_known else Reason.LIST

    def are_copies(self, first: Rows, last: Rows) -> NDArray[np.bool_]:
        """Which whole sentences, of four telling words or more, are the vacancy's."""
        return (last - first >= _LEAST_SENTENCE) & self._are_of_vacancy(first, last, 0.9, 0.75)

    def may_be_copies(self, first: Rows, last: Rows) -> NDArray[np.bool_]:
        """The same for any sentences of a profile that holds a copy."""
        return (last - first >= 2) & self._are_of_vacancy(first, last, 0.75, 0.5)

    def _are_of_vacancy(self, first: Rows, last: Rows, known: float, follows: float) -> NDArray[np.bool_]:
        n_known = self._n_known[last] - self._n_known[first]
        n_follows = self._n_follows[last] - self._n_follows[np.minimum(first + 1, last)]
        n_words = last - first
        return np.asarray((n_known >= known * n_words) & (n_follows >= follows * (n_words - 1)))


def _things(
    folded: FoldedText, rows: Rows, spans: Sequence[tuple[int, int]], n_phrases: Sequence[int]
) -> list[list[list[int]]]:
    """What is asked for, as places of the words of its phrases, the longest word of each first."""
    sizes = (folded.end - folded.start).tolist()
    phrases = []
    for start, end in spans:
        words = range(start, end)
        told = [at for at in words if folded.counts[at]] or list(words)
        phrases.append([int(rows[at]) for at in sorted(told, key=lambda at: (-sizes[at], at))])
    rest = iter(phrases)
    return [[phrase for phrase in islice(rest, n) if phrase] for n in n_phrases]


def _lists(words: Rows, n_before: Rows, rows: Rows) -> Iterator[tuple[int, int]]:
    """First word and end of the rows of items that say nothing but words of the vacancy."""
    # Items without a word that counts, as "C++", are passed over.
    words = words[n_before[words[:, 1]] > n_before[words[:, 0]]]
    edges, n_words = n_before[words], words[:, 1] - words[:, 0]
    n_known = np.concatenate([[0], np.cumsum(rows >= 0)])
    fits = (n_known[edges[:, 1]] - n_known[edges[:, 0]] == edges[:, 1] - edges[:, 0]) & (
        n_words <= _MOST_ITEM
    )
    turns = np.flatnonzero(np.diff(np.concatenate([[False], fits, [False]]).astype(np.int8)))
    for start, end in zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True):
        if end - start < ITEMS:
            continue
        seen: set[int] = set()
        n_new = 0
        for first, last in edges[start:end].tolist():
            said = set(rows[first:last].tolist())
            n_new += not said <= seen
            seen |= said
        if n_new >= ITEMS:
            yield int(edges[start, 0]), int(edges[end - 1, 1])


def _list_of_clause(held: FoldedText) -> Rows:
    """The list that each clause may be an item of, ascending: its line, or a column of lines of one clause.

    A line with a year in it is none of a column: what was done in each job stands between such.
    """
    breaks = np.array([match.start() for match in _LINE_END.finditer(held.text)], dtype=np.int64)
    line = np.searchsorted(breaks, held.clauses[:, 0])
    has_year = [_YEAR.search(held.text, start, end) is not None for start, end in held.clauses.tolist()]
    is_alone = (np.bincount(line)[line] == 1) & ~np.array(has_year, dtype=np.bool_)
    goes_on = np.zeros(len(line), dtype=np.bool_)
    goes_on[1:] = (np.diff(line) == 0) | (is_alone[1:] & is_alone[:-1])
    return np.cumsum(~goes_on)


def _are_joined(held: FoldedText, counted: Rows) -> NDArray[np.bool_]:
    """Which words that count follow another with no small word, and nothing as a slash, between."""
    is_joined: NDArray[np.bool_] = np.diff(counted, prepend=-1) == 1
    for at in np.flatnonzero(is_joined).tolist():
        word = int(counted[at])
        between = held.text[held.end[word - 1] : held.start[word]] if word else ""
        is_joined[at] = _PARTING.search(visible_letters(between)) is None
    return is_joined


class _Bounds:
    """Where a stretch of words ends in the text: with the clauses that are mostly copied."""

    def __init__(
        self, text: str, held: FoldedText, counted: NDArray[np.int64], is_known: NDArray[np.bool_]
    ) -> None:
        self._text = text
        self._held = held
        self._counted = counted
        self._start = held.start[counted]
        self._end = held.end[counted]
        self._n_known = np.concatenate([[0], np.cumsum(is_known)])
        self._clauses = held.clauses.tolist()
        self._clause_start = [start for start, _ in self._clauses]

    def around(self, first: int, last: int) -> tuple[int, int]:
        """Where counted words ``first`` to before ``last`` begin and end, with small words around."""
        last -= 1
        opening = self._clause(int(self._start[first]))
        closing = self._clause(int(self._end[last]) - 1)
        if self._is_mostly_known(opening):
            first = int(np.searchsorted(self._start, opening[0]))
        if self._is_mostly_known(closing):
            last = int(np.searchsorted(self._start, closing[1])) - 1
        opens = int(self._counted[first - 1]) + 1 if first else 0
        closes = int(self._counted[last + 1]) if last + 1 < len(self._counted) else len(self._held.key)
        start, end = int(self._held.start[opens]), int(self._held.end[closes - 1])
        line = self._text.rfind("\n", 0, start) + 1
        has_bullet = not any(char.isalnum() for char in self._text[line:start])
        stop = _STOP.match(self._text, end)
        return line if has_bullet else start, stop.end() if stop else end

    def _clause(self, at: int) -> tuple[int, int]:
        start, end = self._clauses[bisect_right(self._clause_start, at) - 1]
        return start, end

    def _is_mostly_known(self, clause: tuple[int, int]) -> bool:
        first, last = np.searchsorted(self._start, clause).tolist()
        return bool(2 * (self._n_known[last] - self._n_known[first]) > last - first)
