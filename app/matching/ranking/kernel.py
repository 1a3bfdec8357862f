"""Compiled search of a segment; ``plain`` is its twin.

Block by block: what the rare words and the weightiest requirements are worth is added
up for all rows; rows that cannot reach the k-th best any more, whatever the rest brings
them, are dropped; the others are scored exactly from their own claims. Bounds are whole
numbers, rounded up, and never decide an order.
"""

from __future__ import annotations

from numba import njit
from numpy import int64, uint64

from app.matching.ranking.query import CREDIT_UNITS
from app.matching.ranking.segment import BLOCK, BLOCK_BITS

_BLOCK = BLOCK
_BITS = BLOCK_BITS
_CREDIT_UNITS = CREDIT_UNITS

# What things cost, in nanoseconds as measured; they decide what is done first, never a result.
_EXACT_COST = 200
_SCAN_COST = _BLOCK // 4
_N_SEED_POSTINGS = 256

kernel = njit(nogil=True, cache=True, fastmath=False, error_model="numpy")


@kernel
def is_better(units, row, other_units, other_row):
    """Whether the first stands before the second in the total order."""
    return units > other_units or (units == other_units and row < other_row)


@kernel
def push(heap_units, heap_rows, n, k, units, row):
    """Offer a row to a heap with the worst on top; returns the number held."""
    if n < k:
        child = n
        n += 1
        while child > 0:
            parent = (child - 1) >> 1
            if not is_better(heap_units[parent], heap_rows[parent], units, row):
                break
            heap_units[child] = heap_units[parent]
            heap_rows[child] = heap_rows[parent]
            child = parent
        heap_units[child] = units
        heap_rows[child] = row
        return n
    if is_better(units, row, heap_units[0], heap_rows[0]):
        sink(heap_units, heap_rows, n, units, row)
    return n


@kernel
def sink(heap_units, heap_rows, n, units, row):
    """Put a row in place of the top."""
    parent = 0
    while True:
        child = 2 * parent + 1
        if child >= n:
            break
        if child + 1 < n and is_better(
            heap_units[child], heap_rows[child], heap_units[child + 1], heap_rows[child + 1]
        ):
            child += 1
        if not is_better(units, row, heap_units[child], heap_rows[child]):
            break
        heap_units[parent] = heap_units[child]
        heap_rows[parent] = heap_rows[child]
        parent = child
    heap_units[parent] = units
    heap_rows[parent] = row


@kernel
def sort_best_first(heap_units, heap_rows, n):
    """Turn the heap into a list, best first."""
    for last in range(n - 1, 0, -1):
        units, row = heap_units[last], heap_rows[last]
        heap_units[last], heap_rows[last] = heap_units[0], heap_rows[0]
        sink(heap_units, heap_rows, last, units, row)


@kernel
def add_words(acc, block, words, word_list, word_weight, cursor):
    """Add the weight of each listed word to the rows of a block that use it."""
    _, piece_ptr, piece_block, piece_start, local = words
    for position in range(len(word_list)):
        piece, last = cursor[position], piece_ptr[word_list[position] + 1]
        while piece < last and piece_block[piece] < block:
            piece += 1
        cursor[position] = piece
        if piece < last and piece_block[piece] == block:
            weight = word_weight[position]
            for row in local[piece_start[piece] : piece_start[piece + 1]]:
                acc[row] += weight


@kernel
def piece_of(block, entry, claims, entry_list, cursor):
    """The piece of an entry's list that lies in the block, or -1; the cursor only moves forward."""
    piece_ptr, piece_block = claims[1], claims[2]
    piece, last = cursor[entry], piece_ptr[entry_list[entry] + 1]
    while piece < last and piece_block[piece] < block:
        piece += 1
    cursor[entry] = piece
    return piece if piece < last and piece_block[piece] == block else int64(-1)


@kernel
def add_group(acc, block, group, claims, claim_grade, entries, cursor):
    """Add what the claims of each row of a block are worth for one requirement, rounded up.

    The best claim alone counts in the end; who has several that count is held for better here.
    """
    entry_ptr, entry_list, entry_worth = entries[0], entries[1], entries[2]
    piece_start, local = claims[3], claims[4]
    for entry in range(entry_ptr[group], entry_ptr[group + 1]):
        piece = piece_of(block, entry, claims, entry_list, cursor)
        if piece >= 0:
            for at in range(piece_start[piece], piece_start[piece + 1]):
                acc[local[at]] += entry_worth[entry, claim_grade[at]]


@kernel
def group_size(block, group, claims, entries, cursor):
    """Number of postings of a requirement in the block."""
    n = int64(0)
    for entry in range(entries[0][group], entries[0][group + 1]):
        piece = piece_of(block, entry, claims, entries[1], cursor)
        if piece >= 0:
            n += claims[3][piece + 1] - claims[3][piece]
    return n


