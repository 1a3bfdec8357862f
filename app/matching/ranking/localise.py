"""Compiled: a query in terms of one segment's lists and planes."""

from __future__ import annotations

import numpy as np
from numpy import int32, int64, uint64

from app.matching.ranking.kernel import kernel
from app.matching.ranking.query import CREDIT_UNITS
from app.matching.ranking.segment import N_COMMON

_CREDIT_UNITS = CREDIT_UNITS
_CREDIT_BITS = CREDIT_UNITS.bit_length() - 1
_LAST = 1e300
_N_COMMON = N_COMMON


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
def list_size(lists, which):
    """Length of a list."""
    piece_ptr, piece_start = lists[1], lists[3]
    return piece_start[piece_ptr[which + 1]] - piece_start[piece_ptr[which]]


@kernel
def localise_entries(claims, plane_list, group_weight, entry_group, entry_term, entry_credit):
    """Entries whose list the segment has and that are worth something.

    Those that have a plane come last; before them, who is worth most for the length of its list
    comes first.

    Returns
    -------
    n_listed : int
        Entries that have no plane.
    list, plane, most, worth, group, credit : ndarray
        For each entry; ``worth`` by grade and ``most`` of it are rounded up.
    """
    n_entries, n_grades = len(entry_term), entry_credit.shape[1]
    which = np.empty(n_entries, int32)
    most = np.zeros(n_entries, int32)
    rank = np.full(n_entries, np.inf)
    n_kept, n_listed = 0, 0
    for entry in range(n_entries):
        which[entry] = find(claims[0], entry_term[entry])
        if which[entry] < 0:
            continue
        best = int32(0)
        for grade in range(n_grades):
            best = max(best, entry_credit[entry, grade])
        most[entry] = rounded_up(group_weight[entry_group[entry]] * best)
        if most[entry] > 0:
            n_kept += 1
            if find(plane_list, which[entry]) < 0:
                n_listed += 1
                rank[entry] = list_size(claims, which[entry]) / most[entry]
            else:
                rank[entry] = _LAST
    order = np.argsort(rank, kind="mergesort")[:n_kept]
    plane = np.empty(n_kept, int32)
    worth = np.empty((n_kept, n_grades), int32)
    for at in range(n_kept):
        entry = order[at]
        plane[at] = find(plane_list, which[entry])
        weight = group_weight[entry_group[entry]]
        for grade in range(n_grades):
            worth[at, grade] = rounded_up(weight * entry_credit[entry, grade])
    return n_listed, (which[order], plane, most[order], worth, entry_group[order], entry_credit[order])


@kernel
def rounded_up(units):
    """Units of the score in units of the weights."""
    return int32((units + _CREDIT_UNITS - 1) >> _CREDIT_BITS)


@kernel
def localise_words(words, common_term, word_term, word_weight):
    """Words with a list; of those kept as bits, the bits, the weight of each, and of all together."""
    which_list = np.empty(len(word_term), int32)
    weight = np.empty(len(word_term), int32)
    asked = np.zeros(_N_COMMON >> 6, uint64)
    weight_of_bit = np.zeros(_N_COMMON, int32)
    n, bound = 0, int64(0)
    for position in range(len(word_term)):
        which = find(words[0], word_term[position])
        if which >= 0:
            which_list[n] = which
            weight[n] = word_weight[position]
            n += 1
            continue
        for bit in range(len(common_term)):
            if common_term[bit] == word_term[position]:
                asked[bit >> 6] |= uint64(1) << uint64(bit & 63)
                weight_of_bit[bit] = word_weight[position]
                bound += word_weight[position]
    return which_list[:n], weight[:n], (asked, weight_of_bit), bound
