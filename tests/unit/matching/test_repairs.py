"""What words were before errors of typing: both twins, on words near and far from each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matching.compiled import compile_now
from app.matching.repairs import (
    MAX_REPAIRS,
    REPAIRED,
    Repairs,
    edits_allowed,
    find_repairs,
    likes_with_repairs,
    vectors_with_repairs,
)
from app.matching.text import canonical
from app.matching.words import ANY_LANG, MAX_LIKES, WordTable, build_word_table

WORDS = [
    *("weld", "welder", "welding", "nurse", "nurses", "purse", "cook", "cool", "book", "boot", "html"),
    *("manager", "manger", "management", "übersetzer", "مهندس", "a" * 64, "b" * 65, "c++", "baker"),
]


def make_table(words: list[str] | None = None) -> WordTable:
    words = words or WORDS
    rows = np.arange(len(words), dtype=np.int32)
    langs = np.array([1 + row % 3 for row in range(len(words))], dtype=np.int64)
    return build_word_table([[word] for word in words], rows, rows, text_langs=langs)[0]


TABLE = make_table()


def repairs(word: str, table: WordTable = TABLE) -> dict[str, int]:
    found = find_repairs(table, [word])
    return {
        table.words[row]: n for row, n in zip(found.word_row.tolist(), found.n_edits.tolist(), strict=True)
    }


def test_each_kind_of_error_is_one_edit() -> None:
    for typed in ("bakr", "bakerr", "baler", "bakre"):
        assert repairs(typed)["baker"] == 1, typed


def test_two_errors_are_forgiven_in_longer_words_only() -> None:
    assert repairs("manaegrs") == {"manager": 2}
    assert "weld" not in repairs("wldx")


def test_the_first_letter_may_be_wrong() -> None:
    assert repairs("mbaker") == {"baker": 1}
    assert repairs("elder")["welder"] == 1


def test_short_words_long_ones_and_codes_are_left_alone() -> None:
    assert edits_allowed("coo") == edits_allowed("html5") == edits_allowed("b" * 65) == 0
    assert repairs("html5") == {}
    assert repairs("b" * 64) == {}


def test_fewer_errors_come_first_then_the_most_used() -> None:
    words = ["boot", "book", "cook"]
    rows = np.array([0, 1, 2, 2], dtype=np.int32)
    table, _ = build_word_table([[word] for word in words], rows, np.array([0, 1, 2, 3], dtype=np.int32))
    assert list(repairs("look", table)) == ["cook", "book"]


@pytest.mark.parametrize(
    ("lang", "expected"),
    [(1, {"book", "cook"}), (2, {"cook", "hook"}), (4, set()), (ANY_LANG, {"book", "cook", "hook"})],
)
def test_only_words_of_the_wanted_languages_are_meant(lang: int, expected: set[str]) -> None:
    rows = np.arange(3, dtype=np.int32)
    langs = np.array([1, 3, 2], dtype=np.int64)
    table, _ = build_word_table([["book"], ["cook"], ["hook"]], rows, rows, text_langs=langs)
    found = find_repairs(table, ["look"], np.array([lang], dtype=np.int64))
    assert {table.words[row] for row in found.word_row.tolist()} == expected


def test_no_more_repairs_than_there_is_room_for() -> None:
    table = make_table([f"{chr(97 + a)}{chr(97 + b)}okery" for a in range(8) for b in range(8)])
    assert len(repairs("zzokery", table)) == MAX_REPAIRS


def test_a_repaired_word_stands_for_what_was_meant() -> None:
    found = likes_with_repairs(TABLE, TABLE.likes_of(["coik"]), find_repairs(TABLE, ["coik"]))
    assert TABLE.words[found.word_row[0]] == "cook"
    assert found.likeness[0] == REPAIRED[1]
    assert len(found.word_row) <= MAX_LIKES


def test_vectors_move_halfway_to_the_nearest_words() -> None:
    rows = find_repairs(TABLE, ["look", "qqqq"])
    word_vectors = np.arange(len(TABLE.words) * 2, dtype=np.int16).reshape(-1, 2)
    own = np.array([[100, 0], [7, 7]], dtype=np.int64)
    nearest = [TABLE.row_of[word] for word in ("book", "cook")]
    assert "cool" not in repairs("look")
    moved = vectors_with_repairs(own, rows, word_vectors)
    assert moved[0].tolist() == ((own[0] + word_vectors[nearest].sum(axis=0) // 2) // 2).tolist()
    assert moved[1].tolist() == [7, 7]


TYPED = st.one_of(
    st.text(max_size=70).map(canonical),
    st.text("abeknrwlo", min_size=3, max_size=9),
    st.sampled_from([*WORDS, "weldign", "nrse", "mangaer", "ubersetzer", "مهنس", "a" * 63, "coook"]),
)


@given(st.lists(TYPED, max_size=6), st.sampled_from([ANY_LANG, 1, 2]))
def test_compiled_code_finds_the_same_repairs(phrases: list[str], lang: int) -> None:
    from app.matching.compiled_words import CompiledLikes

    compile_now()
    words = [word for phrase in phrases for word in phrase.split() if word not in TABLE.row_of]
    langs = np.full(len(words), lang, dtype=np.int64)
    plain, fast = find_repairs(TABLE, words, langs), CompiledLikes(TABLE).repairs_of(words, langs)
    for name in Repairs._fields:
        assert np.array_equal(getattr(plain, name), getattr(fast, name)), name
        assert getattr(plain, name).dtype == getattr(fast, name).dtype, name