@kernel
def count_reaching(acc, live, first_word, n_words, least):
    """Live rows of a block whose sum is at least ``least``."""
    n = int64(0)
    for word in range(n_words):
        bits = live[first_word + word]
        if bits != 0:
            base = word * 64
            for bit in range(64):
                if acc[base + bit] >= least:
                    n += int64((bits >> uint64(bit)) & uint64(1))
    return n


@kernel
def n_of(acc, word, least):
    """How many of the 64 sums that belong to a word of bits are at least ``least``."""
    n = 0
    for bit in range(64):
        n += acc[word * 64 + bit] >= least
    return n


@kernel
def rows_reaching(acc, live, first_word, n_words, least, found):
    """The same rows, ascending, into ``found``; returns their number."""
    n = 0
    for word in range(n_words):
        bits = live[first_word + word]
        if bits == 0:
            continue
        base = word * 64
        if n_of(acc, word, least) == 0:
            continue
        for bit in range(64):
            if acc[base + bit] >= least and (bits >> uint64(bit)) & uint64(1):
                found[n] = base + bit
                n += 1
    return n


@kernel
def common_weight(common, row, byte_weight):
    """Weight of the common words that a row uses."""
    weight = int64(0)
    for part in range(4):
        bits = common[row, part]
        base = part * 8
        while bits != 0:
            byte = bits & uint64(255)
            if byte != 0:
                weight += byte_weight[base, byte]
            bits >>= uint64(8)
            base += 1
    return weight


@kernel
def exact_units(row, held, by_row, entries, group_weight, is_added, head, following, best):
    """Exact units of a row, from ``held``: what was added up for it, common words included.

    What the requirements brought to that sum is replaced by their exact worth.
    """
    row_ptr, row_list, row_grade = by_row
    entry_worth, entry_group, entry_credit = entries[2], entries[3], entries[4]
    for group in range(len(group_weight)):
        best[group] = 0
    for at in range(row_ptr[row], row_ptr[row + 1]):
        entry = head[row_list[at]]
        while entry >= 0:
            group, grade = entry_group[entry], row_grade[at]
            best[group] = max(best[group], entry_credit[entry, grade])
            if is_added[group]:
                held -= entry_worth[entry, grade]
            entry = following[entry]
    units = int64(0)
    for group in range(len(group_weight)):
        units += group_weight[group] * best[group]
    return units + held * _CREDIT_UNITS


@kernel
def link_entries(entries, head, following):
    """Let ``head`` of a list lead to its entries, in their order."""
    entry_list = entries[1]
    for entry in range(len(entry_list) - 1, -1, -1):
        following[entry] = head[entry_list[entry]]
        head[entry_list[entry]] = entry


@kernel
def unlink_entries(entries, head):
    """Leave ``head`` as it was found."""
    for entry in range(len(entries[1])):
        head[entries[1][entry]] = -1


@kernel
def sample_floor(acc, common, byte_weight, start, live, first_word, n_words, k, exact, heap):
    """Exact units of the k-th of the rows that look best in a block: the k-th best is no worse.

    ``exact`` holds what ``exact_units`` needs. Returns -1 if the block has fewer than ``k`` live rows.
    """
    by_row, entries, group_weight, is_added, head, following, best = exact
    sample_units, sample_rows = heap
    n = 0
    for word in range(n_words):
        bits = live[first_word + word]
        if bits == 0 or (n == k and n_of(acc, word, sample_units[0] + 1) == 0):
            continue
        for bit in range(64):
            if (bits >> uint64(bit)) & uint64(1):
                n = push(sample_units, sample_rows, n, k, int64(acc[word * 64 + bit]), int64(word * 64 + bit))
    if n < k:
        return int64(-1)
    floor = int64(-1)
    for i in range(n):
        row = start + sample_rows[i]
        held = acc[sample_rows[i]] + common_weight(common, row, byte_weight)
        units = exact_units(row, held, by_row, entries, group_weight, is_added, head, following, best)
        if floor < 0 or units < floor:
            floor = units
    return floor


