from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.ids import is_external_id, joined_id, new_id, pseudonym_of, uuid7


def test_new_ids_sort_in_the_order_they_were_made():
    made = [new_id() for _ in range(10_000)]

    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_new_ids_keep_their_order_when_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch):
    before = new_id()
    with monkeypatch.context() as patch:
        patch.setattr(time, "time_ns", lambda: 1_000_000)
        later = [new_id() for _ in range(3)]

    assert [before, *later] == sorted([before, *later])


@given(unix_ms=st.integers(0, 2**48 - 1), counter=st.integers(0, 2**12 - 1), tail=st.integers(0, 2**64 - 1))
def test_an_id_holds_its_version_variant_and_time(unix_ms: int, counter: int, tail: int):
    made = uuid7(unix_ms, counter, tail)

    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == unix_ms
    assert made.int >> 64 & 0xFFF == counter


def test_a_pseudonym_is_stable_and_tells_nothing_of_the_time():
    tail = random.Random(7).getrandbits(62)

    assert pseudonym_of(uuid7(1, 2, tail)) == pseudonym_of(uuid7(999, 3, tail))
    assert pseudonym_of(uuid7(1, 2, 0)) == "C-00000-00000"
    assert len({pseudonym_of(new_id()) for _ in range(1000)}) == 1000


@pytest.mark.parametrize("value", ["1", "A-17/b", "لحام", "a b", "x" * 200])
def test_usable_external_ids(value: str):
    assert is_external_id(value)


@pytest.mark.parametrize("value", ["", " a", "a ", "a\x00", "a\nb", "a\x1fb", "x" * 201, "\ud800"])
def test_unusable_external_ids(value: str):
    assert not is_external_id(value)


external_ids = st.text(st.characters(codec="utf-8", min_codepoint=32), min_size=1).filter(is_external_id)


@given(a=st.tuples(external_ids, external_ids), b=st.tuples(external_ids, external_ids))
def test_joined_ids_are_unique_and_sort_as_their_parts(a: tuple[str, str], b: tuple[str, str]):
    assert (joined_id(*a) == joined_id(*b)) == (a == b)
    assert (joined_id(*a) < joined_id(*b)) == (a < b)
