"""The words of a label table: rarity, character n-grams, and words spelt alike.

Labels share a small vocabulary, so spelling is compared between words and never
between a phrase and every label. A word that no label uses, a typing error or
an inflected form, stands for the label words spelt like it.

All weights are whole numbers, so that sums are exact in any order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.matching.spelling import LONGEST_SPELLING, trigram_keys, trigram_name, trigrams_of

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

NGRAM_SIZES = (3, 4, 5)
RARITY_UNITS = 64
NGRAM_UNITS = 256
LIKENESS_UNITS = 256

ANY_LANG = -1
"""All bits: of whatever language."""

SHORTEST_LIKE = 4  # shorter words have no likes: "C" and "R" are different things
MAX_LIKES = 8
N_LOOKED_AT = 32
LEAST_COSINE = 0.2
PREFIX_SHARE = 0.6  # of the shorter word: forms of one word begin alike
LEAST_RATIO_SAME_PREFIX = 0.6
LEAST_RATIO = 0.72
INFLECTED = 0.9  # a label word has a meaning of its own, and stands a little less for its likes


class Likes(NamedTuple):
    """Label words that words stand for, the word itself included, grouped by word.

    Attributes
    ----------
    indptr : ndarray of shape (n_words + 1,), int64
    word_row : ndarray of shape (n_likes,), int32
        Row in ``WordTable.words``.
    likeness : ndarray of shape (n_likes,), int32
        In 1/256, at most 256 for the word itself; descending within a word.
    """

    indptr: NDArray[np.int64]
    word_row: NDArray[np.int32]
    likeness: NDArray[np.int32]


@dataclass(frozen=True)
class WordTable:
    """Distinct words of canonical texts, with their n-grams.

    Attributes
    ----------
    words : tuple of str
        Sorted.
    rarity : ndarray of shape (n_words,), int32
        ``ln((1 + N) / (1 + n))`` in 1/64 over documents; a document is all labels of one concept.
    unseen_rarity : int
        The same for a word in no document.
    langs : ndarray of shape (n_words,), int64
        Bit ``i`` is set where a text in language ``i`` has the word; see ``build_word_table``.
    ngrams : tuple of str
        Those that at least two words share, sorted.
    ngram_weight : ndarray of shape (n_ngrams,), int32
        ``1 / sqrt(n words)`` in 1/256.
    trigrams, trigram_weight
        The same for every n-gram of three characters, by which likes are looked for.
    likes : Likes
        For each word of the table.
    """

    words: tuple[str, ...]
    rarity: NDArray[np.int32]
    unseen_rarity: int
    langs: NDArray[np.int64]
    ngrams: tuple[str, ...]
    ngram_weight: NDArray[np.int32]
    trigrams: tuple[str, ...]
    trigram_weight: NDArray[np.int32]
    likes: Likes

    @cached_property
    def row_of(self) -> dict[str, int]:
        return {word: row for row, word in enumerate(self.words)}

    @cached_property
    def like_starts(self) -> list[int]:
        """``likes.indptr`` as plain numbers, which single words are looked up by sooner."""
        starts: list[int] = self.likes.indptr.tolist()
        return starts

    @cached_property
    def ngram_row(self) -> dict[str, int]:
        return {gram: row for row, gram in enumerate(self.ngrams)}

    @cached_property
    def word_ngrams(self) -> csr_matrix:
        """Weights of each word's n-grams, shape (n_words, n_ngrams), float64 holding whole numbers."""
        return self.ngram_rows(self.words)

    def ngram_rows(self, words: Sequence[str]) -> csr_matrix:
        """Weights of the n-grams of any words, shape (n_words, n_ngrams), float64 holding whole numbers."""
        matrix = counts([ngrams(word) for word in words], self.ngram_row)
        matrix.data = self.ngram_weight[matrix.indices].astype(np.float64)
        return matrix

    def likes_of(self, words: Sequence[str], langs: NDArray[np.int64] | None = None) -> Likes:
        """Label words that any words stand for.

        Parameters
        ----------
        langs : ndarray of shape (n_words,), int64, optional
            Bits of the languages whose words each word may stand for; any where not given.
        """
        return _find_likes(self, words, langs)

    def trigram_rows(self, words: Sequence[str]) -> csr_matrix:
        """Weights of the trigrams of any words, shape (n_words, n_trigrams); like ``ngram_rows``."""
        from scipy.sparse import csr_matrix

        word, key = trigrams_of(words)
        column = np.searchsorted(self.trigram_keys, key)
        is_known = column < len(self.trigrams)
        is_known[is_known] = self.trigram_keys[column[is_known]] == key[is_known]
        word, column = word[is_known], column[is_known].astype(np.int32)
        start = np.searchsorted(word, np.arange(len(words) + 1))
        weight = self.trigram_weight[column].astype(np.float64)
        return csr_matrix((weight, column, start), shape=(len(words), len(self.trigrams)))

    @cached_property
    def trigram_keys(self) -> NDArray[np.int64]:
        """Keys of ``trigrams``, ascending; see ``app.matching.spelling``."""
        return trigram_keys(self.trigrams)

    @cached_property
    def trigram_words(self) -> tuple[csr_matrix, NDArray[np.float64]]:
        """Weights of the words of each trigram, shape (n_trigrams, n_words), and the words' lengths."""
        own = self.trigram_rows(self.words)
        return own.T.tocsr(), _norms(own)


