"""Rows of a table: CSV text, or the cells of a workbook."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from app.errors import FieldIssue, InvalidInput
from app.intake.columns import field_of
from app.intake.source import Line, RawRow, ReadLimits, detect_encoding, has_bad_characters, iter_lines

_DELIMITERS = (",", ";", "\t")
_EXCEL_SEPARATOR = re.compile(r'"?sep=([,;\t|])"?', re.IGNORECASE)

# A cell that a spreadsheet would run as a formula is written with an apostrophe
# before it, which reading takes off again (see app.intake.write).
_GUARDED = re.compile(r"'+[=+\-@\t\r]")

_MAX_CELL_CHARS = csv.field_size_limit()


@dataclass(frozen=True, slots=True)
class Cells:
    """One row of cells, or the fault that hides it."""

    row: int
    cells: Sequence[str] = ()
    fault: FieldIssue | None = None


def iter_table(
    cells: Iterable[Cells], name: str, columns: dict[str, tuple[str, ...]], max_columns: int
) -> Iterator[RawRow]:
    """Give one raw row per row that is not empty, by the fields its headers mean.

    The first row that is not empty is the header. Cells under an unknown header
    keep that header as their key.

    Raises
    ------
    InvalidInput
        There is no header, no known header, or two headers mean the same field.
    """
    rows = iter(cells)
    header = next((row for row in rows if row.fault or any(map(str.strip, row.cells))), None)
    if header is None:
        raise InvalidInput(f"{name} is empty. The first row must name the columns.")
    if header.fault is not None:
        raise InvalidInput(f"The first row of {name} cannot be read.", issues=[header.fault])
    keys, shown = _map_header(header.cells, name, columns, max_columns)
    for row in rows:
        if row.fault is not None:
            yield RawRow(row.row, fault=row.fault, tabular=True)
        elif any(map(str.strip, row.cells)):
            yield _raw_row(row, keys, shown)


def _map_header(
    header: Sequence[str], name: str, columns: dict[str, tuple[str, ...]], max_columns: int
) -> tuple[list[str], dict[str, str]]:
    keys: list[str] = []
    shown: dict[str, str] = {}
    for position, cell in enumerate(header, start=1):
        text = " ".join(cell.split())
        key = field_of(text, columns)
        if key is not None and key in shown:
            raise InvalidInput(f"Two columns of {name} mean {key}: keep one of them.")
        if key is not None:
            shown[key] = text
        keys.append(key or text or f"column {position}")
    if len(keys) > max_columns:
        raise InvalidInput(f"{name} has more than {max_columns} columns.")
    if not shown:
        # The header is not echoed: in a file without one it is somebody's data.
        known = ", ".join(columns)
        raise InvalidInput(f"No column of {name} is known. The first row must name columns such as {known}.")
    return keys, shown


def _raw_row(row: Cells, keys: list[str], shown: dict[str, str]) -> RawRow:
    fault = too_many_cells(row, len(keys))
    if fault is not None:
        return RawRow(row.row, fault=fault, tabular=True)
    values = {key: unguarded(cell) for key, cell in zip(keys, row.cells, strict=False) if cell.strip()}
    return RawRow(row.row, values, shown, tabular=True)


def too_many_cells(row: Cells, n_columns: int) -> FieldIssue | None:
    """Give the fault of a row that goes on beyond the header; None where it does not."""
    if not any(map(str.strip, row.cells[n_columns:])):
        return None
    message = f"The row has more cells than the header has columns ({n_columns})."
    hint = "Put quotation marks around a cell that holds the separator."
    return FieldIssue("", "too-many-cells", message, hint, row=row.row)


def unguarded(cell: str) -> str:
    """Take the apostrophe off that writing puts before what a spreadsheet would run."""
    return cell[1:] if _GUARDED.match(cell) else cell


def iter_csv(
    stream: BinaryIO, name: str, head: bytes, limits: ReadLimits, columns: dict[str, tuple[str, ...]]
) -> Iterator[Cells]:
    """Give the rows of a CSV file, counted as a spreadsheet counts them.

    The separator is the one under which the first line names most known columns.
    A quotation mark that is never closed, or closed in the wrong place, costs the
    row it stands in: reading resumes on the line after it.
    """
    encoding = detect_encoding(name, head)
    lines = _Pushback(iter_lines(stream, encoding, limits.max_line_chars))
    row = 0
    delimiter = ""
    while True:
        lines.mark()
        first = lines.peek()
        if first is None:
            return
        row += 1
        if first.too_long:
            next(lines)
            yield _fault(
                row, "line-too-long", f"The line is longer than {limits.max_line_chars:,} characters."
            )
            continue
        if not delimiter:
            declared = _EXCEL_SEPARATOR.fullmatch(first.text.strip())
            if declared:
                next(lines)
                delimiter = declared[1]
                continue
            if first.text.strip():
                delimiter = _sniff(first.text, columns)
        yield _read_record(lines, row, delimiter or ",", limits.max_line_chars)


def _read_record(lines: _Pushback, row: int, delimiter: str, max_chars: int) -> Cells:
    try:
        cells = next(csv.reader(lines.texts(max_chars), delimiter=delimiter, strict=True))
    except StopIteration:
        return Cells(row)
    except csv.Error:
        lines.resume_after_first()
        message = (
            f"A quotation mark is out of place, or a cell is longer than {_MAX_CELL_CHARS:,} characters."
        )
        hint = "Double each quotation mark inside a quoted cell, and close the cell with one."
        return _fault(row, "invalid-quoting", message, hint)
    if any(map(has_bad_characters, cells)):
        return _fault(
            row, "invalid-encoding", "The row is not valid UTF-8 text.", "Save the file as CSV UTF-8."
        )
    return Cells(row, cells)


def _sniff(line: str, columns: dict[str, tuple[str, ...]]) -> str:
    def fit(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([line], delimiter=delimiter), [])
        return sum(field_of(cell, columns) is not None for cell in cells), len(cells)

    try:
        return max(_DELIMITERS, key=fit)
    except csv.Error:
        return ","


class _Pushback:
    """Lines that can be read again from just after a mark."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._ahead: deque[Line] = deque()
        self._since_mark: list[Line] = []

    def __iter__(self) -> Iterator[Line]:
        return self

    def __next__(self) -> Line:
        line = self._ahead.popleft() if self._ahead else next(self._lines)
        self._since_mark.append(line)
        return line

    def mark(self) -> None:
        self._since_mark.clear()

    def peek(self) -> Line | None:
        if not self._ahead:
            line = next(self._lines, None)
            if line is None:
                return None
            self._ahead.append(line)
        return self._ahead[0]

    def resume_after_first(self) -> None:
        self._ahead.extendleft(reversed(self._since_mark[1:]))
        self._since_mark.clear()

    def texts(self, max_chars: int) -> Iterator[str]:
        """Give the lines of one record, until one is too long or all are together."""
        left = max_chars
        while (line := self.peek()) is not None and not line.too_long and left > 0:
            left -= len(line.text)
            yield next(self).text


def _fault(row: int, code: str, message: str, hint: str = "") -> Cells:
    return Cells(row, fault=FieldIssue("", code, message, hint, row=row))
