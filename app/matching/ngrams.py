"""Character n-gram TF-IDF of short texts, computed word by word.

Within-word n-grams of a text are those of its words added up. Labels share a
small vocabulary, so each distinct word is taken apart once and a sparse
product puts the texts together: the matrix is scikit-learn's
``TfidfVectorizer(analyzer="char_wb")``, several times sooner.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


class NgramTfidf:
    """TF-IDF over the n-grams of canonical texts, fitted on the labels.

    Parameters
    ----------
    labels : sequence of str
        Canonical texts, words separated by single spaces.
    ngram_range : (int, int)
        Shortest and longest n-gram, counted with the space on either side of a word.
    """

    def __init__(self, labels: Sequence[str], ngram_range: tuple[int, int] = (3, 5)) -> None:
        # scikit-learn takes a second to import; exact links must not pay for it.
        from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

        self._ngrams = CountVectorizer(analyzer="char_wb", ngram_range=ngram_range, lowercase=False)
        self._weights = TfidfTransformer(sublinear_tf=True)
        words = CountVectorizer(analyzer=str.split)
        try:
            counts = words.fit_transform(labels)
        except ValueError:  # no word in any label
            counts = None
        if counts is None or not words.vocabulary_:
            raise ValueError("at least one label with a word is needed")
        by_word = self._ngrams.fit_transform(words.get_feature_names_out())
        self.matrix: csr_matrix = self._weights.fit_transform((counts @ by_word).astype(np.float32))

        self._share = np.bincount(self.matrix.indices, minlength=self.matrix.shape[1]) / len(labels)

    def transform(self, texts: Sequence[str], *, max_share: float = 1.0) -> csr_matrix:
        """Rows of unit length for canonical ``texts``, shape (n_texts, n_ngrams), float32.

        A text that shares no n-gram with any label has an empty row. n-grams in more
        than ``max_share`` of the labels are taken out afterwards, so that cosines with
        labels can only fall, by little: such n-grams weigh least.
        """
        counts = self._ngrams.transform(texts).astype(np.float32)
        weights = self._weights.transform(counts)
        if max_share < 1.0:
            weights.data[self._share[weights.indices] > max_share] = 0.0
            weights.eliminate_zeros()
        return weights
