"""Read a file of candidates whose columns a person has matched to fields, with rows mended since.

The file stays as it was sent. What was mended is kept apart, by the number of the row it mends,
and laid over it whenever the file is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import BinaryIO

from app.domain.records import CandidateRecord
from app.errors import FieldIssue, InvalidInput
from app.intake.columns import CANDIDATE_COLUMNS, IDENTITY_COLUMNS, MEND_COLUMNS, field_of, header_key
from app.intake.fields import absent
from app.intake.jsonlines import iter_json
from app.intake.outcome import ReadOutcome, WarningTally
from app.intake.read import Progress, Recognised, collect_records, iter_cells, recognise
from app.intake.records import parse_candidate, parse_identity
from app.intake.source import Format, RawRow, ReadLimits
from app.intake.table import Cells, too_many_cells, unguarded
from app.intake.values import Fault, to_whole_number

UPLOAD_LIMITS = ReadLimits(
    max_bytes=128 * 2**20,
    max_rows=50_000,
    max_columns=200,
    max_workbook_bytes=32 * 2**20,
    max_sheet_bytes=200 * 2**20,
    max_cells=2_000_000,
)
"""What is taken of a file that is sent in through a form."""

# Recognised so that they are not read: the service does not keep them.
_NOT_KEPT = frozenset({"full_name", "address", "photo"})
_COLUMNS = CANDIDATE_COLUMNS | IDENTITY_COLUMNS
FIELDS = tuple(name for name in _COLUMNS if name not in _NOT_KEPT)
"""What a column can mean."""

MendedRows = Mapping[int, Mapping[str, object]]
"""Values that take the place of those of a row, by row and field."""


@dataclass(frozen=True, slots=True)
class FileHead:
    """The columns of a file: headers of a table, or the keys of JSON objects in the order they come up.

    ``suggested`` says, column by column, which field its name means; None where it is not known.
    """

    kind: Format
    columns: tuple[str, ...]
    suggested: tuple[str | None, ...]

    @property
    def tabular(self) -> bool:
        """Whether lists are written in one cell."""
        return self.kind is not Format.JSONL


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row as it was sent: its values by column, or the fault that hides some of them."""

    row: int
    values: Sequence[object] = field(default=())
    fault: FieldIssue | None = None


@dataclass(frozen=True, slots=True)
class MappedFile:
    """A file and how it is to be read: ``fields`` says what each column means, None for not at all."""

    content: BinaryIO
    name: str
    fields: tuple[str | None, ...]
    mended: MendedRows = field(default_factory=dict)


def read_head(content: BinaryIO, name: str) -> FileHead:
    """Read which columns a file has.

    Raises
    ------
    InvalidInput
        It is empty, damaged, too large or of no format that is read, or has no rows.
    """
    opened = _open(content, name)
    if opened.kind is Format.JSONL:
        columns = tuple(_keys(iter_json(opened.text, opened.name, opened.head, UPLOAD_LIMITS)))
        if not columns:
            raise InvalidInput(f"{name} holds no object that can be read.")
    else:
        columns, rows = _table(opened)
        if next(rows, None) is None:
            raise InvalidInput(f"{name} has a header, but no rows below it.")
    if len(columns) > UPLOAD_LIMITS.max_columns:
        raise InvalidInput(f"{name} has more than {UPLOAD_LIMITS.max_columns} columns.")
    return FileHead(opened.kind, columns, _suggest(columns))


def iter_source(file: MappedFile, head: FileHead) -> Iterator[SourceRow]:
    """Give the rows of a file as they were sent."""
    opened = _open(file.content, file.name)
    if opened.kind is Format.JSONL:
        for raw in iter_json(opened.text, opened.name, opened.head, UPLOAD_LIMITS):
            yield SourceRow(raw.row, [raw.values.get(key) for key in head.columns], raw.fault)
        return
    columns, rows = _table(opened)
    for row in rows:
        cells = [unguarded(cell) for cell in row.cells[: len(columns)]]
        fault = row.fault or too_many_cells(row, len(columns))
        yield SourceRow(row.row, cells, fault)


