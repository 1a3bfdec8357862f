"""Compiled: exact scores of the rows of a block that may be among the best."""

from __future__ import annotations

from numpy import int64, uint16

from app.matching.ranking.heap import kernel
from app.matching.ranking.lanes import equal, fetch, lowest, sum_where
from app.matching.ranking.query import CREDIT_UNITS

_CREDIT_UNITS = CREDIT_UNITS
_TOGETHER = 64


@kernel
def common_weight(common, row, common_asked):
    """Weight of the common words that a row uses."""
    asked, weight_of_bit = common_asked
    return int64(sum_where(weight_of_bit, common, row, asked))


@kernel
def fetch_rows(start, common, row_ptr, found, n_found):
    """Have the common words of the rows found brought near, and where their claims lie."""
    for i in range(n_found):
        fetch(common, (start + found[i]) * common.shape[1])
        fetch(row_ptr, start + found[i])


@kernel
def fetch_claims(start, by_row, found, n_found):
    """Have the claims of the rows found brought near."""
    row_ptr, row_list, row_grade = by_row
    for i in range(n_found):
        at = row_ptr[start + found[i]]
        fetch(row_list, at)
        fetch(row_list, at + 16)
        fetch(row_grade, at)


@kernel
def claimed(row, steps, n_listed, exact):
    """Exact units of a row's claims, and the steps that listed words brought to its sum of ``steps``."""
    by_row, entries, (group_weight, entry_group, entry_credit), head, following, best = exact
    row_ptr, row_list, row_grade = by_row
    _, _, most, worth, order = entries
    best[:] = 0
    steps = int64(steps)
    for at in range(row_ptr[row], row_ptr[row + 1]):
        entry = head[row_list[at]]
        while entry >= 0:
            asked, grade = order[entry], row_grade[at]
            group = entry_group[asked]
            best[group] = max(best[group], entry_credit[asked, grade])
            steps -= int64(worth[entry, grade] if entry < n_listed else most[entry])
            entry = following[entry]
    units = int64(0)
    for group in range(len(group_weight)):
        units += group_weight[group] * best[group]
    return units, steps


@kernel
def holds(local, first, last, place):
    """Whether ``local[first:last]``, whose elements are distinct, has an element."""
    while first < last and first + _TOGETHER <= len(local):
        bits = equal(local, first, uint16(place))
        if bits != 0:
            # What lies beyond the last belongs to another list.
            return first + lowest(bits) < last
        first += _TOGETHER
    # Compiled, a generator would cost more than the loop.
    for at in range(first, last):  # noqa: SIM110
        if local[at] == place:
            return True
    return False


@kernel
def listed_weight(place, steps, in_block):
    """Exact weight of the listed words that a row of the block uses.

    They brought its sum so many ``steps``, which says when all are found, and which cannot be one.
    """
    words, word_steps, word_weight, cursor, present, n_present = in_block
    _, _, piece_start, local = words
    weight = int64(0)
    for at in range(n_present):
        if steps == 0:
            break
        position = present[at]
        if word_steps[position] > steps:
            continue
        piece = cursor[position]
        if holds(local, piece_start[piece], piece_start[piece + 1], place):
            weight += word_weight[position]
            steps -= int64(word_steps[position])
    return weight


@kernel
def weight_needed(units):
    """Sum of weights that a row needs to score so many units."""
    return (units + _CREDIT_UNITS - 1) // _CREDIT_UNITS if units > 0 else int64(0)


@kernel
def link_entries(entry_list, head, following):
    """Let ``head`` of a list lead to its entries, in their order."""
    for entry in range(len(entry_list) - 1, -1, -1):
        following[entry] = head[entry_list[entry]]
        head[entry_list[entry]] = entry


@kernel
def unlink_entries(entry_list, head):
    """Leave ``head`` as it was found."""
    for which in entry_list:
        head[which] = -1
