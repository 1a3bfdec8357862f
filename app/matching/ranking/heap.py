"""Compiled: the best rows so far, the worst of them on top."""

from __future__ import annotations

from functools import partial

from numpy import int64

from app.matching.jit import kept

kernel = partial(kept, error_model="numpy")


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
def heap_least(heap_units, n, k):
    """Units that a later row needs to get into the heap: more than its worst, as equal ones lose."""
    return heap_units[0] + 1 if n == k else int64(-1)
