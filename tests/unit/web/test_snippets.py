"""Pieces cut out of texts."""

from __future__ import annotations

import pytest

from app.web.snippets import Snippet, cut, find


def test_a_piece_stays_within_its_line_and_ends_at_words():
    text = "First line.\nWe look for a skilled welder with much experience in TIG.\nLast line."
    start = text.index("welder")
    assert cut(text, start, start + 6) == Snippet(
        "We look for a skilled ", "welder", " with much experience in TIG."
    )
    assert cut(text, start, start + 6, around=12) == Snippet("… a skilled ", "welder", " with much …")


@pytest.mark.parametrize(
    ("words", "marked"),
    [("mig welding", "MIG  welding"), ("weld", None), ("C++", "C++"), ("", None), ("(x", None)],
)
def test_words_are_found_whole_whatever_their_case_and_spaces(words: str, marked: str | None):
    found = find("Knows MIG  welding and C++.", words)
    assert (found and found.marked) == marked
