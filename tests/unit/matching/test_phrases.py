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


def test_longest_label_wins_and_spans_do_not_overlap() -> None:
    words = tokens("experience in tig welding of pipes and welding")
    found = label_spans(words, {"tig welding", "welding", "tig welding of pipes"})
    assert [(span.first, span.last, span.label) for span in found] == [
        (2, 6, "tig welding of pipes"),
        (7, 8, "welding"),
    ]


def test_short_words_link_only_as_a_segment_of_their_own() -> None:
    assert label_spans(tokens("you go to r"), {"go", "r"}) == []
    assert [span.label for span in label_spans(tokens("R"), {"go", "r"})] == ["r"]
    assert [span.label for span in label_spans(tokens("fluent in C# now"), {"c#"})] == ["c#"]
