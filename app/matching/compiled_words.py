"""Compiled twins of what is worked out for the words of phrases: likes, vectors, encoding."""

from __future__ import annotations

from collections.abc import Sequence
from threading import local

import numpy as np
from numpy.typing import NDArray

from app.matching.candidates import EncodedPhrases
from app.matching.compiled_repairs import CompiledRepairs
from app.matching.kernel_steps import find_likes
from app.matching.kernel_words import add_ngrams, look_up, look_up_trigrams, pack_likes
from app.matching.label_index import LabelIndex
from app.matching.phrase_words import PhraseWords, words_of_phrases
from app.matching.repairs import likes_with_repairs, vectors_with_repairs
from app.matching.spelling import alphabet_of, codes_of, padded_points, spell, starts
from app.matching.words import MAX_LIKES, SHORTEST_LIKE, Likes, WordTable, ngrams

_NO_LIKES = Likes(np.zeros(1, np.int64), np.empty(0, np.int32), np.empty(0, np.int32))


class CompiledLikes:
    """The compiled search for words spelt alike; threads may share it."""

    def __init__(self, table: WordTable) -> None:
        self._table = table
        self._own = local()
        postings, self._norm = table.trigram_words
        self._keys = table.trigram_keys
        self._start = postings.indptr.astype(np.int64)
        self._word = postings.indices.astype(np.int32)
        self._weight = postings.data.astype(np.int64)
        alphabet = alphabet_of(table.words)
        self._codes = codes_of(alphabet)
        self._n_codes = len(alphabet) + 1
        self._spelling_start, self._spelling = spell(self._codes, table.words)
        self.repairs_of = CompiledRepairs(table, self._codes, self._spelling_start, self._spelling)

    def __call__(self, words: Sequence[str], langs: NDArray[np.int64]) -> Likes:
        """Do the work of ``WordTable.likes_of`` in compiled code."""
        table = self._table
        own_row = np.array([table.row_of.get(word, -1) for word in words], dtype=np.int64)
        n_like = np.zeros(len(words), np.int32)
        like_word = np.zeros((len(words), MAX_LIKES), np.int32)
        likeness = np.zeros((len(words), MAX_LIKES), np.int32)
        find_likes(
            *look_up_trigrams(*padded_points(words), self._keys, SHORTEST_LIKE),
            table.trigram_weight,
            self._start,
            self._word,
            self._weight,
            self._norm,
            table.langs,
            own_row,
            langs,
            *spell(self._codes, words),
            self._spelling_start,
            self._spelling,
            *self._scratch(),
            n_like,
            like_word,
            likeness,
        )
        return Likes(*pack_likes(own_row, n_like, like_word, likeness))

    def _scratch(self) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
        """Work arrays of this thread, all zeros between calls where that matters."""
        scratch: tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]] | None
        scratch = getattr(self._own, "scratch", None)
        if scratch is None:
            n_words = len(self._table.words)
            scratch = self._own.scratch = (
                np.zeros(self._n_codes, np.uint64),
                np.zeros(n_words, np.int64),
                np.empty(n_words, np.int64),
            )
        return scratch


class CompiledEncoder:
    """The compiled twin of ``encode_phrases``; threads may share it."""

    def __init__(self, index: LabelIndex) -> None:
        self._index = index
        self._likes_of = CompiledLikes(index.words)
        latent = index.latent
        self._word_vectors = np.zeros((0, 0), np.int16) if latent is None else latent.word_vectors

    def __call__(self, phrases: Sequence[str], lang_bits: Sequence[int]) -> EncodedPhrases:
        """Turn canonical phrases into the numbers of the index."""
        table = self._index.words
        split = [phrase.split() for phrase in phrases]
        words = words_of_phrases(table, split, lang_bits)
        likes, strange_vectors = self._work_out(words)
        rarity, like_start, like_word, likeness, strangeness, vectors = look_up(
            words.row,
            table.rarity,
            table.unseen_rarity,
            *table.likes,
            *likes,
            self._word_vectors,
            strange_vectors,
        )
        n = len(phrases)
        texts = [*phrases, *(" ".join(sorted(words)) for words in split)]
        start, spelling = spell(self._index.codes, texts)
        return EncodedPhrases(
            word_start=starts(split),
            word=words.word,
            rarity=rarity,
            likes=Likes(like_start, like_word, likeness),
            strangeness=strangeness,
            vectors=vectors,
            spelling_start=start[: n + 1],
            spelling=spelling[: start[n]],
            sorted_spelling_start=start[n:] - start[n],
            sorted_spelling=spelling[start[n] :],
            lang_bit=np.array(lang_bits, dtype=np.int64),
        )

    def _work_out(self, words: PhraseWords) -> tuple[Likes, NDArray[np.int64]]:
        """Likes and vectors of words that no label uses."""
        strange, langs = words.strange, words.strange_langs
        vectors = self._vectors_of(strange)
        if not strange:
            return _NO_LIKES, vectors
        repairs = self._likes_of.repairs_of(strange, langs)
        likes = likes_with_repairs(self._index.words, self._likes_of(strange, langs), repairs)
        if len(self._word_vectors):
            vectors = vectors_with_repairs(vectors, repairs, self._word_vectors)
        return likes, vectors

    def _vectors_of(self, words: Sequence[str]) -> NDArray[np.int64]:
        latent = self._index.latent
        if latent is None or not words:
            return np.zeros((0, self._word_vectors.shape[1]), np.int64)
        table = self._index.words
        row_of = table.ngram_row
        found = ([row_of.get(gram) for gram in ngrams(word)] for word in words)
        grams = [[row for row in each if row is not None] for each in found]
        flat = np.array([gram for each in grams for gram in each], dtype=np.int64)
        vectors: NDArray[np.int64] = add_ngrams(starts(grams), flat, table.ngram_weight, latent.ngram_vectors)
        return vectors
