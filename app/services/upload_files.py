"""Values of an uploaded file as they were sent: beside its faults, and as a file of the refused rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO

from app.errors import FieldIssue
from app.intake.mapped import SourceRow, iter_source
from app.intake.source import Format
from app.intake.write import write_as
from app.services.cohort_uploads import UploadedFile
from app.services.upload_checks import read_again
from app.services.upload_reports import UploadReport

Say = Callable[[FieldIssue], tuple[str, str]]
"""Puts a fault in words: what is wrong, and how to mend it."""

# Faults are listed up to a number; the rows beyond it are refused all the same.
_UNLISTED = FieldIssue("", "not-listed", "The file has too many faults to list those of this row.")


def values_of_rows(found: UploadedFile, rows: set[int]) -> dict[int, dict[str, object]]:
    """Give the values of some rows by field, as they were sent or mended since.

    Reads the file no further than the last of these rows.
    """
    seen: dict[int, dict[str, object]] = {}
    last = max(rows, default=0)
    for row in iter_source(found.file, found.head):
        if row.row > last:
            break
        if row.row in rows:
            sent = {key: value for key, value in zip(found.file.fields, row.values, strict=False) if key}
            seen[row.row] = {**sent, **found.file.mended.get(row.row, {})}
    return seen


def write_refused(
    target: IO[bytes], found: UploadedFile, *, kind: Format, titles: Mapping[str, str], say: Say
) -> None:
    """Write the refused rows of a checked file as they were sent, each with what is wrong and how to mend it.

    Parameters
    ----------
    kind
        CSV or XLSX for a file that is a table, JSON Lines for JSON.
    titles
        Headers of the columns that come along: ``source_row``, ``what_is_wrong``, ``how_to_mend``.
    """
    by_row = _issues_by_row(found)
    header = [titles["source_row"], *_column_names(found), titles["what_is_wrong"], titles["how_to_mend"]]
    rows = (
        dict(zip(header, _annotated(found, row, by_row[row.row], say), strict=True))
        for row in iter_source(found.file, found.head)
        if row.row in by_row
    )
    write_as(
        target,
        kind,
        lines=_without_blanks(rows) if kind is Format.JSONL else (),
        header=header,
        rows=rows,
        sheet="refused",
    )


def _issues_by_row(found: UploadedFile) -> dict[int, list[FieldIssue]]:
    """What is wrong with each refused row, as the check found it."""
    by_row: dict[int, list[FieldIssue]] = {}
    for group in UploadReport.from_dict(found.upload.report).groups:
        for row, pointer in group.places:
            issue = FieldIssue(pointer, group.code, group.message, group.hint, row=row)
            by_row.setdefault(row, []).append(issue)
    if len(by_row) < found.upload.n_refused:
        good = set(read_again(found).rows)
        for each in iter_source(found.file, found.head):
            if each.row not in good:
                by_row.setdefault(each.row, [_UNLISTED])
    return by_row


def _annotated(
    found: UploadedFile, row: SourceRow, issues: Sequence[FieldIssue], say: Say
) -> Iterator[object]:
    said = [say(issue) for issue in issues]
    mended = found.file.mended.get(row.row, {})
    yield row.row
    for position, field in enumerate(found.file.fields):
        sent = row.values[position] if position < len(row.values) else ""
        yield mended.get(field, sent) if field else sent
    yield " ".join(dict.fromkeys(wrong for wrong, _ in said))
    yield " ".join(dict.fromkeys(mend for _, mend in said if mend))


def _column_names(found: UploadedFile) -> list[str]:
    """The headers of a file, each of them once: two alike would fall together."""
    names: list[str] = []
    for position, column in enumerate(found.head.columns, start=1):
        name = column or f"column {position}"
        names.append(name if name not in names else f"{name} ({position})")
    return names


def _without_blanks(rows: Iterator[dict[str, object]]) -> Iterator[dict[str, object]]:
    for row in rows:
        yield {key: value for key, value in row.items() if value not in (None, "")}
