"""Open a file of rows: gzip, encoding, format, and lines of bounded length."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from app.errors import FieldIssue, InvalidInput


class Format(StrEnum):
    """The kinds of files that are read and written."""

    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Bounds that keep a hostile file from exhausting the machine.

    ``max_bytes`` counts after decompression; ``max_workbook_bytes`` is the size of
    an XLSX file as stored and ``max_sheet_bytes`` of what it unpacks to. A JSON array of up
    to ``max_array_bytes`` is held in memory as a whole.
    """

    max_bytes: int = 2**30
    max_rows: int = 1_000_000
    max_line_chars: int = 4_000_000
    max_columns: int = 512
    max_workbook_bytes: int = 50 * 2**20
    max_sheet_bytes: int = 400 * 2**20
    max_cells: int = 3_000_000
    max_array_bytes: int = 64 * 2**20


DEFAULT_LIMITS = ReadLimits()


@dataclass(slots=True)
class RawRow:
    """One row before validation: its values by field, or the fault that hides them.

    ``columns`` maps fields to the headers of a table and is empty for JSON Lines.
    """

    row: int
    values: Mapping[str, object] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    fault: FieldIssue | None = None
    tabular: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its ending; ``text`` is empty when it was too long to keep."""

    text: str
    too_long: bool = False


# Malformed bytes become a lone surrogate, so that one bad line costs one row and
# not the rest of the file. It works for UTF-16 too, unlike "surrogateescape".
BAD_BYTES = "\udcff"
_BAD_CHARACTER = re.compile("[\ud800-\udfff\x00]")


def _mark_bad_bytes(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return BAD_BYTES, error.end


codecs.register_error("talentbridge-mark", _mark_bad_bytes)


def has_bad_characters(text: str) -> bool:
    """Tell whether text holds NUL or half a surrogate pair, which no store can keep."""
    return _BAD_CHARACTER.search(text) is not None


def damaged(name: str) -> InvalidInput:
    """Give the error for a file that cannot be unpacked."""
    return InvalidInput(f"{name} is damaged or cut short: it cannot be unpacked. Send it again.")


class _Capped(io.RawIOBase):
    """A byte stream that refuses to give more than ``limit`` bytes."""

    def __init__(self, inner: BinaryIO | gzip.GzipFile, limit: int, name: str) -> None:
        self._inner, self._left, self._limit, self._name = inner, limit, limit, name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            chunk = self._inner.read(len(buffer))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise damaged(self._name) from error
        self._left -= len(chunk)
        if self._left < 0:
            raise InvalidInput(
                f"{self._name} holds more than {self._limit:,} bytes. Split it into smaller files."
            )
        buffer[: len(chunk)] = chunk
        return len(chunk)


@contextmanager
def open_source(source: Path | BinaryIO, *, name: str | None = None) -> Iterator[tuple[BinaryIO, str]]:
    """Open a path or a seekable binary stream; give the stream and a name for messages.

    Raises
    ------
    InvalidInput
        The path is missing, a folder, or may not be read.
    """
    if not isinstance(source, Path):
        yield source, name or "the file"
        return
    try:
        stream = source.open("rb")
    except FileNotFoundError as error:
        raise InvalidInput(f"There is no file {source}.") from error
    except OSError as error:
        raise InvalidInput(f"{source} cannot be read: {error.strerror}.") from error
    with stream:
        yield stream, name or source.name


def unwrap(stream: BinaryIO, name: str, limits: ReadLimits) -> tuple[BinaryIO, str, bool]:
    """Look through gzip: give a capped stream, the name without ``.gz``, and whether it was packed."""
    head = stream.read(2)
    stream.seek(0)
    if head != b"\x1f\x8b":
        return io.BufferedReader(_Capped(stream, limits.max_bytes, name)), name, False
    inner = gzip.GzipFile(fileobj=stream, mode="rb")
    bare = name[:-3] if name.lower().endswith(".gz") else name
    return io.BufferedReader(_Capped(inner, limits.max_bytes, name)), bare, True


def detect_format(name: str, head: bytes) -> Format:
    """Tell the format by content where that is certain, else by extension, else by the first character."""
    if head.startswith(b"PK\x03\x04"):
        return Format.XLSX
    extension = Path(name).suffix.lower()
    if extension in {".jsonl", ".ndjson", ".json"}:
        return Format.JSONL
    if extension in {".csv", ".tsv"}:
        return Format.CSV
    if extension in {".xlsx", ".xlsm", ".xls", ".ods"}:
        raise InvalidInput(
            f"{name} is not an XLSX workbook, whatever its name says. Save it as .xlsx or as CSV UTF-8."
        )
    text = head.decode(detect_encoding(name, head), errors="replace").lstrip()
    return Format.JSONL if text.startswith(("{", "[")) else Format.CSV


def detect_encoding(name: str, head: bytes) -> str:
    """Tell the encoding by its byte order mark; without one it must be UTF-8."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in head[:2]:
        raise InvalidInput(
            f"{name} is neither UTF-8 text nor a workbook. Save it as CSV UTF-8, JSON Lines or XLSX."
        )
    return "utf-8-sig"


def iter_lines(stream: BinaryIO, encoding: str, max_chars: int) -> Iterator[Line]:
    """Give the lines of a stream with their endings, never holding more than one of bounded length."""
    text = io.TextIOWrapper(stream, encoding=encoding, errors="talentbridge-mark", newline="")
    while line := text.readline(max_chars):
        if len(line) < max_chars or line.endswith(("\n", "\r")):
            yield Line(line)
            continue
        while (rest := text.readline(max_chars)) and not rest.endswith(("\n", "\r")):
            pass
        yield Line("", too_long=True)
