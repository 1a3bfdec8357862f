"""Compiled search of a segment; ``plain`` is its twin.

Block by block: what rare words and claims are worth is added up for all rows from their
lists, then what common claims are worth at best from their planes; rows that cannot reach
the k-th best any more, whatever common words bring them, are dropped; the others are
scored exactly from their own claims and the words they use. Sums are whole steps of
weight, rounded up, of 16 bits: twice as many fit a register and the cache as of 32. They
never decide an order.
"""

from __future__ import annotations

from numpy import int64, uint16, uint64

from app.matching.ranking.heap import heap_least, kernel, push, sort_best_first
from app.matching.ranking.lanes import add_planes, fetch, lowest, reaching
from app.matching.ranking.localise import MOST_SUM, rounded_up
from app.matching.ranking.query import CREDIT_UNITS
from app.matching.ranking.rescore import (
    claimed,
    common_weight,
    fetch_claims,
    link_entries,
    listed_weight,
    unlink_entries,
    weight_needed,
)
from app.matching.ranking.sample import sample_floor, take_sample
from app.matching.ranking.segment import BLOCK, BLOCK_BITS

_BLOCK = BLOCK
_BITS = BLOCK_BITS
_CREDIT_UNITS = CREDIT_UNITS

_MOST_SUM = MOST_SUM
_N_PARTS = 4
_IN_LINE = 32  # Elements of 16 bits in a line of the cache.
_FETCHED = 8 * _IN_LINE


@kernel
def start_lists(lists, which, n, cursor, end):
    """Set the first piece of each list and the one after its last."""
    piece_ptr, piece_block, piece_start, _ = lists
    for position in range(n):
        cursor[position] = piece_ptr[which[position]]
        end[position] = piece_ptr[which[position] + 1]
        fetch(piece_block, cursor[position])
        fetch(piece_start, cursor[position])


@kernel
def fetch_piece(values, piece_start, piece):
    """Have a piece brought near; of a long one the first, as the processor sees by itself how it goes on."""
    first, last = piece_start[piece], piece_start[piece + 1]
    for at in range(first, min(last, first + _FETCHED), _IN_LINE):
        fetch(values, at)


@kernel
def move_to(block, lists, n, cursor, end, present):
    """Move each list to a block; write those that have rows there, and have the rows brought near."""
    _, piece_block, piece_start, local = lists
    n_present = 0
    for position in range(n):
        piece, last = cursor[position], end[position]
        while piece < last and piece_block[piece] < block:
            piece += 1
        cursor[position] = piece
        if piece < last and piece_block[piece] == block:
            present[n_present] = position
            n_present += 1
            fetch_piece(local, piece_start, piece)
    return n_present


@kernel
def add_words(acc, block, words, word_steps, cursor, end, present):
    """Add the weight of each listed word to the rows of a block that use it; returns how many do."""
    _, _, piece_start, local = words
    n_present = move_to(block, words, len(word_steps), cursor, end, present)
    for at in range(n_present):
        position = present[at]
        piece, steps = cursor[position], word_steps[position]
        for row in local[piece_start[piece] : piece_start[piece + 1]]:
            acc[row] += steps
    return n_present


@kernel
def add_claims(acc, block, claims, claim_grade, entries, n_listed, cursor, end, present):
    """Add what the listed claims of each row of a block are worth.

    The best claim alone counts in the end; who has several for one requirement is held for better here.
    """
    worth = entries[3]
    _, _, piece_start, local = claims
    n_present = move_to(block, claims, n_listed, cursor, end, present)
    for i in range(n_present):
        fetch_piece(claim_grade, piece_start, cursor[present[i]])
    for i in range(n_present):
        entry = present[i]
        piece = cursor[entry]
        for at in range(piece_start[piece], piece_start[piece + 1]):
            acc[local[at]] += worth[entry, claim_grade[at]]


@kernel
def rows_reaching(acc, live, first_word, n_words, planes, entries, first_plane, least, found):
    """Add the planes from entry ``first_plane`` on, and find the live rows that then reach ``least``.

    They are written to ``found``, ascending; returns their number. Where no plane can help one of 64
    live rows, nothing is added.
    """
    if least > _MOST_SUM:
        return 0
    most = int64(0)
    for entry in range(first_plane, len(entries[2])):
        most += entries[2][entry]
    least_before = uint16(max(least - most, 0))
    least_after = uint16(max(least, 0))
    n = 0
    for word in range(n_words):
        live_bits = live[first_word + word]
        if live_bits == 0 or reaching(acc, word * 64, least_before) & live_bits == 0:
            continue
        add_planes(acc, word * 64, planes, first_word + word, entries[1], entries[2], first_plane)
        bits = reaching(acc, word * 64, least_after) & live_bits
        while bits != 0:
            found[n] = word * 64 + lowest(bits)
            n += 1
            bits &= bits - uint64(1)
    return n


