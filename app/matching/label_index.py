"""Everything that is looked up when a phrase is compared with labels, as plain arrays.

An *entry* is one text that names one concept. Entries are sorted by concept, then
text, so that a concept's entries lie together and equal input gives equal arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.matching.labels import LabelTable
from app.matching.latent_space import LatentSpace
from app.matching.spelling import alphabet_of, codes_of, spell
from app.matching.words import ANY_LANG, Likes, WordTable, build_word_table

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

IMPACT_UNITS = 255
MAX_LANGS = 63
_COMMON_SHARE = 0.04
_FEW_ENTRIES = 2000


@dataclass(frozen=True)
class LabelIndex:
    """Labels of one kind of concept, ready to be searched.

    Attributes
    ----------
    words : WordTable
    n_concepts : int
    entry_concept, entry_text : ndarray of shape (n_entries,), int32
    entry_kind : ndarray of shape (n_entries,), int8
        The strongest kind of label under which the text names the concept.
    entry_langs : ndarray of shape (n_entries,), int64
        Bit ``i`` is set where the text is a label in language ``i``.
    concept_start : ndarray of shape (n_concepts + 1,), int64
        First entry of each concept.
    text_start : ndarray of shape (n_texts + 1,), int64
    text_word : ndarray of shape (n_text_words,), int32
        Distinct words of each text, ascending.
    word_start : ndarray of shape (n_words + 1,), int64
    posting_entry : ndarray of shape (n_postings,), int32
        Entries that use each word, ascending.
    posting_impact : ndarray of shape (n_postings,), uint8
        Rarity of the word over the length of the text's rarity vector, in 1/255.
    is_common : ndarray of shape (n_words,), bool
        Words in so many entries that they find nothing by themselves.
    alphabet : ndarray of shape (n_chars,), uint32
        Code points in labels, ascending; their position + 1 stands for them below, 0 for any other.
    spelling_start, spelling : ndarray of shape (n_texts + 1,), int64, and uint16
        The first characters of each text.
    sorted_spelling_start, sorted_spelling
        The same of each text with its words in alphabetical order.
    latent : LatentSpace or None
        Vectors of words, texts and concepts, where they have been learned.
    """

    words: WordTable
    n_concepts: int
    entry_concept: NDArray[np.int32]
    entry_text: NDArray[np.int32]
    entry_kind: NDArray[np.int8]
    entry_langs: NDArray[np.int64]
    concept_start: NDArray[np.int64]
    text_start: NDArray[np.int64]
    text_word: NDArray[np.int32]
    word_start: NDArray[np.int64]
    posting_entry: NDArray[np.int32]
    posting_impact: NDArray[np.uint8]
    is_common: NDArray[np.bool_]
    alphabet: NDArray[np.uint32]
    spelling_start: NDArray[np.int64]
    spelling: NDArray[np.uint16]
    sorted_spelling_start: NDArray[np.int64]
    sorted_spelling: NDArray[np.uint16]
    latent: LatentSpace | None = None

    @cached_property
    def postings(self) -> csr_matrix:
        """Impacts as a matrix of shape (n_words, n_entries), float32 holding whole numbers."""
        from scipy.sparse import csr_matrix

        shape = (len(self.words.words), len(self.entry_text))
        return csr_matrix(
            (self.posting_impact.astype(np.float32), self.posting_entry, self.word_start), shape=shape
        )

    @cached_property
    def codes(self) -> NDArray[np.uint16]:
        """What stands for each code point, up to one past the last that a label uses; 0 for none."""
        return codes_of(self.alphabet)

    def with_latent(self, latent: LatentSpace | None) -> LabelIndex:
        """The same labels with another latent space."""
        return replace(self, latent=latent)


def build_label_index(
    labels: LabelTable, find_likes: Callable[[WordTable, Sequence[str]], Likes] | None = None
) -> LabelIndex:
    """Arrange a label table for the search; ``latent`` is left out, as it takes learning.

    Parameters
    ----------
    find_likes : callable, optional
        A faster twin of the search for words spelt alike.
    """
    n_concepts = int(labels.concept_row.max(initial=-1)) + 1
    split = [text.split() for text in labels.texts]
    words, text_words = build_word_table(
        split, labels.text_row, labels.concept_row, find_likes, _text_langs(labels)
    )
    entry_concept, entry_text, entry_kind, entry_langs = _entries(labels)
    word_start, posting_entry, posting_impact = _postings(text_words, entry_text, words)
    n_uses = np.diff(word_start)
    alphabet = alphabet_of(labels.texts)
    codes = codes_of(alphabet)
    spelling_start, spelling = spell(codes, labels.texts)
    sorted_start, sorted_spelling = spell(codes, [" ".join(sorted(text)) for text in split])
    return LabelIndex(
        words=words,
        n_concepts=n_concepts,
        entry_concept=entry_concept,
        entry_text=entry_text,
        entry_kind=entry_kind,
        entry_langs=entry_langs,
        concept_start=np.searchsorted(entry_concept, np.arange(n_concepts + 1)).astype(np.int64),
        text_start=text_words.indptr.astype(np.int64),
        text_word=text_words.indices.astype(np.int32),
        word_start=word_start,
        posting_entry=posting_entry,
        posting_impact=posting_impact,
        is_common=n_uses > max(_FEW_ENTRIES, _COMMON_SHARE * len(entry_text)),
        alphabet=alphabet,
        spelling_start=spelling_start,
        spelling=spelling,
        sorted_spelling_start=sorted_start,
        sorted_spelling=sorted_spelling,
    )


def _lang_bits(lang_row: NDArray[np.int16]) -> NDArray[np.int64]:
    """One bit for each language; beyond so many, labels count as of any language."""
    return np.where(lang_row < MAX_LANGS, 1 << lang_row.clip(0, 62).astype(np.int64), ANY_LANG)


def _text_langs(labels: LabelTable) -> NDArray[np.int64]:
    """Bits of the languages each text is a label in; all of an English one, as trades use those anywhere."""
    bits = _lang_bits(labels.lang_row)
    if "en" in labels.langs:
        bits[labels.lang_row == labels.langs.index("en")] = ANY_LANG
    langs = np.zeros(len(labels.texts), np.int64)
    np.bitwise_or.at(langs, labels.text_row, bits)
    return langs


def _entries(
    labels: LabelTable,
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8], NDArray[np.int64]]:
    """Distinct (concept, text) pairs with their strongest kind and their languages."""
    order = np.lexsort((labels.kind, labels.text_row, labels.concept_row))
    concept, text = labels.concept_row[order], labels.text_row[order]
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = (concept[1:] != concept[:-1]) | (text[1:] != text[:-1])
    first = np.flatnonzero(is_first)
    bits = _lang_bits(labels.lang_row)[order]
    langs = np.bitwise_or.reduceat(bits, first) if len(first) else bits.astype(np.int64)
    return concept[first], text[first], labels.kind[order][first], langs.astype(np.int64)


def _postings(
    text_words: csr_matrix, entry_text: NDArray[np.int32], words: WordTable
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.uint8]]:
    rarity = text_words.copy()
    rarity.data = words.rarity[rarity.indices].astype(np.float64)
    norm = np.sqrt(np.asarray(rarity.multiply(rarity).sum(axis=1)).ravel())
    share = rarity.data / np.repeat(np.maximum(norm, 1.0), np.diff(rarity.indptr))
    rarity.data = np.rint(IMPACT_UNITS * share)
    by_word = rarity[entry_text].T.tocsr()
    by_word.sort_indices()
    return by_word.indptr.astype(np.int64), by_word.indices.astype(np.int32), by_word.data.astype(np.uint8)
