"""Plain ways to order texts for a text: what an engine has to beat.

Every one gives scores of shape (n_queries, n_docs), float64, higher is better.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.matching.baselines.ranking import plain_text

Scores = NDArray[np.float64]

# scikit-learn's own pattern drops words of one letter, and with them C, R and C++.
_WORD = r"(?u)[^\W_]+[+#]*"


def random_order(n_queries: int, n_docs: int, seed: int) -> Scores:
    """No method at all."""
    return np.random.default_rng(seed).random((n_queries, n_docs))


def longest_first(n_queries: int, docs: Sequence[str]) -> Scores:
    """Who writes most comes first, whatever is asked."""
    return np.tile(np.array([float(len(text)) for text in docs]), (n_queries, 1))


def tfidf_cosine(queries: Sequence[str], docs: Sequence[str]) -> Scores:
    """Cosine of sublinear TF-IDF vectors over words, as scikit-learn computes them, fitted on ``docs``."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectoriser = TfidfVectorizer(sublinear_tf=True)
    by_doc = vectoriser.fit_transform(docs)
    return np.asarray((vectoriser.transform(queries) @ by_doc.T).toarray(), dtype=np.float64)


def bm25(queries: Sequence[str], docs: Sequence[str], *, k1: float = 1.2, b: float = 0.75) -> Scores:
    """BM25 (Robertson and Zaragoza 2009, eq. 3.15) over words, with ``docs`` as the collection.

    idf = ln(1 + (N - n + 0.5) / (n + 0.5)), which is never negative (as in Lucene); a word
    that the query repeats counts as often.
    """
    from scipy.sparse import csr_matrix, diags
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(token_pattern=_WORD, dtype=np.float64)
    counts: csr_matrix = counter.fit_transform(docs).tocsr()
    length = np.asarray(counts.sum(axis=1)).ravel()
    n_docs = counts.shape[0]
    n_with = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log1p((n_docs - n_with + 0.5) / (n_with + 0.5))
    doc_of = np.repeat(np.arange(n_docs), np.diff(counts.indptr))
    saturation = k1 * (1 - b + b * length[doc_of] / length.mean())
    counts.data = counts.data * (k1 + 1) / (counts.data + saturation)
    weighted = counts @ diags(idf)
    return np.asarray((counter.transform(queries) @ weighted.T).toarray(), dtype=np.float64)


def token_set(queries: Sequence[str], docs: Sequence[str]) -> Scores:
    """RapidFuzz ``token_set_ratio`` of each pair, case folded, white space collapsed."""
    from rapidfuzz import fuzz, process

    percent = process.cdist(
        [plain_text(text) for text in queries],
        [plain_text(text) for text in docs],
        scorer=fuzz.token_set_ratio,
        workers=1,
        dtype=np.float64,
    )
    return np.asarray(percent, dtype=np.float64)
