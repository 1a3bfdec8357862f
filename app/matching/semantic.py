"""The optional semantic channel: candidates and signals from sentence embeddings of labels.

A model that is already on disk maps texts to unit vectors. Those of labels are worked out
once and kept as whole numbers; a phrase's vector is rounded likewise, so that from there on
every sum is exact. Nothing here is imported where the channel is off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.matching.candidates import (
    FEATURES,
    MAX_CANDIDATES,
    Candidates,
    EncodedPhrases,
    describe,
    unseen_share,
)
from app.matching.compiled import Search
from app.matching.fusion import Fused, FusionModel, best_columns, log_odds, probabilities
from app.matching.label_index import MAX_LANGS, LabelIndex
from app.matching.labels import LabelTable
from app.matching.latent_space import lengths, to_whole
from app.matching.priors import NO_PRIORS, prior_terms

N_BY_SEMANTIC = 24

SEMANTIC_FEATURES = (
    *FEATURES,
    "semantic_label",  # cosine of the phrase's embedding with that of the concept's nearest label
    "semantic_concept",  # the same with the mean of the concept's labels and its description
)

_PHRASES_PER_BLOCK = 64  # bounds the memory of the dense scores; no result depends on it
_TEXTS_PER_BLOCK = 8192  # likewise
_EMBEDDING_UNITS = 1 << 20  # of one component, before a vector is put on its own scale
_MOST_DIMS = 1040  # so that float32 holds every sum of products of whole numbers exactly

EmbedPhrase = Callable[[str], NDArray[np.float32]]
"""Canonical phrase -> unit vector of shape (n_dims,); equal phrases give equal bytes."""


@dataclass(frozen=True)
class SemanticSpace:
    """Embeddings of the texts and concepts of one label table.

    Attributes
    ----------
    vector_row : ndarray of shape (n_texts,), int32
        Row in ``text_vectors`` of each text; -1 where it was not embedded.
    text_vectors : ndarray of shape (n_embedded, n_dims), int8
        Each on its own scale, the largest component 127 or -127.
    concept_vectors : ndarray of shape (n_concepts, n_dims), int8
        Zeros for a concept none of whose texts was embedded.
    lang_bit : int
        Bit of the language that the model reads; 0 where the table has no labels in it.
    """

    vector_row: NDArray[np.int32]
    text_vectors: NDArray[np.int8]
    concept_vectors: NDArray[np.int8]
    lang_bit: int


LANG = "en"
"""What the model reads: labels in this language are embedded, and phrases declared to be in it."""


def embedded_texts(labels: LabelTable) -> NDArray[np.int64]:
    """Rows of the texts that are embedded, ascending."""
    if LANG not in labels.langs:
        return np.zeros(0, dtype=np.int64)
    return np.unique(labels.text_row[labels.lang_row == labels.langs.index(LANG)]).astype(np.int64)


def semantic_space(
    labels: LabelTable, text_vectors: NDArray[np.int8], concept_vectors: NDArray[np.int8]
) -> SemanticSpace:
    """Put the vectors of embedded texts in their places.

    Raises
    ------
    ValueError
        The vectors are those of other labels.
    """
    rows = embedded_texts(labels)
    if len(rows) != len(text_vectors):
        raise ValueError(f"there are {len(text_vectors)} embeddings for {len(rows)} labels")
    vector_row = np.full(len(labels.texts), -1, dtype=np.int32)
    vector_row[rows] = np.arange(len(rows))
    lang_bit = 1 << labels.langs.index(LANG) if LANG in labels.langs[:MAX_LANGS] else 0
    return SemanticSpace(vector_row, text_vectors, concept_vectors, lang_bit)


def whole_vectors(embeddings: NDArray[np.float32]) -> NDArray[np.int8]:
    """Round vectors to whole numbers, each on its own scale; shape (n, n_dims) stays."""
    found = np.zeros(embeddings.shape, dtype=np.int8)
    for start in range(0, len(found), _TEXTS_PER_BLOCK):
        block = slice(start, start + _TEXTS_PER_BLOCK)
        units = np.rint(embeddings[block].astype(np.float64) * _EMBEDDING_UNITS)
        found[block] = to_whole(units.astype(np.int64))
    return found


def concept_embeddings(
    labels: LabelTable, n_concepts: int, embeddings: NDArray[np.float32], descriptions: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Mean of each concept's embedded labels, as a unit vector, plus its description's.

    Parameters
    ----------
    embeddings : ndarray of shape (n_embedded, n_dims), float32
        Of ``embedded_texts(labels)``.
    descriptions : ndarray of shape (n_concepts, n_dims), float32
        Zeros where a concept has none.

    Returns
    -------
    ndarray of shape (n_concepts, n_dims), float32
    """
    vector_row = np.full(len(labels.texts), -1, dtype=np.int64)
    vector_row[embedded_texts(labels)] = np.arange(len(embeddings))
    pairs = np.unique(np.column_stack([labels.concept_row, vector_row[labels.text_row]]), axis=0)
    pairs = pairs[pairs[:, 1] >= 0]
    summed = np.zeros((n_concepts, embeddings.shape[1]), dtype=np.float32)
    np.add.at(summed, pairs[:, 0], embeddings[pairs[:, 1]])
    norm = np.linalg.norm(summed, axis=1, keepdims=True)
    return np.asarray(summed / np.maximum(norm, 1e-9) + descriptions, dtype=np.float32)


