"""Parts of the compiled search against NumPy, at the edges that a whole search seldom meets."""

# mypy: disable-error-code="call-arg"
# An intrinsic is declared with the compiler's context as its first argument, which callers do not give.
from __future__ import annotations

from random import Random

import numpy as np
import pytest

from app.matching.jit import is_installed

if not is_installed():
    pytest.skip("NUMBA_DISABLE_JIT is set, or Numba missing: nothing is compiled", allow_module_level=True)

from numba import njit

from app.matching.ranking import lanes
from app.matching.ranking.localise import MOST_SUM, in_steps, step_for
from app.matching.ranking.places import Places, matrix, vector
from app.matching.ranking.rescore import holds
from app.matching.ranking.sample import room_for_sample, take_sample

N = 64


@njit
def add_planes(sums, first, planes, column, which, amounts, start):
    lanes.add_planes(sums, first, planes, column, which, amounts, start)


@njit
def sum_where(amounts, bits, row, asked):
    return lanes.sum_where(amounts, bits, row, asked)


@njit
def reaching(sums, first, least):
    return lanes.reaching(sums, first, least)


@njit
def equal(values, first, wanted):
    return lanes.equal(values, first, wanted)


@njit
def count(bits):
    return lanes.count(bits)


@njit
def both(table):
    return vector(table, 0, np.int64).sum(), matrix(table, 1, np.uint16)[1, 2]


def as_flags(bits: np.ndarray | int) -> np.ndarray:
    return np.unpackbits(np.atleast_1d(np.asarray(bits, dtype="<u8")).view(np.uint8), bitorder="little")


def random_bits(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.integers(0, 1 << 64, shape, dtype=np.uint64, endpoint=False)


@pytest.mark.parametrize("start", [0, 2, 4])
def test_planes_add_to_64_sums_what_they_are_worth(start: int) -> None:
    rng = np.random.default_rng(1)
    sums = rng.integers(0, 1 << 12, 3 * N).astype(np.uint16)
    planes, which = random_bits(rng, 5, 7), np.array([4, 0, 3, 3], dtype=np.int32)
    amounts = rng.integers(0, 1 << 13, 4).astype(np.uint16)
    wanted = sums.copy()
    for plane, amount in zip(which[start:], amounts[start:], strict=True):
        wanted[N : 2 * N] += as_flags(planes[plane, 6]) * amount
    add_planes(sums, N, planes, 6, which, amounts, start)
    assert np.array_equal(sums, wanted)


def test_sums_beyond_15_bits_are_not_taken_for_negative_ones() -> None:
    sums = np.array([0, 1, (1 << 15) - 1, 1 << 15, (1 << 16) - 1] * 13, dtype=np.uint16)[:N]
    for least in (0, 1, 1 << 15, (1 << 16) - 1):
        assert np.array_equal(as_flags(reaching(sums, 0, np.uint16(least))), sums >= least)
        assert np.array_equal(as_flags(equal(sums, 0, np.uint16(least))), sums == least)


def test_weights_are_summed_where_both_say_so() -> None:
    rng = np.random.default_rng(2)
    amounts = rng.integers(0, 1 << 20, 4 * N).astype(np.int32)
    bits, asked = random_bits(rng, 9, 4), random_bits(rng, 4)
    for row in range(9):
        chosen = as_flags(bits[row] & asked).astype(bool)
        assert sum_where(amounts, bits, row, asked) == amounts[chosen].sum()
    assert [count(each) for each in bits[:, 0]] == np.bitwise_count(bits[:, 0]).tolist()


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 127, 128, 200])
def test_a_row_is_found_in_its_list_alone(length: int) -> None:
    # Lists lie one after the other: what the next one holds must not be found in this one.
    rng = np.random.default_rng(length)
    first, after = 3, 70
    local = np.sort(rng.choice(1 << 15, first + length + after, replace=False)).astype(np.uint16)
    last = first + length
    for end in (last, len(local)):
        held = set(local[first:last].tolist())
        for place in [*local.tolist(), 0, 1 << 14, (1 << 15) - 1]:
            assert holds(local[:end], first, last, place) == (place in held)


def test_steps_of_any_weights_fit_16_bits() -> None:
    random = Random(3)
    for _ in range(300):
        top = random.choice([1, 2, 1 << 8, 1 << 24])
        weights = np.array([random.randrange(top) for _ in range(random.randrange(600))], dtype=np.int64)
        step = step_for(int(weights.sum()), len(weights))
        steps = in_steps(weights, step).astype(np.int64)
        assert steps.sum() <= MOST_SUM
        assert (steps << step >= weights).all()
        assert ((steps << step) - weights < 1 << step).all()


@pytest.mark.parametrize("sums", ["apart", "few", "equal", "highest"])
@pytest.mark.parametrize("share", [1.0, 0.01, 0.0])
def test_a_sample_is_of_live_rows_that_look_best(sums: str, share: float) -> None:
    rng = np.random.default_rng(4)
    n = 40 * N
    acc = {
        "apart": rng.permutation(n),
        "few": rng.integers(0, 4, n),
        "equal": np.zeros(n),
        "highest": np.full(n, MOST_SUM),
    }[sums].astype(np.uint16)
    is_live = rng.random(n) < share
    live = np.packbits(is_live, bitorder="little").view("<u8")
    sample = np.empty(room_for_sample(10), dtype=np.int64)
    taken = sample[: take_sample(acc, live, 0, 40, sample)]
    assert len(set(taken.tolist())) == len(taken)
    assert is_live[taken].all()
    assert len(taken) >= min(len(sample) // 2, is_live.sum())
    if sums == "apart" and len(taken):
        # Nothing that was left out looks better than what was taken.
        assert np.isin(np.flatnonzero(is_live & (acc > acc[taken].min())), taken).all()


def test_arrays_are_read_where_they_lie() -> None:
    longs = np.arange(5, dtype=np.int64)
    shorts = np.arange(12, dtype=np.uint16).reshape(3, 4)
    shorts.flags.writeable = False
    assert both(Places([(longs, np.int64), (shorts, np.uint16)]).table) == (10, 6)
    # Columns that do not follow each other are copied.
    assert both(Places([(longs[::2], np.int64), (shorts[:, 1:], np.uint16)]).table) == (6, 7)


def test_an_array_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="int64"):
        Places([(np.zeros(3, dtype=np.int32), np.int64)])
