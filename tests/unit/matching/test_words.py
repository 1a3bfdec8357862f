"""Words of labels: rarity, n-grams and likes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.matching.compiled import compile_now
from app.matching.text import canonical
from app.matching.words import (
    ANY_LANG,
    LIKENESS_UNITS,
    RARITY_UNITS,
    Likes,
    WordTable,
    build_word_table,
    ngrams,
)

WORDS = ["weld", "welding", "purse", "nurses", "fitting", "c++", "abcd", "abce"]
TEXTS = ["weld", "welding of pipes", "purse", "nurses", "pipe fitting", "c++", "c#"]


def make_table() -> WordTable:
    rows = np.arange(len(TEXTS), dtype=np.int32)
    langs = np.array([1 + row % 3 for row in range(len(TEXTS))], dtype=np.int64)
    return build_word_table([text.split() for text in TEXTS], rows, rows, text_langs=langs)[0]


def likes(table: WordTable, word: str) -> dict[str, int]:
    found = table.likes_of([word])
    return {
        table.words[row]: likeness
        for row, likeness in zip(found.word_row.tolist(), found.likeness.tolist(), strict=True)
    }


def test_rarity_is_the_logarithm_of_the_share_of_documents() -> None:
    table = make_table()
    assert table.rarity[table.row_of["weld"]] == round(RARITY_UNITS * np.log(8 / 2))
    assert table.unseen_rarity == round(RARITY_UNITS * np.log(8))


def test_a_word_of_the_table_is_its_own_best_like() -> None:
    table = make_table()
    assert likes(table, "weld")["weld"] == LIKENESS_UNITS
    assert max(likes(table, "weld").values()) == LIKENESS_UNITS


def test_forms_of_a_word_are_alike() -> None:
    assert set(likes(make_table(), "weld")) == {"weld", "welding"}


def test_a_slip_is_like_the_word_that_was_meant() -> None:
    found = likes(make_table(), "weldign")
    assert next(iter(found)) == "welding"
    assert found["welding"] == round(LIKENESS_UNITS * 2 * 6 / 14)


def test_short_words_have_no_likes() -> None:
    assert likes(make_table(), "c#") == {"c#": LIKENESS_UNITS}
    assert likes(make_table(), "c") == {}


def test_likes_of_the_table_equal_those_worked_out_again() -> None:
    table = make_table()
    again = table.likes_of(table.words)
    for name in Likes._fields:
        assert np.array_equal(getattr(table.likes, name), getattr(again, name)), name


def test_long_words_are_compared_by_their_beginning() -> None:
    assert len(ngrams("a" * 10_000)) == len(ngrams("a" * 64))


@given(
    st.lists(
        st.one_of(
            st.text(max_size=80).map(canonical), st.sampled_from([*WORDS, "weldign", "pipes", "nursse"])
        ),
        max_size=6,
    ),
    st.sampled_from([ANY_LANG, 1, 2]),
)
def test_compiled_code_finds_the_same_likes(phrases: list[str], lang: int) -> None:
    from app.matching.compiled_words import CompiledLikes

    compile_now()
    table = make_table()
    words = [word for phrase in phrases for word in phrase.split()]
    langs = np.full(len(words), lang, dtype=np.int64)
    plain, fast = table.likes_of(words, langs), CompiledLikes(table)(words, langs)
    for name in Likes._fields:
        assert np.array_equal(getattr(plain, name), getattr(fast, name)), name
