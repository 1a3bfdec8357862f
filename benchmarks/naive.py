"""The named baseline of linking: scikit-learn and RapidFuzz as a first attempt uses them.

Nothing here is tuned, and nothing may be: later work is compared with it. It
answers an easier question than the engine (one cosine instead of a score in
parts, no explanation, no exact ties), which favours it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import linear_kernel


class NaiveLinker:
    """Character n-gram TF-IDF over all labels, then a fuzzy loop over the best fifty."""

    def __init__(self, labels: Sequence[str]) -> None:
        self.labels = list(labels)
        self.vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5))
        self.matrix = self.vectorizer.fit_transform(self.labels)

    def link(self, phrase: str, k: int) -> list[tuple[str, float]]:
        cosine = linear_kernel(self.vectorizer.transform([phrase]), self.matrix).ravel()
        shortlist = np.argsort(-cosine)[:50]
        scored = [(self.labels[row], fuzz.WRatio(phrase, self.labels[row])) for row in shortlist]
        return sorted(scored, key=lambda pair: -pair[1])[:k]
