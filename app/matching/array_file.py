"""Named arrays in one file: checked, memory-mapped, written whole or not at all.

Layout: a magic line naming the kind and version of what is held; the length of a JSON
header and its CRC-32 (8 and 4 bytes, little-endian); the header, which tells place, type,
shape and CRC-32 of every array; then the arrays, each on a multiple of 64 bytes. Equal
arrays and equal ``meta`` give equal bytes.

A CRC finds what was torn or changed by accident. It is no seal against intent: whoever
may write the file may write a matching checksum (ADR 0011).
"""

from __future__ import annotations

import json
import mmap
import os
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

_ALIGNMENT = 64
_N_LENGTH, _N_CHECK = 8, 4
_CHECK_THREADS = 4
Arrays = Mapping[str, NDArray[Any]]


class BadSnapshot(ValueError):
    """The file is torn, changed, or of another version: build anew."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """One state of one file, as the file system and the header's checksum tell it.

    Whoever was given the stamp of a file that has been verified need not verify it again:
    a file put in its place is another file, and one written to has another time.
    """

    device: int
    inode: int
    size: int
    modified_ns: int
    header_check: int


@dataclass(frozen=True, slots=True)
class ArrayFile:
    """An opened file: its arrays, mapped and not read yet, and what was written beside them."""

    arrays: dict[str, NDArray[Any]]
    meta: dict[str, Any]
    stamp: Stamp


def save_arrays(path: Path, kind: str, arrays: Arrays, meta: Mapping[str, Any]) -> None:
    """Write arrays and some JSON to a file that appears whole or not at all.

    It is not forced to the disk: what a power cut tears is refused when it is opened.

    Parameters
    ----------
    kind
        What is held and in which version; a file of another kind is refused.
    meta
        What JSON can hold; kept in the header, which is read whole.

    Raises
    ------
    OSError
        The folder cannot be written.
    TypeError
        JSON cannot hold ``meta``.
    """
    parts = {name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)}
    entries: dict[str, dict[str, Any]] = {}
    end = 0
    for name, array in parts.items():
        at = end + -end % _ALIGNMENT
        end = at + array.nbytes
        check = zlib.crc32(_bytes_of(array))
        entries[name] = {"at": at, "dtype": array.dtype.str, "shape": list(array.shape), "crc32": check}
    header = json.dumps({"arrays": entries, "meta": meta, "size": end}, sort_keys=True).encode()
    magic = _magic(kind)
    header += b" " * (-(len(magic) + _N_LENGTH + _N_CHECK + len(header)) % _ALIGNMENT)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _replacing(path) as target:
        target.write(magic + len(header).to_bytes(_N_LENGTH, "little"))
        target.write(zlib.crc32(header).to_bytes(_N_CHECK, "little") + header)
        written = 0
        for name, array in parts.items():
            target.write(bytes(entries[name]["at"] - written))
            target.write(_bytes_of(array))
            written = entries[name]["at"] + array.nbytes


def open_arrays(path: Path, kind: str, *, known: Stamp | None = None) -> ArrayFile:
    """Map a file that ``save_arrays`` wrote; processes that open it share its memory.

    Parameters
    ----------
    known
        Stamp of a file that was verified before: if this is still that file in that state,
        its arrays are not read through again.

    Raises
    ------
    FileNotFoundError
        There is none.
    BadSnapshot
        It is torn, changed, or of another kind.
    """
    magic = _magic(kind)
    with path.open("rb") as file:
        if file.read(len(magic)) != magic:
            raise BadSnapshot(f"{path.name} holds no {kind}")
        status = os.fstat(file.fileno())
        # Private pages, shared until somebody writes: compiled code takes only arrays that can be written.
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    try:
        header, check, body = _header(mapped, len(magic))
        stamp = Stamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, check)
        if len(body) != header["size"]:
            raise BadSnapshot(f"{path.name} was not written to its end")
        arrays = {name: _mapped_array(body, entry) for name, entry in header["arrays"].items()}
        if stamp != known:
            _verify(arrays, header["arrays"], path.name)
        return ArrayFile(arrays, header["meta"], stamp)
    except BadSnapshot:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise BadSnapshot(f"{path.name} cannot be read") from error


def join_strings(strings: Sequence[str]) -> NDArray[np.uint8]:
    """Strings as one array, each closed by a line end, which none of them may hold.

    Raises
    ------
    ValueError
        If one holds a line end.
    """
    joined = "".join(f"{string}\n" for string in strings)
    if joined.count("\n") != len(strings):
        raise ValueError("strings to be joined must not hold line ends")
    return np.frombuffer(joined.encode(), dtype=np.uint8)


def split_strings(joined: NDArray[np.uint8]) -> tuple[str, ...]:
    """The strings that ``join_strings`` was given."""
    return tuple(joined.tobytes().decode().split("\n")[:-1])


def _magic(kind: str) -> bytes:
    return f"talentbridge {kind}\n".encode()


def _header(mapped: mmap.mmap, n_magic: int) -> tuple[dict[str, Any], int, memoryview]:
    """Header, its checksum and what follows it; raises BadSnapshot."""
    start = n_magic + _N_LENGTH + _N_CHECK
    length = int.from_bytes(mapped[n_magic : n_magic + _N_LENGTH], "little")
    check = int.from_bytes(mapped[n_magic + _N_LENGTH : start], "little")
    text = mapped[start : start + length]
    if len(text) != length or zlib.crc32(text) != check:
        raise BadSnapshot("the header is torn or was changed")
    return json.loads(text), check, memoryview(mapped)[start + length :]


def _mapped_array(body: memoryview, entry: Mapping[str, Any]) -> NDArray[Any]:
    n = int(np.prod(entry["shape"], dtype=np.int64))
    dtype = np.dtype(entry["dtype"])
    return np.ndarray(entry["shape"], dtype, body, entry["at"]) if n else np.empty(entry["shape"], dtype)


def _verify(arrays: Arrays, entries: Mapping[str, Mapping[str, Any]], name: str) -> None:
    """Compare every checksum, several at a time; raises BadSnapshot."""
    largest_first = sorted(arrays, key=lambda each: -arrays[each].nbytes)
    with ThreadPoolExecutor(min(_CHECK_THREADS, os.cpu_count() or 1)) as threads:
        checks = list(threads.map(lambda each: zlib.crc32(_bytes_of(arrays[each])), largest_first))
    pairs = zip(largest_first, checks, strict=True)
    wrong = [each for each, check in pairs if check != entries[each]["crc32"]]
    if wrong:
        raise BadSnapshot(f"{name} does not hold what was written ({wrong[0]})")


def _bytes_of(array: NDArray[Any]) -> memoryview:
    return array.reshape(-1).view(np.uint8).data if array.size else memoryview(b"")


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A new file that takes the place of another when it is written whole, and goes when it is not."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as target:
        try:
            yield target
        except BaseException:
            Path(target.name).unlink(missing_ok=True)
            raise
    os.replace(target.name, path)
