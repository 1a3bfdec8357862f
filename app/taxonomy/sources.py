"""Find the CSV tables in a folder, a zip archive or single files, and read their bytes.

Nothing is ever unpacked to disk, and every read is counted against a limit, so
a hostile archive costs a clear error and no more.
"""

from __future__ import annotations

import gzip
import io
import os
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from app.errors import FieldIssue, TaxonomyError

MAX_TABLE_BYTES = 128 * 1024 * 1024  # the largest official table is under 40 MB
MAX_ARCHIVE_BYTES = 2 * 1024**3  # one language unpacks to about 60 MB
MAX_FILES = 5_000

_GZIP_MAGIC = b"\x1f\x8b"
_ZIP_MAGIC = b"PK\x03\x04"
_TABLE_SUFFIXES = (".csv", ".csv.gz")


@dataclass(frozen=True, slots=True)
class Source:
    """One CSV table that can be read.

    Attributes
    ----------
    name
        What messages call it: the path below what the caller named.
    read
        Returns the table's bytes, decompressed.
    """

    name: str
    read: Callable[[], bytes]

    @property
    def stem(self) -> str:
        """File name without folders, ``.csv`` and ``.gz``."""
        return PurePosixPath(self.name).name.lower().removesuffix(".gz").removesuffix(".csv")


def find_sources(paths: Sequence[Path]) -> list[Source]:
    """List the CSV tables behind ``paths``, in order of name.

    Folders are searched with their subfolders and the zip archives in them.

    Raises
    ------
    TaxonomyError
        A path does not exist or is no table, or an archive is damaged or unsafe.
    """
    found: list[Source] = []
    for path in paths:
        if path.is_dir():
            found += _in_folder(path)
        elif not path.is_file():
            raise fault(str(path), "is no file or folder", "check the path")
        elif _starts_with(path, _ZIP_MAGIC):
            found += _in_zip(path, path.name)
        else:
            found.append(Source(path.name, partial(_read_file, path)))
    return sorted(found, key=lambda source: source.name)


def fault(
    file: str, problem: str, hint: str, *, row: int | None = None, column: str | None = None
) -> TaxonomyError:
    """Build the error for one place of one file: what is wrong there and how to mend it."""
    place = file if row is None else f"{file}, row {row}"
    if column is not None:
        place += f", column {column}"
    return TaxonomyError(f"{place}: {problem}. To mend it: {hint}.")


def quirk(
    file: str, row: int | None, column: str | None, code: str, problem: str, hint: str = ""
) -> FieldIssue:
    """Build the report of a place that was mended or left out: both texts become sentences."""
    mend = f"{hint[0].upper()}{hint[1:]}." if hint else ""
    return FieldIssue("", code, f"{file}: {problem}.", mend, row, column)


def _in_folder(folder: Path) -> list[Source]:
    found: list[Source] = []
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_clutter(name))
        for file in sorted(files):
            path = Path(parent, file)
            name = path.relative_to(folder).as_posix()
            if _is_clutter(file) or not path.is_file():
                continue
            if file.lower().endswith(".zip"):
                found += _in_zip(path, name)
            elif file.lower().endswith(_TABLE_SUFFIXES):
                found.append(Source(name, partial(_read_file, path)))
        if len(found) > MAX_FILES:
            raise fault(str(folder), f"holds more than {MAX_FILES} tables", "name the ESCO folder itself")
    return found


def _in_zip(path: Path, name: str) -> list[Source]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _damaged_zip(name) from error
    if len(members) > MAX_FILES:
        raise fault(name, f"holds more than {MAX_FILES} files", "use the archive as ESCO offers it")
    if sum(member.file_size for member in members) > MAX_ARCHIVE_BYTES:
        raise fault(
            name,
            f"unpacks to more than {MAX_ARCHIVE_BYTES // 1024**3} GiB",
            "use the archive as ESCO offers it, or one language at a time",
        )
    found = []
    for member in members:
        parts = PurePosixPath(member.filename.replace("\\", "/")).parts
        if member.filename.startswith(("/", "\\")) or ".." in parts or any(":" in part for part in parts):
            raise fault(
                name, "holds a file name that points outside the archive", "do not trust this archive"
            )
        if any(_is_clutter(part) for part in parts) or not member.filename.lower().endswith(_TABLE_SUFFIXES):
            continue
        shown = f"{name}/{member.filename}"
        found.append(Source(shown, partial(_read_member, path, member, shown)))
    return found


def _is_clutter(name: str) -> bool:
    return name.startswith((".", "__MACOSX"))


def _starts_with(path: Path, magic: bytes) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(len(magic)) == magic
    except OSError as error:
        raise fault(path.name, "cannot be opened", "check that you may read it") from error


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return _read_stream(stream, path.name)
    except OSError as error:
        raise fault(path.name, "cannot be read", "check that you may read it") from error


def _read_member(path: Path, member: zipfile.ZipInfo, name: str) -> bytes:
    if member.flag_bits & 0x1:
        raise fault(name, "is encrypted", "unpack the archive with its password first")
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
            return _read_stream(stream, name)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, zlib.error) as error:
        raise _damaged_zip(name) from error


def _read_stream(stream: IO[bytes], name: str) -> bytes:
    data = _read_limited(stream, name)
    if not data.startswith(_GZIP_MAGIC):
        return data
    try:
        with gzip.open(io.BytesIO(data)) as unpacked:
            return _read_limited(unpacked, name)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise fault(
            name, "the gzip file is damaged or was cut off", "download it again and compare its size"
        ) from error


def _read_limited(stream: IO[bytes] | gzip.GzipFile, name: str) -> bytes:
    data = stream.read(MAX_TABLE_BYTES + 1)
    if len(data) > MAX_TABLE_BYTES:
        raise fault(
            name,
            f"is larger than {MAX_TABLE_BYTES // 1024**2} MiB when unpacked",
            "use the table as ESCO offers it",
        )
    return data


def _damaged_zip(name: str) -> TaxonomyError:
    return fault(name, "the zip archive is damaged or was cut off", "download it again and compare its size")
