"""Sentence embeddings of a release's labels: worked out once for each model, kept in a folder.

A release's vectors stand in one file, named for the release's checksum and the model's, and
are mapped into memory. A file of another release or model is never used.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.domain.enums import ConceptKind
from app.domain.taxonomy import Taxonomy
from app.errors import InvalidInput
from app.matching.array_file import BadSnapshot, open_arrays, save_arrays
from app.matching.labels import LabelTable
from app.matching.semantic import (
    SemanticChannel,
    concept_embeddings,
    embedded_texts,
    semantic_space,
    whole_vectors,
)
from app.services.embedding_cache import EmbeddingCache
from app.services.sentence_models import model_checksum, named_sentence_model, open_sentence_model
from app.services.taxonomy_index import ConceptTable

SEMANTIC_VERSION = 1
"""Raised with every change of what is embedded or how it is kept."""

DESCRIPTION_WEIGHT = 0.5
"""Of a description beside the mean of the labels, in a concept's vector."""

_KIND_OF_FILE = "semantic vectors 1"
_KINDS = (ConceptKind.SKILL, ConceptKind.OCCUPATION)
_KEPT_PHRASES = 16_384

Progress = Callable[[str, int, int], None]

_log = logging.getLogger(__name__)


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Report nothing."""


class SemanticRelease:
    """The embeddings of one release, ready for its linkers.

    Attributes
    ----------
    digest
        SHA-256 (hex) of the model and the vectors: what pins links beside the release.
    """

    def __init__(
        self,
        vectors: Mapping[str, NDArray[np.int8]],
        digest: str,
        embed: Callable[[str], NDArray[np.float32]],
    ) -> None:
        self._vectors = vectors
        self._embed = embed
        self.digest = digest

    def channel(self, kind: ConceptKind, labels: LabelTable) -> SemanticChannel:
        """What the linker of a kind of concept takes part with.

        Raises
        ------
        ValueError
            The labels are not those that were embedded.
        """
        texts, concepts = self._vectors[f"{kind}.texts"], self._vectors[f"{kind}.concepts"]
        return SemanticChannel(semantic_space(labels, texts, concepts), self._embed)


class SemanticStore:
    """Embeds releases with one model and keeps what it embedded; threads may share it."""

    def __init__(self, model: Path, folder: Path | None) -> None:
        """Open a model.

        Parameters
        ----------
        model
            Folder of a sentence model; see ``open_sentence_model``.
        folder
            Where vectors are kept; made when something is. None keeps nothing.

        Raises
        ------
        InvalidInput
            There is no such model.
        """
        self.model_checksum = model_checksum(model)
        self._model = model
        self._folder = folder
        self.embed = lru_cache(_KEPT_PHRASES)(self._embed_phrase)

    @cached_property
    def _encoder(self) -> Any:
        return open_sentence_model(self._model)

    def _embed_phrase(self, phrase: str) -> NDArray[np.float32]:
        # By itself: in a batch the last bits of its vector would depend on the others.
        vector: NDArray[np.float32] = self._encoder.encode([phrase])[0]
        vector.flags.writeable = False
        return vector

    def path(self, checksum: str) -> Path | None:
        """File of a release; None where nothing is kept."""
        if self._folder is None:
            return None
        return self._folder / f"semantic-{checksum[:16]}-{self.model_checksum[:16]}.bin"

    def version(self, checksum: str) -> str:
        """What tells that a release's file is there and which; empty where there is none. Cheap."""
        path = self.path(checksum)
        try:
            found = None if path is None else path.stat()
        except OSError:
            return ""
        return "" if found is None else f"{self.model_checksum} {found.st_mtime_ns} {found.st_size}"

    def find(self, checksum: str) -> SemanticRelease | None:
        """Open the vectors of a release; None where there are none, or none to be trusted."""
        path = self.path(checksum)
        if path is None:
            return None
        try:
            opened = open_arrays(path, _KIND_OF_FILE)
        except FileNotFoundError:
            return None
        except (OSError, BadSnapshot):
            _log.warning("semantic vectors unreadable", extra={"file": path.name})
            return None
        expected = self._about(checksum)
        if {name: opened.meta.get(name) for name in expected} != expected:
            _log.warning("semantic vectors of another release or model", extra={"file": path.name})
            return None
        return self._release(opened.arrays, opened.meta["sha256"])

    def learn(self, taxonomy: Taxonomy, progress: Progress = _silent) -> SemanticRelease:
        """Embed the labels and descriptions of a release, and keep the vectors.

        Raises
        ------
        InvalidInput
            They cannot be kept.
        """
        vectors = self._vectors(taxonomy, progress)
        digest = _digest(vectors)
        path = self.path(taxonomy.checksum)
        if path is not None:
            try:
                save_arrays(path, _KIND_OF_FILE, vectors, self._about(taxonomy.checksum) | {"sha256": digest})
            except OSError as error:
                raise InvalidInput(
                    f"The embeddings cannot be kept in {path.parent}: {error.strerror}."
                ) from error
        return self._release(vectors, digest)

    def work_out(self, taxonomy: Taxonomy, progress: Progress = _silent) -> SemanticRelease:
        """Find the vectors of a release, or embed it without keeping them."""
        found = self.find(taxonomy.checksum)
        if found is not None:
            return found
        vectors = self._vectors(taxonomy, progress)
        return self._release(vectors, _digest(vectors))

    def _vectors(self, taxonomy: Taxonomy, progress: Progress) -> dict[str, NDArray[np.int8]]:
        # Texts that were embedded before are not embedded again, whatever release they were of.
        cache = EmbeddingCache(self._encoder, self._cache_path())
        vectors: dict[str, NDArray[np.int8]] = {}
        for kind in _KINDS:
            found = _embed_table(
                ConceptTable(taxonomy, kind), cache, partial(progress, f"embedding {kind} labels")
            )
            vectors[f"{kind}.texts"], vectors[f"{kind}.concepts"] = found
        return vectors

    def embed_table(self, table: ConceptTable, is_kept: NDArray[np.bool_] | None = None) -> SemanticChannel:
        """Embed one kind of concept anew, keeping some texts from the vectors of concepts if told.

        Parameters
        ----------
        is_kept : ndarray of shape (n_texts,), bool, optional
        """
        cache = EmbeddingCache(self._encoder, self._cache_path())
        texts, concepts = _embed_table(table, cache, lambda _done, _total: None, is_kept)
        return SemanticChannel(semantic_space(table.label_table(), texts, concepts), self.embed)

    def _about(self, checksum: str) -> dict[str, Any]:
        return {"version": SEMANTIC_VERSION, "release": checksum, "model": self.model_checksum}

    def _cache_path(self) -> Path | None:
        return None if self._folder is None else self._folder / f"embeddings-{self.model_checksum[:16]}.npz"

    def _release(self, vectors: Mapping[str, NDArray[np.int8]], sha256: str) -> SemanticRelease:
        digest = hashlib.sha256(f"{self.model_checksum} {sha256}".encode()).hexdigest()
        return SemanticRelease(vectors, digest, self.embed)