def build_word_table(
    texts: Sequence[Sequence[str]],
    text_row: NDArray[np.int32],
    document_row: NDArray[np.int32],
    find_likes: Callable[[WordTable, Sequence[str]], Likes] | None = None,
    text_langs: NDArray[np.int64] | None = None,
) -> tuple[WordTable, csr_matrix]:
    """Count the words of some texts.

    Parameters
    ----------
    texts : sequence of sequence of str
        Words of distinct canonical texts.
    text_row, document_row : ndarray of shape (n_labels,), int32
        Which text belongs to which document.
    find_likes : callable, optional
        A faster twin of the search for words spelt alike.
    text_langs : ndarray of shape (n_texts,), int64, optional
        Bits of the languages of each text; any where not given.

    Returns
    -------
    table : WordTable
    uses : csr_matrix of shape (n_texts, n_words)
        How often each text has each word.
    """
    from scipy.sparse import csr_matrix

    words = tuple(sorted(set(chain.from_iterable(texts))))
    uses = counts(texts, {word: row for row, word in enumerate(words)})
    n_documents = int(document_row.max()) + 1 if len(document_row) else 0
    ones = np.ones(len(text_row))
    documents = csr_matrix((ones, (document_row, text_row)), shape=(n_documents, len(texts)))
    n_uses = np.bincount((documents @ uses).tocsr().indices, minlength=len(words))
    n_words = Counter(chain.from_iterable(_distinct_ngrams(word) for word in words))
    ngram_names = tuple(sorted(gram for gram, n in n_words.items() if n > 1))
    keys, n_words_of_key = np.unique(trigrams_of(words)[1], return_counts=True)
    table = WordTable(
        words=words,
        rarity=np.rint(RARITY_UNITS * np.log((1.0 + n_documents) / (1.0 + n_uses))).astype(np.int32),
        langs=_langs_of_words(uses, text_langs),
        unseen_rarity=round(RARITY_UNITS * float(np.log(1.0 + n_documents))),
        ngrams=ngram_names,
        ngram_weight=_weigh([n_words[gram] for gram in ngram_names]),
        trigrams=tuple(map(trigram_name, keys.tolist())),
        trigram_weight=_weigh(n_words_of_key.tolist()),
        likes=Likes(np.zeros(len(words) + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.int32)),
    )
    return replace(table, likes=(find_likes or _find_likes)(table, words)), uses


def _langs_of_words(uses: csr_matrix, text_langs: NDArray[np.int64] | None) -> NDArray[np.int64]:
    """The languages of the texts that each word is in, shape (n_words,)."""
    langs = np.zeros(uses.shape[1], np.int64)
    if text_langs is None:
        return langs + ANY_LANG
    text = np.repeat(np.arange(uses.shape[0]), np.diff(uses.indptr))
    np.bitwise_or.at(langs, uses.indices, text_langs[text])
    return langs


def _weigh(n_words: Sequence[int]) -> NDArray[np.int32]:
    """What n-grams weigh that are in so many words each."""
    return np.array([max(1, round(NGRAM_UNITS / n**0.5)) for n in n_words], dtype=np.int32)


def ngrams(word: str) -> list[str]:
    """Distinct character n-grams of a word and the spaces around it, sorted.

    Examples
    --------
    >>> ngrams("arc")
    [' ar', ' arc', ' arc ', 'arc', 'arc ', 'rc ']
    """
    return sorted(_distinct_ngrams(word))


def _distinct_ngrams(word: str) -> set[str]:
    padded = f" {word[:LONGEST_SPELLING]} "
    return {padded[at : at + size] for size in NGRAM_SIZES for at in range(max(1, len(padded) - size + 1))}


