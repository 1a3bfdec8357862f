"""Near-duplicate profiles: the same text again, with a few words changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.sparse import csr_matrix

from app.matching.vetting.folded import fold

SHINGLE = 4
"""Words in a row that make one shingle."""

N_SKETCH = 128
"""Shingles kept of a profile, those with the smallest keys: a fair sample of all."""

LEAST_SHARED = 0.5
"""Share of the shingles of both together that both have to have."""

_LEAST_SHINGLES = 12
_STEP = np.uint64(0x9E3779B97F4A7C15)

Sketch = tuple[int, ...]


def sketch_of(text: str, claims: Iterable[str] = ()) -> Sketch:
    """Sample the shingles of a profile, the same ones on every machine.

    Parameters
    ----------
    text
        The running text.
    claims
        Skills as written, for profiles that have little text.

    Returns
    -------
    tuple of int
        Ascending, at most ``N_SKETCH``; of hardly any words nothing.
    """
    key = fold("\n".join([text, *sorted(claims)])).key
    n = len(key) - SHINGLE + 1
    if n < _LEAST_SHINGLES:
        return ()
    shingles = np.zeros(n, dtype=np.uint64)
    for offset in range(SHINGLE):
        shingles = (shingles ^ key[offset : offset + n]) * _STEP
        shingles ^= shingles >> np.uint64(29)
    return tuple(np.unique(shingles)[:N_SKETCH].tolist())


def likeness(one: Sketch, other: Sketch) -> float:
    """Estimated share of common shingles (Jaccard), in [0, 1]."""
    if not one or not other:
        return 0.0
    held, others = set(one), set(other)
    smallest = sorted(held | others)[:N_SKETCH]
    return sum(key in held and key in others for key in smallest) / len(smallest)


def near_duplicates(
    sketches: Sequence[tuple[str, Sketch]], least: float = LEAST_SHARED
) -> list[tuple[str, ...]]:
    """Group the profiles that say nearly the same.

    Parameters
    ----------
    sketches
        Id and sketch of each profile, in the order in which they are shown.

    Returns
    -------
    list of tuple of str
        Groups of two or more ids, by their first and within in the order given. Who is like
        anyone of a group is of the group.
    """
    group_of = list(range(len(sketches)))

    def head(row: int) -> int:
        while group_of[row] != row:
            row = group_of[row]
        return row

    for row, other, n_shared in _sharing([sketch for _, sketch in sketches]):
        one, another = sketches[row][1], sketches[other][1]
        # At most all that they share is among the smallest keys of both together.
        n_smallest = min(N_SKETCH, len(one) + len(another) - n_shared)
        if n_shared / n_smallest >= least and likeness(one, another) >= least:
            first, second = sorted((head(row), head(other)))
            group_of[second] = first
    groups: dict[int, list[str]] = {}
    for row, (profile_id, _) in enumerate(sketches):
        groups.setdefault(head(row), []).append(profile_id)
    return [tuple(ids) for ids in groups.values() if len(ids) > 1]


def _sharing(sketches: Sequence[Sketch]) -> list[tuple[int, int, int]]:
    """Pairs of rows that have keys in common, and how many; most have none."""
    keys = np.array([key for sketch in sketches for key in sketch], dtype=np.uint64)
    rows = np.repeat(np.arange(len(sketches)), [len(sketch) for sketch in sketches])
    _, columns = np.unique(keys, return_inverse=True)
    held = csr_matrix((np.ones(len(keys), dtype=np.int32), (rows, columns)), shape=(len(sketches), len(keys)))
    shared = (held @ held.T).tocoo()
    pairs = zip(shared.row.tolist(), shared.col.tolist(), shared.data.tolist(), strict=True)
    return sorted((row, other, n_shared) for row, other, n_shared in pairs if row < other)