def open_store(name: str, folder: Path | None) -> SemanticStore:
    """Open the model that a setting names: a folder, or ``package``.

    Raises
    ------
    InvalidInput
        There is no such model.
    """
    return SemanticStore(named_sentence_model(name), folder)


def _embed_table(
    table: ConceptTable,
    cache: EmbeddingCache,
    progress: Callable[[int, int], None],
    is_kept: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Vectors of the embedded texts and of the concepts of one kind, in whole numbers."""
    labels = table.label_table()
    n_concepts = int(labels.concept_row.max(initial=-1)) + 1
    rows = embedded_texts(labels)
    embeddings = cache.embed([labels.texts[row] for row in rows.tolist()], progress=progress)
    described = {row: text for row, text in table.descriptions("en").items() if row < n_concepts}
    descriptions = np.zeros((n_concepts, embeddings.shape[1]), dtype=np.float32)
    descriptions[list(described)] = DESCRIPTION_WEIGHT * cache.embed(
        list(described.values()), progress=progress
    )
    shown = embeddings if is_kept is None else embeddings * is_kept[rows, None]
    concepts = concept_embeddings(labels, n_concepts, shown, descriptions)
    return whole_vectors(embeddings), whole_vectors(concepts)


def _digest(vectors: Mapping[str, NDArray[np.int8]]) -> str:
    digest = hashlib.sha256()
    for name in sorted(vectors):
        digest.update(f"{name} {vectors[name].shape}".encode())
        digest.update(np.ascontiguousarray(vectors[name]).data)
    return digest.hexdigest()
