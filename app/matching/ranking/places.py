"""Arrays handed to compiled code by where they lie: all of a segment's in one table of places.

To hand over an array costs a microsecond or two when caches are cold, and a segment has
many; each search would pay for all of them again. An array of a mapped file, which cannot
be written, also has another type for the compiler than one in memory; its place has not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numba.np.numpy_support import carray
from numpy.typing import DTypeLike, NDArray

from app.matching.ranking.heap import kernel


class Places:
    """Where arrays lie; they are kept as long as this is.

    Parameters
    ----------
    arrays : sequence of (ndarray of shape (n,) or (n, m), dtype)
        Each with the type that compiled code takes it for.

    Attributes
    ----------
    table : ndarray of shape (n_arrays, 3), int64
        Address, rows and columns of each.

    Raises
    ------
    TypeError
        If an array has another type.
    """

    def __init__(self, arrays: Sequence[tuple[NDArray[Any], DTypeLike]]) -> None:
        for array, dtype in arrays:
            if array.dtype != dtype:
                raise TypeError(f"compiled code takes {np.dtype(dtype)} here, got {array.dtype}")
        self._arrays = [np.require(array, requirements=["C", "A"]) for array, _ in arrays]
        self.table = np.array(
            [(a.ctypes.data, a.shape[0], a.shape[1] if a.ndim > 1 else 1) for a in self._arrays],
            dtype=np.int64,
        ).reshape(-1, 3)


@intrinsic
def _pointer(typing_context, address):
    def build(context, builder, signature, arguments):
        return builder.inttoptr(arguments[0], ir.IntType(8).as_pointer())

    return types.voidptr(types.int64), build


@kernel
def vector(table, which, dtype):
    """Array ``which`` of a table of places, of one dimension."""
    return carray(_pointer(table[which, 0]), (table[which, 1],), dtype)


@kernel
def matrix(table, which, dtype):
    """Array ``which`` of a table of places, of two dimensions."""
    return carray(_pointer(table[which, 0]), (table[which, 1], table[which, 2]), dtype)
