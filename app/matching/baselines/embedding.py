"""Baselines with sentence embeddings: cosine, and its sum with another baseline's score."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from app.matching.baselines.ranking import Baseline, PlainLabels

Embed = Callable[[Sequence[str]], NDArray[np.float32]]


class EmbeddingCosine:
    """Cosine of sentence embeddings, brought from [-1, 1] to [0, 1].

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
        return self.labels.best_of_concept((1 + cosine) / np.float32(2))


class StandardisedSum:
    """Sum of two baselines' scores, each brought to mean 0 and deviation 1 over the concepts.

    The logistic function brings the sum to [0, 1] and keeps its order.
    """

    def __init__(self, left: Baseline, right: Baseline) -> None:
        self.labels = left.labels
        self._parts = (left, right)

    def scores(self, phrases: Sequence[str]) -> NDArray[np.float32]:
        """See ``Baseline``."""
        total = sum(
            (_standardised(part.scores(phrases)) for part in self._parts),
            start=np.zeros((len(phrases), len(self.labels.first)), dtype=np.float32),
        )
        # Sums reach 40 and more where one concept stands out; divided by 16 they keep their digits.
        return np.asarray(1 / (1 + np.exp(-total / 16)), dtype=np.float32)


def _standardised(score: NDArray[np.float32]) -> NDArray[np.float32]:
    deviation = score.std(axis=1, keepdims=True)
    return np.asarray((score - score.mean(axis=1, keepdims=True)) / np.maximum(deviation, 1e-6))
