"""What texts are about, in a latent space learned from a few labels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matching.label_index import LabelIndex
from app.matching.latent import LatentConfig
from app.matching.latent_space import learn_latent_space
from app.matching.themes import Themes, blended, nearest_rows
from tests.unit.matching.test_latent import PAIRS, THINGS, make_index

WORDS = sorted({word for pair in PAIRS for word in pair} | set(THINGS) | {"unheard", "dooor"})


@pytest.fixture(scope="module")
def index() -> LabelIndex:
    return make_index()


@pytest.fixture(scope="module")
def themes(index: LabelIndex) -> Themes:
    config = LatentConfig(least_batches=180, batch_size=16)
    return Themes(index.words, learn_latent_space(index, [""] * index.n_concepts, config))


def named(verb: int, thing: str) -> int:
    return verb * len(THINGS) + THINGS.index(thing)


def test_a_text_is_about_what_its_words_name_in_whatever_words(themes: Themes) -> None:
    for verb, (word, other) in enumerate(PAIRS):
        for each in (word, other):
            found = themes.nearest({each: 3, "engine": 2}, 12, 0.0)
            assert named(verb, "engine") in [row for row, _ in found]


def test_the_nearest_come_first_and_only_those_near_enough(themes: Themes) -> None:
    found = themes.nearest({"lorry": 1, "wheel": 1}, 100, 0.3)
    closeness = [cosine for _, cosine in found]
    assert closeness == sorted(closeness, reverse=True)
    assert 0 < len(found) < 100
    assert min(closeness) >= 0.3
    assert themes.nearest({"lorry": 1, "wheel": 1}, 3, 0.3) == found[:3]


def test_words_without_weight_and_no_words_are_about_nothing(themes: Themes) -> None:
    assert themes.nearest({}, 5, 0.1) == []
    assert themes.nearest({"lorry": 0}, 5, 0.1) == []
    assert themes.nearest({"lorry": 1, "soup": 0}, 5, 0.1) == themes.nearest({"lorry": 1}, 5, 0.1)


def test_words_that_no_label_uses_are_as_rare_as_can_be(themes: Themes, index: LabelIndex) -> None:
    assert themes.rarity("unheard") == index.words.unseen_rarity
    assert themes.rarity("lorry") == index.words.rarity[index.words.row_of["lorry"]]


@given(st.dictionaries(st.sampled_from(WORDS), st.integers(0, 1 << 20), max_size=10), st.integers(0, 9))
def test_order_scale_and_earlier_calls_change_nothing(
    themes: Themes, weights: dict[str, int], seed: int
) -> None:
    words = list(weights)
    np.random.default_rng(seed).shuffle(words)
    found = themes.nearest(weights, 10, 0.2)
    assert themes.nearest({word: weights[word] for word in words}, 10, 0.2) == found
    assert themes.nearest(weights, 10, 0.2) == found


def test_what_lies_amid_one_concept_lies_where_it_does_and_amid_none_nowhere(themes: Themes) -> None:
    n_concepts = len(PAIRS) * len(THINGS)
    amid = themes.amid([[row] for row in range(n_concepts)] + [[]], np.ones(n_concepts, dtype=np.int64))
    weights = {"lorry": 3, "wheel": 1}
    assert amid.closeness(weights)[:-1] == pytest.approx(themes.closeness(weights), abs=0.02)
    assert amid.closeness(weights)[-1] == 0.0


def test_what_lies_amid_several_is_nearer_to_the_one_that_weighs_more(themes: Themes) -> None:
    first, last = named(0, "engine"), named(0, THINGS[-1])
    weights = np.ones(len(PAIRS) * len(THINGS), dtype=np.int64)
    weights[first] = 9
    heavy, even = (
        themes.amid([[first, last]], each).closeness({"engine": 1})[0] for each in (weights, weights * 0 + 1)
    )
    assert heavy > even


@given(
    st.lists(st.integers(0, len(PAIRS) * len(THINGS) - 1), min_size=1, max_size=8, unique=True),
    st.integers(1, 50),
    st.integers(0, 9),
)
def test_neither_order_nor_scale_moves_what_lies_amid_others(
    themes: Themes, members: list[int], scale: int, seed: int
) -> None:
    weights = np.arange(1, len(PAIRS) * len(THINGS) + 1, dtype=np.int64)
    shuffled = np.random.default_rng(seed).permutation(members).tolist()
    found = themes.amid([members], weights).closeness({"engine": 2, "lorry": 1})
    again = themes.amid([shuffled], weights * scale).closeness({"engine": 2, "lorry": 1})
    assert found.tolist() == again.tolist()


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=6), st.floats(0, 1))
def test_a_blend_lies_between_both_and_is_either_at_the_ends(
    pairs: list[tuple[float, float]], share: float
) -> None:
    first, second = np.round(np.array(pairs).T, 6)
    found = blended(first, second, share)
    assert (found >= np.minimum(first, second) - 1e-6).all()
    assert (found <= np.maximum(first, second) + 1e-6).all()
    assert blended(first, second, 0.0).tolist() == first.tolist()
    assert blended(first, second, 1.0).tolist() == second.tolist()


def test_the_nearest_rows_are_near_enough_and_equal_ones_in_order() -> None:
    closeness = np.array([0.1, 0.4, 0.3, 0.4])
    assert nearest_rows(closeness, 3, 0.2) == [(1, 0.4), (3, 0.4), (2, 0.3)]
    assert nearest_rows(closeness, 1, 0.2) == [(1, 0.4)]
    assert nearest_rows(closeness, 4, 0.5) == []
