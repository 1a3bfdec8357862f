"""Compiled: a query in terms of one segment's lists, heaviest requirement for its length first."""

from __future__ import annotations

import numpy as np
from numpy import int32, int64, uint64

from app.matching.ranking.kernel import kernel
from app.matching.ranking.query import CREDIT_UNITS

_CREDIT_UNITS = CREDIT_UNITS


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
def localise_entries(claims, group_weight, entry_group, entry_term, entry_credit):
    """Entries whose list the segment has, by group; groups by worth for each posting, descending."""
    n_groups, n_grades = len(group_weight), entry_credit.shape[1]
    entry_list = np.empty(len(entry_term), int32)
    size = np.zeros(n_groups, int64)
    bound = np.zeros(n_groups, int64)
    n_of_group = np.zeros(n_groups, int64)
    for entry in range(len(entry_term)):
        which = find(claims[0], entry_term[entry])
        entry_list[entry] = which
        if which < 0:
            continue
        group = entry_group[entry]
        size[group] += list_size(claims, which)
        n_of_group[group] += 1
        for grade in range(n_grades):
            worth = (group_weight[group] * entry_credit[entry, grade] + _CREDIT_UNITS - 1) // _CREDIT_UNITS
            bound[group] = max(bound[group], worth)
    order = np.argsort(size / (bound + 1.0), kind="mergesort")
    n_kept, n_entries = 0, 0
    for group in order:
        if n_of_group[group] and bound[group]:
            n_kept += 1
            n_entries += n_of_group[group]
    place = np.full(n_groups, -1, int64)
    ptr = np.zeros(n_kept + 1, int64)
    weight = np.empty(n_kept, int64)
    kept_bound = np.empty(n_kept, int64)
    n_kept = 0
    for group in order:
        if n_of_group[group] and bound[group]:
            place[group] = ptr[n_kept]
            ptr[n_kept + 1] = ptr[n_kept] + n_of_group[group]
            weight[n_kept] = group_weight[group]
            kept_bound[n_kept] = bound[group]
            n_of_group[group] = n_kept
            n_kept += 1
    which_list = np.empty(n_entries, int32)
    worth = np.empty((n_entries, n_grades), int32)
    group_of = np.empty(n_entries, int32)
    credit = np.empty((n_entries, n_grades), int32)
    for entry in range(len(entry_term)):
        group = entry_group[entry]
        if entry_list[entry] < 0 or place[group] < 0:
            continue
        at = place[group]
        place[group] += 1
        which_list[at] = entry_list[entry]
        group_of[at] = n_of_group[group]
        for grade in range(n_grades):
            credit[at, grade] = entry_credit[entry, grade]
            worth[at, grade] = (
                group_weight[group] * entry_credit[entry, grade] + _CREDIT_UNITS - 1
            ) // _CREDIT_UNITS
    return (ptr, which_list, worth, group_of, credit), weight, kept_bound


@kernel
def localise_words(words, common_term, word_term, word_weight):
    """Words with a list, and the weights of those kept as bits, by byte of the bits and its value."""
    which_list = np.empty(len(word_term), int32)
    weight = np.empty(len(word_term), int32)
    byte_weight = np.zeros((32, 256), int32)
    n, bound = 0, int64(0)
    for position in range(len(word_term)):
        which = find(words[0], word_term[position])
        if which >= 0:
            which_list[n] = which
            weight[n] = word_weight[position]
            n += 1
    for bit in range(len(common_term)):
        for position in range(len(word_term)):
            if word_term[position] == common_term[bit]:
                add_bit(byte_weight, bit, word_weight[position])
                bound += word_weight[position]
    return which_list[:n], weight[:n], byte_weight, bound


@kernel
def add_bit(byte_weight, bit, weight):
    """Let every value of a byte that has the bit weigh so much more."""
    mask = uint64(1 << (bit & 7))
    for value in range(256):
        if uint64(value) & mask:
            byte_weight[bit >> 3, value] += weight
