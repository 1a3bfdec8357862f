"""What texts are about, in a latent space learned from a few labels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matching.label_index import LabelIndex
from app.matching.latent import LatentConfig
from app.matching.latent_space import learn_latent_space
from app.matching.themes import Themes
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
