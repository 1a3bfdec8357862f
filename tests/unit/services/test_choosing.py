"""The best pairs of a list of upper bounds are those that looking at everybody finds."""

from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.matching.ranking.pool import Ranked
from app.services.choosing import DEPTH, SPARE, choose


@dataclass(frozen=True)
class Pair:
    row: str
    units: int
    is_apart: bool


@dataclass(frozen=True)
class Person:
    row: str
    bound: int
    units: int
    is_apart: bool
    is_ruled_out: bool


@st.composite
def people(draw):
    n = draw(st.integers(0, 60))
    found = []
    for at in range(n):
        bound = draw(st.integers(0, 6))
        is_apart = draw(st.booleans())
        found.append(
            Person(
                f"{draw(st.sampled_from('abc'))}{at}",
                bound,
                draw(st.integers(0, bound)),
                is_apart,
                is_apart and draw(st.booleans()),
            )
        )
    return found


def pool_of(found):
    """A search over people, as an engine would give it, and how often it was asked."""
    asked = []

    def search(n, may_leave_out):
        asked.append(n)
        takes_part = [each for each in found if not (may_leave_out and each.is_ruled_out)]
        best = sorted(takes_part, key=lambda each: (-each.bound, each.row.encode()))[:n]
        ids = np.array([each.row.encode() for each in best], dtype=np.bytes_)
        return Ranked(ids, np.array([each.bound for each in best], dtype=np.int64))

    return search, asked


def look_at(found):
    by_row = {each.row: each for each in found}
    return lambda rows, _units: [Pair(row, by_row[row].units, by_row[row].is_apart) for row in rows]


@given(people(), st.integers(1, 15))
def test_nobody_better_is_overlooked(found, k):
    search, _ = pool_of(found)
    chosen = choose(k, search, look_at(found))
    everybody = sorted(
        (each for each in found if not each.is_apart), key=lambda each: (-each.units, each.row.encode())
    )
    assert [pair.row for pair in chosen.kept] == [each.row for each in everybody[: k + 1]]


@given(people(), st.integers(1, 15))
def test_who_is_listed_apart_has_the_rank_that_they_would_have(found, k):
    search, _ = pool_of(found)
    chosen = choose(k, search, look_at(found))
    for placed in chosen.apart:
        assert placed.pair.is_apart
        ahead = [
            each
            for each in chosen.kept
            if (-each.units, each.row.encode()) < (-placed.pair.units, placed.pair.row.encode())
        ]
        assert placed.place == len(ahead) + 1 <= k


def test_a_list_without_doubts_is_asked_for_once():
    found = [Person(f"p{at:03}", 100 - at, 100 - at, False, False) for at in range(80)]
    search, asked = pool_of(found)
    choose(5, search, look_at(found))
    assert asked == [5 + 1 + SPARE]


def test_everybody_who_would_be_among_the_best_is_listed_apart():
    found = [Person(f"p{at:03}", 100 - at, 100 - at, at < 40, at < 40) for at in range(80)]
    search, asked = pool_of(found)
    chosen = choose(5, search, look_at(found))
    assert [pair.row for pair in chosen.kept[:1]] == ["p040"]
    assert asked == [16, 32, 64]
    assert len(chosen.apart) == 40


def test_beyond_a_depth_those_whom_conditions_rule_out_are_left_out():
    n_failing = 3 * DEPTH
    found = [Person(f"p{at:04}", 9999 - at, 9999 - at, at < n_failing, at < n_failing) for at in range(1000)]
    search, asked = pool_of(found)
    chosen = choose(5, search, look_at(found))
    assert [pair.row for pair in chosen.kept[:1]] == [f"p{n_failing:04}"]
    assert asked == [16, 32, 64, 128, 256, 256]
    assert len(chosen.apart) == 256
