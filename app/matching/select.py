"""Top k in a total order: score descending, then candidate row ascending."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from app.matching.encode import SCORE_UNITS, AskMatrix, ClaimMatrix
from app.matching.sparse_top import top_of_product

# A block's candidate row fits beside the score in one exact float64 key.
MAX_BLOCK = 1 << 16


class TopK(NamedTuple):
    """Best candidates of each vacancy, best first.

    Attributes
    ----------
    candidate_row : ndarray of shape (n_vacancies, k), int64
    units : ndarray of shape (n_vacancies, k), int64
        Scores in units of ``1 / SCORE_UNITS``.
    """

    candidate_row: NDArray[np.int64]
    units: NDArray[np.int64]


def top_k(units: NDArray[np.int64], k: int) -> TopK:
    """Select the best ``k`` of every row of a dense score matrix.

    Parameters
    ----------
    units : ndarray of shape (n_vacancies, n_candidates), int64
    k : int
        At least 1; clipped to n_candidates.

    Raises
    ------
    ValueError
        If ``k < 1``.

    Examples
    --------
    >>> top_k(np.array([[2, 9, 9]]), k=2).candidate_row
    array([[1, 2]])
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    # Stable sort of the negated scores: ties keep candidate-row order.
    row = np.argsort(-units, axis=1, kind="stable")[:, :k].astype(np.int64)
    return TopK(row, np.take_along_axis(units, row, axis=1))


def best_candidates(asks: AskMatrix, claims: ClaimMatrix, k: int, *, n_threads: int = 1) -> TopK:
    """Select the best ``k`` candidates of one block without scoring pairs that share nothing.

    The candidate's row rides in the low bits of the key that is compared, so the
    library's own heap keeps the total order. Every candidate takes part, also
    one that scores 0.

    Parameters
    ----------
    claims : ClaimMatrix
        At most ``MAX_BLOCK`` candidates.
    k : int
        At least 1; clipped to the block.

    Raises
    ------
    ValueError
        If ``k < 1`` or the block is too large.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    n_vacancies, n_candidates = asks.weights.shape[0], claims.credits.shape[0]
    if n_candidates > MAX_BLOCK:
        raise ValueError(f"a block holds at most {MAX_BLOCK} candidates, got {n_candidates}")
    # The largest key is SCORE_UNITS * MAX_BLOCK + MAX_BLOCK = 2**52 + 2**16: exact in float64.
    order_key = csr_matrix(np.arange(n_candidates, 0, -1, dtype=np.float64)[:, None])
    left = hstack([asks.weights.astype(np.float64) * MAX_BLOCK, np.ones((n_vacancies, 1))], format="csr")
    right = hstack([claims.credits.astype(np.float64), order_key], format="csr")
    n_best = min(k, n_candidates)
    best = top_of_product(left, right.T.tocsr(), n_best, n_threads=n_threads)
    key = best.data.astype(np.int64).reshape(n_vacancies, n_best) - 1
    return TopK(best.indices.astype(np.int64).reshape(n_vacancies, n_best), key // MAX_BLOCK)


def merge(left: TopK, right: TopK, k: int) -> TopK:
    """Join the best of two blocks; rows of both are positions in the whole index."""
    row = np.concatenate([left.candidate_row, right.candidate_row], axis=1)
    units = np.concatenate([left.units, right.units], axis=1)
    order = np.lexsort((row, -units), axis=1)[:, :k]
    return TopK(np.take_along_axis(row, order, axis=1), np.take_along_axis(units, order, axis=1))


def as_score(units: NDArray[np.int64]) -> NDArray[np.float64]:
    """Scores in [0, 1]; exact, for the units are below 2**53 and the scale is a power of 2."""
    return units / SCORE_UNITS
