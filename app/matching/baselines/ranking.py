"""What every system hands back, and how the plain ones get there.

A baseline scores labels; a concept scores as its best label does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

_CELLS_PER_BLOCK = 16_000_000
"""Bounds the memory of a block of scores; no result depends on it."""


class Ranking(NamedTuple):
    """Best concepts of each phrase, best first.

    Attributes
    ----------
    concept_row : ndarray of shape (n_phrases, k), int32
        -1 where there are fewer than ``k`` answers.
    score : ndarray of shape (n_phrases, k), float64
        0 where there is no answer; equal scores are ordered by concept row.
    """

    concept_row: NDArray[np.int32]
    score: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PlainLabels:
    """Labels as the baselines see them: case folded, white space collapsed, nothing else.

    Attributes
    ----------
    texts : tuple of str
        Grouped by concept; a text that names two concepts stands twice.
    first : ndarray of shape (n_concepts,), int64
        Where the labels of each concept begin.
    concept_row : ndarray of shape (n_concepts,), int32
        Row of each concept that has a label, ascending.
    """

    texts: tuple[str, ...]
    first: NDArray[np.int64]
    concept_row: NDArray[np.int32]

    def best_of_concept(self, score: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scores of labels (n_phrases, n_labels) to scores of concepts (n_phrases, n_concepts)."""
        if not len(self.first):
            return np.zeros((len(score), 0), dtype=np.float32)
        return np.maximum.reduceat(score, self.first, axis=1)


class Baseline(Protocol):
    """A method that scores every concept for a phrase."""

    labels: PlainLabels

    def scores(self, phrases: Sequence[str]) -> NDArray[np.float32]:
        """Score plain phrases against concepts, shape (n_phrases, n_concepts); 0 is no answer."""
        ...


def plain_text(text: str) -> str:
    """Case folded, white space collapsed."""
    return " ".join(text.casefold().split())


def build_plain_labels(labels: Iterable[tuple[int, str]]) -> PlainLabels:
    """Sort and group (concept row, label) pairs, without repeats.

    Examples
    --------
    >>> build_plain_labels([(3, "Pipe Fitter"), (1, "welder"), (3, "pipe  fitter")]).texts
    ('welder', 'pipe fitter')
    """
    rows = sorted({(concept, text) for concept, label in labels if (text := plain_text(label))})
    concepts, first = np.unique(np.array([concept for concept, _ in rows], dtype=np.int32), return_index=True)
    return PlainLabels(tuple(text for _, text in rows), first.astype(np.int64), concepts.astype(np.int32))


def rank(baseline: Baseline, phrases: Sequence[str], k: int) -> Ranking:
    """Rank the concepts of every phrase by a baseline, at most ``k`` with a score above 0.

    Raises
    ------
    ValueError
        If ``k < 1``.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    plain = [plain_text(phrase) for phrase in phrases]
    step = max(1, _CELLS_PER_BLOCK // max(1, len(baseline.labels.texts)))
    blocks = [
        top_concepts(baseline.scores(plain[at : at + step]), baseline.labels.concept_row, k)
        for at in range(0, len(plain), step)
    ]
    if not blocks:
        return Ranking(np.zeros((0, k), dtype=np.int32), np.zeros((0, k)))
    return Ranking(
        np.concatenate([block.concept_row for block in blocks]),
        np.concatenate([block.score for block in blocks]),
    )


def top_concepts(score: NDArray[np.float32], concept_row: NDArray[np.int32], k: int) -> Ranking:
    """The best ``k`` columns of each row, ties by column; scores of 0 are no answers."""
    # Rounded so that float32 noise between machines cannot order two concepts.
    rounded = np.round(score.astype(np.float64), 5)
    column = np.argsort(-rounded, axis=1, kind="stable")[:, :k]
    best = np.take_along_axis(rounded, column, axis=1)
    found = Ranking(np.full((len(score), k), -1, dtype=np.int32), np.zeros((len(score), k), dtype=np.float64))
    width = column.shape[1]
    found.concept_row[:, :width] = np.where(best > 0, concept_row[column], -1) if width else -1
    found.score[:, :width] = np.where(best > 0, best, 0.0)
    return found
