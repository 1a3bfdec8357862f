"""Compiled: 64 sums at a time, as vectors, which the compiler does not make of a loop over bits.

What is built here is LLVM's own code, which it brings to whatever the processor has.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_N = 64
_SUM = ir.IntType(16)
_SUMS = ir.VectorType(_SUM, _N)
_AMOUNT = ir.IntType(32)
_AMOUNTS = ir.VectorType(_AMOUNT, _N)
_BITS = ir.IntType(64)
_FLAGS = ir.VectorType(ir.IntType(1), _N)


@intrinsic
def add_planes(typing_context, sums, first, planes, column, which, amounts, start):
    """Add ``amounts[i]``, from ``i = start`` on, to those of 64 sums whose bit of plane ``which[i]`` is set.

    The bits of all 64 are ``planes[which[i], column]``. The sums stay in registers meanwhile. Arrays
    lie in C order: others do not compile. Sums and amounts have 16 bits.
    """
    if any(array.layout != "C" for array in (sums, planes, which, amounts)):
        return None

    def build(context, builder, signature, arguments):
        def array(at):
            return context.make_array(signature.args[at])(context, builder, arguments[at])

        bits, chosen, added = array(2), array(4), array(5)
        n_columns = cgutils.unpack_tuple(builder, bits.shape)[1]
        (n,) = cgutils.unpack_tuple(builder, chosen.shape)
        pointer = _pointer(context, builder, signature, arguments, _SUMS)
        held = cgutils.alloca_once_value(builder, builder.load(pointer, align=2))
        with cgutils.for_range_slice(builder, arguments[6], n, context.get_constant(types.intp, 1)) as (i, _):
            plane = builder.sext(builder.load(builder.gep(chosen.data, [i])), n.type)
            at = builder.add(builder.mul(plane, n_columns), arguments[3])
            flags = builder.bitcast(builder.load(builder.gep(bits.data, [at])), _FLAGS)
            amount = _splat(builder, builder.load(builder.gep(added.data, [i])))
            more = builder.select(flags, amount, ir.Constant(_SUMS, None))
            builder.store(builder.add(builder.load(held), more), held)
        builder.store(builder.load(held), pointer, align=2)
        return context.get_dummy_value()

    return types.void(sums, types.int64, planes, types.int64, which, amounts, types.int64), build


@intrinsic
def sum_where(typing_context, amounts, bits, row, asked):
    """Sum of those amounts whose bit is set in ``bits[row]`` and in ``asked``; it has to fit 32 bits.

    Bit ``i % 64`` of column ``i // 64`` is that of ``amounts[i]``. Arrays lie in C order.
    """
    if any(array.layout != "C" for array in (amounts, bits, asked)):
        return None

    def build(context, builder, signature, arguments):
        def array(at):
            return context.make_array(signature.args[at])(context, builder, arguments[at])

        added, held, wanted = array(0), array(1), array(3)
        (n,) = cgutils.unpack_tuple(builder, wanted.shape)
        none = ir.Constant(_AMOUNTS, None)
        total = cgutils.alloca_once_value(builder, none)
        first = builder.mul(arguments[2], n)
        with cgutils.for_range(builder, n) as part:
            is_held = builder.load(builder.gep(held.data, [builder.add(first, part.index)]))
            both = builder.and_(is_held, builder.load(builder.gep(wanted.data, [part.index])))
            place = builder.gep(added.data, [builder.mul(part.index, ir.Constant(part.index.type, _N))])
            more = builder.load(builder.bitcast(place, _AMOUNTS.as_pointer()), align=4)
            chosen = builder.select(builder.bitcast(both, _FLAGS), more, none)
            builder.store(builder.add(builder.load(total), chosen), total)
        kind = ir.FunctionType(_AMOUNT, [_AMOUNTS])
        add_up = cgutils.get_or_insert_function(builder.module, kind, "llvm.vector.reduce.add.v64i32")
        return builder.call(add_up, [builder.load(total)])

    return types.int32(amounts, bits, types.int64, asked), build


@intrinsic
def reaching(typing_context, sums, first, least):
    """Bits that say which of ``sums[first : first + 64]``, of 16 bits, are at least ``least``."""

    def build(context, builder, signature, arguments):
        pointer = _pointer(context, builder, signature, arguments, _SUMS)
        sums_now = builder.load(pointer, align=2)
        return builder.bitcast(builder.icmp_unsigned(">=", sums_now, _splat(builder, arguments[2])), _BITS)

    return types.uint64(sums, types.int64, types.uint16), build


@intrinsic
def equal(typing_context, values, first, wanted):
    """Bits that say which of ``values[first : first + 64]``, of 16 bits, are ``wanted``."""

    def build(context, builder, signature, arguments):
        pointer = _pointer(context, builder, signature, arguments, _SUMS)
        held = builder.load(pointer, align=2)
        return builder.bitcast(builder.icmp_unsigned("==", held, _splat(builder, arguments[2])), _BITS)

    return types.uint64(values, types.int64, types.uint16), build


@intrinsic
def count(typing_context, bits):
    """How many bits are set."""

    def build(context, builder, signature, arguments):
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), build


@intrinsic
def lowest(typing_context, bits):
    """Position of the lowest bit that is set; one must be."""

    def build(context, builder, signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), build


@intrinsic
def fetch(typing_context, array, at):
    """Have the memory of ``array[at]`` brought near, and do not wait for it; no more than a hint."""

    def build(context, builder, signature, arguments):
        held = context.make_array(signature.args[0])(context, builder, arguments[0])
        place = builder.bitcast(cgutils.gep_inbounds(builder, held.data, arguments[1]), cgutils.voidptr_t)
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, _AMOUNT, _AMOUNT, _AMOUNT])
        hint = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        # To be read, kept in every cache, and data.
        builder.call(hint, [place, *(ir.Constant(_AMOUNT, value) for value in (0, 3, 1))])
        return context.get_dummy_value()

    return types.void(array, types.int64), build


def _pointer(context, builder, signature, arguments, vector):
    """Where the vector that begins with element ``arguments[1]`` of the array lies."""
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.bitcast(cgutils.gep_inbounds(builder, array.data, arguments[1]), vector.as_pointer())


def _splat(builder, value):
    one = builder.insert_element(ir.Constant(_SUMS, ir.Undefined), value, ir.Constant(_AMOUNT, 0))
    return builder.shuffle_vector(one, ir.Constant(_SUMS, ir.Undefined), ir.Constant(_AMOUNTS, [0] * _N))
