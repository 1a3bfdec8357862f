"""The other direction: the best vacancies for one candidate.

The queries of all vacancies, turned round: for each term the requirements that a claim of
it may meet, with the credit by grade. A candidate's claims are few, so only a few lists are
read; words are looked up for those vacancies alone that can still get among the best. Every
unit is the one that ``Pool.search`` gives for the same pair.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.matching.jit import CompiledCode
from app.matching.ranking.pool import Ranked
from app.matching.ranking.query import CREDIT_UNITS, Query
from app.matching.ranking.rows import Rows


@dataclass(frozen=True, slots=True)
class TurnedQueries:
    """The requirements of some vacancies by term; rows are vacancies by id.

    Attributes
    ----------
    ids : ndarray of shape (n_vacancies,), bytes
        Ascending, so the order of rows is the order of equal scores.
    terms : ndarray of shape (n_terms,), int32
        Ascending; a claim of ``terms[i]`` meets ``posting_group[ptr[i]:ptr[i + 1]]``.
    posting_group, posting_credit, posting_vacancy, posting_weight : ndarray, int32
        Requirement, row of ``credit``, and the vacancy and weight of the requirement, so that
        nothing has to be looked up elsewhere.
    credit : ndarray of shape (n_distinct, n_grades), int32
        Credit by grade; entries that give the same share a row.
    word_ptr : ndarray of shape (n_vacancies + 1,), int64
        Vacancy ``i`` asks for the words ``word_term[word_ptr[i]:word_ptr[i + 1]]``.
    word_term, word_weight : ndarray, int32
    word_bound : ndarray of shape (n_vacancies,), int64
        Units of a candidate who uses all words of the vacancy.
    """

    ids: NDArray[np.bytes_]
    terms: NDArray[np.int32]
    ptr: NDArray[np.int64]
    posting_group: NDArray[np.int32]
    posting_credit: NDArray[np.int32]
    posting_vacancy: NDArray[np.int32]
    posting_weight: NDArray[np.int32]
    credit: NDArray[np.int32]
    word_ptr: NDArray[np.int64]
    word_term: NDArray[np.int32]
    word_weight: NDArray[np.int32]
    word_bound: NDArray[np.int64]


class VacancyIndex:
    """Vacancies that can be searched for a candidate; it does not change, and threads may share it.

    All queries, and the candidates to come, use the same terms and grades.

    Raises
    ------
    ValueError
        If an id comes twice, or queries differ in their number of grades.
    """

    def __init__(self, ids: Sequence[bytes], queries: Sequence[Query]) -> None:
        self._turned = turn(ids, queries)
        self._everyone = np.ones(len(ids), dtype=np.bool_)
        self._thread = threading.local()

    @property
    def ids(self) -> NDArray[np.bytes_]:
        """Ids of the vacancies in the order of rows."""
        return self._turned.ids

    def search(
        self, candidates: Rows, row: int, k: int, *, takes_part: NDArray[np.bool_] | None = None
    ) -> Ranked:
        """Find the best ``k`` vacancies for one candidate: score descending, then id ascending.

        Parameters
        ----------
        row
            Position of the candidate in ``candidates``.
        takes_part : ndarray of shape (n_vacancies,), bool
            Vacancies that may be found, in the order of ``ids``; all if None.

        Raises
        ------
        ValueError
            If ``k < 1``, or a claim has a grade that the queries do not know.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, got {k}")
        turned = self._turned
        if not len(turned.ids):
            return Ranked(turned.ids, np.empty(0, dtype=np.int64))
        claims = slice(candidates.claim_ptr[row], candidates.claim_ptr[row + 1])
        words = slice(candidates.word_ptr[row], candidates.word_ptr[row + 1])
        grades = candidates.claim_grade[claims]
        if len(grades) and int(grades.max()) >= turned.credit.shape[1]:
            raise ValueError(f"queries know {turned.credit.shape[1]} grades, a claim has {int(grades.max())}")
        asked = (candidates.claim_term[claims], grades, candidates.word_term[words])
        # A copy of its own has the one type that is compiled.
        who = self._everyone if takes_part is None else np.array(takes_part, dtype=np.bool_)
        k = min(k, len(turned.ids))
        if vacancy_code.is_ready():
            vacancy_code.compile_now()
            found, units = best_compiled(turned, asked, k, takes_part=who, scratch=self._scratch())
        else:
            found, units = best_plainly(turned, asked, k, takes_part=who)
        return Ranked(turned.ids[found], units)

    def _scratch(self) -> _Scratch:
        held: _Scratch | None = getattr(self._thread, "scratch", None)
        if held is None:
            held = self._thread.scratch = empty_scratch(self._turned)
        return held


