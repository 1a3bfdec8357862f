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
_LENGTH = 4096.0


class Themes:
    """Finds the concepts that texts are about. Threads may share it."""

    def __init__(self, table: WordTable, space: LatentSpace, places: NDArray[np.int8] | None = None) -> None:
        """Compare texts with the concepts of a space, or with others that have ``places`` in it.

        Parameters
        ----------
        places : ndarray of shape (n_concepts, N_DIMS), int8, optional
            Where the concepts lie; those of the space when left out.
        """
        self._table = table
        self._space = space
        self._places = space.concept_vectors if places is None else places
        self._norm = space.concept_norm if places is None else lengths(places)
        self._kept: Mapping[str, NDArray[np.int64]] = {}

    def amid(self, members: Sequence[Sequence[int]], weights: NDArray[np.int64]) -> Themes:
        """Compare with other concepts, each of which lies amid some concepts of the space.

        Parameters
        ----------
        members : sequence of sequences of int
            Rows of the space's concepts that each of the others lies amid; one of none is near to nothing.
        weights : ndarray of shape (n_space_concepts,), int64
            How much each concept of the space counts, at least 0 and less than 2**20.
        """
        # Each of one length, in whole numbers: no order of summation changes what they add up to.
        even = np.rint(_LENGTH * self._places / self._norm[:, None]).astype(np.int64)
        sums = np.zeros((len(members), N_DIMS), dtype=np.int64)
        for row, rows in enumerate(members):
            chosen = np.array(rows, dtype=np.int64)
            sums[row] = weights[chosen] @ even[chosen]
        return Themes(self._table, self._space, to_whole(sums))

    def rarity(self, word: str) -> int:
        """How rare a word is among the labels, in 1/64."""
        row = self._table.row_of.get(word)
        return self._table.unseen_rarity if row is None else int(self._table.rarity[row])

    def nearest(self, weights: Mapping[str, int], k: int, least: float) -> list[tuple[int, float]]:
        """Find the concepts nearest to the weighted sum of some words, as ``nearest_rows`` gives them."""
        return nearest_rows(self.closeness(weights), k, least)

    def closeness(self, weights: Mapping[str, int]) -> NDArray[np.float64]:
        """Say how near the weighted sum of some words is to each concept.

        Parameters
        ----------
        weights
            Weight of each word, at least 0.

        Returns
        -------
        ndarray of shape (n_concepts,), float64
            Cosines, to six digits.
        """
        vector = to_whole(self._sum(weights)[None, :])
        length = float(lengths(vector)[0])
        # Whole numbers below 2**24: no order of summation changes them.
        dots = self._concept_vectors @ vector[0].astype(np.float64)
        return np.asarray(np.round(dots / (self._norm * length), 6), dtype=np.float64)

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
        return self._places.astype(np.float64)


def blended(first: NDArray[np.float64], second: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Mean of two closenesses to the same concepts, to six digits; ``share`` in [0, 1] is the second's."""
    return np.asarray(np.round((1.0 - share) * first + share * second, 6), dtype=np.float64)


def nearest_rows(closeness: NDArray[np.float64], k: int, least: float) -> list[tuple[int, float]]:
    """Choose the concepts that a text is about.

    Parameters
    ----------
    closeness : ndarray of shape (n_concepts,), float64
    k : int
        At most so many are given.
    least : float
        Closeness that they need.

    Returns
    -------
    list of (concept row, closeness)
        Nearest first; equal ones by row.
    """
    order = np.argsort(-closeness, kind="stable")[:k]
    return [(int(row), float(closeness[row])) for row in order if closeness[row] >= least]
