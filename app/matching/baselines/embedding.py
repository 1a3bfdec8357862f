"""Baselines with sentence embeddings: cosine, and its mean with another baseline's score."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from app.matching.baselines.ranking import Baseline, PlainLabels

Embed = Callable[[Sequence[str]], NDArray[np.float32]]


class EmbeddingCosine:
    """Cosine of sentence embeddings; one below 0 is no answer.

    Parameters
    ----------
    embed_labels, embed_phrases
        Texts to unit vectors, shape (n_texts, n_dimensions); they may differ in what they keep.
    """

    def __init__(self, labels: PlainLabels, embed_labels: Embed, embed_phrases: Embed) -> None:
        self.labels = labels
        self._label_vectors = embed_labels(labels.texts)
        self._embed = embed_phrases

    def scores(self, phrases: Sequence[str]) -> NDArray[np.float32]:
        """See ``Baseline``."""
        cosine = self._embed(phrases) @ self._label_vectors.T
        return self.labels.best_of_concept(np.clip(cosine, 0.0, 1.0))


class MeanScore:
    """Mean of two baselines' scores, equal weights.

    On labelled data this ranked as well as sums of reciprocal ranks or of standardised
    scores, and unlike them it can be compared between phrases.
    """

    def __init__(self, left: Baseline, right: Baseline) -> None:
        self.labels = left.labels
        self._left, self._right = left, right

    def scores(self, phrases: Sequence[str]) -> NDArray[np.float32]:
        """See ``Baseline``."""
        return (self._left.scores(phrases) + self._right.scores(phrases)) / np.float32(2)