def counts(rows: Sequence[Sequence[str]], column_of: dict[str, int]) -> csr_matrix:
    """How often each row holds each known string, shape (n_rows, n_columns), float64."""
    from scipy.sparse import csr_matrix

    columns = np.array([column_of.get(each, -1) for row in rows for each in row], dtype=np.int32)
    is_known = columns >= 0
    n_known = np.concatenate([[0], np.cumsum(is_known)])
    ends = np.cumsum([0, *map(len, rows)])
    columns = columns[is_known]
    matrix = csr_matrix((np.ones(len(columns)), columns, n_known[ends]), shape=(len(rows), len(column_of)))
    matrix.sum_duplicates()
    return matrix


def _find_likes(table: WordTable, words: Sequence[str], langs: NDArray[np.int64] | None = None) -> Likes:
    wanted = np.full(len(words), ANY_LANG, np.int64) if langs is None else langs
    per_word = [[(LIKENESS_UNITS, table.row_of[word])] if word in table.row_of else [] for word in words]
    long = [row for row, word in enumerate(words) if len(word) >= SHORTEST_LIKE]
    if long and table.trigrams:
        for row, found in zip(long, _alike(table, [words[row] for row in long], wanted[long]), strict=True):
            factor = INFLECTED if per_word[row] else 1.0
            per_word[row] += [(round(LIKENESS_UNITS * factor * ratio), other) for ratio, other in found]
    indptr = np.zeros(len(words) + 1, dtype=np.int64)
    np.cumsum([len(found) for found in per_word], out=indptr[1:])
    return Likes(
        indptr,
        np.array([row for found in per_word for _, row in found], dtype=np.int32),
        np.array([likeness for found in per_word for likeness, _ in found], dtype=np.int32),
    )


def _alike(table: WordTable, words: Sequence[str], langs: NDArray[np.int64]) -> list[list[tuple[float, int]]]:
    """(likeness, row) of the label words spelt most like each word, best first, without the word itself."""
    from rapidfuzz import process
    from rapidfuzz.distance import LCSseq

    row, column = _nearest_by_trigrams(table, words, langs)
    left = [words[i][:LONGEST_SPELLING] for i in row.tolist()]
    right = [table.words[i][:LONGEST_SPELLING] for i in column.tolist()]
    common = process.cpdist(left, right, scorer=LCSseq.similarity, workers=1, dtype=np.int32).tolist()
    found: list[list[tuple[float, int]]] = [[] for _ in words]
    for i, j, one, other, n_common in zip(row.tolist(), column.tolist(), left, right, common, strict=True):
        ratio = 2.0 * n_common / (len(one) + len(other))
        least = LEAST_RATIO_SAME_PREFIX if _begin_alike(one, other) else LEAST_RATIO
        if len(other) >= SHORTEST_LIKE and ratio >= least and words[i] != table.words[j]:
            found[i].append((ratio, j))
    return [sorted(pairs, key=lambda pair: (-pair[0], pair[1]))[:MAX_LIKES] for pairs in found]


def _nearest_by_trigrams(
    table: WordTable, words: Sequence[str], langs: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs (position in ``words``, row in the table) whose trigrams overlap most."""
    transposed, norm = table.trigram_words
    rows: list[NDArray[np.int64]] = []
    columns: list[NDArray[np.int64]] = []
    block = 512
    for start in range(0, len(words), block):
        asked = table.trigram_rows(words[start : start + block])
        product = (asked @ transposed).tocsr()
        row = np.repeat(np.arange(asked.shape[0]), np.diff(product.indptr))
        cosine = product.data / np.maximum(_norms(asked)[row] * norm[product.indices], 1.0)
        is_wanted = (table.langs[product.indices] & langs[start + row]) != 0
        near = np.flatnonzero((cosine >= LEAST_COSINE) & is_wanted)
        order = near[np.lexsort((product.indices[near], -cosine[near], row[near]))]
        place = np.arange(len(order)) - np.searchsorted(row[order], row[order])
        kept = order[place < N_LOOKED_AT]
        rows.append(row[kept] + start)
        columns.append(product.indices[kept].astype(np.int64))
    return np.concatenate(rows), np.concatenate(columns)


def _norms(matrix: csr_matrix) -> NDArray[np.float64]:
    squares = np.asarray(matrix.multiply(matrix).sum(axis=1), dtype=np.float64).ravel()
    return np.asarray(np.sqrt(squares), dtype=np.float64)


def _begin_alike(left: str, right: str) -> bool:
    wanted = max(3, round(PREFIX_SHARE * min(len(left), len(right))))
    return left[:wanted] == right[:wanted]
