"""Cutting running text: where writers cut it, never inside a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matching.cues import cue_table
from app.matching.segmentation import clause_texts, clauses_of, gaps_between, without_markup
from app.matching.text import tokens


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("material handling and packing", ["material handling and packing"]),
        ("welding, grinding and cutting of steel", ["welding", "grinding and cutting of steel"]),
        ("• weld\n• grind\n", ["weld", "grind"]),
        ("- weld\n- grind\n* cut\n– drill\n✓ saw", ["weld", "grind", "cut", "drill", "saw"]),
        ("• weld • grind ▪ cut", ["weld", "grind", "cut"]),
        ("Python (pandas, numpy), C++; ASP.NET.", ["Python", "pandas", "numpy", "C++", "ASP.NET"]),
        ("C++, C#, .NET and Node.js", ["C++", "C#", ".NET and Node.js"]),
        ("self-employed, e-mail", ["self-employed", "e-mail"]),
        ("soudage MIG/MAG", ["soudage MIG/MAG"]),
        ("Ein- und Ausbau von Getrieben", ["Ein- und Ausbau von Getrieben"]),
        ("اللحام، القطع؛ القراءة؟ نعم", ["اللحام", "القطع", "القراءة", "نعم"]),
        ("ویلڈنگ کا کام۔ کاٹنا", ["ویلڈنگ کا کام", "کاٹنا"]),
        ("ঢালাইয়ের কাজ। কাটা", ["ঢালাইয়ের কাজ", "কাটা"]),
        ("<ul><li>weld</li><li>grind &amp; cut</li></ul>", ["weld", "grind &amp; cut"]),
        ("**Must have:** Java/Kotlin | Go", ["Must have", "Java/Kotlin", "Go"]),
        ("## Tasks\n1. Weld\n2) Grind", ["Tasks", "1", "Weld", "2", "Grind"]),
        ("from 10:30, open 24/7", ["from 10:30", "open 24/7"]),
        ("Good welder.Responsible for tools", ["Good welder", "Responsible for tools"]),
        ("see https://example.org/a,b;c for more", ["see https://example.org/a,b;c for more"]),
        ("", []),
        ("...", []),
    ],
)
def test_clauses(text: str, parts: list[str]) -> None:
    assert list(clause_texts(text)) == parts


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("de", "z.B. Gabelstapler"),
        ("de", "inkl. Montage"),
        ("en", "tools, e.g. Jira".replace(",", "")),
        ("es", "p. ej. Excel"),
        ("pl", "kat. B"),
        ("nl", "bijv. Excel"),
    ],
)
def test_an_abbreviation_ends_no_sentence(lang: str, text: str) -> None:
    assert len(list(clause_texts(text, cue_table(lang).abbreviations))) == 1


def test_a_wrapped_line_goes_on_and_a_list_line_does_not() -> None:
    wrapped = "Responsible for the maintenance of all machines of the plant and\nfor the training of staff"
    assert len(list(clause_texts(wrapped))) == 1
    assert list(clause_texts("weld\ngrind\ncut")) == ["weld", "grind", "cut"]


def test_markup_keeps_its_place() -> None:
    text = "<p>weld</p> &nbsp; technicien(ne) www.example.org grind"
    plain = without_markup(text)
    assert len(plain) == len(text)
    assert [word.text for word in tokens(plain)] == ["weld", "technicien", "grind"]


@given(st.text(alphabet=st.sampled_from("ab Z9.,:;-–/()\n\t•*<>&\u200b\u202eéأ،।"), max_size=60))
def test_every_word_belongs_to_one_clause(text: str) -> None:
    plain = without_markup(text)
    words = tokens(plain)
    gaps = gaps_between(plain, words, frozenset())
    clauses = list(clauses_of(gaps)) if words else []
    covered = [position for clause in clauses for position in range(clause.first, clause.last)]
    assert covered == list(range(len(words)))


@pytest.mark.parametrize(
    "hostile", ["<" * 50_000, "(" * 50_000, "a." * 50_000, "\u200b\u202e" * 30_000, " " * 99_999]
)
def test_hostile_text_is_cut_without_error(hostile: str) -> None:
    assert len(list(clause_texts(f"weld, {hostile} grind"))) >= 1
