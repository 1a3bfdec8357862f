"""Compiled search of a segment; ``plain`` is its twin.

Block by block: what rare words and claims are worth is added up for all rows from their
lists, then what common claims are worth at best from their planes; rows that cannot reach
the k-th best any more, whatever common words bring them, are dropped; the others are
scored exactly from their own claims. Bounds are whole numbers, rounded up, and never
decide an order.
"""

from __future__ import annotations

from numba import njit
from numpy import int32, int64, uint64

from app.matching.ranking.lanes import add_where, fetch, lowest, reaching
from app.matching.ranking.query import CREDIT_UNITS
from app.matching.ranking.segment import BLOCK, BLOCK_BITS

_BLOCK = BLOCK
_BITS = BLOCK_BITS
_CREDIT_UNITS = CREDIT_UNITS

_N_SEED_POSTINGS = 256
_N_PARTS = 4
_LEAST_SUM = -(1 << 31)

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
def add_claims(acc, block, claims, claim_grade, entries, n_listed, cursor):
    """Add what the listed claims of each row of a block are worth.

    The best claim alone counts in the end; who has several for one requirement is held for better here.
    """
    entry_list, _, _, worth = entries[:4]
    _, piece_ptr, piece_block, piece_start, local = claims
    for entry in range(n_listed):
        piece, last = cursor[entry], piece_ptr[entry_list[entry] + 1]
        while piece < last and piece_block[piece] < block:
            piece += 1
        cursor[entry] = piece
        if piece < last and piece_block[piece] == block:
            for at in range(piece_start[piece], piece_start[piece + 1]):
                acc[local[at]] += worth[entry, claim_grade[at]]


@kernel
def add_planes(acc, word, column, planes, entries, first):
    """Add to 64 rows what the entries from ``first`` on, which have planes, are worth at best."""
    entry_plane, entry_most = entries[1], entries[2]
    for entry in range(first, len(entry_plane)):
        add_where(acc, word * 64, planes[entry_plane[entry], column], entry_most[entry])


@kernel
def rows_reaching(acc, live, first_word, n_words, planes, entries, first_plane, least, found):
    """Add the planes from entry ``first_plane`` on, and find the live rows that then reach ``least``.

    They are written to ``found``, ascending; returns their number. Where no plane can help one of 64
    live rows, nothing is added.
    """
    most = int64(0)
    for entry in range(first_plane, len(entries[2])):
        most += entries[2][entry]
    least_before = int32(max(least - most, _LEAST_SUM))
    n = 0
    for word in range(n_words):
        live_bits = live[first_word + word]
        if live_bits == 0 or reaching(acc, word * 64, least_before) & live_bits == 0:
            continue
        add_planes(acc, word, first_word + word, planes, entries, first_plane)
        bits = reaching(acc, word * 64, int32(least)) & live_bits
        while bits != 0:
            found[n] = word * 64 + lowest(bits)
            n += 1
            bits &= bits - uint64(1)
    return n


@kernel
def common_weight(common, row, common_asked):
    """Weight of the common words that a row uses."""
    asked, weight_of_bit = common_asked
    weight = int64(0)
    for part in range(len(asked)):
        bits = common[row, part] & asked[part]
        while bits != 0:
            weight += weight_of_bit[part * 64 + lowest(bits)]
            bits &= bits - uint64(1)
    return weight


@kernel
def keep_reaching(acc, start, common, common_asked, least, row_ptr, found, n_found):
    """Add the common words to the rows found; keep those of them whose sum is at least ``least``."""
    for i in range(n_found):
        fetch(common, (start + found[i]) * common.shape[1])
    n = 0
    for i in range(n_found):
        row = start + found[i]
        acc[found[i]] += common_weight(common, row, common_asked)
        if acc[found[i]] >= least:
            found[n] = found[i]
            fetch(row_ptr, row)
            n += 1
    return n


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
def exact_units(row, held, n_counted, n_listed, exact):
    """Exact units of a row, from ``held``: what was added up for it, common words included.

    What the first ``n_counted`` entries brought to that sum is replaced by their exact worth.
    """
    by_row, entries, group_weight, head, following, best = exact
    row_ptr, row_list, row_grade = by_row
    _, _, most, worth, entry_group, entry_credit = entries
    best[:] = 0
    for at in range(row_ptr[row], row_ptr[row + 1]):
        entry = head[row_list[at]]
        while entry >= 0:
            group, grade = entry_group[entry], row_grade[at]
            best[group] = max(best[group], entry_credit[entry, grade])
            if entry < n_counted:
                held -= worth[entry, grade] if entry < n_listed else most[entry]
            entry = following[entry]
    units = int64(0)
    for group in range(len(group_weight)):
        units += group_weight[group] * best[group]
    return units + held * _CREDIT_UNITS


@kernel
def offer(acc, start, found, n_found, needed, floor, k, n_listed, exact, out_units, out_rows, n):
    """Score the rows found exactly and offer them to the heap; returns the number that it holds.

    Those that may be worth most come first, so that others need not be scored.
    """
    n_entries = len(exact[1][0])
    least, top = needed, needed
    for i in range(n_found):
        top = max(top, acc[found[i]])
    above = top + 1
    for part in range(1, _N_PARTS + 1):
        lowest_of_part = least + ((top - least) >> part) if part < _N_PARTS else least
        for i in range(n_found):
            held = acc[found[i]]
            if held < lowest_of_part or held >= above or held < needed:
                continue
            row = start + found[i]
            units = exact_units(row, held, n_entries, n_listed, exact)
            if units >= floor:
                n = push(out_units, out_rows, n, k, units, int64(row))
                if n == k:
                    # An equal one may stand before it: rows do not come in their order here.
                    needed = max(needed, weight_needed(out_units[0]))
        above = lowest_of_part
    return n


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


