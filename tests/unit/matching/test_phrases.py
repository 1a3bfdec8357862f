"""Cutting running text: where writers cut it, never inside a word."""

import pytest

from app.matching.phrases import label_spans, segments
from app.matching.text import tokens


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("material handling and packing", ["material handling and packing"]),
        ("• weld\n• grind\n", ["weld", "grind"]),
        ("Python (pandas, numpy), C++; ASP.NET.", ["Python", "pandas", "numpy", "C++", "ASP.NET"]),
        ("self-employed, e-mail", ["self-employed", "e-mail"]),
        ("soudage MIG/MAG", ["soudage MIG/MAG"]),
        ("اللحام، القطع", ["اللحام", "القطع"]),
        ("", []),
        ("...", []),
    ],
)
def test_segments(text: str, parts: list[str]) -> None:
    assert [text[span.start : span.end] for span in segments(text)] == parts


def found(text: str, labels: set[str], single_words: set[str]) -> list[str]:
    return [span.label for span in label_spans(text, tokens(text), labels, single_words)]


def test_longest_label_wins_and_spans_do_not_overlap() -> None:
    text = "experience in tig welding of pipes and welding"
    spans = label_spans(text, tokens(text), {"tig welding", "welding", "tig welding of pipes"}, {"welding"})
    assert [(span.first, span.last, span.label) for span in spans] == [
        (2, 6, "tig welding of pipes"),
        (7, 8, "welding"),
    ]


def test_single_words_count_inside_text_only_where_allowed() -> None:
    labels = {"go", "r", "c#", "sql"}
    assert found("you go to r", labels, {"c#"}) == []
    assert found("R", labels, {"c#"}) == ["r"]
    assert found("fluent in C# now", labels, {"c#"}) == ["c#"]


def test_abbreviations_count_unless_everything_is_in_capitals() -> None:
    assert found("some SQL is a plus", {"sql"}, set()) == ["sql"]
    assert found("some sql is a plus", {"sql"}, set()) == []
    assert found("WE ALL GO HOME", {"go"}, set()) == []
