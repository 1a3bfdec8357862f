"""Compiled products of vectors in the latent space: one phrase's or several phrases' with every concept's.

The product of two rows is built from LLVM's own vector instructions, which it brings to whatever
the processor has: for a loop over them the compiler took registers half as wide.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from app.matching.kernel_steps import kernel
from app.matching.latent import N_DIMS

N_AT_ONCE = 8
"""Phrases whose products are made together: each concept's vector is then read from memory once."""

_N_STREAMS = 4
_WIDTH = 64  # dimensions that are multiplied at once
_BYTES = ir.VectorType(ir.IntType(8), _WIDTH)
_SHORTS = ir.VectorType(ir.IntType(16), _WIDTH)
_SUMS = ir.VectorType(ir.IntType(32), _WIDTH)

assert N_DIMS % _WIDTH == 0


@intrinsic
def dot(typing_context, rows, row, vectors, vector):
    """Product of ``rows[row]``, of int8, and ``vectors[vector]``, of int16; both have ``N_DIMS`` columns."""
    if any(array.layout != "C" for array in (rows, vectors)):
        return None

    def build(context, builder, signature, arguments):
        def first_of(at):
            array = context.make_array(signature.args[at])(context, builder, arguments[at])
            n_dims = context.get_constant(types.intp, N_DIMS)
            return builder.gep(array.data, [builder.mul(arguments[at + 1], n_dims)])

        def part(pointer, start, kind, align):
            place = builder.gep(pointer, [context.get_constant(types.intp, start)])
            loaded = builder.load(builder.bitcast(place, kind.as_pointer()), align=align)
            return builder.sext(loaded, _SUMS)

        row_pointer, vector_pointer = first_of(0), first_of(2)
        total = ir.Constant(_SUMS, None)
        for start in range(0, N_DIMS, _WIDTH):
            left, right = part(row_pointer, start, _BYTES, 1), part(vector_pointer, start, _SHORTS, 2)
            total = builder.add(total, builder.mul(left, right))
        kind = ir.FunctionType(_SUMS.element, [_SUMS])
        name = f"llvm.vector.reduce.add.v{_WIDTH}i32"
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [total])

    return types.int32(rows, types.int64, vectors, types.int64), build


@kernel
def nearest(first, last, entry_text, text_vectors, text_norm, vectors, vector):
    """Entry from ``first`` to before ``last`` whose text lies nearest; of equal ones the first."""
    nearest = first
    highest = -np.inf
    for entry in range(first, last):
        text = entry_text[entry]
        value = float(dot(text_vectors, text, vectors, vector)) / text_norm[text]
        if value > highest:
            highest = value
            nearest = entry
    return nearest


@kernel
def multiply(rows, vectors, n_vectors, out):
    """Products of all rows with the first vectors: ``out[vector, row]``."""
    # Read at four places in turn, memory hands rows over faster than one after the other.
    n_each = len(rows) // _N_STREAMS
    for i in range(n_each):
        for stream in range(_N_STREAMS):
            row = stream * n_each + i
            for vector in range(n_vectors):
                out[vector, row] = dot(rows, row, vectors, vector)
    for row in range(_N_STREAMS * n_each, len(rows)):
        for vector in range(n_vectors):
            out[vector, row] = dot(rows, row, vectors, vector)