@kernel
def sample_floor(acc, common, common_asked, start, live, first_word, n_words, k, n_listed, exact, heap):
    """Exact units of the k-th of the rows that look best in a block: the k-th best is no worse.

    Returns -1 if the block has fewer than ``k`` live rows.
    """
    sample_units, sample_rows = heap
    n_entries = len(exact[1][0])
    n = 0
    for word in range(n_words):
        bits = live[first_word + word]
        if bits != 0 and n == k:
            bits &= reaching(acc, word * 64, int32(sample_units[0] + 1))
        while bits != 0:
            row = word * 64 + lowest(bits)
            n = push(sample_units, sample_rows, n, k, int64(acc[row]), row)
            bits &= bits - uint64(1)
    if n < k:
        return int64(-1)
    floor = int64(-1)
    for i in range(n):
        row = start + sample_rows[i]
        held = acc[sample_rows[i]] + common_weight(common, row, common_asked)
        units = exact_units(row, held, n_entries, n_listed, exact)
        if floor < 0 or units < floor:
            floor = units
    return floor


@kernel
def seed_floor(wide, postings, common_asked, live, k, n_listed, exact, seeds):
    """Units that the k-th best row has at least, from rows that claim what is rare; -1 if there are too few.

    ``wide`` has a place for each row, all 0, and is left so. Listed words are left out of these sums.
    """
    claims, claim_grade, _, common = postings[:4]
    entry_list, _, _, worth = exact[1][:4]
    _, piece_ptr, piece_block, piece_start, local = claims
    seed_units, seed_rows = seeds
    n_entries, n_postings = 0, int64(0)
    for entry in range(n_listed):
        which = entry_list[entry]
        n_postings += piece_start[piece_ptr[which + 1]] - piece_start[piece_ptr[which]]
        if n_postings > _N_SEED_POSTINGS:
            break
        n_entries = entry + 1
    for entry in range(n_entries):
        which = entry_list[entry]
        for piece in range(piece_ptr[which], piece_ptr[which + 1]):
            start = piece_block[piece] << _BITS
            for at in range(piece_start[piece], piece_start[piece + 1]):
                wide[start + local[at]] += worth[entry, claim_grade[at]]
    n = 0
    for entry in range(n_entries):
        which = entry_list[entry]
        for piece in range(piece_ptr[which], piece_ptr[which + 1]):
            start = piece_block[piece] << _BITS
            for at in range(piece_start[piece], piece_start[piece + 1]):
                row = int64(start + local[at])
                held = int64(wide[row])
                wide[row] = 0
                is_live = (live[row >> 6] >> uint64(row & 63)) & uint64(1)
                if is_live and held and (n < len(seed_units) or held > seed_units[0]):
                    n = push(seed_units, seed_rows, n, len(seed_units), held, row)
    if n < k:
        return int64(-1)
    for i in range(n):
        held = common_weight(common, seed_rows[i], common_asked)
        seed_units[i] = exact_units(seed_rows[i], held, 0, n_listed, exact)
    seed_units[:n].sort()
    return seed_units[n - k]


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
    n_listed, entries, group_weight, word_list, word_weight, common_asked, common_bound = query
    acc, wide, head, following, best, found, claim_cursor, word_cursor, sample, seeds = scratch
    n_entries = len(entries[0])
    for entry in range(n_listed):
        claim_cursor[entry] = claims[1][entries[0][entry]]
    for position in range(len(word_list)):
        word_cursor[position] = words[1][word_list[position]]
    link_entries(entries[0], head, following)
    exact = (by_row, entries, group_weight, head, following, best)
    floor = max(floor, seed_floor(wide, postings, common_asked, live, k, n_listed, exact, seeds))
    n = 0
    for block in range((n_rows + _BLOCK - 1) >> _BITS):
        start = block << _BITS
        first_word = start >> 6
        n_words = min(_BLOCK >> 6, len(live) - first_word)
        if not is_any(live, first_word, n_words):
            continue
        acc[:] = 0
        add_words(acc, block, words, word_list, word_weight, word_cursor)
        add_claims(acc, block, claims, claim_grade, entries, n_listed, claim_cursor)
        least = max(heap_least(out_units, n, k), floor)
        first_plane = n_listed
        if least < 0:
            for word in range(n_words):
                add_planes(acc, word, first_word + word, planes, entries, n_listed)
            first_plane = n_entries
            floor = sample_floor(
                acc, common, common_asked, start, live, first_word, n_words, k, n_listed, exact, sample
            )
            least = floor
        needed = weight_needed(least)
        n_found = rows_reaching(
            acc, live, first_word, n_words, planes, entries, first_plane, needed - common_bound, found
        )
        n_found = keep_reaching(acc, start, common, common_asked, needed, by_row[0], found, n_found)
        fetch_claims(start, by_row, found, n_found)
        n = offer(acc, start, found, n_found, needed, floor, k, n_listed, exact, out_units, out_rows, n)
    unlink_entries(entries[0], head)
    sort_best_first(out_units, out_rows, n)
    return n


@kernel
def heap_least(heap_units, n, k):
    """Units that a later row needs to get into the heap: more than its worst, as equal ones lose."""
    return heap_units[0] + 1 if n == k else int64(-1)
