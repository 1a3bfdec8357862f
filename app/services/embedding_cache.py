"""Embeddings of labels kept between runs: a text is embedded once per model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np
from numpy.typing import NDArray

from app.matching.baselines.sentence_encoder import SentenceEncoder

_DIGEST_BYTES = 16
_TEXTS_PER_SAVE = 10_000


class EmbeddingCache:
    """Embeds texts, and remembers what it embedded, in memory and in a file if given one.

    Vectors are rounded to float16 whether they come from the file or not, so that a
    warm cache never changes a ranking.

    Parameters
    ----------
    encoder
        The model; the file name should tell it from others.
    path
        ``.npz`` file to read and to write; None keeps everything in memory.
    """

    def __init__(self, encoder: SentenceEncoder, path: Path | None = None) -> None:
        self._encoder = encoder
        self._path = path
        self._row_of: dict[bytes, int] = {}
        self._vectors = np.zeros((0, encoder.n_dimensions), dtype=np.float16)
        if path is not None and path.exists():
            with np.load(path) as stored:
                digests, vectors = stored["digest"], stored["vector"]
            if vectors.shape[1] == encoder.n_dimensions and len(digests) == len(vectors):
                self._row_of = {bytes(digest): row for row, digest in enumerate(digests)}
                self._vectors = vectors

    @property
    def n_dimensions(self) -> int:
        """Length of the vectors."""
        return int(self._vectors.shape[1])

    def embed(
        self, texts: Sequence[str], *, progress: Callable[[int, int], None] = lambda _done, _total: None
    ) -> NDArray[np.float32]:
        """Vectors of ``texts``, shape (n_texts, n_dimensions), float32, unit length to within rounding."""
        keys = [hashlib.sha256(text.encode()).digest()[:_DIGEST_BYTES] for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._row_of}
        pending = list(missing.items())
        for start in range(0, len(pending), _TEXTS_PER_SAVE):
            progress(start, len(pending))
            self._add(pending[start : start + _TEXTS_PER_SAVE])
        return np.asarray(self._vectors[[self._row_of[key] for key in keys]], dtype=np.float32)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts that will not come again; nothing is remembered."""
        return self._encoder.encode(texts)

    def _add(self, pending: Sequence[tuple[bytes, str]]) -> None:
        vectors = self._encoder.encode([text for _, text in pending]).astype(np.float16)
        first = len(self._vectors)
        self._vectors = np.concatenate([self._vectors, vectors])
        self._row_of.update({key: first + offset for offset, (key, _) in enumerate(pending)})
        if self._path is not None:
            self._save(self._path)

    def _save(self, path: Path) -> None:
        """Write beside the file, then replace it: a run that is stopped leaves the old one whole."""
        path.parent.mkdir(parents=True, exist_ok=True)
        digests = np.frombuffer(b"".join(self._row_of), dtype=np.uint8).reshape(-1, _DIGEST_BYTES)
        with NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as target:
            np.savez(target, digest=digests, vector=self._vectors)
        Path(target.name).replace(path)
