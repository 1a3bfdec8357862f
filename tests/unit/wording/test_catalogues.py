"""Catalogues say the same in every language, and Arabic keeps its order around other scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter
from typing import get_args

import pytest

from app.api.schemas.eligibility import ReaderLanguage
from app.domain.eligibility import Message
from app.wording import LANGUAGES, catalogue, join, say, term

FIRST, *OTHERS = LANGUAGES
ISOLATE, END = "\u2068", "\u2069"
# What people or sources wrote, and days in ISO form, whose hyphens would turn them round.
SET_APART = {"licence", "claim", "requirement", "roles", "candidate", "source", "since"}
# Numbers and codes, which read alike in either direction.
AS_THEY_ARE = {
    "years", "asked", "held", "missing", "late", "paid", "expected", "currency", "isco", "territory",
    "met", "all", "count", "rank", "level", "score",
}  # fmt: skip


def blanks(template: str) -> list[tuple[str, str]]:
    parsed = Formatter().parse(template)
    return sorted((name, kind or "") for _, name, kind, _ in parsed if name is not None)


def written(template: str) -> str:
    """A template without its blanks."""
    return "".join(text for text, *_ in Formatter().parse(template))


def texts(lang: str) -> Iterator[str]:
    """All that a catalogue says of its own."""
    yield from map(written, catalogue(lang)["messages"].values())
    for names in catalogue(lang)["terms"].values():
        yield from names.values()


@pytest.mark.parametrize("lang", OTHERS)
def test_every_catalogue_has_the_same_messages_with_the_same_blanks(lang):
    expected = {code: blanks(template) for code, template in catalogue(FIRST)["messages"].items()}
    found = {code: blanks(template) for code, template in catalogue(lang)["messages"].items()}
    assert found == expected


@pytest.mark.parametrize("lang", OTHERS)
def test_every_catalogue_names_the_same_codes(lang):
    expected = {vocabulary: set(names) for vocabulary, names in catalogue(FIRST)["terms"].items()}
    found = {vocabulary: set(names) for vocabulary, names in catalogue(lang)["terms"].items()}
    assert found == expected
    assert all(name.strip() for names in catalogue(lang)["terms"].values() for name in names.values())


def test_the_api_offers_the_languages_that_have_a_catalogue():
    assert get_args(get_args(ReaderLanguage)[0]) == LANGUAGES


def test_arabic_is_written_in_arabic_letters_and_marks():
    for text in texts("ar"):
        assert not re.search("[A-Za-z]", text.replace("ISCO-08", "")), text
        assert not re.search("[,;?%\u0660-\u0669]", text), text


def test_arabic_sets_apart_what_people_wrote():
    for code, template in catalogue("ar")["messages"].items():
        plain = {name for name, kind in blanks(template) if not kind}
        assert plain <= SET_APART | AS_THEY_ARE, code
        inside = re.findall(f"{ISOLATE}{{([a-z]+)}}{END}", template)
        assert sorted(inside) == sorted(plain & SET_APART), code
        assert template.count(ISOLATE) == template.count(END) == len(inside), code


@pytest.mark.parametrize("lang", [lang for lang in LANGUAGES if lang != "ar"])
def test_languages_from_left_to_right_have_no_marks_of_direction(lang):
    assert not any(mark in text for text in texts(lang) for mark in (ISOLATE, END))


def test_a_licence_in_latin_letters_keeps_its_place_in_an_arabic_sentence():
    held = Message("licence_valid", {"licence": "permis C (code 95)", "until": "2027-03-01"})
    assert say(held, "ar") == (
        "المطلوب: «\u2068permis C (code 95)\u2069»، وما لدى المرشح صالح حتى 1 مارس 2027."
    )


def test_arabic_lists_names_with_its_own_comma():
    asked = Message("ask_shift", {"shifts": "day, night"})
    assert say(asked, "ar") == "سؤال المرشح عن أوقات العمل: النهار، الليل."
    assert join([term("verdict", "yes", "en"), term("verdict", "no", "en")]) == "yes, no"


def test_arabic_numbers_have_western_digits():
    what_if = Message(
        "what_if", {"requirement": "TIG", "evidence": "certified", "score": "0.6754", "rank": 2}
    )
    assert say(what_if, "ar") == (
        "لو توفرت «\u2068TIG\u2069» (مهارة مثبتة بشهادة)، لأصبحت الدرجة 0,675 والرتبة 2."
    )


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", ["experience_too_short", "fix_experience", "fix_start"])
def test_no_unit_stands_after_a_number_that_it_would_have_to_agree_with(lang, code):
    one, many = ({"asked": n, "held": n, "missing": n, "late": n} for n in (1, 12))
    assert not re.search(r"\d\s*\w", say(Message(code, one), lang))
    assert say(Message(code, one), lang).replace("1", "12") == say(Message(code, many), lang)
