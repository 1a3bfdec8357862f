"""Cue words: every language's file is whole, and phrases are found as promised."""

import tomllib
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matching import cues
from app.matching.cues import Section, Signal, cue_languages, cue_table, everyday_words, function_words
from app.matching.cues.table import PhraseTable

LANGUAGES = [
    *("ar", "bg", "bn", "ca", "de", "el", "en", "es", "et", "fr", "hr"),
    *("hu", "it", "lt", "lv", "nl", "no", "pl", "pt", "ro", "sv", "ur"),
]
LISTS = {
    *("abbreviations", "and", "or", "but", "function", "numbers", "years", "months", "age"),
    *("until", "until_now"),
    *("title_noise", "title_ends", "learner", "no_learner", "essential", "optional"),
    *("negation_before", "negation_after", "no_negation", "wish"),
    *("levels", "qualifiers", "headings", "boilerplate"),
}


def test_the_languages_of_the_service_have_cue_words() -> None:
    assert list(cue_languages()) == LANGUAGES


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_language_has_every_list(lang: str) -> None:
    words = tomllib.loads(files(cues).joinpath(f"{lang}.toml").read_text(encoding="utf-8"))
    assert set(words) == LISTS
    assert set(words["levels"]) == {"basic", "intermediate", "advanced", "expert"}
    assert {"requirements", "tasks", "optional", "offer", "employer", "apply"} <= set(words["headings"])
    assert len(words["numbers"]) == 10
    assert {Section[name.upper()] for name in words["headings"]} | {Section.BODY} == set(Section)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_cue_says_two_things(lang: str) -> None:
    words = tomllib.loads(files(cues).joinpath(f"{lang}.toml").read_text(encoding="utf-8"))
    must, may = set(words["essential"]), set(words["optional"])
    assert not must & may
    assert not (must | may) & {*words["negation_before"], *words["negation_after"]}


def test_the_longest_phrase_counts_and_endings_may_be_open() -> None:
    table: PhraseTable[str] = PhraseTable()
    table.add("good", "short")
    table.add("good knowledge", "long")
    table.add("require*", "open")
    hits = list(table.find(["a", "good", "knowledge", "is", "required", "and", "good"]))
    assert [(hit.first, hit.last, hit.value) for hit in hits] == [
        (1, 3, "long"),
        (4, 5, "open"),
        (6, 7, "short"),
    ]


def test_a_phrase_without_words_is_refused() -> None:
    with pytest.raises(ValueError, match="without words"):
        PhraseTable[None]().add("***", None)


@given(st.lists(st.sampled_from(["must", "have", "not", "required", "good", "knowledge", "x"])))
def test_found_phrases_lie_in_order_without_overlap(words: list[str]) -> None:
    hits = list(cue_table("en").signals.find(words))
    assert all(0 <= hit.first < hit.last <= len(words) for hit in hits)
    assert all(before.last <= after.first for before, after in pairwise(hits))


def test_english_cues_count_in_other_languages_unless_they_are_words_there() -> None:
    def signals(text: str, lang: str) -> list[Signal]:
        return [hit.value.signal for hit in cue_table(lang).signals.find(text.split())]

    assert signals("docker nice to have", "pl") == [Signal.OPTIONAL]
    # "no" is "in the" in Portuguese
    assert signals("no setor", "pt") == []
    assert signals("no setor", "es") == [Signal.NEGATION_BEFORE]


def test_an_unknown_language_is_read_with_english_cues() -> None:
    assert cue_table("fi").headings == cue_table("en").headings
    assert function_words("fi") == frozenset()


def test_words_beside_years_and_of_learners_are_no_everyday_words() -> None:
    assert not everyday_words("en").has("current")
    assert not everyday_words("en").has("apprentice")
    assert everyday_words("en").has("years")
