"""A linker's tables in one file: checked, memory-mapped, opened without building anything.

Layout: a magic line, the length of a JSON header (8 bytes, little-endian), the header
with the place, type and shape of every array and the SHA-256 of what follows, then the
arrays, each on a multiple of 64 bytes. Strings are stored joined by line ends, which
canonical texts do not hold.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.matching.label_index import LabelIndex
from app.matching.labels import LabelTable
from app.matching.latent_space import LatentSpace
from app.matching.words import Likes, WordTable

MAGIC = b"talentbridge linker 1\n"
_ALIGNMENT = 64
_Arrays = dict[str, NDArray[Any]]


class BadSnapshot(ValueError):
    """The file is torn, changed, or of another version: build anew."""


def save_snapshot(path: Path, labels: LabelTable, index: LabelIndex) -> None:
    """Write a label table and its index; equal tables give equal bytes.

    The file appears whole or not at all.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    arrays = _pack(labels, index)
    entries = {}
    at = 0
    for name, array in arrays.items():
        at += -at % _ALIGNMENT
        entries[name] = {"at": at, "dtype": array.dtype.str, "shape": list(array.shape)}
        at += array.nbytes
    body = bytearray(at)
    for name, array in arrays.items():
        start = int(entries[name]["at"])  # type: ignore[call-overload]  # written as int above
        body[start : start + array.nbytes] = array.tobytes()
    digest = hashlib.sha256(body).hexdigest()
    header = json.dumps({"arrays": entries, "sha256": digest}, sort_keys=True).encode()
    header += b" " * (-(len(MAGIC) + 8 + len(header)) % _ALIGNMENT)
    path.parent.mkdir(parents=True, exist_ok=True)
    target = tempfile.NamedTemporaryFile(dir=path.parent, delete=False)  # noqa: SIM115  # closed below
    try:
        with target:
            target.write(MAGIC + len(header).to_bytes(8, "little") + header)
            target.write(body)
        os.replace(target.name, path)
    except BaseException:
        os.unlink(target.name)
        raise


def open_snapshot(path: Path) -> tuple[LabelTable, LabelIndex]:
    """Map a file that ``save_snapshot`` wrote; processes that open it share its memory.

    Raises
    ------
    FileNotFoundError
        There is none.
    BadSnapshot
        It is torn, changed, or of another version.
    """
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise BadSnapshot(f"{path.name} is not a linker snapshot of this version")
        # Private pages, shared until somebody writes: compiled code takes only arrays that can be written.
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    start = len(MAGIC) + 8
    length = int.from_bytes(mapped[len(MAGIC) : start], "little")
    body = memoryview(mapped)[start + length :]
    try:
        header = json.loads(mapped[start : start + length])
        if hashlib.sha256(body).hexdigest() != header["sha256"]:
            raise BadSnapshot(f"{path.name} does not hold what was written")
        arrays = {
            name: np.frombuffer(
                body, np.dtype(entry["dtype"]), int(np.prod(entry["shape"], dtype=np.int64)), entry["at"]
            ).reshape(entry["shape"])
            for name, entry in header["arrays"].items()
        }
        return _unpack(arrays)
    except (KeyError, TypeError, ValueError) as error:
        raise BadSnapshot(f"{path.name} cannot be read") from error


_LABELS = ("text_row", "concept_row", "kind", "lang_row")
_STRINGS = ("words", "ngrams", "trigrams")
_WORDS = ("rarity", "ngram_weight", "trigram_weight")


def _pack(labels: LabelTable, index: LabelIndex) -> _Arrays:
    arrays: _Arrays = {"labels.texts": _join(labels.texts), "labels.langs": _join(labels.langs)}
    arrays |= {f"labels.{name}": getattr(labels, name) for name in _LABELS}
    table = index.words
    arrays |= {f"words.{name}": _join(getattr(table, name)) for name in _STRINGS}
    arrays |= {f"words.{name}": getattr(table, name) for name in _WORDS}
    arrays |= {f"likes.{name}": getattr(table.likes, name) for name in Likes._fields}
    arrays["numbers"] = np.array([table.unseen_rarity, index.n_concepts], dtype=np.int64)
    arrays |= {f"index.{name}": getattr(index, name) for name in _index_arrays()}
    if index.latent is not None:
        arrays |= {f"latent.{each.name}": getattr(index.latent, each.name) for each in fields(LatentSpace)}
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}


def _unpack(arrays: Mapping[str, NDArray[Any]]) -> tuple[LabelTable, LabelIndex]:
    labels = LabelTable(
        texts=_split(arrays["labels.texts"]),
        langs=_split(arrays["labels.langs"]),
        **{name: arrays[f"labels.{name}"] for name in _LABELS},
    )
    unseen_rarity, n_concepts = arrays["numbers"].tolist()
    words: dict[str, Any] = {name: _split(arrays[f"words.{name}"]) for name in _STRINGS}
    words |= {name: arrays[f"words.{name}"] for name in _WORDS}
    likes = Likes(*(arrays[f"likes.{name}"] for name in Likes._fields))
    table = WordTable(unseen_rarity=unseen_rarity, likes=likes, **words)
    latent = None
    if "latent.word_vectors" in arrays:
        latent = LatentSpace(**{each.name: arrays[f"latent.{each.name}"] for each in fields(LatentSpace)})
    index = LabelIndex(
        words=table,
        n_concepts=n_concepts,
        latent=latent,
        **{name: arrays[f"index.{name}"] for name in _index_arrays()},
    )
    return labels, index


def _index_arrays() -> list[str]:
    return [each.name for each in fields(LabelIndex) if each.name not in ("words", "n_concepts", "latent")]


def _join(strings: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer("".join(f"{string}\n" for string in strings).encode(), dtype=np.uint8)


def _split(joined: NDArray[np.uint8]) -> tuple[str, ...]:
    return tuple(joined.tobytes().decode().split("\n")[:-1])
