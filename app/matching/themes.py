"""What a text is about: the concepts that its words, taken together, lie nearest to.

Words are compared in the latent space of the labels, where words of several languages that name
the same things lie together; so two texts may be about one thing and share no word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.matching.latent import N_DIMS
from app.matching.latent_space import LatentSpace, lengths, to_whole
from app.matching.words import WordTable

_MOST_KEPT = 20_000


class Themes:
    """Finds the concepts that texts are about. Threads may share it."""

    def __init__(self, table: WordTable, space: LatentSpace) -> None:
        self._table = table
        self._space = space
        self._kept: Mapping[str, NDArray[np.int64]] = {}

    def rarity(self, word: str) -> int:
        """How rare a word is among the labels, in 1/64."""
        row = self._table.row_of.get(word)
        return self._table.unseen_rarity if row is None else int(self._table.rarity[row])

    def nearest(self, weights: Mapping[str, int], k: int, least: float) -> list[tuple[int, float]]:
        """Find the concepts nearest to the weighted sum of some words.

        Parameters
        ----------
        weights
            Weight of each word, at least 0.
        k : int
            At most so many are given.
        least : float
            Cosine that they need.

        Returns
        -------
        list of (concept row, cosine)
            Nearest first; equal ones by row.
        """
        vector = to_whole(self._sum(weights)[None, :])
        length = float(lengths(vector)[0])
        # Whole numbers below 2**24: no order of summation changes them.
        dots = self._concept_vectors @ vector[0].astype(np.float64)
        cosine = np.round(dots / (self._space.concept_norm * length), 6)
        order = np.argsort(-cosine, kind="stable")[:k]
        return [(int(row), float(cosine[row])) for row in order if cosine[row] >= least]

    def _sum(self, weights: Mapping[str, int]) -> NDArray[np.int64]:
        total = np.zeros(N_DIMS, dtype=np.int64)
        words = [word for word, weight in weights.items() if weight > 0]
        rows = [self._table.row_of.get(word, -1) for word in words]
        known = [row for row in rows if row >= 0]
        weight = np.array([weights[word] for word in words], dtype=np.int64)
        is_known = np.array(rows, dtype=np.int64) >= 0
        total += weight[is_known] @ self._space.word_vectors[known].astype(np.int64)
        unknown = [word for word, row in zip(words, rows, strict=True) if row < 0]
        if unknown:
            total += weight[~is_known] @ self._unknown(unknown)
        return total

    def _unknown(self, words: Sequence[str]) -> NDArray[np.int64]:
        """Vectors of words that no label uses, which profiles share; those met lately are kept."""
        kept = self._kept
        missing = [word for word in words if word not in kept]
        found = dict(zip(missing, self._space.vectors_of_unknown(self._table, missing), strict=True))
        vectors = np.array([found[word] if word in found else kept[word] for word in words])
        # A new one each time: other threads may be reading the old.
        self._kept = found if len(kept) + len(found) > _MOST_KEPT else {**kept, **found}
        return vectors

    @cached_property
    def _concept_vectors(self) -> NDArray[np.float64]:
        return self._space.concept_vectors.astype(np.float64)
