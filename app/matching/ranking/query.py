"""What one vacancy asks for, as whole numbers over the terms of an index.

    score = sum over groups g of  group_weight[g] * best credit any claim earns for g
          + sum over words w of   word_weight[w] * CREDIT_UNITS, where the candidate uses w

Weights are multiples of 2**-24 that sum to 1 and credits are multiples of 2**-12, so
every product and every sum of products is exact (ADR 0003).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WEIGHT_UNITS = 1 << 24
CREDIT_UNITS = 1 << 12
SCORE_UNITS = WEIGHT_UNITS * CREDIT_UNITS


@dataclass(frozen=True, slots=True)
class Query:
    """One vacancy's requirements.

    A *group* is one requirement; its *entries* are the terms that a claim may name
    to earn credit for it: the concept itself and those that stand near it. *Words*
    are requirements that are met by use alone.

    Attributes
    ----------
    group_weight : ndarray of shape (n_groups,), int64
        Units of 2**-24.
    entry_group : ndarray of shape (n_entries,), int32
        Ascending.
    entry_term : ndarray of shape (n_entries,), int32
    entry_credit : ndarray of shape (n_entries, n_grades), int32
        Credit of a claim by its grade, 0 to ``CREDIT_UNITS``.
    word_term : ndarray of shape (n_words,), int32
        Distinct.
    word_weight : ndarray of shape (n_words,), int64
        Units of 2**-24; together with ``group_weight`` they sum to ``WEIGHT_UNITS``, or to 0.
    """

    group_weight: NDArray[np.int64]
    entry_group: NDArray[np.int32]
    entry_term: NDArray[np.int32]
    entry_credit: NDArray[np.int32]
    word_term: NDArray[np.int32]
    word_weight: NDArray[np.int64]


def apportion(shares: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round shares to units that sum to ``WEIGHT_UNITS`` (largest remainder, Hamilton).

    Equal remainders are served in order. All zero, or none, gives zeros.

    Parameters
    ----------
    shares : ndarray of shape (n,), float64
        At least 0, any scale.
    """
    total = shares.sum()
    if not total > 0:
        return np.zeros(len(shares), dtype=np.int64)
    exact = shares * (WEIGHT_UNITS / total)
    units: NDArray[np.int64] = exact.astype(np.int64)
    missing = WEIGHT_UNITS - int(units.sum())
    if missing > 0:
        units[np.argsort(units - exact, kind="stable")[:missing]] += 1
    elif missing < 0:
        # Only where a share is so near the whole that the scale itself was rounded up.
        units[int(np.argmax(units))] += missing
    return units


def credit_units(factor: NDArray[np.float64], worth: NDArray[np.float64]) -> NDArray[np.int32]:
    """Credit of each grade for each entry.

    Parameters
    ----------
    factor : ndarray of shape (n_entries,), float64
        What the entry's relation to the requirement is worth, in [0, 1].
    worth : ndarray of shape (n_entries, n_grades), float64
        Evidence and level of a grade at the level asked, in [0, 1].
    """
    return np.asarray(np.rint(factor[:, None] * worth * CREDIT_UNITS), dtype=np.int32)
