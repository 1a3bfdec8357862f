"""A bounded look into an XLSX archive before the spreadsheet library sees it.

The library builds a dense grid from the first used cell to the last and copies a
shared text into every cell that names it, so a few kilobytes can ask for terabytes.
What was counted here is packed anew, and only that copy is read: two readers of one
hostile archive need not agree on what it holds.
"""

from __future__ import annotations

import re
import tempfile
import zipfile
import zlib
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast
from xml.parsers import expat

from app.errors import InvalidInput
from app.intake.source import ReadLimits, damaged

_MOST_UNFINISHED = 2**21
_CHUNK = 1 << 16
_MAX_MEMBERS = 2_000
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")


@contextmanager
def checked_copy(stream: BinaryIO, name: str, limits: ReadLimits) -> Iterator[BinaryIO]:
    """Give a copy of the workbook's XML parts, once they are known to be bounded.

    Raises
    ------
    InvalidInput
        The archive is damaged, or holds more bytes, cells or text than the limits.
    """
    size = stream.seek(0, 2)
    stream.seek(0)
    if size > limits.max_workbook_bytes:
        raise InvalidInput(
            f"{name} is larger than {limits.max_workbook_bytes:,} bytes. Split it, or use CSV."
        )
    with tempfile.TemporaryFile() as copy:
        try:
            with zipfile.ZipFile(stream) as packed, zipfile.ZipFile(copy, "w") as out:
                _copy_parts(packed, out, name, limits)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
            raise damaged(name) from error
        except (expat.ExpatError, UnicodeError, ValueError, OverflowError) as error:
            raise damaged(name) from error
        copy.seek(0)
        yield cast(BinaryIO, copy)


def _copy_parts(packed: zipfile.ZipFile, out: zipfile.ZipFile, name: str, limits: ReadLimits) -> None:
    parts = [part for part in packed.infolist() if part.filename.lower().endswith((".xml", ".rels"))]
    if len(parts) > _MAX_MEMBERS or len({part.filename.lower() for part in parts}) < len(parts):
        raise damaged(name)
    left = limits.max_sheet_bytes
    shared: array[int] = array("L")
    # The shared texts come first, so that the cells that name them can be weighed.
    for part in sorted(parts, key=lambda part: "sharedstrings" not in part.filename.lower()):
        scan = _Scan(name, limits, shared)
        with packed.open(part) as source, out.open(zipfile.ZipInfo(part.filename), "w") as target:
            while chunk := source.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise InvalidInput(
                        f"{name} unpacks to more than {limits.max_sheet_bytes:,} bytes. Split it, or use CSV."
                    )
                scan.feed(chunk)
                target.write(chunk)
        scan.close()


class _Scan:
    """Counts the cells and texts of one XML part as it streams by."""

    def __init__(self, name: str, limits: ReadLimits, shared: array[int]) -> None:
        self._name, self._limits, self._shared = name, limits, shared
        self._row = self._col = 0
        self._rows: tuple[int, int] | None = None
        self._cols: tuple[int, int] | None = None
        self._text_chars = 0
        self._is_shared = False
        self._index: list[str] | None = None
        self._length = 0
        self._n_fed = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.EntityDeclHandler = self._refuse_entity

    def feed(self, chunk: bytes) -> None:
        self._parser.Parse(chunk, False)
        self._n_fed += len(chunk)
        # What is not over yet is read again from its start with every chunk, which takes time by
        # the square of its length (CVE-2023-52425). No workbook has a name or tag of that length.
        if self._n_fed - max(0, self._parser.CurrentByteIndex) > _MOST_UNFINISHED:
            raise damaged(self._name)

    def close(self) -> None:
        self._parser.Parse(b"", True)

    def _refuse_entity(self, *_declaration: object) -> None:
        raise damaged(self._name)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        element = tag.rpartition(":")[2]
        if element == "c":
            self._start_cell(attributes)
        elif element == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._col = 0
        elif element in ("v", "is", "f"):
            self._use_cell()
            self._index = [] if element == "v" and self._is_shared else None
        elif element == "si":
            self._length = 0

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._is_shared = attributes.get("t") == "s"
        match = _REFERENCE.fullmatch(attributes.get("r", ""))
        if match:
            self._row, self._col = int(match[2]), _column(match[1])
        else:
            self._col += 1

    def _use_cell(self) -> None:
        first, last = self._rows or (self._row, self._row)
        self._rows = min(first, self._row), max(last, self._row)
        left, right = self._cols or (self._col, self._col)
        self._cols = min(left, self._col), max(right, self._col)
        area = (self._rows[1] - self._rows[0] + 1) * (self._cols[1] - self._cols[0] + 1)
        if area > self._limits.max_cells:
            raise InvalidInput(
                f"{self._name} spreads over more than {self._limits.max_cells:,} cells. "
                "Delete the empty rows and columns around the table, or use CSV."
            )

    def _characters(self, text: str) -> None:
        self._length += len(text)
        if self._index is not None:
            self._index.append(text)

    def _end(self, tag: str) -> None:
        element = tag.rpartition(":")[2]
        if element == "si":
            self._shared.append(self._length)
        elif element == "v" and self._index is not None:
            position = int("".join(self._index) or 0)
            self._index = None
            if position >= len(self._shared):
                raise damaged(self._name)
            self._text_chars += self._shared[position]
            if self._text_chars > self._limits.max_sheet_bytes:
                raise InvalidInput(f"{self._name} repeats one text too often. Split it, or use CSV.")


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
