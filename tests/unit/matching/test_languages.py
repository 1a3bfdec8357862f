"""Language of a text: declared, detected, or told by its small words; never a guess from one word."""

import pytest

from app.matching.languages import by_small_words, detect_language, text_language


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "We need a welder with experience"),
        ("de", "Schweißer gesucht für eine Baustelle"),
        ("fr", "soudage et lecture de plans"),
        ("es", "Se busca soldador con experiencia"),
        ("pl", "Poszukujemy spawacza z doświadczeniem"),
        ("ar", "خبرة في اللحام والقطع والتجميع"),
        ("ur", "ویلڈنگ کا تجربہ ضروری ہے"),
        ("bn", "ঢালাইয়ের কাজ জানা আবশ্যক"),
    ],
)
def test_twenty_letters_are_enough(lang: str, text: str) -> None:
    detected = detect_language(text)
    assert detected.lang == lang
    assert 0.6 <= detected.confidence <= 1


@pytest.mark.parametrize("text", ["", "welder", "12345", "C++", "\u200b" * 50])
def test_too_little_is_unknown(text: str) -> None:
    assert detect_language(text).lang is None


def test_small_words_tell_a_short_text() -> None:
    assert by_small_words(["wir", "sind", "mit", "der"]).lang == "de"
    assert by_small_words(["de", "la"]).lang is None  # several languages say so


GERMAN = "Wir suchen für unsere Werkstatt einen Schweißer, der mit dem Team arbeitet.\n"
ENGLISH = "You will be responsible for the welding of the pipes that are used in our plants.\n"


def test_the_declared_language_wins() -> None:
    assert list(text_language("Python, SQL\n", "pl")) == [(0, 12, "pl")]


def test_a_paragraph_of_another_language_is_read_in_it() -> None:
    text = GERMAN + ENGLISH
    assert list(text_language(text, "de")) == [(0, len(GERMAN), "de"), (len(GERMAN), len(text), "en")]
    assert list(text_language(ENGLISH + "Python\n", None)) == [(0, len(ENGLISH) + 7, "en")]


def test_every_character_is_in_one_stretch() -> None:
    text = GERMAN + "\n\n" + ENGLISH + "end"
    stretches = list(text_language(text, None))
    assert [start for start, _, _ in stretches] == [0, *(end for _, end, _ in stretches[:-1])]
    assert stretches[-1][1] == len(text)
