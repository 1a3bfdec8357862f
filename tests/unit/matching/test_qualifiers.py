"""What wraps a skill comes off; the phrase itself always stays an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matching.qualifiers import strip_qualifiers


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
        ("Schweißer (m/w/d)", "de", "Schweißer"),
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
    assert strip_qualifiers(phrase, lang) == (phrase, short)


@pytest.mark.parametrize(
    "phrase", ["welding", "R", "C#", "Java (computer programming)", "", "knowledge", "5"]
)
def test_a_bare_skill_stays_alone(phrase: str) -> None:
    assert strip_qualifiers(phrase, "en") == (phrase,)


@pytest.mark.parametrize("phrase", ["basic life support", "advanced driving"])
def test_a_skill_that_looks_qualified_is_still_offered_whole(phrase: str) -> None:
    assert strip_qualifiers(phrase, "en")[0] == phrase


@given(st.text(max_size=60))
def test_the_phrase_comes_first_and_the_rest_is_a_part_of_it(phrase: str) -> None:
    first, *rest = strip_qualifiers(phrase)
    assert first == phrase
    assert len(rest) <= 1
    assert all(0 < len(short) <= len(phrase) for short in rest)