_Scratch = tuple[NDArray[np.int16], NDArray[np.int64], NDArray[np.bool_]]
_Claimed = tuple[NDArray[np.int32], NDArray[np.uint16], NDArray[np.int32]]
"""Terms and grades of a candidate's claims, and the words it uses."""


def turn(ids: Sequence[bytes], queries: Sequence[Query]) -> TurnedQueries:
    """Arrange queries by term; the order they come in changes nothing.

    Raises
    ------
    ValueError
        If an id comes twice, or queries differ in their number of grades.
    """
    if len({query.entry_credit.shape[1] for query in queries}) > 1:
        raise ValueError("queries must know the same grades")
    names = np.array(ids, dtype=np.bytes_) if len(ids) else np.empty(0, dtype="S1")
    order = np.argsort(names, kind="stable")
    names = names[order]
    if (names[1:] == names[:-1]).any():
        raise ValueError("vacancy ids must be unique")
    ordered = [queries[at] for at in order]
    n_groups = np.array([len(query.group_weight) for query in ordered], dtype=np.int64)
    first_group = np.concatenate([[0], np.cumsum(n_groups)])
    entry_term = _joined([query.entry_term for query in ordered], np.int32)
    groups = zip(ordered, first_group[:-1], strict=True)
    entry_group = _joined([query.entry_group + first for query, first in groups], np.int32)
    group_weight = _joined([query.group_weight for query in ordered], np.int32)
    credit, which = _distinct_rows([query.entry_credit for query in ordered])
    terms, ptr, by_term = _by_term(entry_term)
    n_words = np.array([len(query.word_term) for query in ordered], dtype=np.int64)
    word_ptr = np.concatenate([[0], np.cumsum(n_words)]).astype(np.int64)
    word_weight = _joined([query.word_weight for query in ordered], np.int32)
    weight_before = np.concatenate([[0], np.cumsum(word_weight, dtype=np.int64)])
    rows = np.arange(len(ordered), dtype=np.int32)
    return TurnedQueries(
        ids=names,
        terms=terms,
        ptr=ptr,
        posting_group=entry_group[by_term],
        posting_credit=which[by_term],
        posting_vacancy=np.repeat(rows, n_groups)[entry_group][by_term],
        posting_weight=group_weight[entry_group][by_term],
        credit=credit,
        word_ptr=word_ptr,
        word_term=_joined([query.word_term for query in ordered], np.int32),
        word_weight=word_weight,
        word_bound=CREDIT_UNITS * (weight_before[word_ptr[1:]] - weight_before[word_ptr[:-1]]),
    )


