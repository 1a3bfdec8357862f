"""Dictionaries learned from texts that mean the same."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matching.translations import TRANSLATIONS, Translation, learn_translations

FRENCH = {"red": "rouge", "blue": "bleu", "car": "voiture", "house": "maison", "door": "porte"}
COLOURS, THINGS = ("red", "blue"), ("car", "house", "door")
ENGLISH_TEXTS = list(product(COLOURS, THINGS))
FRENCH_TEXTS = [(FRENCH[thing], FRENCH[colour]) for colour, thing in ENGLISH_TEXTS]


def test_words_find_each_other_though_their_order_differs():
    learned = learn_translations(FRENCH_TEXTS, ENGLISH_TEXTS)
    assert {word: found[0].word for word, found in learned.items()} == {
        french: english for english, french in FRENCH.items()
    }
    assert all(found[0].share > 0.8 for found in learned.values())


def test_a_word_that_is_spelt_alike_keeps_its_weight():
    learned = learn_translations(
        [("maintenance", "rouge"), ("maintenance",)], [("red", "maintenance"), ("maintenance",)]
    )
    assert "maintenance" not in learned
    assert learned["rouge"][0].word == "red"


def test_a_word_with_two_translations_has_both_and_no_share_is_made_up():
    foreign = [("schweissen",), ("schweissen",), ("schweissen",)]
    english = [("welding",), ("weld",), ("welding",)]
    found = learn_translations(foreign, english)["schweissen"]
    assert [each.word for each in found] == ["welding", "weld"]
    assert found[0].share > found[1].share
    assert sum(each.share for each in found) <= 1.0


def test_what_is_said_beside_everything_translates_nothing():
    # "de" stands in every text, so none of the words beside it is likely given it.
    names = [f"{letter}{number}" for letter in "abcd" for number in range(10)]
    learned = learn_translations([("de", f"le-{name}") for name in names], [(name,) for name in names])
    assert learned == {f"le-{name}": (Translation(name, 1.0),) for name in names}


def test_least_and_most_bound_what_is_kept():
    english = [(word,) for word in ("a1", "b1", "c1")]
    foreign = [("x",)] * 3
    loose = replace(TRANSLATIONS, least=0.01)
    assert len(learn_translations(foreign, english, loose)["x"]) == TRANSLATIONS.most
    assert len(learn_translations(foreign, english, replace(loose, most=3))["x"]) == 3
    assert learn_translations(foreign, english, replace(TRANSLATIONS, least=0.99)) == {}


def test_nothing_is_learned_from_nothing():
    assert learn_translations([], []) == {}
    assert learn_translations([()], [("word",)]) == {}
    assert learn_translations([("mot",)], [()]) == {}
    with pytest.raises(ValueError, match="equal length"):
        learn_translations([("mot",)], [])


WORDS = st.lists(st.sampled_from(["ab", "cd", "ef", "gh"]), max_size=4)


@given(st.lists(st.tuples(WORDS, WORDS), max_size=12), st.randoms(use_true_random=False))
def test_shares_are_shares_and_the_order_of_words_is_none_of_their_matter(texts, random):
    foreign, english = [each for each, _ in texts], [each for _, each in texts]
    learned = learn_translations(foreign, english)
    for word, found in learned.items():
        assert found == tuple(sorted(found, key=lambda each: (-each.share, each.word)))
        assert all(0 < each.share <= 1 for each in found)
        assert all(each.word != word for each in found)
        assert sum(each.share for each in found) <= 1.0 + 1e-6
    shuffled = [random.sample(words, len(words)) for words in foreign]
    assert learn_translations(shuffled, english) == learned
