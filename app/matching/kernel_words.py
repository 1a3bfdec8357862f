"""Compiled steps that turn the words of phrases into the numbers of an index.

They trust their arguments; see ``app.matching.compiled_words``.
"""

from __future__ import annotations

import numpy as np

from app.matching.kernel_steps import kernel
from app.matching.spelling import POINT_BITS
from app.matching.words import LIKENESS_UNITS


@kernel
def look_up_trigrams(start, points, keys, least):
    """Columns of the known trigrams of words with a space at either end; of shorter words none.

    ``keys`` are those of the known trigrams, ascending; see ``app.matching.spelling``.
    """
    n_words = len(start) - 1
    gram_start = np.zeros(n_words + 1, np.int64)
    gram = np.empty(len(points), np.int64)
    n_grams = 0
    for row in range(n_words):
        first = n_grams
        if start[row + 1] - start[row] >= least + 2:
            for at in range(start[row], start[row + 1] - 2):
                key = np.int64(points[at])
                key = (key << POINT_BITS) | np.int64(points[at + 1])
                key = (key << POINT_BITS) | np.int64(points[at + 2])
                column = np.searchsorted(keys, key)
                is_new = column < len(keys) and keys[column] == key
                for other in range(first, n_grams):
                    if gram[other] == column:
                        is_new = False
                if is_new:
                    gram[n_grams] = column
                    n_grams += 1
        gram_start[row + 1] = n_grams
    return gram_start, gram[:n_grams]


@kernel
def pack_likes(own_row, n_like, like_word, likeness):
    """Likes of each word one after the other, the word itself first where it is one of the table."""
    start = np.zeros(len(own_row) + 1, np.int64)
    for row in range(len(own_row)):
        start[row + 1] = start[row] + n_like[row] + np.int64(own_row[row] >= 0)
    packed_word = np.empty(start[-1], np.int32)
    packed_likeness = np.empty(start[-1], np.int32)
    for row in range(len(own_row)):
        at = start[row]
        if own_row[row] >= 0:
            packed_word[at] = own_row[row]
            packed_likeness[at] = LIKENESS_UNITS
            at += 1
        for i in range(n_like[row]):
            packed_word[at + i] = like_word[row, i]
            packed_likeness[at + i] = likeness[row, i]
    return start, packed_word, packed_likeness


@kernel
def look_up(
    word_row,
    rarity,
    unseen_rarity,
    like_start,
    like_word,
    likeness,
    strange_start,
    strange_word,
    strange_likeness,
    word_vectors,
    strange_vectors,
):
    """What is known of each distinct word: of row ``i`` of the table, or of strange word ``-i - 1``."""
    n_words = len(word_row)
    n_dims = word_vectors.shape[1]
    start = np.zeros(n_words + 1, np.int64)
    for i in range(n_words):
        row = word_row[i]
        if row >= 0:
            start[i + 1] = start[i] + like_start[row + 1] - like_start[row]
        else:
            start[i + 1] = start[i] + strange_start[-row] - strange_start[-row - 1]
    own_rarity = np.empty(n_words, np.int32)
    found_word = np.empty(start[-1], np.int32)
    found_likeness = np.empty(start[-1], np.int32)
    strangeness = np.zeros(n_words, np.float64)
    vectors = np.zeros((n_words, n_dims), np.int64)
    for i in range(n_words):
        row = word_row[i]
        n_likes = start[i + 1] - start[i]
        if row >= 0:
            own_rarity[i] = rarity[row]
            for at in range(n_likes):
                found_word[start[i] + at] = like_word[like_start[row] + at]
                found_likeness[start[i] + at] = likeness[like_start[row] + at]
            for d in range(n_dims):
                vectors[i, d] = word_vectors[row, d]
        else:
            strange = -row - 1
            own_rarity[i] = unseen_rarity
            # Likes come best first.
            strangeness[i] = 1.0
            if n_likes > 0:
                strangeness[i] = 1.0 - float(strange_likeness[strange_start[strange]]) / LIKENESS_UNITS
            for at in range(n_likes):
                found_word[start[i] + at] = strange_word[strange_start[strange] + at]
                found_likeness[start[i] + at] = strange_likeness[strange_start[strange] + at]
            for d in range(n_dims):
                vectors[i, d] = strange_vectors[strange, d]
    return own_rarity, start, found_word, found_likeness, strangeness, vectors


@kernel
def add_ngrams(gram_start, gram, gram_weight, ngram_vectors):
    """Vectors of words from their n-grams; twin of ``LatentSpace.vectors_of_unknown``."""
    n_words = len(gram_start) - 1
    n_dims = ngram_vectors.shape[1]
    vectors = np.zeros((n_words, n_dims), np.int64)
    for row in range(n_words):
        squares = np.int64(0)
        for at in range(gram_start[row], gram_start[row + 1]):
            weight = np.int64(gram_weight[gram[at]])
            squares += weight * weight
            for d in range(n_dims):
                vectors[row, d] += weight * np.int64(ngram_vectors[gram[at], d])
        length = max(np.sqrt(float(squares)), 1.0)
        for d in range(n_dims):
            vectors[row, d] = np.int64(np.rint(float(vectors[row, d]) / length))
    return vectors


@kernel
def unseen_shares(word_start, word, strangeness):
    """Mean strangeness of the words of each phrase; twin of ``app.matching.candidates.unseen_share``."""
    shares = np.ones(len(word_start) - 1, np.float64)
    for row in range(len(shares)):
        n_words = word_start[row + 1] - word_start[row]
        if n_words > 0:
            summed = 0.0
            for at in range(word_start[row], word_start[row + 1]):
                summed += strangeness[word[at]]
            shares[row] = np.rint(summed / n_words * 1e6) / 1e6
    return shares
