"""Vectors of words, texts and concepts in whole numbers, and how they come from a training.

Whole numbers make every cosine the same on every machine, whichever code adds it up.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.matching.latent import N_DIMS, LatentConfig, train, unit_rows
from app.matching.words import WordTable, counts

if TYPE_CHECKING:
    from app.matching.label_index import LabelIndex

_WORD_UNITS = 32767
_TEXTS_PER_BLOCK = 16_384
VECTOR_UNITS = 127


@dataclass(frozen=True)
class LatentSpace:
    """Vectors that texts are compared by.

    Attributes
    ----------
    word_vectors : ndarray of shape (n_words, N_DIMS), int16
        Of the words of the label index; all on one scale.
    ngram_vectors : ndarray of shape (n_ngrams, N_DIMS), int16
        On the same scale: what n-grams add to a word that no label uses.
    text_vectors : ndarray of shape (n_texts, N_DIMS), int8
        Each on its own scale, the largest component 127 or -127.
    concept_vectors : ndarray of shape (n_concepts, N_DIMS), int8
    text_norm, concept_norm : ndarray of shape (n,), float64
        Lengths of those vectors, at least 1.
    """

    word_vectors: NDArray[np.int16]
    ngram_vectors: NDArray[np.int16]
    text_vectors: NDArray[np.int8]
    concept_vectors: NDArray[np.int8]
    text_norm: NDArray[np.float64]
    concept_norm: NDArray[np.float64]

    def vectors_of_unknown(self, table: WordTable, words: Sequence[str]) -> NDArray[np.int64]:
        """Vectors of words that no label uses, from their n-grams, on the scale of ``word_vectors``.

        Returns
        -------
        ndarray of shape (n_words, N_DIMS), int64
        """
        if not words:
            return np.zeros((0, N_DIMS), dtype=np.int64)
        weights = table.ngram_rows(words)
        found = np.zeros((len(words), N_DIMS), dtype=np.int64)
        for row, (start, end) in enumerate(pairwise(weights.indptr.tolist())):
            # A few rows of many thousands: cheaper than a product with all of them.
            weight = weights.data[start:end]
            summed = weight @ self.ngram_vectors[weights.indices[start:end]].astype(np.float64)
            length = np.sqrt(weight @ weight)
            found[row] = np.rint(summed / max(length, 1.0))
        return found


def learn_latent_space(
    index: LabelIndex,
    contexts: Sequence[str],
    config: LatentConfig,
    progress: Callable[[int, int], None] | None = None,
    is_used: NDArray[np.bool_] | None = None,
) -> LatentSpace:
    """Learn the latent space of a label index.

    Parameters
    ----------
    index : LabelIndex
    contexts : sequence of str
        What else is said of each concept, in canonical form: descriptions in any language.
    is_used : ndarray of shape (n_entries,), bool, optional
        Entries to learn from; all when left out. Others take part in the result,
        which is how the weights of the fusion are fitted on labels nobody saw.
    """
    from scipy.sparse import csr_matrix, diags, hstack, identity

    table = index.words
    rarity = diags(table.rarity.astype(np.float64))
    shape = (len(index.text_start) - 1, len(table.words))
    ones = np.ones(len(index.text_word))
    texts = unit_rows(csr_matrix((ones, index.text_word, index.text_start), shape=shape) @ rarity)
    known = counts([sorted(set(context.split())) for context in contexts], table.row_of)
    context = unit_rows(known @ rarity)
    own = identity(len(table.words), dtype=np.float32, format="csr")
    features = hstack([own, config.ngram_weight * unit_rows(table.word_ngrams)], format="csr").astype(
        np.float32
    )
    used = np.arange(len(index.entry_text)) if is_used is None else np.flatnonzero(is_used)
    vectors = train(
        texts[index.entry_text[used]], index.entry_concept[used], context, features, config, progress
    )
    word_vectors = features @ vectors
    ngram_vectors = config.ngram_weight * vectors[len(table.words) :]
    scale = _WORD_UNITS / max(
        1e-9, float(np.abs(word_vectors).max()), float(np.abs(ngram_vectors).max(initial=0))
    )
    member = csr_matrix(
        (np.ones(len(used), dtype=np.float32), (index.entry_concept[used], index.entry_text[used])),
        shape=(index.n_concepts, shape[0]),
    )
    concept_words = unit_rows(member @ texts) + config.context_weight * context
    return latent_space(
        index,
        word_vectors=np.rint(scale * word_vectors).astype(np.int16),
        ngram_vectors=np.rint(scale * ngram_vectors).astype(np.int16),
        concept_vectors=to_whole(np.rint(scale * (concept_words @ word_vectors)).astype(np.int64)),
    )


def latent_space(
    index: LabelIndex,
    *,
    word_vectors: NDArray[np.int16],
    ngram_vectors: NDArray[np.int16],
    concept_vectors: NDArray[np.int8],
) -> LatentSpace:
    """Work out the rest of a latent space from what was learned.

    Raises
    ------
    ValueError
        The vectors are not those of this index.
    """
    from scipy.sparse import csr_matrix

    shapes = (word_vectors.shape, ngram_vectors.shape, concept_vectors.shape)
    table = index.words
    if shapes != (
        (len(table.words), N_DIMS),
        (len(table.ngrams), N_DIMS),
        (index.n_concepts, N_DIMS),
    ):
        raise ValueError(f"the vectors belong to other labels: their shapes are {shapes}")
    rarity = csr_matrix(
        (table.rarity[index.text_word].astype(np.int64), index.text_word, index.text_start),
        shape=(len(index.text_start) - 1, len(table.words)),
    )
    text_vectors = np.zeros((rarity.shape[0], N_DIMS), dtype=np.int8)
    for start in range(0, rarity.shape[0], _TEXTS_PER_BLOCK):
        block = slice(start, start + _TEXTS_PER_BLOCK)
        text_vectors[block] = to_whole(np.asarray(rarity[block] @ word_vectors.astype(np.int64)))
    return LatentSpace(
        word_vectors=word_vectors,
        ngram_vectors=ngram_vectors,
        text_vectors=text_vectors,
        concept_vectors=concept_vectors,
        text_norm=lengths(text_vectors),
        concept_norm=lengths(concept_vectors),
    )


_LEARNED = {"word_vectors": np.int16, "ngram_vectors": np.int16, "concept_vectors": np.int8}


def pack_space(space: LatentSpace) -> bytes:
    """What was learned, as the bytes of a NumPy archive; equal vectors give equal bytes."""
    target = io.BytesIO()
    np.savez(
        target,
        word_vectors=space.word_vectors,
        ngram_vectors=space.ngram_vectors,
        concept_vectors=space.concept_vectors,
    )
    return target.getvalue()


def unpack_space(index: LabelIndex, data: bytes) -> LatentSpace:
    """Read what ``pack_space`` wrote.

    Raises
    ------
    ValueError
        The bytes are damaged, or the vectors are those of another index.
    """
    try:
        # Checksums first: NumPy reads a damaged header as if it were whole.
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            damaged = archive.testzip()
        if damaged is not None:
            raise ValueError(f"{damaged} is damaged")
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            learned = {name: arrays[name] for name in _LEARNED}
    except Exception as error:  # a damaged archive fails in as many ways as it has parts
        raise ValueError("the stored vectors cannot be read") from error
    if any(learned[name].dtype != dtype for name, dtype in _LEARNED.items()):
        raise ValueError("the stored vectors cannot be read: they are of other types")
    return latent_space(index, **learned)


def to_whole(vectors: NDArray[np.int64]) -> NDArray[np.int8]:
    """Scale each row so that its largest component is 127 or -127; rows of zeros stay."""
    largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True, initial=0), 1)
    return np.asarray((2 * VECTOR_UNITS * vectors + largest) // (2 * largest), dtype=np.int8)


def lengths(vectors: NDArray[np.int8]) -> NDArray[np.float64]:
    """Length of each row, at least 1."""
    squares = np.square(vectors.astype(np.int64)).sum(axis=1)
    return np.asarray(np.sqrt(np.maximum(squares, 1).astype(np.float64)))