@kernel
def keep_reaching(acc, step, start, common, common_asked, least, row_ptr, found, held, n_found):
    """Keep those of the rows found whose weight, with the common words, may be at least ``least``.

    What it is at most is written to ``held``.
    """
    for i in range(n_found):
        fetch(common, (start + found[i]) * common.shape[1])
    n = 0
    for i in range(n_found):
        row = start + found[i]
        most = (int64(acc[found[i]]) << step) + common_weight(common, row, common_asked)
        if most >= least:
            found[n], held[n] = found[i], most
            fetch(row_ptr, row)
            n += 1
    return n


@kernel
def offer(acc, step, start, found, held, n_found, needed, floor, k, n_listed, exact, in_block, heap, n):
    """Score the rows found exactly and offer them to the heap; returns the number that it holds.

    Those that may be worth most come first, so that others need not be scored.
    """
    out_units, out_rows = heap
    least, top = needed, needed
    for i in range(n_found):
        top = max(top, held[i])
    above = top + 1
    for part in range(1, _N_PARTS + 1):
        lowest_of_part = least + ((top - least) >> part) if part < _N_PARTS else least
        for i in range(n_found):
            if held[i] < lowest_of_part or held[i] >= above or held[i] < needed:
                continue
            row, steps = start + found[i], int64(acc[found[i]])
            units, word_steps = claimed(row, steps, n_listed, exact)
            units += (held[i] - (steps << step)) * _CREDIT_UNITS
            if weight_needed(units) + (word_steps << step) < needed:
                continue
            units += listed_weight(found[i], word_steps, in_block) * _CREDIT_UNITS
            if units >= floor:
                n = push(out_units, out_rows, n, k, units, int64(row))
                if n == k:
                    # An equal one may stand before it: rows do not come in their order here.
                    needed = max(needed, weight_needed(out_units[0]))
        above = lowest_of_part
    return n


@kernel
def is_any(live, first_word, n_words):
    """Whether a bit is set."""
    # Compiled, a generator would cost more than the loop.
    for word in range(first_word, first_word + n_words):  # noqa: SIM110
        if live[word] != 0:
            return True
    return False


@kernel
def best_rows(n_rows, postings, by_row, live, query, scratch, k, floor, out_units, out_rows):
    """Write the best ``k`` live rows, best first; returns their number."""
    claims, claim_grade, words, common, planes = postings
    n_listed, entries, groups, step, (word_list, word_weight, word_steps), common_asked, common_bound = query
    (acc, found, held), (head, following, best), claim_lists, word_lists, sample = scratch
    claim_at, claim_end, claims_present = claim_lists
    word_at, word_end, words_present = word_lists
    n_entries = len(entries[0])
    start_lists(claims, entries[0], n_listed, claim_at, claim_end)
    start_lists(words, word_list, len(word_list), word_at, word_end)
    link_entries(entries[0], head, following)
    exact = (by_row, entries, groups, head, following, best)
    heap = (out_units, out_rows)
    n = 0
    for block in range((n_rows + _BLOCK - 1) >> _BITS):
        start = block << _BITS
        first_word = start >> 6
        n_words = min(_BLOCK >> 6, len(live) - first_word)
        if not is_any(live, first_word, n_words):
            continue
        acc[: n_words << 6] = 0
        n_present = add_words(acc, block, words, word_steps, word_at, word_end, words_present)
        add_claims(acc, block, claims, claim_grade, entries, n_listed, claim_at, claim_end, claims_present)
        in_block = (words, word_steps, word_weight, word_at, words_present, n_present)
        least = max(heap_least(out_units, n, k), floor)
        first_plane = n_listed
        if least < 0:
            for word in range(n_words):
                add_planes(acc, word * 64, planes, first_word + word, entries[1], entries[2], n_listed)
            first_plane = n_entries
            n_sample = take_sample(acc, live, first_word, n_words, sample[0])
            floor = sample_floor(
                acc, step, common, common_asked, start, n_sample, k, n_listed, exact, in_block, sample
            )
            least = floor
        needed = weight_needed(least)
        least_steps = rounded_up(needed - common_bound, step)
        n_found = rows_reaching(
            acc, live, first_word, n_words, planes, entries, first_plane, least_steps, found
        )
        n_found = keep_reaching(
            acc, step, start, common, common_asked, needed, by_row[0], found, held, n_found
        )
        fetch_claims(start, by_row, found, n_found)
        n = offer(
            acc, step, start, found, held, n_found, needed, floor, k, n_listed, exact, in_block, heap, n
        )
    unlink_entries(entries[0], head)
    sort_best_first(out_units, out_rows, n)
    return n
