"""A latent space in which names of one concept lie close together.

A word's vector is the sum of vectors of the word and of its character n-grams
(Bojanowski et al. 2017), a text's the rarity-weighted sum over its words. The
vectors are learned from the release alone: each label, in whatever language,
has to lie nearer to the *other* labels and the description of its own concept
than to those of other concepts (softmax over a batch, in both directions; van
den Oord et al. 2018). So words that name the same things in different labels or
languages come to lie together, and concepts are found that share no word.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.domain.enums import ConceptKind

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


N_DIMS = 128


@dataclass(frozen=True, slots=True)
class LatentConfig:
    """Settings of the training.

    Attributes
    ----------
    n_passes : int
        Passes over the labels, each in another order.
    least_batches : int
        Batches to learn from at least: more passes where these do not come to so many.
    batch_size : int
        Labels that are told apart at a time.
    step : float
        Adagrad step (Duchi et al. 2011), one rate for each feature.
    temperature : float
        Of the softmax over cosines.
    context_weight : float
        Weight of a concept's description beside its labels.
    ngram_weight : float
        Weight of a word's n-grams beside the word itself.
    seed : int
    """

    n_passes: int = 1
    least_batches: int = 100
    batch_size: int = 512
    step: float = 0.1
    temperature: float = 0.1
    context_weight: float = 0.7
    ngram_weight: float = 1.5
    seed: int = 0


def latent_config(kind: ConceptKind) -> LatentConfig:
    """The settings that a kind of concept is learned with.

    A second pass tells skills apart better. Occupations have three times as many names each, and
    it does nothing for them (two seeds and more, on development phrases).
    """
    return LatentConfig(n_passes=2 if kind is ConceptKind.SKILL else 1)


def train(
    labels: csr_matrix,
    concept_row: NDArray[np.int32],
    context: csr_matrix,
    word_features: csr_matrix,
    config: LatentConfig,
    progress: Callable[[int, int], None] | None = None,
) -> NDArray[np.float32]:
    """Learn a vector for each feature of a word.

    Parameters
    ----------
    labels : csr_matrix of shape (n_labels, n_words), float32
        Rarity of the words of each label; unit rows.
    concept_row : ndarray of shape (n_labels,), int32
    context : csr_matrix of shape (n_concepts, n_words), float32
        What else is said of each concept; unit rows or empty ones.
    word_features : csr_matrix of shape (n_words, n_features), float32
    progress : callable, optional
        Called with (batches done, batches in all).

    Returns
    -------
    ndarray of shape (n_features, N_DIMS), float32
    """
    from scipy.sparse import csr_matrix, vstack

    rng = np.random.default_rng(config.seed)
    n_labels, n_features = labels.shape[0], word_features.shape[1]
    ones = np.ones(n_labels, dtype=np.float32)
    member = csr_matrix((ones, (concept_row, np.arange(n_labels))), shape=(context.shape[0], n_labels))
    whole = (member @ labels).tocsr()
    vectors = rng.normal(0.0, 0.1, (n_features, N_DIMS)).astype(np.float32)
    squares = np.full(n_features, 1e-6, dtype=np.float32)
    batches: list[NDArray[np.int64]] = []
    n_passes = 0
    while n_labels and (n_passes < config.n_passes or len(batches) < config.least_batches):
        found = _batches(rng.permutation(n_labels), concept_row, config.batch_size)
        if not found:
            break
        batches += found
        n_passes += 1
    for done, batch in enumerate(batches):
        concepts = concept_row[batch]
        asked = labels[batch]
        known = unit_rows((whole[concepts] - asked).tocsr()) + config.context_weight * context[concepts]
        texts, words = _compact(vstack([asked, known], format="csr"))
        features, used = _compact(word_features[words])
        gradient = _gradient(texts, features, vectors[used], config.temperature)
        squares[used] += np.einsum("fd,fd->f", gradient, gradient) / N_DIMS
        gradient *= (config.step / np.sqrt(squares[used]))[:, None]
        vectors[used] -= gradient
        if progress is not None:
            progress(done + 1, len(batches))
    return vectors


def unit_rows(matrix: csr_matrix) -> csr_matrix:
    """Scale the rows of a sparse matrix to unit length, float32; empty rows stay."""
    norm = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scaled = matrix.astype(np.float32)
    scaled.data /= np.repeat(np.maximum(norm, 1e-9), np.diff(matrix.indptr)).astype(np.float32)
    return scaled


def _compact(matrix: csr_matrix) -> tuple[csr_matrix, NDArray[np.int32]]:
    """Leave out the empty columns; also give those that are left."""
    from scipy.sparse import csr_matrix

    is_used = np.zeros(matrix.shape[1], dtype=bool)
    is_used[matrix.indices] = True
    used = np.flatnonzero(is_used).astype(np.int32)
    position = np.empty(matrix.shape[1], dtype=np.int32)
    position[used] = np.arange(len(used), dtype=np.int32)
    shape = (matrix.shape[0], len(used))
    return csr_matrix((matrix.data, position[matrix.indices], matrix.indptr), shape=shape), used


def _batches(order: NDArray[np.int64], concept_row: NDArray[np.int32], size: int) -> list[NDArray[np.int64]]:
    """Cut into batches in which no concept comes twice: it would be told apart from itself."""
    batches = []
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        _, first = np.unique(concept_row[batch], return_index=True)
        if len(first) > 1:
            batches.append(batch[np.sort(first)])
    return batches


def _gradient(
    texts: csr_matrix, features: csr_matrix, vectors: NDArray[np.float32], temperature: float
) -> NDArray[np.float32]:
    """Gradient of the batch's loss by ``vectors``; the first half of ``texts`` pairs with the second."""
    n = texts.shape[0] // 2
    latent = texts @ (features @ vectors)
    norm = np.sqrt(np.square(latent).sum(axis=1, keepdims=True)) + 1e-6
    unit = latent / norm
    left, right = unit[:n], unit[n:]
    alike = left @ right.T / temperature
    by_row = np.exp(alike - alike.max(axis=1, keepdims=True))
    by_column = np.exp(alike - alike.max(axis=0, keepdims=True))
    pull = by_row / by_row.sum(axis=1, keepdims=True) + by_column / by_column.sum(axis=0, keepdims=True)
    pull[np.arange(n), np.arange(n)] -= 2.0
    pull /= 2.0 * temperature
    to_unit = np.vstack([pull @ right, pull.T @ left])
    to_latent = (to_unit - unit * (to_unit * unit).sum(axis=1, keepdims=True)) / norm
    return np.asarray(features.T @ (texts.T @ to_latent), dtype=np.float32)
