"""Baselines that look at letters and words: exact, RapidFuzz, TF-IDF, BM25, and a fusion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.matching.baselines.ranking import Baseline, PlainLabels

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Scores = NDArray[np.float32]

# scikit-learn's own pattern drops words of one letter, and with them C, R and C++.
_WORD = r"(?u)[^\W_]+[+#]*"


class ExactLabel:
    """1 for a concept with exactly this label."""

    def __init__(self, labels: PlainLabels) -> None:
        self.labels = labels
        self._labels_of: dict[str, list[int]] = {}
        for row, text in enumerate(labels.texts):
            self._labels_of.setdefault(text, []).append(row)

    def scores(self, phrases: Sequence[str]) -> Scores:
        """See ``Baseline``."""
        score = np.zeros((len(phrases), len(self.labels.texts)), dtype=np.float32)
        for row, phrase in enumerate(phrases):
            score[row, self._labels_of.get(phrase, [])] = 1.0
        return self.labels.best_of_concept(score)


class FuzzyScan:
    """A RapidFuzz scorer against every label, one by one."""

    def __init__(self, labels: PlainLabels, scorer: Callable[..., float]) -> None:
        self.labels = labels
        self._scorer = scorer

    def scores(self, phrases: Sequence[str]) -> Scores:
        """See ``Baseline``."""
        from rapidfuzz import process

        percent = process.cdist(phrases, self.labels.texts, scorer=self._scorer, dtype=np.float32, workers=1)
        return self.labels.best_of_concept(percent) / np.float32(100)


class Tfidf:
    """Cosine of sublinear TF-IDF vectors, as scikit-learn computes them."""

    def __init__(self, labels: PlainLabels, **analysis: Any) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self.labels = labels
        self._vectoriser = TfidfVectorizer(lowercase=False, sublinear_tf=True, dtype=np.float32, **analysis)
        self._by_term: csr_matrix = self._vectoriser.fit_transform(labels.texts).T.tocsr()

    def scores(self, phrases: Sequence[str]) -> Scores:
        """See ``Baseline``."""
        product = self._vectoriser.transform(phrases) @ self._by_term
        return self.labels.best_of_concept(product.toarray())


class Bm25:
    """BM25 (Robertson and Zaragoza 2009, eq. 3.15) with every label as a document.

    idf = ln(1 + (N - n + 0.5) / (n + 0.5)), which is never negative (as in Lucene).
    Scores are divided by the largest, to lie in [0, 1].
    """

    def __init__(self, labels: PlainLabels, *, k1: float = 1.2, b: float = 0.75) -> None:
        from scipy.sparse import diags
        from sklearn.feature_extraction.text import CountVectorizer

        self.labels = labels
        self._counter = CountVectorizer(lowercase=False, token_pattern=_WORD, dtype=np.float32)
        counts: csr_matrix = self._counter.fit_transform(labels.texts)
        length = np.asarray(counts.sum(axis=1)).ravel()
        n_labels = counts.shape[0]
        n_with = np.bincount(counts.indices, minlength=counts.shape[1])
        idf = np.log1p((n_labels - n_with + 0.5) / (n_with + 0.5))
        label_of = np.repeat(np.arange(n_labels), np.diff(counts.indptr))
        saturated = k1 * (1 - b + b * length[label_of] / length.mean())
        counts.data = counts.data * np.float32(k1 + 1) / (counts.data + saturated.astype(np.float32))
        self._by_term: csr_matrix = (counts @ diags(idf.astype(np.float32))).T.tocsr()
        self._scale = np.float32(1.0 / (64 * idf.max()))

    def scores(self, phrases: Sequence[str]) -> Scores:
        """See ``Baseline``."""
        product = self._counter.transform(phrases) @ self._by_term
        return self.labels.best_of_concept(product.toarray()) * self._scale


class LexicalFusion:
    """A quick fusion by equal weights: character TF-IDF, word TF-IDF, RapidFuzz on the short list.

    The best label of a concept counts in each channel by itself. Concepts outside
    the short list keep what the first two channels give.
    """

    def __init__(
        self, labels: PlainLabels, *, n_shortlist: int = 50, channels: tuple[Baseline, ...] = ()
    ) -> None:
        self.labels = labels
        self._channels: tuple[Baseline, ...] = channels or (char_tfidf(labels), word_tfidf(labels))
        self._n_shortlist = n_shortlist

    def scores(self, phrases: Sequence[str]) -> Scores:
        """See ``Baseline``."""
        total = sum(
            (channel.scores(phrases) for channel in self._channels),
            start=np.zeros((len(phrases), len(self.labels.first)), dtype=np.float32),
        )
        for row, phrase in enumerate(phrases):
            shortlist = np.argsort(-total[row], kind="stable")[: self._n_shortlist]
            total[row, shortlist] += self._similarity(phrase, shortlist)
        return total / np.float32(len(self._channels) + 1)

    def _similarity(self, phrase: str, shortlist: NDArray[np.int64]) -> NDArray[np.float32]:
        from rapidfuzz import fuzz, process

        ends = np.append(self.labels.first[1:], len(self.labels.texts))
        rows = [np.arange(self.labels.first[column], ends[column]) for column in shortlist]
        texts = [self.labels.texts[row] for row in np.concatenate(rows).tolist()]
        percent = [
            process.cdist([phrase], texts, scorer=scorer, dtype=np.float32, workers=1)[0]
            for scorer in (fuzz.token_sort_ratio, fuzz.partial_ratio)
        ]
        first = np.cumsum([0, *(len(labels) for labels in rows[:-1])])
        mean: NDArray[np.float32] = np.maximum.reduceat((percent[0] + percent[1]) / 2, first)
        return mean / np.float32(100)


def word_tfidf(labels: PlainLabels) -> Tfidf:
    """TF-IDF over words."""
    return Tfidf(labels, token_pattern=_WORD)


def char_tfidf(labels: PlainLabels) -> Tfidf:
    """TF-IDF over the character n-grams of length 3 to 5 within words."""
    return Tfidf(labels, analyzer="char_wb", ngram_range=(3, 5))


def weighted_ratio_scan(labels: PlainLabels) -> FuzzyScan:
    """RapidFuzz ``WRatio`` against every label."""
    from rapidfuzz import fuzz

    return FuzzyScan(labels, fuzz.WRatio)


def token_set_scan(labels: PlainLabels) -> FuzzyScan:
    """RapidFuzz ``token_set_ratio`` against every label."""
    from rapidfuzz import fuzz

    return FuzzyScan(labels, fuzz.token_set_ratio)
