"""The text part, and the words it compares."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matching.translations import Translation
from app.matching.weights import DEFAULT_WEIGHTS
from app.services.parts.text import EVERYDAY_RARITY, MOST_WORDS, text_part, with_themes, with_translations
from app.services.profile_words import Mention, mentions_of, plain, profile_words, prominent, translated

PLAIN = replace(DEFAULT_WEIGHTS, prominence=0.0)
ONCE = Mention(1, in_title=False, is_everyday=False)


def test_shares_sum_to_one_with_those_of_standing_out():
    found = text_part({"weld": ONCE, "pipe": ONCE}, DEFAULT_WEIGHTS, lambda _: 2.0, 9.0)
    assert list(found) == sorted(found)
    assert sum(found.values()) == pytest.approx(1.0)
    assert found[prominent("weld")] / found["weld"] == pytest.approx(DEFAULT_WEIGHTS.prominence)


def test_rare_words_words_said_often_and_words_of_the_title_weigh_more():
    rarity = {"rare": 4.0}
    mentions = {
        "rare": ONCE,
        "usual": ONCE,
        "often": Mention(3, False, False),
        "title": Mention(1, True, False),
    }
    found = text_part(mentions, PLAIN, lambda word: rarity.get(word, 2.0), 9.0)
    assert found["rare"] == pytest.approx(2 * found["usual"])
    assert found["title"] == pytest.approx(PLAIN.title * found["usual"])
    assert found["usual"] < found["often"] < 3 * found["usual"]


def test_rarity_has_a_bound_and_everyday_words_a_low_one():
    mentions = {"very": ONCE, "rarest": ONCE, "team": Mention(1, False, True)}
    found = text_part(mentions, PLAIN, lambda word: 20.0 if word == "rarest" else 5.0, 5.0)
    assert found["very"] == found["rarest"]
    assert found["team"] / found["very"] == pytest.approx(EVERYDAY_RARITY / 5.0)


@given(st.integers(0, 200))
def test_a_long_advert_asks_for_no_more_than_its_heaviest_words(n_words: int) -> None:
    mentions = {f"word{n:03d}": ONCE for n in range(n_words)} | {"title": Mention(1, True, False)}
    found = text_part(mentions, PLAIN, lambda _: 1.0, 5.0)
    assert len(found) == min(n_words + 1, MOST_WORDS)
    assert max(found, key=lambda word: found[word]) == "title"


def test_a_vacancy_without_words_asks_for_none():
    assert text_part({}, DEFAULT_WEIGHTS, lambda _: 1.0, 5.0) == {}
    assert text_part({"x": ONCE}, DEFAULT_WEIGHTS, lambda _: 0.0, 5.0) == {}


def test_only_what_is_about_the_work_is_mentioned():
    text = "Welder\nWhat we offer:\n- Free lunch\nRequirements:\n- Welding of pipes\n- Pipes of steel\n"
    found = mentions_of("Welder", [text], "en")
    assert "lunch" not in found
    assert "of" not in found
    assert found["pipes"].times == 2
    assert found["welder"] == Mention(1, in_title=True, is_everyday=False)


@pytest.mark.parametrize(
    ("lang", "word"), [("en", "experience"), ("ro", "experiența"), ("pl", "doświadczenie")]
)
def test_words_of_every_advert_are_everyday_words(lang: str, word: str):
    found = mentions_of("", [f"Title\n{word} blahoslav"], lang)
    assert [each.is_everyday for each in found.values()].count(True) >= 1
    assert not found["blahoslav"].is_everyday


def test_a_profile_says_a_word_once_however_often_and_a_short_line_stands_out():
    once = profile_words(["I weld pipes in a shipyard near Tunis\nShip welder"], ["blueprint reading"])
    again = profile_words(
        ["I weld pipes in a shipyard near Tunis " * 3 + "\nShip welder\nShip welder"], ["blueprint reading"]
    )
    assert once == again
    assert {prominent("ship"), prominent("welder"), prominent("blueprint"), "shipyard"} <= once
    assert prominent("shipyard") not in once
    assert plain(prominent("ship")) == plain("ship") == "ship"


@given(st.lists(st.text(max_size=30), max_size=5), st.text(max_size=30))
def test_saying_more_takes_no_word_away(lines: list[str], more: str) -> None:
    assert profile_words(["\n".join(lines)], []) <= profile_words(["\n".join([*lines, more])], [])


def test_themes_get_their_share_of_the_part_and_words_keep_the_rest():
    weights = replace(DEFAULT_WEIGHTS, theme=0.2)
    found = with_themes({"pipe": 0.25, "weld": 0.75}, {"~7": 3.0, "~8": 1.0}, weights)
    assert found == pytest.approx({"pipe": 0.2, "weld": 0.6, "~7": 0.15, "~8": 0.05})
    assert list(found) == sorted(found)


def test_words_keep_everything_where_there_are_no_themes_and_themes_nothing_without_words():
    words = {"weld": 1.0}
    assert with_themes(words, {}, DEFAULT_WEIGHTS) == words
    assert with_themes(words, {"~7": 0.0}, DEFAULT_WEIGHTS) == words
    assert with_themes(words, {"~7": 1.0}, replace(DEFAULT_WEIGHTS, theme=0.0)) == words
    assert with_themes({}, {"~7": 1.0}, DEFAULT_WEIGHTS) == {}


DICTIONARY = {
    "soudeur": (Translation("welder", 0.6), Translation("welding", 0.3)),
    "soudage": (Translation("welding", 1.0),),
}


def test_a_words_share_goes_to_its_translations_as_far_as_it_stands_for_them():
    words = {"soudeur": 0.5, "soudage": 0.2, "tig": 0.1, prominent("soudage"): 0.2}
    found = with_translations(words, DICTIONARY)
    assert found == pytest.approx(
        {"soudeur": 0.05, "tig": 0.1, "welder": 0.3, "welding": 0.15 + 0.2, prominent("welding"): 0.2}
    )
    assert list(found) == sorted(found)
    assert with_translations(words, {}) == words


def test_a_profile_stands_for_the_translations_of_its_words_that_it_does_not_use():
    words = {"soudeur", "tig", "soudage", prominent("soudage"), "welder"}
    assert translated(words, DICTIONARY) == {prominent("welding"): "soudage", "welding": "soudage"}
    assert translated(words, {}) == {}


SHARES = st.dictionaries(
    st.sampled_from(["soudeur", "soudage", "welding", "tig", prominent("soudeur"), prominent("tig")]),
    st.floats(0.01, 1.0),
    min_size=1,
)


@given(SHARES)
def test_who_uses_the_vacancys_words_gets_as_much_as_without_translations(words: dict[str, float]) -> None:
    asked = with_translations(words, DICTIONARY)
    used = words.keys() | translated(words.keys(), DICTIONARY).keys()
    assert sum(asked.values()) == pytest.approx(sum(words.values()))
    assert asked.keys() <= used


@given(SHARES, st.sets(st.sampled_from(["soudeur", "soudage", "welding", "welder", "tig"])))
def test_one_word_more_never_takes_a_translation_away(words: dict[str, float], held: set[str]) -> None:
    more = held | {"soudage"}
    assert held | translated(held, DICTIONARY).keys() <= more | translated(more, DICTIONARY).keys()