class SemanticChannel(NamedTuple):
    """What the search needs to take part: vectors of one label table, and the model."""

    space: SemanticSpace
    embed: EmbedPhrase


_NO_MODEL = FusionModel({}, intercept=0.0, slope=1.0, unseen_slope=0.0)


class SemanticSearch:
    """The search of an index with more candidates and two more signals; threads may share it."""

    def __init__(
        self,
        index: LabelIndex,
        channel: SemanticChannel,
        model: FusionModel = _NO_MODEL,
        priors: NDArray[np.float64] = NO_PRIORS,
    ) -> None:
        """Put embeddings beside the search of an index.

        Parameters
        ----------
        model
            What phrases in the model's language are ordered by.
        priors
            Of the index's concepts; see ``app.matching.priors``.

        Raises
        ------
        ValueError
            The vectors are those of other labels.
        """
        space = channel.space
        shapes = (len(space.vector_row), len(space.concept_vectors))
        if shapes != (len(index.text_start) - 1, index.n_concepts):
            raise ValueError(f"the embeddings belong to other labels: their shapes are {shapes}")
        if space.concept_vectors.shape[1] > _MOST_DIMS:
            raise ValueError(f"embeddings of more than {_MOST_DIMS} dimensions are too long")
        self.index = self._index = index
        self._model = model
        self._prior = prior_terms(model, priors, index.n_concepts)
        self._space = space
        self._embed = channel.embed
        self._search = Search(index, priors)
        self._is_named = np.diff(index.concept_start) > 0
        # Whole numbers below 2**24: float32 adds them up exactly in any order.
        self._concept_vectors = space.concept_vectors.astype(np.float32)
        self._concept_norm = lengths(space.concept_vectors)

    def __call__(self, phrases: Sequence[str], lang_bits: Sequence[int]) -> tuple[EncodedPhrases, Candidates]:
        """Find the candidates of canonical phrases; see ``Search``."""
        encoded, found = self._search(phrases, lang_bits)
        wide = _widened(found, N_BY_SEMANTIC)
        for start in range(0, len(phrases), _PHRASES_PER_BLOCK):
            block = range(start, min(start + _PHRASES_PER_BLOCK, len(phrases)))
            vectors = whole_vectors(np.stack([self._embed(phrases[row]) for row in block]))
            norm = lengths(vectors)
            dot = vectors.astype(np.float32) @ self._concept_vectors.T
            cosine = dot.astype(np.float64) / (norm[:, None] * self._concept_norm[None, :])
            cosine[:, ~self._is_named] = 0.0
            for place, row in enumerate(block):
                self._add(encoded, row, cosine[place], wide)
                self._judge(row, vectors[place], float(norm[place]), cosine[place], wide)
        return encoded, wide

    def best(
        self, model: FusionModel, phrases: Sequence[str], lang_bits: Sequence[int], k: int
    ) -> tuple[Candidates, Fused]:
        """Find the candidates of canonical phrases, and order the best ``k`` of each.

        Phrases that are not declared to be in the model's language are searched and ordered by
        ``model`` as if there were no channel.
        """
        bits = np.array(lang_bits, dtype=np.int64)
        is_read = (bits & self._space.lang_bit) != 0
        if not is_read.any():
            return self._search.best(model, phrases, lang_bits, k)
        read, other = np.flatnonzero(is_read), np.flatnonzero(~is_read)
        encoded, found = self([phrases[row] for row in read.tolist()], bits[read].tolist())
        ordered = best_columns(
            self._model, found, self._prior.utility, min(k, MAX_CANDIDATES), SEMANTIC_FEATURES
        )
        beside = log_odds(self._model, found, ordered.order, self._prior, unseen_share(encoded))
        fused = probabilities(self._model, ordered, beside)
        if not len(other):
            return found, fused
        plain, plainly = self._search.best(
            model, [phrases[row] for row in other.tolist()], bits[other].tolist(), k
        )
        place = np.argsort(np.concatenate([read, other]), kind="stable")
        wide = _widened(plain, N_BY_SEMANTIC)
        candidates = Candidates(
            np.concatenate([found.n_found, wide.n_found])[place],
            np.concatenate([found.concept_row, wide.concept_row])[place],
            np.concatenate([found.entry_row, wide.entry_row])[place],
            np.concatenate([found.features, wide.features])[place],
        )
        order = np.concatenate([fused.order, plainly.order])[place]
        return candidates, Fused(order, np.concatenate([fused.score, plainly.score])[place])

    def _add(self, encoded: EncodedPhrases, row: int, cosine: NDArray[np.float64], wide: Candidates) -> None:
        """Add the concepts that lie nearest and are no candidates yet; all by ascending concept row."""
        n_found = int(wide.n_found[row])
        known = wide.concept_row[row, :n_found]
        new = np.setdiff1d(_first(cosine, N_BY_SEMANTIC), known)
        if not len(new):
            return
        entries, features = describe(self._index, encoded, row, new.tolist())
        concepts = np.concatenate([known, new])
        order = np.argsort(concepts, kind="stable")
        total = len(concepts)
        wide.n_found[row] = total
        wide.concept_row[row, :total] = concepts[order]
        wide.entry_row[row, :total] = np.concatenate([wide.entry_row[row, :n_found], entries])[order]
        both = np.concatenate([wide.features[row, :n_found, : len(FEATURES)], features])
        wide.features[row, :total, : len(FEATURES)] = both[order]

    def _judge(
        self,
        row: int,
        vector: NDArray[np.int8],
        norm: float,
        cosine: NDArray[np.float64],
        wide: Candidates,
    ) -> None:
        """Fill in the two signals of a phrase's candidates."""
        index, space = self._index, self._space
        for place, concept in enumerate(wide.concept_row[row, : wide.n_found[row]].tolist()):
            texts = index.entry_text[index.concept_start[concept] : index.concept_start[concept + 1]]
            rows = space.vector_row[texts]
            labels = space.text_vectors[rows[rows >= 0]]
            dot = (labels.astype(np.float32) @ vector.astype(np.float32)).astype(np.float64)
            nearest = float((dot / lengths(labels)).max(initial=-norm)) if len(labels) else 0.0
            wide.features[row, place, len(FEATURES)] = round(nearest / norm, 6)
            wide.features[row, place, len(FEATURES) + 1] = round(float(cosine[concept]), 6)


def _widened(found: Candidates, n_more: int) -> Candidates:
    """Room for more candidates and the signals that are not worked out yet."""
    n_phrases, n_columns = found.concept_row.shape
    wide = Candidates(
        found.n_found.copy(),
        np.zeros((n_phrases, n_columns + n_more), dtype=np.int32),
        np.zeros((n_phrases, n_columns + n_more), dtype=np.int32),
        np.zeros((n_phrases, n_columns + n_more, len(SEMANTIC_FEATURES))),
    )
    wide.concept_row[:, :n_columns] = found.concept_row
    wide.entry_row[:, :n_columns] = found.entry_row
    wide.features[:, :n_columns, : len(FEATURES)] = found.features
    return wide


def _first(scores: NDArray[np.float64], n: int) -> NDArray[np.int64]:
    """Rows of the ``n`` largest positive scores; of equal ones the lower rows."""
    positive = np.flatnonzero(scores > 0)
    if len(positive) > n:
        least = np.partition(scores[positive], -n)[-n]
        positive = positive[scores[positive] >= least]
    order = np.lexsort((positive, -scores[positive]))
    return np.asarray(positive[order[:n]], dtype=np.int64)
