"""Compiled: the first floor of a search, from a few rows of the first block that look best."""

from __future__ import annotations

from numpy import int64, uint16, uint64

from app.matching.ranking.heap import kernel, push
from app.matching.ranking.lanes import count, lowest, reaching
from app.matching.ranking.localise import MOST_SUM
from app.matching.ranking.query import CREDIT_UNITS
from app.matching.ranking.rescore import claimed, common_weight, fetch_claims, fetch_rows, listed_weight

_CREDIT_UNITS = CREDIT_UNITS
_MOST_SUM = MOST_SUM


@kernel
def room_for_sample(k):
    """Rows of a sample at most: with some more than ``k`` the k-th best of them is a better floor."""
    return 2 * (k + 5)


@kernel
def count_reaching(acc, live, first_word, n_words, least, enough):
    """How many live rows reach ``least``; counts no further than a little beyond ``enough``."""
    n = int64(0)
    for word in range(n_words):
        bits = live[first_word + word]
        if bits != 0:
            n += count(reaching(acc, word * 64, least) & bits)
            if n > enough:
                break
    return n


@kernel
def take_sample(acc, live, first_word, n_words, sample):
    """Write the live rows of a block whose sums are highest, to half of ``sample`` at least if there
    are so many; returns their number.

    Of many with the same sum, the first that find room.
    """
    room = len(sample)
    low, high = int64(0), int64(_MOST_SUM + 1)
    while high - low > 1:
        middle = (low + high) >> 1
        n = count_reaching(acc, live, first_word, n_words, uint16(middle), room)
        if n < room >> 1:
            high = middle
        else:
            low = middle
            if n <= room:
                break
    n = 0
    for word in range(n_words):
        bits = live[first_word + word]
        if bits != 0:
            bits &= reaching(acc, word * 64, uint16(low))
        while bits != 0 and n < room:
            sample[n] = word * 64 + lowest(bits)
            n += 1
            bits &= bits - uint64(1)
    return n


@kernel
def sample_floor(acc, step, common, common_asked, start, n_sample, k, n_listed, exact, in_block, sample):
    """Exact units of the k-th best of a sample: the k-th best of all is no worse.

    Returns -1 if the sample has fewer than ``k`` rows.
    """
    rows, (best_units, best_rows) = sample
    if n_sample < k:
        return int64(-1)
    fetch_rows(start, common, exact[0][0], rows, n_sample)
    fetch_claims(start, exact[0], rows, n_sample)
    n = 0
    for i in range(n_sample):
        row = start + rows[i]
        units, word_steps = claimed(row, acc[rows[i]], n_listed, exact)
        units += common_weight(common, row, common_asked) * _CREDIT_UNITS
        if n < k or units + (word_steps << step) * _CREDIT_UNITS > best_units[0]:
            units += listed_weight(rows[i], word_steps, in_block) * _CREDIT_UNITS
            n = push(best_units, best_rows, n, k, units, row)
    return best_units[0]