def read_mapped(
    file: MappedFile, head: FileHead, *, progress: Progress | None = None
) -> ReadOutcome[CandidateRecord]:
    """Read the candidates of a file with their direct identifiers, as ``read_candidates`` does.

    Raises
    ------
    InvalidInput
        The file as a whole cannot be read.
    """
    shown = {key: name for key, name in zip(file.fields, head.columns, strict=False) if key}
    rows = (
        _raw_row(row, file, shown if head.tabular else {}, head.tabular) for row in iter_source(file, head)
    )
    return collect_records(
        rows,
        file.name,
        UPLOAD_LIMITS,
        WarningTally(),
        parse_candidate,
        progress=progress,
        identify=parse_identity,
    )


def read_mended(content: BinaryIO, name: str, head: FileHead, fields: Sequence[str | None]) -> MendedRows:
    """Read a file of refused rows that somebody has mended: what each column means is known already.

    Raises
    ------
    InvalidInput
        It cannot be read, or does not say which rows it mends.
    """
    mended_head = read_head(content, name)
    number_at = next((at for at, key in enumerate(_mend_keys(mended_head)) if key == "source_row"), None)
    if number_at is None:
        raise InvalidInput(
            f"{name} does not say which rows it mends. Download the refused rows here and mend that file."
        )
    if mended_head.tabular is not head.tabular:
        raise InvalidInput(f"{name} is of another kind than the first file. Mend the file you download here.")
    known = {header_key(column): key for column, key in zip(head.columns, fields, strict=True)}
    keys = [
        None if ours else known.get(header_key(column), guess)
        for column, ours, guess in zip(
            mended_head.columns, _mend_keys(mended_head), mended_head.suggested, strict=True
        )
    ]
    rows: dict[int, Mapping[str, object]] = {}
    for row in iter_source(MappedFile(content, name, ()), mended_head):
        number = _row_number(row.values[number_at] if number_at < len(row.values) else None)
        if row.fault is None and number is not None:
            values = [*row.values, *[""] * (len(keys) - len(row.values))]
            rows[number] = {key: value for key, value in zip(keys, values, strict=True) if key}
    return rows


def _open(content: BinaryIO, name: str) -> Recognised:
    content.seek(0)
    return recognise(content, name, UPLOAD_LIMITS)


def _table(opened: Recognised) -> tuple[tuple[str, ...], Iterator[Cells]]:
    """The header of a table, and the rows below it that hold anything."""
    rows = (
        row
        for row in iter_cells(opened, UPLOAD_LIMITS, _COLUMNS, WarningTally())
        if row.fault or any(map(str.strip, row.cells))
    )
    header = next(rows, None)
    if header is None:
        raise InvalidInput(f"{opened.name} is empty. The first row must name the columns.")
    if header.fault is not None:
        raise InvalidInput(f"The first row of {opened.name} cannot be read.", issues=[header.fault])
    cells = [" ".join(cell.split()) for cell in header.cells]
    while cells and not cells[-1]:
        cells.pop()  # spreadsheets keep columns that were used once
    return tuple(cells), rows


def _keys(rows: Iterable[RawRow]) -> Iterable[str]:
    return dict.fromkeys(chain.from_iterable(row.values for row in rows))


def _suggest(columns: Sequence[str]) -> tuple[str | None, ...]:
    taken: set[str] = set()
    suggested: list[str | None] = []
    for column in columns:
        key = field_of(column, _COLUMNS)
        if key in taken or key in _NOT_KEPT:
            key = None
        if key is not None:
            taken.add(key)
        suggested.append(key)
    return tuple(suggested)


def _mend_keys(head: FileHead) -> list[str | None]:
    return [field_of(column, MEND_COLUMNS) for column in head.columns]


def _row_number(value: object) -> int | None:
    try:
        return None if absent(value) else to_whole_number(value, 1, 10**7)
    except Fault:
        return None


def _raw_row(row: SourceRow, file: MappedFile, shown: Mapping[str, str], tabular: bool) -> RawRow:
    values = {
        key: value for key, value in zip(file.fields, row.values, strict=False) if key and not absent(value)
    }
    mended = file.mended.get(row.row)
    fault = row.fault
    if mended:
        values |= mended
        # Whatever could not be read of it is written anew.
        fault = None if "id" in mended else fault
    return RawRow(row.row, values, shown, fault, tabular=tabular)
