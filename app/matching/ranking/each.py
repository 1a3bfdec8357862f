"""Compiled: exact scores of single rows, for those that are in no segment yet."""

from __future__ import annotations

import numpy as np
from numpy import int64

from app.matching.ranking.heap import kernel
from app.matching.ranking.localise import find
from app.matching.ranking.query import CREDIT_UNITS

_CREDIT_UNITS = CREDIT_UNITS
_N_SEEN = 1 << 13


@kernel
def mark(seen, terms):
    """Note which remainders the terms leave: most terms of a row leave another and need no search."""
    for term in terms:
        seen[term & (_N_SEEN - 1)] = True


@kernel
def score_each(rows, chosen, entry_ptr, entry_group, terms, entry_credit, group_weight, words, word_weight):
    """Units of the chosen rows.

    ``terms`` and ``words`` ascend; the entries of ``terms[i]`` are ``entry_ptr[i]:entry_ptr[i + 1]``.
    """
    claim_ptr, claim_term, claim_grade, word_ptr, word_term = rows
    is_term, is_word = np.zeros(_N_SEEN, np.bool_), np.zeros(_N_SEEN, np.bool_)
    mark(is_term, terms)
    mark(is_word, words)
    units = np.zeros(len(chosen), np.int64)
    best = np.zeros(len(group_weight), np.int64)
    for i in range(len(chosen)):
        row = chosen[i]
        best[:] = 0
        for at in range(claim_ptr[row], claim_ptr[row + 1]):
            if is_term[claim_term[at] & (_N_SEEN - 1)]:
                place = find(terms, claim_term[at])
                if place >= 0:
                    for entry in range(entry_ptr[place], entry_ptr[place + 1]):
                        group = entry_group[entry]
                        best[group] = max(best[group], entry_credit[entry, claim_grade[at]])
        used = int64(0)
        for at in range(word_ptr[row], word_ptr[row + 1]):
            if is_word[word_term[at] & (_N_SEEN - 1)]:
                place = find(words, word_term[at])
                if place >= 0:
                    used += word_weight[place]
        units[i] = used * _CREDIT_UNITS
        for group in range(len(group_weight)):
            units[i] += group_weight[group] * best[group]
    return units