@kernel
def seed_floor(wide, postings, byte_weight, live, k, exact, seeds):
    """Units that the k-th best row has at least, from rows that claim what is rare; -1 if there are too few.

    ``wide`` has a place for each row, all 0, and is left so. Listed words are left out of these sums.
    """
    claims, claim_grade, _, common = postings
    by_row, entries, group_weight, is_added, head, following, best = exact
    entry_ptr, entry_list, entry_worth = entries[0], entries[1], entries[2]
    _, piece_ptr, piece_block, piece_start, local = claims
    seed_units, seed_rows = seeds
    n_entries, n_postings = 0, int64(0)
    for group in range(len(group_weight)):
        for entry in range(entry_ptr[group], entry_ptr[group + 1]):
            which = entry_list[entry]
            n_postings += piece_start[piece_ptr[which + 1]] - piece_start[piece_ptr[which]]
        if n_postings > _N_SEED_POSTINGS:
            break
        n_entries = entry_ptr[group + 1]
    for entry in range(n_entries):
        which = entry_list[entry]
        for piece in range(piece_ptr[which], piece_ptr[which + 1]):
            start = piece_block[piece] << _BITS
            for at in range(piece_start[piece], piece_start[piece + 1]):
                wide[start + local[at]] += entry_worth[entry, claim_grade[at]]
    n = 0
    for entry in range(n_entries):
        which = entry_list[entry]
        for piece in range(piece_ptr[which], piece_ptr[which + 1]):
            start = piece_block[piece] << _BITS
            for at in range(piece_start[piece], piece_start[piece + 1]):
                row = int64(start + local[at])
                worth = int64(wide[row])
                wide[row] = 0
                is_live = (live[row >> 6] >> uint64(row & 63)) & uint64(1)
                if is_live and worth and (n < len(seed_units) or worth > seed_units[0]):
                    n = push(seed_units, seed_rows, n, len(seed_units), worth, row)
    if n < k:
        return int64(-1)
    for i in range(n):
        held = common_weight(common, seed_rows[i], byte_weight)
        seed_units[i] = exact_units(
            seed_rows[i], held, by_row, entries, group_weight, is_added, head, following, best
        )
    seed_units[:n].sort()
    return seed_units[n - k]


@kernel
def best_rows(n_rows, postings, by_row, live, query, scratch, k, floor, out_units, out_rows):
    """Write the best ``k`` live rows, best first; returns their number."""
    claims, claim_grade, words, common = postings
    entries, group_weight, group_bound, word_list, word_weight, byte_weight, common_bound = query
    acc, wide, head, following, best, found, claim_cursor, word_cursor, is_added, sample, seeds = scratch
    n_groups = len(group_weight)
    for entry in range(len(entries[1])):
        claim_cursor[entry] = claims[1][entries[1][entry]]
    for position in range(len(word_list)):
        word_cursor[position] = words[1][word_list[position]]
    link_entries(entries, head, following)
    exact = (by_row, entries, group_weight, is_added, head, following, best)
    is_added[:] = False
    floor = max(floor, seed_floor(wide, postings, byte_weight, live, k, exact, seeds))
    n = 0
    for block in range((n_rows + _BLOCK - 1) >> _BITS):
        start = block << _BITS
        first_word = start >> 6
        n_words = min(_BLOCK >> 6, len(live) - first_word)
        is_empty = True
        for word in range(first_word, first_word + n_words):
            if live[word] != 0:
                is_empty = False
                break
        if is_empty:
            continue
        acc[:] = 0
        is_added[:] = False
        add_words(acc, block, words, word_list, word_weight, word_cursor)
        # What those of the requirements that are still to come can bring, at most.
        rest = group_bound.sum() + common_bound
        n_added = 0
        while True:
            least = max(heap_least(out_units, n, k), floor)
            if n_added == n_groups:
                break
            size = group_size(block, n_added, claims, entries, claim_cursor)
            if least >= 0 and size * 2 > _BLOCK:
                needed = (least + _CREDIT_UNITS - 1) // _CREDIT_UNITS - rest
                n_left = count_reaching(acc, live, first_word, n_words, needed)
                if n_left * _EXACT_COST <= size + _SCAN_COST:
                    break
            add_group(acc, block, n_added, claims, claim_grade, entries, claim_cursor)
            is_added[n_added] = True
            rest -= group_bound[n_added]
            n_added += 1
        if least < 0:
            floor = sample_floor(acc, common, byte_weight, start, live, first_word, n_words, k, exact, sample)
            least = floor
        needed = (least + _CREDIT_UNITS - 1) // _CREDIT_UNITS if least > 0 else int64(0)
        n_found = rows_reaching(acc, live, first_word, n_words, needed - rest, found)
        rest -= common_bound
        for i in range(n_found):
            row = start + found[i]
            held = acc[found[i]] + common_weight(common, row, byte_weight)
            if held + rest < needed:
                continue
            units = exact_units(row, held, by_row, entries, group_weight, is_added, head, following, best)
            if units >= floor:
                n = push(out_units, out_rows, n, k, units, int64(row))
                least = max(heap_least(out_units, n, k), floor)
                needed = (least + _CREDIT_UNITS - 1) // _CREDIT_UNITS if least > 0 else int64(0)
    unlink_entries(entries, head)
    sort_best_first(out_units, out_rows, n)
    return n


@kernel
def heap_least(heap_units, n, k):
    """Units that a later row needs to get into the heap: more than its worst, as equal ones lose."""
    return heap_units[0] + 1 if n == k else int64(-1)
