"""Write lines and rows: JSON Lines, CSV and XLSX with the same bytes for the same content.

A file appears whole or not at all: it is written beside its place and moved there.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from app.errors import InvalidInput
from app.intake.source import Format

# A workbook stores when it was made, which would make every file another one.
CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_MAX_WORKBOOK_ROWS = 2**20
_MAX_WORKBOOK_CELL = 32_767

# What a spreadsheet would run as a formula, also behind apostrophes that reading takes off.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")

# Characters that XML cannot hold and the library does not escape.
_NOT_XML = re.compile("[\ufffe\uffff]")


def format_of(path: Path | None, given: Format | None = None) -> Format:
    """Tell the format to write: the given one, else by extension, else JSON Lines."""
    if given is not None:
        return given
    suffixes = [suffix.lower() for suffix in path.suffixes] if path else []
    suffix = next((suffix for suffix in reversed(suffixes) if suffix != ".gz"), "")
    return {".csv": Format.CSV, ".xlsx": Format.XLSX}.get(suffix, Format.JSONL)


def write_as(
    target: IO[bytes],
    kind: Format,
    *,
    lines: Iterable[Mapping[str, object]],
    header: Sequence[str],
    rows: Iterable[Mapping[str, object]],
    sheet: str,
) -> None:
    """Write the same content as lines or as rows, whichever the format takes; the other is not consumed."""
    if kind is Format.JSONL:
        write_lines(target, lines)
    elif kind is Format.CSV:
        write_csv(target, header, rows)
    else:
        write_workbook(target, header, rows, sheet=sheet)


@contextmanager
def open_target(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that replaces ``path`` only once it is complete.

    A name that ends in ``.gz`` is compressed. A path that is no regular file, such
    as a pipe, is written directly.

    Raises
    ------
    InvalidInput
        The folder is missing or may not be written to.
    """
    try:
        with _open_plain(path) as stream:
            if path.suffix.lower() != ".gz":
                yield stream
            else:
                # No name and no time in the header: the same content gives the same bytes.
                with gzip.GzipFile(filename="", fileobj=stream, mode="wb", mtime=0) as packed:
                    yield cast(BinaryIO, packed)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror or error}.") from error


@contextmanager
def _open_plain(path: Path) -> Iterator[BinaryIO]:
    place = path.resolve()
    if place.exists() and not place.is_file():
        with place.open("wb") as stream:
            yield stream
        return
    descriptor, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(descriptor)
        # mkstemp makes files private; the result has the mode any new file would have.
        os.chmod(temporary, place.stat().st_mode & 0o777 if place.exists() else 0o666 & ~_umask())
        os.replace(temporary, place)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_lines(target: IO[bytes], lines: Iterable[Mapping[str, object]]) -> None:
    """Write JSON Lines: UTF-8, keys in the order given, floats so that they read back exactly."""
    for line in lines:
        text = json.dumps(line, ensure_ascii=False, allow_nan=False, separators=(", ", ": "))
        target.write(text.encode() + b"\n")


def write_csv(target: IO[bytes], header: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write a CSV file: UTF-8, comma, CRLF as RFC 4180 has it, and no cell that runs as a formula."""
    text = io.TextIOWrapper(target, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_cell(row.get(column, "")) for column in header] for row in rows)
    # The caller's stream stays open.
    text.detach()


def write_workbook(
    target: IO[bytes], header: Sequence[str], rows: Iterable[Mapping[str, object]], *, sheet: str
) -> None:
    """Write an XLSX workbook of one sheet, with a frozen header row.

    Raises
    ------
    InvalidInput
        There are more rows, or longer texts, than a workbook holds.
    """
    import xlsxwriter

    # Written to memory first: the library needs to seek, which a pipe cannot.
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": CREATED})
    page = book.add_worksheet(sheet)
    bold = book.add_format({"bold": True})
    for col, column in enumerate(header):
        page.write_string(0, col, column, bold)
    page.freeze_panes(1, 0)
    for number, row in enumerate(rows, start=1):
        if number >= _MAX_WORKBOOK_ROWS:
            raise InvalidInput("A workbook cannot hold that many rows. Write CSV or JSON Lines.")
        for col, column in enumerate(header):
            value = row.get(column, "")
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                page.write_number(number, col, _Exact(value))
                continue
            text = str(_cell(value))
            if len(text) > _MAX_WORKBOOK_CELL:
                raise InvalidInput(
                    f"A cell of a workbook cannot hold more than {_MAX_WORKBOOK_CELL:,} characters. "
                    "Write CSV or JSON Lines."
                )
            if text:
                page.write_string(number, col, _NOT_XML.sub("\ufffd", text))
    book.close()
    target.write(buffer.getbuffer())


class _Exact(float):
    """A number that is written with as many digits as reading it back takes.

    The library writes sixteen, and one number in ten needs a seventeenth.
    """

    def __format__(self, _spec: str) -> str:
        return repr(float(self)).removesuffix(".0")


def _cell(value: object) -> str | int | float:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return value
    text = str(value)
    return "'" + text if _FORMULA.match(text) else text
