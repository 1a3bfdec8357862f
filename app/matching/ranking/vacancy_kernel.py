"""Compiled search of vacancies for one candidate; ``vacancies.best_plainly`` is its twin."""

from __future__ import annotations

import numpy as np
from numpy import int64

from app.matching.ranking.heap import kernel, push, sort_best_first
from app.matching.ranking.localise import find
from app.matching.ranking.query import CREDIT_UNITS

_CREDIT_UNITS = CREDIT_UNITS


@kernel
def add_claim(best, units, postings, credit, place, grade):
    """Raise the best credit of every requirement that a claim meets better than those before it."""
    _, ptr, group, which_credit, vacancy, weight = postings
    for at in range(ptr[place], ptr[place + 1]):
        earned = int64(credit[which_credit[at], grade])
        more = earned - best[group[at]]
        if more > 0:
            best[group[at]] = earned
            units[vacancy[at]] += weight[at] * more


@kernel
def kth_best(units, takes_part, k, heap_units, heap_rows):
    """Units of the ``k``-th best row that takes part, or -1 if there are fewer."""
    n = 0
    for row in range(len(units)):
        if takes_part[row] and (n < k or units[row] > heap_units[0]):
            n = push(heap_units, heap_rows, n, k, units[row], int64(row))
    return heap_units[0] if n == k else int64(-1)


@kernel
def mark(is_used, word_term, value):
    """Say of each word that it is used, or not any more; those that no vacancy asks for have no place."""
    for term in word_term:
        if term < len(is_used):
            is_used[term] = value


@kernel
def best_vacancies(postings, credit, words, asked, takes_part, scratch, k):
    """Rows and units of the best ``k`` vacancies; leaves ``scratch`` all zero, as it is found.

    Claims are added up for all vacancies; words only for those that can still get among the best
    if all their words are met.
    """
    claim_term, claim_grade, word_term = asked
    word_ptr, asked_word, word_weight, word_bound = words
    best, units, is_used = scratch
    for claim in range(len(claim_term)):
        place = find(postings[0], claim_term[claim])
        if place >= 0:
            add_claim(best, units, postings, credit, place, claim_grade[claim])
    mark(is_used, word_term, True)
    out_units, out_rows = np.empty(k, np.int64), np.empty(k, np.int64)
    floor = kth_best(units, takes_part, k, out_units, out_rows)
    n = 0
    for row in range(len(units)):
        held = units[row]
        units[row] = 0
        most = held + word_bound[row]
        if not takes_part[row] or most < floor or (n == k and most <= out_units[0]):
            continue
        used = int64(0)
        for at in range(word_ptr[row], word_ptr[row + 1]):
            if is_used[asked_word[at]]:
                used += word_weight[at]
        n = push(out_units, out_rows, n, k, held + used * _CREDIT_UNITS, int64(row))
    sort_best_first(out_units, out_rows, n)
    mark(is_used, word_term, False)
    for claim in range(len(claim_term)):
        place = find(postings[0], claim_term[claim])
        if place >= 0:
            for at in range(postings[1][place], postings[1][place + 1]):
                best[postings[2][at]] = 0
    return out_rows[:n], out_units[:n]