def best_plainly(
    turned: TurnedQueries, asked: _Claimed, k: int, *, takes_part: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and units of the best ``k`` vacancies, in NumPy."""
    claim_term, claim_grade, word_term = asked
    best = np.zeros(_n_groups(turned), dtype=np.int64)
    units = np.zeros(len(turned.ids), dtype=np.int64)
    met = [np.empty(0, dtype=np.int64)]
    for term, grade in zip(claim_term.tolist(), claim_grade.tolist(), strict=True):
        at = _places(turned.terms, turned.ptr, term)
        np.maximum.at(best, turned.posting_group[at], turned.credit[turned.posting_credit[at], grade])
        met.append(np.arange(at.start, at.stop))
    postings = np.concatenate(met)
    groups, first = np.unique(turned.posting_group[postings], return_index=True)
    postings = postings[first]
    earned = best[groups] * turned.posting_weight[postings]
    np.add.at(units, turned.posting_vacancy[postings], earned)
    used = np.where(np.isin(turned.word_term, word_term), turned.word_weight, 0)
    used_before = np.concatenate([[0], np.cumsum(used, dtype=np.int64)])
    units += CREDIT_UNITS * (used_before[turned.word_ptr[1:]] - used_before[turned.word_ptr[:-1]])
    rows = np.flatnonzero(takes_part)
    rows = rows[np.argsort(-units[rows], kind="stable")[:k]]
    return rows, units[rows]


def best_compiled(
    turned: TurnedQueries,
    asked: _Claimed,
    k: int,
    *,
    takes_part: NDArray[np.bool_],
    scratch: _Scratch,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The same by compiled code; ``scratch`` is that of ``empty_scratch``, and no other thread uses it."""
    from app.matching.ranking.vacancy_kernel import best_vacancies

    found = best_vacancies(
        (
            turned.terms,
            turned.ptr,
            turned.posting_group,
            turned.posting_credit,
            turned.posting_vacancy,
            turned.posting_weight,
        ),
        turned.credit,
        (turned.word_ptr, turned.word_term, turned.word_weight, turned.word_bound),
        asked,
        takes_part,
        scratch,
        k,
    )
    return found  # type: ignore[no-any-return]  # compiled code has no types


def empty_scratch(turned: TurnedQueries) -> _Scratch:
    """Best credit by requirement, units by vacancy, words used: all zero, as each search leaves them."""
    return (
        np.zeros(_n_groups(turned), dtype=np.int16),
        np.zeros(len(turned.ids), dtype=np.int64),
        np.zeros(int(turned.word_term.max(initial=-1)) + 1, dtype=np.bool_),
    )


def _n_groups(turned: TurnedQueries) -> int:
    return int(turned.posting_group.max(initial=-1)) + 1


def _joined(arrays: Sequence[NDArray[Any]], dtype: type) -> NDArray[Any]:
    return np.concatenate([np.empty(0, dtype=dtype), *arrays]).astype(dtype, copy=False)


def _by_term(term: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Distinct terms, the ends of their lists, and what the lists hold."""
    order = np.argsort(term, kind="stable")
    terms, first = np.unique(term[order], return_index=True)
    return terms, np.append(first, len(term)).astype(np.int64), order


def _distinct_rows(parts: Sequence[NDArray[np.int32]]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Distinct rows of all parts, in the order of their bytes, and which of them each row is."""
    n_grades = parts[0].shape[1] if parts else 1
    rows = np.concatenate([np.empty((0, n_grades), dtype=np.int32), *parts])
    keys = np.ascontiguousarray(rows.astype(np.int32)).view(f"V{4 * n_grades}").ravel() if n_grades else rows
    if not n_grades or not len(rows):
        return np.zeros((1, max(1, n_grades)), dtype=np.int32), np.zeros(len(rows), dtype=np.int32)
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    return rows[first].astype(np.int32), which.astype(np.int32)


def _places(terms: NDArray[np.int32], ptr: NDArray[np.int64], term: int) -> slice:
    """Where the list of a term stands; empty if there is none."""
    place = int(np.searchsorted(terms, term))
    is_there = place < len(terms) and terms[place] == term
    return slice(ptr[place], ptr[place + 1]) if is_there else slice(0, 0)


def _compile() -> None:
    """Search one vacancy once."""
    zero, one = np.zeros(1, dtype=np.int32), np.ones(1, dtype=np.int64)
    query = Query(one, zero, zero, np.ones((1, 1), dtype=np.int32), zero, one)
    turned = turn([b"a"], [query])
    asked = (zero, np.zeros(1, dtype=np.uint16), zero)
    best_compiled(turned, asked, 1, takes_part=np.ones(1, dtype=np.bool_), scratch=empty_scratch(turned))


vacancy_code = CompiledCode(
    "vacancies",
    # The second for a constant, which is compiled in.
    ("ranking/vacancy_kernel.py", "ranking/query.py"),
    _compile,
    calls=("ranking/heap.py", "ranking/localise.py"),
)
