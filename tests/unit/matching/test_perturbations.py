from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein

from app.matching.perturbations import NEUTRAL_PADDING, PADDING, padded, reordered, with_typos

labels = st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12), min_size=1, max_size=6).map(
    " ".join
)


@given(labels, st.integers(1, 2), st.randoms(use_true_random=False))
def test_typed_errors_are_as_many_as_asked_and_spare_short_words(text, n_edits, random):
    typed = with_typos(text, n_edits, random)
    if typed is None:
        assert all(len(word) < 4 for word in text.split())
        return
    assert DamerauLevenshtein.distance(text, typed) <= n_edits
    for word, after in zip(text.split(), typed.split(), strict=True):
        assert word[0] == after[0]
        if len(word) < 4:
            assert word == after


def test_an_error_may_be_of_any_kind():
    typed = {with_typos("weld", 1, Random(seed)) for seed in range(300)}
    assert {"wld", "wedl", "weold", "wekd"} <= typed


def test_abbreviations_and_numbers_are_left_alone():
    assert with_typos("C++ ISO9001 MIG", 2, Random(0)) is None


def test_letters_that_no_key_is_known_for_can_still_be_left_out():
    assert with_typos("لحام الأنابيب", 1, Random(1)) != "لحام الأنابيب"


@given(labels, st.randoms(use_true_random=False))
def test_another_order_has_the_same_words(text, random):
    moved = reordered(text, random)
    if moved is None:
        assert len(set(text.split())) == 1
    else:
        assert moved != text
        assert sorted(moved.split()) == sorted(text.split())


@pytest.mark.parametrize("lang", [*PADDING, "lv"])
def test_padding_keeps_the_label_whole(lang):
    assert "weld pipes" in padded("weld pipes", lang, Random(0))
    assert padded("weld pipes", lang, Random(0)) != "weld pipes"


def test_every_padding_has_one_place_for_the_label():
    for form in [*NEUTRAL_PADDING, *(form for forms in PADDING.values() for form in forms)]:
        assert form.count("{}") == 1
