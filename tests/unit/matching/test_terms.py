"""Words that say something."""

from __future__ import annotations

from app.matching.terms import content_words, is_term, terms_of


def test_numbers_and_single_letters_say_nothing():
    assert [word for word in ("c", "2024", "c++", "weld", "mig") if is_term(word)] == ["c++", "weld", "mig"]
    assert terms_of(["Two years, 24 months", "MIG/MAG"]) == {"two", "years", "months", "mig", "mag"}


def test_content_words_keep_their_order_and_leave_function_words_of_their_language():
    assert content_words("conduire des chariots et des grues de chantier", "fr") == [
        "conduire",
        "chariots",
        "grues",
        "chantier",
    ]
    assert "des" in content_words("conduire des chariots", "en")
