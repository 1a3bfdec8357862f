"""Largest entries of a sparse product, row by row: a fast library, and its plain twin."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, vstack

_ROWS_PER_CALL = 512
"""The compiled product holds the interpreter: between calls, a server in the same process answers."""

_MAX_CELLS = 4_000_000
"""The plain twin multiplies so many rows at a time that their product cannot hold more entries."""


def top_of_product(
    left: csr_matrix, right: csr_matrix, n: int, *, threshold: float | None = None, n_threads: int = 1
) -> csr_matrix:
    """Keep the ``n`` largest entries of each row of ``left @ right``, largest first.

    Parameters
    ----------
    left : csr_matrix of shape (n_rows, n_terms)
    right : csr_matrix of shape (n_terms, n_columns), same dtype
    n : int
        At least 1.
    threshold : float, optional
        Entries must be greater than this.

    Returns
    -------
    csr_matrix of shape (n_rows, n_columns)
        ``indices`` and ``data`` of each row are in descending order of value, not by column.
    """
    product = _library()
    if product is None:
        return plain_top_of_product(left, right, n, threshold=threshold)
    blocks = [
        product(
            left[at : at + _ROWS_PER_CALL],
            right,
            top_n=n,
            threshold=threshold,
            sort=True,
            n_threads=n_threads,
        )
        for at in range(0, left.shape[0], _ROWS_PER_CALL)
    ]
    return vstack(blocks, format="csr") if blocks else csr_matrix((0, right.shape[1]), dtype=left.dtype)


@cache
def _library() -> Callable[..., Any] | None:
    """The compiled product, or None on a machine where it cannot be had.

    There is no wheel for every processor, and the library counts processor cores when
    it is imported, which fails where /proc is not mounted or does not name them.
    """
    try:
        from sparse_dot_topn import sp_matmul_topn
    except (ImportError, OSError, TypeError):
        return None
    return sp_matmul_topn  # type: ignore[no-any-return]  # the library has no types


def plain_top_of_product(
    left: csr_matrix, right: csr_matrix, n: int, *, threshold: float | None = None
) -> csr_matrix:
    """Do the same with SciPy alone; equal entries come in the order of their columns."""
    n_rows, n_columns = left.shape[0], right.shape[1]
    step = max(1, _MAX_CELLS // max(1, n_columns))
    blocks = [
        _top_of_rows((left[at : at + step] @ right).tocsr(), n, threshold) for at in range(0, n_rows, step)
    ]
    return vstack(blocks, format="csr") if blocks else csr_matrix((0, n_columns), dtype=left.dtype)


def _top_of_rows(product: csr_matrix, n: int, threshold: float | None) -> csr_matrix:
    row = np.repeat(np.arange(product.shape[0]), np.diff(product.indptr))
    order = np.lexsort((product.indices, -product.data, row))
    # Sorted by row first, so each entry's place within its row counts from the row's start.
    place = np.arange(order.size) - product.indptr[row]
    keep = place < n
    if threshold is not None:
        keep &= product.data[order] > threshold
    chosen = order[keep]
    ends = np.concatenate([[0], np.cumsum(np.bincount(row[keep], minlength=product.shape[0]))])
    return csr_matrix((product.data[chosen], product.indices[chosen], ends), shape=product.shape)
