"""Rows of an XLSX workbook, after a look at what it would unpack to."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from app.errors import FieldIssue, InvalidInput
from app.intake.outcome import WarningTally
from app.intake.source import ReadLimits, damaged, has_bad_characters
from app.intake.table import Cells
from app.intake.unpack import checked_copy

if TYPE_CHECKING:
    import python_calamine


def iter_workbook(stream: BinaryIO, name: str, limits: ReadLimits, tally: WarningTally) -> Iterator[Cells]:
    """Give the rows of the first visible sheet, counted from 1 as the spreadsheet counts them.

    Raises
    ------
    InvalidInput
        The workbook is damaged or would unpack to more than the limits.
    """
    import python_calamine

    with checked_copy(stream, name, limits) as copy:
        try:
            book = python_calamine.CalamineWorkbook.from_filelike(copy)
            sheet, others = _first_visible(book, name)
            rows = sheet.iter_rows()
        except python_calamine.CalamineError as error:
            raise damaged(name) from error
        if others:
            tally.add("sheet-ignored", sheet.name, "Only this sheet, the first visible one, is read.", 1)
        for number, row in enumerate(rows, start=1):
            cells = [_text(cell) for cell in row]
            if any(map(has_bad_characters, cells)):
                message = "The row holds characters that no text may have."
                yield Cells(number, fault=FieldIssue("", "invalid-encoding", message, row=number))
            else:
                yield Cells(number, cells)


def _first_visible(
    book: python_calamine.CalamineWorkbook, name: str
) -> tuple[python_calamine.CalamineSheet, bool]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    visible = [
        meta.name
        for meta in book.sheets_metadata
        if meta.typ == SheetTypeEnum.WorkSheet and meta.visible == SheetVisibleEnum.Visible
    ]
    if not visible:
        raise InvalidInput(f"{name} has no visible sheet.")
    return book.get_sheet_by_name(visible[0]), len(visible) > 1


def _text(cell: object) -> str:
    """Give a cell as the text a person sees: 12.0 is 12, a date is ISO 8601."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return (
            str(int(cell)) if math.isfinite(cell) and cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        )
    if isinstance(cell, dt.datetime):
        midnight = cell.time() == dt.time()
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ")
    if isinstance(cell, (dt.date, dt.time)):
        return cell.isoformat()
    return str(cell)
