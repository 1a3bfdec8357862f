"""The search for candidates: both twins, on labels that share words, spellings and nothing."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.matching.candidates import (
    FEATURES,
    MAX_CANDIDATES,
    Candidates,
    EncodedPhrases,
    encode_phrases,
    plain_candidates,
    unseen_share,
)
from app.matching.compiled import compile_now
from app.matching.label_index import LabelIndex, build_label_index
from app.matching.labels import ALTERNATIVE, PREFERRED, LabelTable, build_label_table
from app.matching.latent import LatentConfig
from app.matching.latent_space import learn_latent_space
from app.matching.text import canonical
from app.matching.words import Likes

WORDS = [
    *("weld", "metal", "pipe", "steel", "wire", "drive", "truck", "lorry", "cook"),
    *("soup", "clean", "room", "nurse", "care", "paint", "wall", "roof", "tile"),
]
ROWS = [
    (f"{a} {b}", position % 40, PREFERRED if position < 40 else ALTERNATIVE, "en" if position % 3 else "fr")
    for position, (a, b) in enumerate((a, b) for a in WORDS for b in WORDS if a != b)
]


def make_table() -> LabelTable:
    return build_label_table(*(list(column) for column in zip(*ROWS, strict=True)))


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    # Else what was compiled of an earlier source would be compared.
    compile_now()


@pytest.fixture(scope="module")
def lexical() -> LabelIndex:
    return build_label_index(make_table())


@pytest.fixture(scope="module")
def learned(lexical: LabelIndex) -> LabelIndex:
    contexts = [WORDS[row % len(WORDS)] for row in range(lexical.n_concepts)]
    return lexical.with_latent(
        learn_latent_space(lexical, contexts, LatentConfig(least_batches=20, batch_size=16))
    )


def search(index: LabelIndex, *phrases: str, lang_bit: int = 0) -> Candidates:
    return plain_candidates(index, encode_phrases(index, phrases, [lang_bit] * len(phrases)))


def signal(found: Candidates, row: int, concept: int, name: str) -> float:
    places = found.concept_row[row, : found.n_found[row]].tolist()
    return float(found.features[row, places.index(concept), FEATURES.index(name)])


def test_a_label_itself_has_every_signal_at_its_highest(learned: LabelIndex) -> None:
    text = int(learned.entry_text[0])
    phrase = make_table().texts[text]
    found = search(learned, phrase)
    concept = int(learned.entry_concept[0])
    for name in ("phrase_covered", "label_covered", "spelling", "sorted_spelling", "same_words", "closeness"):
        assert signal(found, 0, concept, name) == 1.0
    assert signal(found, 0, concept, "words") == pytest.approx(1.0, abs=0.01)
    assert signal(found, 0, concept, "latent_label") == pytest.approx(1.0, abs=1e-9)


def test_word_order_matters_to_spelling_only(lexical: LabelIndex) -> None:
    found = search(lexical, "metal weld", "weld metal")
    shared = set(found.concept_row[0, : found.n_found[0]].tolist()) & set(
        found.concept_row[1, : found.n_found[1]].tolist()
    )
    concept = min(shared)
    assert signal(found, 0, concept, "words") == signal(found, 1, concept, "words")
    assert signal(found, 0, concept, "sorted_spelling") == signal(found, 1, concept, "sorted_spelling")


def test_a_slip_stands_for_the_word_it_is_like(lexical: LabelIndex) -> None:
    found = search(lexical, "paimt wall")
    best = found.features[0, : found.n_found[0], FEATURES.index("phrase_covered")].max()
    assert 0.8 < best < 1.0


def test_repeating_a_word_finds_nothing_else(lexical: LabelIndex) -> None:
    found = search(lexical, "weld metal", "weld weld weld metal")
    assert found.concept_row[0].tolist() == found.concept_row[1].tolist()


def test_foreign_is_what_is_no_label_of_the_declared_language(lexical: LabelIndex) -> None:
    table = make_table()
    french = 1 << table.langs.index("fr")
    found = search(lexical, "weld metal", lang_bit=french)
    rows = found.entry_row[0, : found.n_found[0]]
    is_foreign = found.features[0, : found.n_found[0], FEATURES.index("is_foreign")]
    assert is_foreign.tolist() == [float(not lexical.entry_langs[row] & french) for row in rows]


def test_nothing_is_found_for_words_like_none(lexical: LabelIndex) -> None:
    encoded = encode_phrases(lexical, ["", "zzzz", "中文"], [0, 0, 0])
    assert plain_candidates(lexical, encoded).n_found.tolist() == [0, 0, 0]
    assert unseen_share(encoded).tolist() == [1.0, 1.0, 1.0]


def test_known_words_are_not_unseen(lexical: LabelIndex) -> None:
    encoded = encode_phrases(lexical, ["weld pipe", "weld zzzz"], [0, 0])
    assert unseen_share(encoded).tolist() == [0.0, 0.5]


def test_concepts_without_a_shared_word_come_from_the_latent_space(learned: LabelIndex) -> None:
    found = search(learned, "soup")
    words = found.features[0, : found.n_found[0], FEATURES.index("words")]
    assert (words == 0).any()
    assert (words > 0).any()


PHRASES = st.lists(
    st.one_of(
        st.lists(st.sampled_from([*WORDS, "weldd", "metl", "x", "übersee", "c++"]), max_size=6).map(" ".join),
        st.text(max_size=90).map(canonical),
    ),
    min_size=1,
    max_size=12,
)


@given(
    phrases=PHRASES,
    lang_bit=st.sampled_from([0, 1, 2]),
    has_latent=st.booleans(),
)
@settings(max_examples=150)
def test_compiled_code_finds_the_same_to_the_last_bit(
    lexical: LabelIndex, learned: LabelIndex, phrases: list[str], lang_bit: int, has_latent: bool
) -> None:
    from app.matching.kernels import CompiledSearch

    index = learned if has_latent else lexical
    encoded = encode_phrases(index, phrases, [lang_bit] * len(phrases))
    plain, fast = plain_candidates(index, encoded), CompiledSearch(index)(encoded)
    for name in Candidates._fields:
        assert np.array_equal(getattr(plain, name), getattr(fast, name)), name


@given(phrases=PHRASES, has_latent=st.booleans(), data=st.data())
@settings(max_examples=100)
def test_compiled_code_encodes_the_same_to_the_last_bit(
    lexical: LabelIndex, learned: LabelIndex, phrases: list[str], has_latent: bool, data: st.DataObject
) -> None:
    from app.matching.compiled_twins import CompiledTwins

    index = learned if has_latent else lexical
    bits = data.draw(st.lists(st.sampled_from([0, 1, 2]), min_size=len(phrases), max_size=len(phrases)))
    plain, twins = encode_phrases(index, phrases, bits), CompiledTwins(index)
    fast = twins.encode(phrases, bits)
    for name in EncodedPhrases._fields:
        ours, theirs = getattr(plain, name), getattr(fast, name)
        pairs: list[Any] = [(ours, theirs)]
        if isinstance(ours, Likes):
            pairs = list(zip(ours, theirs, strict=True))
        for left, right in pairs:
            assert np.array_equal(left, right), name
            assert left.dtype == right.dtype, name
    assert np.array_equal(unseen_share(plain), twins.unseen(fast))


def test_a_batch_finds_what_single_phrases_find(learned: LabelIndex) -> None:
    from app.matching.kernel_products import N_AT_ONCE
    from app.matching.kernels import CompiledSearch

    fast = CompiledSearch(learned)
    n_times = N_AT_ONCE // 2 + 1  # two whole groups of vectors, and a part of a third
    phrases = ["weld metal", "paimt wall", "", "soup care"] * n_times
    together = fast(encode_phrases(learned, phrases, [0] * len(phrases)))
    for row, phrase in enumerate(phrases):
        alone = fast(encode_phrases(learned, [phrase], [0]))
        for name in Candidates._fields:
            assert np.array_equal(getattr(together, name)[row], getattr(alone, name)[0]), name


def test_no_more_candidates_than_there_is_room_for(learned: LabelIndex) -> None:
    assert search(learned, " ".join(WORDS)).n_found[0] <= MAX_CANDIDATES


def test_common_words_find_concepts_only_where_they_stand_alone(lexical: LabelIndex) -> None:
    weld = lexical.words.row_of["weld"]
    is_common = lexical.is_common.copy()
    is_common[weld] = True
    index = replace(lexical, is_common=is_common)
    together, alone = search(index, "weld soup"), search(index, "weld")
    assert alone.n_found[0] > 0
    only_soup = search(index, "soup")
    assert together.concept_row[0].tolist() == only_soup.concept_row[0].tolist()
