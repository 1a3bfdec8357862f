"""What wraps a skill comes off, word by word; what is left is always a part of the phrase."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matching.qualifiers import shorter_forms
from app.matching.text import canonical


@pytest.mark.parametrize(
    ("phrase", "lang", "short"),
    [
        ("2 years of welding", "en", "welding"),
        ("3+ years experience with C++", "en", "C++"),
        ("basic Python", None, "Python"),
        ("Python (primary)", None, "Python"),
        ("C++ (expert)", None, "C++"),
        ("experience in IT support", "en", "IT support"),
        ("good communication skills are an advantage", "en", "communication"),
        ("gute Kenntnisse in MS Office", "de", "MS Office"),
        ("mindestens 3 Jahre Erfahrung im Schweißen", "de", "Schweißen"),
        ("bonne maîtrise d'Excel", "fr", "Excel"),
        ("nivel avanzado de inglés", "es", "inglés"),
        ("ottima conoscenza di Excel", "it", "Excel"),
        ("znajomość AutoCAD", "pl", "AutoCAD"),
        ("kennis van Excel", "nl", "Excel"),
        ("خبرة في اللحام", "ar", "اللحام"),
    ],
)
def test_qualifiers_come_off(phrase: str, lang: str | None, short: str) -> None:
    assert canonical(short) in shorter_forms(canonical(phrase), lang)


@pytest.mark.parametrize("phrase", ["welding", "R", "C#", "Java (computer programming)", "", "5"])
def test_nothing_comes_off_a_bare_skill(phrase: str) -> None:
    assert shorter_forms(canonical(phrase), "en") == []


def test_forms_come_longest_first() -> None:
    forms = shorter_forms("basic level crossing signalling", "en")
    assert forms == ["level crossing signalling", "crossing signalling"]


@pytest.mark.parametrize("phrase", ["no welding", "not welding", "without welding"])
def test_a_denial_stays(phrase: str) -> None:
    assert shorter_forms(phrase, "en") == []


def test_a_long_row_of_qualifiers_is_read_at_its_edges() -> None:
    assert len(shorter_forms("good " * 500 + "welding", "en")) < 100


@given(st.text(max_size=60).map(canonical))
def test_what_is_left_is_a_shorter_part_of_the_phrase(phrase: str) -> None:
    for form in shorter_forms(phrase):
        assert form
        assert form in phrase
        assert len(form) < len(phrase)
