"""Compiled: a query in terms of one segment's lists and planes."""

from __future__ import annotations

import numpy as np
from numpy import int32, int64, uint16, uint64

from app.matching.ranking.heap import kernel
from app.matching.ranking.lanes import fetch
from app.matching.ranking.query import CREDIT_UNITS
from app.matching.ranking.segment import N_COMMON

_CREDIT_UNITS = CREDIT_UNITS
_CREDIT_BITS = CREDIT_UNITS.bit_length() - 1
_LAST = 1e300
_N_COMMON = N_COMMON

MOST_SUM = (1 << 16) - 1
"""Of the steps of one row."""

_MOST_SUM = MOST_SUM


@kernel
def find(terms, term):
    """Position of a term in ascending terms, or -1."""
    low, high = 0, len(terms)
    while low < high:
        middle = (low + high) >> 1
        if terms[middle] < term:
            low = middle + 1
        else:
            high = middle
    return low if low < len(terms) and terms[low] == term else -1


@kernel
def localise_entries(table, group_weight, entry_group, entry_term, entry_credit, word_total, n_words):
    """Entries whose list the segment has and that are worth something.

    Those that have a plane come last; before them, who is worth most for the length of its list
    comes first.

    Parameters
    ----------
    table : ndarray of shape (n_terms, 3), int32
        List of each term or -1, its length, its plane or -1.
    word_total, n_words : int
        Weight of all listed words, and their number.

    Returns
    -------
    n_listed : int
        Entries that have no plane.
    list, plane, most, worth, order : ndarray
        For each entry; ``worth`` by grade and ``most`` of it are steps, rounded up; ``order`` is its
        place in the query.
    step : int
        Binary digits of the weights that a step leaves out: as few as let any row's sum of steps fit
        16 bits.
    """
    n_entries, n_grades = len(entry_term), entry_credit.shape[1]
    most = np.zeros(n_entries, int64)
    rank = np.full(n_entries, np.inf)
    n_kept, n_listed, total = 0, 0, word_total
    for entry in range(n_entries):
        fetch(table, 3 * int64(entry_term[entry]))
    for entry in range(n_entries):
        term = entry_term[entry]
        if not 0 <= term < len(table) or table[term, 0] < 0:
            continue
        best = int32(0)
        for grade in range(n_grades):
            best = max(best, entry_credit[entry, grade])
        most[entry] = rounded_up(group_weight[entry_group[entry]] * best, _CREDIT_BITS)
        if most[entry] > 0:
            n_kept += 1
            total += most[entry]
            if table[term, 2] < 0:
                n_listed += 1
                rank[entry] = table[term, 1] / most[entry]
            else:
                rank[entry] = _LAST
    step = step_for(total, n_kept + n_words)
    order = np.argsort(rank, kind="mergesort")[:n_kept]
    which, plane = np.empty(n_kept, int32), np.empty(n_kept, int32)
    most_steps, worth = np.empty(n_kept, uint16), np.empty((n_kept, n_grades), uint16)
    for at in range(n_kept):
        entry = order[at]
        which[at], plane[at] = table[entry_term[entry], 0], table[entry_term[entry], 2]
        weight = group_weight[entry_group[entry]]
        most_steps[at] = rounded_up(most[entry], step)
        for grade in range(n_grades):
            worth[at, grade] = rounded_up(weight * entry_credit[entry, grade], _CREDIT_BITS + step)
    return n_listed, (which, plane, most_steps, worth, order), step


@kernel
def rounded_up(units, n_bits):
    """Units in steps of ``2**n_bits``."""
    return (units + (int64(1) << n_bits) - 1) >> n_bits


@kernel
def in_steps(weights, step):
    """Each weight in steps, rounded up."""
    steps = np.empty(len(weights), uint16)
    for at in range(len(weights)):
        steps[at] = rounded_up(int64(weights[at]), step)
    return steps


@kernel
def step_for(total, n):
    """Digits to leave out so that ``n`` numbers of that total, each rounded up, sum to 16 bits."""
    step = int64(0)
    while (total >> step) + n > _MOST_SUM:
        step += 1
    return step


@kernel
def localise_words(table, word_term, word_weight):
    """Words with a list; of those kept as bits, the bits, the weight of each, and of all together.

    ``table`` holds the list of each term, -1 where there is none, and ``-2 - bit`` of common words.
    """
    which_list = np.empty(len(word_term), int32)
    weight = np.empty(len(word_term), int32)
    asked = np.zeros(_N_COMMON >> 6, uint64)
    weight_of_bit = np.zeros(_N_COMMON, int32)
    n, bound = 0, int64(0)
    for term in word_term:
        fetch(table, int64(term))
    for position in range(len(word_term)):
        term = word_term[position]
        which = table[term] if 0 <= term < len(table) else int32(-1)
        if which >= 0:
            which_list[n] = which
            weight[n] = word_weight[position]
            n += 1
        elif which < -1:
            bit = -2 - which
            asked[bit >> 6] |= uint64(1) << uint64(bit & 63)
            weight_of_bit[bit] = word_weight[position]
            bound += word_weight[position]
    return which_list[:n], weight[:n], (asked, weight_of_bit), bound
