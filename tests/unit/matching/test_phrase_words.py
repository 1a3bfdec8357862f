"""Words of phrases: which are strange, and in which languages they may stand for words of labels."""

import pytest

from app.matching.candidates import EncodedPhrases, encode_phrases
from app.matching.label_index import LabelIndex, build_label_index
from app.matching.labels import PREFERRED, build_label_table
from app.matching.phrase_words import words_of_phrases
from app.matching.words import ANY_LANG

LABELS = [
    ("brot backen", 0, "de"),
    ("knead bread", 0, "en"),
    ("front office", 1, "en"),
    ("bureau", 1, "fr"),
    ("koeken bakken", 2, "nl"),
]
TABLE = build_label_table(
    [text for text, _, _ in LABELS],
    [concept for _, concept, _ in LABELS],
    [PREFERRED] * len(LABELS),
    [lang for _, _, lang in LABELS],
)
BIT = {lang: 1 << TABLE.langs.index(lang) for lang in ("de", "en", "fr", "nl")}


@pytest.fixture(scope="module")
def index() -> LabelIndex:
    return build_label_index(TABLE)


def stands_for(index: LabelIndex, encoded: EncodedPhrases, word: int) -> set[str]:
    of = slice(int(encoded.likes.indptr[word]), int(encoded.likes.indptr[word + 1]))
    return {index.words.words[row] for row in encoded.likes.word_row[of].tolist()}


@pytest.mark.parametrize(
    ("lang_bit", "expected"),
    [
        (BIT["en"], set()),
        (BIT["de"], {"backen"}),
        (BIT["nl"], {"bakken"}),
        (0, {"backen", "bakken"}),
    ],
)
def test_a_strange_word_stands_for_words_of_its_language(
    index: LabelIndex, lang_bit: int, expected: set[str]
) -> None:
    assert stands_for(index, encode_phrases(index, ["bakcen"], [lang_bit]), 0) == expected


@pytest.mark.parametrize("lang", ["en", "de", "fr", "nl"])
def test_in_any_language_a_strange_word_may_stand_for_an_english_one(index: LabelIndex, lang: str) -> None:
    assert stands_for(index, encode_phrases(index, ["braed"], [BIT[lang]]), 0) == {"bread"}


def test_what_no_loaded_language_has_is_unlike_everything(index: LabelIndex) -> None:
    foreign, own = encode_phrases(index, ["burreau", "burreau"], [BIT["de"], BIT["fr"]]).strangeness.tolist()
    assert foreign == 1.0
    assert own < 0.1


def test_a_word_of_labels_keeps_its_meaning_in_any_language(index: LabelIndex) -> None:
    encoded = encode_phrases(index, ["backen", "backen"], [BIT["en"], BIT["fr"]])
    assert encoded.word.tolist() == [0, 0]
    assert "backen" in stands_for(index, encoded, 0)


def test_phrases_of_two_languages_share_known_words_only(index: LabelIndex) -> None:
    found = words_of_phrases(index.words, [["bread", "bakcen"], ["bakcen", "bread"]], [BIT["en"], 0])
    assert found.word.tolist() == [0, 1, 2, 0]
    assert found.row.tolist() == [index.words.row_of["bread"], -1, -2]
    assert found.strange == ["bakcen", "bakcen"]
    assert found.strange_langs.tolist() == [BIT["en"], ANY_LANG]


def test_words_of_english_labels_are_of_all_languages(index: LabelIndex) -> None:
    langs = dict(zip(index.words.words, index.words.langs.tolist(), strict=True))
    assert langs["bread"] == ANY_LANG
    assert langs["backen"] == BIT["de"]
