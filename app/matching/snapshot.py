"""A linker's tables in one file, opened without building anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.matching.array_file import BadSnapshot, join_strings, open_arrays, save_arrays, split_strings
from app.matching.label_index import LabelIndex
from app.matching.labels import LabelTable
from app.matching.latent_space import LatentSpace
from app.matching.words import Likes, WordTable

__all__ = ["BadSnapshot", "open_snapshot", "save_snapshot"]

_KIND = "linker 3"
_Arrays = dict[str, NDArray[Any]]


def save_snapshot(path: Path, labels: LabelTable, index: LabelIndex) -> None:
    """Write a label table and its index; equal tables give equal bytes.

    The file appears whole or not at all.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    save_arrays(path, _KIND, _pack(labels, index), {})


def open_snapshot(path: Path) -> tuple[LabelTable, LabelIndex]:
    """Map a file that ``save_snapshot`` wrote; processes that open it share its memory.

    Raises
    ------
    FileNotFoundError
        There is none.
    BadSnapshot
        It is torn, changed, or of another version.
    """
    arrays = open_arrays(path, _KIND).arrays
    try:
        return _unpack(arrays)
    except (KeyError, TypeError, ValueError) as error:
        raise BadSnapshot(f"{path.name} cannot be read") from error


_LABELS = ("text_row", "concept_row", "kind", "lang_row")
_STRINGS = ("words", "ngrams", "trigrams")
_WORDS = ("rarity", "langs", "ngram_weight", "trigram_weight")


def _pack(labels: LabelTable, index: LabelIndex) -> _Arrays:
    arrays: _Arrays = {"labels.texts": join_strings(labels.texts), "labels.langs": join_strings(labels.langs)}
    arrays |= {f"labels.{name}": getattr(labels, name) for name in _LABELS}
    table = index.words
    arrays |= {f"words.{name}": join_strings(getattr(table, name)) for name in _STRINGS}
    arrays |= {f"words.{name}": getattr(table, name) for name in _WORDS}
    arrays |= {f"likes.{name}": getattr(table.likes, name) for name in Likes._fields}
    arrays["numbers"] = np.array([table.unseen_rarity, index.n_concepts], dtype=np.int64)
    arrays |= {f"index.{name}": getattr(index, name) for name in _index_arrays()}
    if index.latent is not None:
        arrays |= {f"latent.{each.name}": getattr(index.latent, each.name) for each in fields(LatentSpace)}
    return arrays


def _unpack(arrays: Mapping[str, NDArray[Any]]) -> tuple[LabelTable, LabelIndex]:
    labels = LabelTable(
        texts=split_strings(arrays["labels.texts"]),
        langs=split_strings(arrays["labels.langs"]),
        **{name: arrays[f"labels.{name}"] for name in _LABELS},
    )
    unseen_rarity, n_concepts = arrays["numbers"].tolist()
    words: dict[str, Any] = {name: split_strings(arrays[f"words.{name}"]) for name in _STRINGS}
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
