"""Characters as numbers: codes and trigrams."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.matching.spelling import (
    LONGEST_SPELLING,
    alphabet_of,
    codes_of,
    spell,
    trigram_keys,
    trigram_name,
    trigrams_of,
)

WORDS = st.lists(st.text(min_size=1, max_size=80), max_size=6)


@given(known=WORDS, texts=st.lists(st.text(max_size=80), max_size=6))
def test_characters_have_their_place_in_the_alphabet_or_none(known: list[str], texts: list[str]) -> None:
    letters = sorted({char for text in known for char in text})
    start, spelling = spell(codes_of(alphabet_of(known)), texts)
    for row, text in enumerate(texts):
        wanted = [letters.index(char) + 1 if char in letters else 0 for char in text[:LONGEST_SPELLING]]
        assert spelling[start[row] : start[row + 1]].tolist() == wanted


@given(words=WORDS)
def test_trigrams_are_those_of_the_word_between_spaces(words: list[str]) -> None:
    row, key = trigrams_of(words)
    found = list(zip(row.tolist(), map(trigram_name, key.tolist()), strict=True))
    wanted = []
    for position, word in enumerate(words):
        padded = f" {word[:LONGEST_SPELLING]} "
        wanted += [
            (position, gram) for gram in sorted({padded[at : at + 3] for at in range(len(padded) - 2)})
        ]
    assert found == wanted
    assert np.array_equal(trigram_keys([gram for _, gram in found]), key)


def test_half_characters_are_no_characters_of_labels() -> None:
    assert spell(codes_of(alphabet_of(["weld"])), ["w\ud800"])[1].tolist() == [4, 0]
