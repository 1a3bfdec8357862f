"""A pool in one file: opened in milliseconds, shared by processes, refused if it is not what was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.matching.array_file import ArrayFile, BadSnapshot, Stamp, open_arrays, save_arrays
from app.matching.ranking.pool import Pool, PoolView, Sealed, all_rows
from app.matching.ranking.segment import BLOCK, N_COMMON, Lists, Segment, build_segment
from app.matching.version import ENGINE_VERSION

__all__ = ["BadSnapshot", "OpenedPool", "Stamp", "open_pool", "save_pool"]

_KIND = "pool 2"
_Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class OpenedPool:
    """A pool from a file, what was kept beside it, and the stamp that spares others its verification."""

    pool: Pool
    meta: dict[str, Any]
    fingerprint: str
    stamp: Stamp


def save_pool(path: Path, pool: Pool | PoolView, meta: Mapping[str, Any]) -> None:
    """Write the candidates that are live; equal content and ``meta`` give equal bytes.

    They are arranged as one segment by id, however many the pool has. The file appears
    whole or not at all; who has the old one open keeps it.

    Parameters
    ----------
    meta
        What is needed beside the candidates, such as vocabularies, grades and the checksum
        of the taxonomy: arrays, which are mapped like the pool's, or small values for JSON
        (tuples come back as lists).

    Raises
    ------
    OSError
        The folder cannot be written.
    TypeError
        JSON cannot hold a value of ``meta``.
    """
    view = pool.view() if isinstance(pool, Pool) else pool
    segment = _one_segment(view)
    arrays = {} if segment is None else _pack(segment)
    arrays |= {f"meta.{name}": value for name, value in meta.items() if isinstance(value, np.ndarray)}
    rest = {name: value for name, value in meta.items() if not isinstance(value, np.ndarray)}
    about = {
        "engine": ENGINE_VERSION,
        "block": BLOCK,
        "n_common": N_COMMON,
        "columns": sorted(view.column_names),
        "fingerprint": view.fingerprint,
        "meta": rest,
    }
    save_arrays(path, _KIND, arrays, about)


def open_pool(path: Path, *, known: Stamp | None = None) -> OpenedPool:
    """Map a pool that ``save_pool`` wrote; it can be searched and changed like any other.

    Parameters
    ----------
    known
        Stamp of a file that was verified before: while it is that file in that state, its
        checksums are not compared again.

    Raises
    ------
    FileNotFoundError
        There is none.
    BadSnapshot
        It is torn, changed, or of another version of the engine: build the pool anew.
    """
    file = open_arrays(path, _KIND, known=known)
    about = file.meta
    try:
        if (about["engine"], about["block"], about["n_common"]) != (ENGINE_VERSION, BLOCK, N_COMMON):
            raise BadSnapshot(f"{path.name} is of engine {about['engine']}, this is {ENGINE_VERSION}")
        columns = tuple(about["columns"])
        pool = Pool([Sealed.of(_unpack(file, columns))] if "ids" in file.arrays else [], columns)
        names = [name for name in file.arrays if name.startswith("meta.")]
        meta = about["meta"] | {name.removeprefix("meta."): file.arrays[name] for name in names}
        return OpenedPool(pool, meta, about["fingerprint"], file.stamp)
    except (KeyError, TypeError) as error:
        raise BadSnapshot(f"{path.name} cannot be read") from error


def _one_segment(view: PoolView) -> Segment | None:
    """All candidates of a view as one segment, or None if there are none."""
    parts = [(each.segment, live) for each, live in view.sealed if live.any()]
    if len(parts) == 1 and not view.delta.live.any():
        segment, live = parts[0]
        if np.array_equal(live, all_rows(segment.n_rows)):
            return segment
    rows = view.rows()
    return None if rows is None else build_segment(rows)


def _pack(segment: Segment) -> _Arrays:
    arrays: _Arrays = {}
    for field in fields(Segment):
        value = getattr(segment, field.name)
        if isinstance(value, Lists):
            arrays |= {f"{field.name}.{each.name}": getattr(value, each.name) for each in fields(Lists)}
        elif isinstance(value, np.ndarray):
            arrays[field.name] = value
    # Room for longer ids that are gone would make bytes differ.
    width = max(1, int(np.char.str_len(segment.ids).max()))
    arrays["ids"] = segment.ids.astype(f"S{width}", copy=False)
    return arrays


def _unpack(file: ArrayFile, column_names: tuple[str, ...]) -> Segment:
    arrays = file.arrays
    held: dict[str, Any] = {"column_names": column_names}
    for field in fields(Segment):
        if field.name in ("claims", "words"):
            held[field.name] = Lists(**{e.name: arrays[f"{field.name}.{e.name}"] for e in fields(Lists)})
        elif field.name != "column_names":
            held[field.name] = arrays[field.name]
    return Segment(**held)
