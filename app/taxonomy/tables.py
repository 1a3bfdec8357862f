"""Which ESCO tables there are, and how one is read row by row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from app.errors import FieldIssue
from app.taxonomy.sources import Source, fault, quirk

MAX_ROWS = 1_000_000  # the largest official table has 130,000


class TableKind(Enum):
    """The tables that carry what the model uses, by their name in lower case."""

    OCCUPATIONS = "occupations"
    SKILLS = "skills"
    ISCO_GROUPS = "iscogroups"
    SKILL_GROUPS = "skillgroups"
    OCCUPATION_SKILL = "occupationskillrelations"
    SKILL_SKILL = "skillskillrelations"
    BROADER_OCCUPATIONS = "broaderrelationsoccpillar"
    BROADER_SKILLS = "broaderrelationsskillpillar"


# Known tables whose content the model takes from the ones above, or does not use.
_UNUSED_TABLE = re.compile(r"\w*collection|skillshierarchy|conceptschemes|greenshareocc|dictionary")

# occupations_ar, occupations_ar_v1.0, skills_en_v1.2.1_preferred_only, occupationSkillRelations
_STEM = re.compile(r"(?P<table>[a-z]+)(?:[_-](?P<lang>[a-z]{2}))?(?:[_ (-].*)?")


@dataclass(frozen=True, slots=True)
class TableName:
    """What a file's name says: the table, None for one the model does not use, and the language."""

    kind: TableKind | None
    lang: str | None


def parse_table_name(stem: str) -> TableName | None:
    """Recognise a table by its file name without folder and suffix; None when it is no ESCO table."""
    match = _STEM.fullmatch(stem.lower())
    if match is None:
        return None
    table, lang = match["table"], match["lang"]
    if _UNUSED_TABLE.fullmatch(table):
        return TableName(None, lang)
    try:
        return TableName(TableKind(table), lang)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class CsvTable:
    """The text of one table with the place of each column.

    ``columns`` maps header names in lower case to positions.
    """

    name: str
    columns: dict[str, int]
    text: str
    delimiter: str

    def has(self, column: str) -> bool:
        """Tell whether the header names ``column``, whatever the case."""
        return column.lower() in self.columns

    def rows(
        self, required: Sequence[str], optional: Sequence[str], issues: list[FieldIssue]
    ) -> Iterator[tuple[int, list[str]]]:
        """Yield each row's number and its cells, required columns first; a missing one is empty.

        The number counts the records of the file, the header being 1. A row with
        more cells than the header is reported and left out: its cells have shifted.

        Raises
        ------
        TaxonomyError
            A required column is missing, or a quoted cell never ends.
        """
        for column in required:
            if not self.has(column):
                raise fault(
                    self.name,
                    f"the column {column} is missing; the header has {', '.join(filter(None, self.columns))}",
                    f"add the column {column}, or use the table as ESCO offers it",
                    row=1,
                    column=column,
                )
        # One past the last cell reads as empty, for columns the file does not have.
        width = max(self.columns.values()) + 1
        picks = [self.columns.get(column.lower(), width) for column in (*required, *optional)]
        for number, cells in _records(self.text, self.delimiter, self.name):
            if number == 1 or not any(cells):
                continue
            if number > MAX_ROWS:
                raise fault(self.name, f"has more than {MAX_ROWS} rows", "use the table as ESCO offers it")
            if len(cells) > width and any(cell.strip() for cell in cells[width:]):
                issues.append(
                    quirk(
                        self.name,
                        number,
                        None,
                        "row-too-long",
                        f"the row has {len(cells)} cells, the header {width}; left out",
                        "put quotes around cells that hold the separator",
                    )
                )
                continue
            cells[width:] = []
            cells.extend([""] * (width + 1 - len(cells)))
            yield number, [cells[pick].strip() for pick in picks]


def open_table(source: Source) -> CsvTable:
    """Read and decode one table and find its columns by name.

    Raises
    ------
    TaxonomyError
        The file is empty, not UTF-8 or not a CSV.
    """
    data = source.read()
    text = _decode(data, source.name)
    first_line = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first_line.count)
    header: list[str] = next((cells for _, cells in _records(text, delimiter, source.name)), [])
    names = [cell.strip().lower() for cell in header]
    if not any(names):
        raise fault(source.name, "has no header row", "use a CSV file whose first row names the columns")
    columns: dict[str, int] = {}
    for position, name in enumerate(names):
        if name and name in columns:
            raise fault(
                source.name, "names a column twice", "remove one of the two", row=1, column=header[position]
            )
        columns[name] = position
    return CsvTable(source.name, columns, text, delimiter)


def _decode(data: bytes, name: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # utf-8-sig counts from behind the byte-order mark; one line either way is the same line.
        before = data[: error.start].decode("utf-8", errors="replace")
        row = sum(1 for _ in csv.reader(io.StringIO(before, newline="")))
        raise fault(name, "is not UTF-8 text", 'save it as "CSV UTF-8"', row=max(row, 1)) from error
    if "\0" in text:
        raise fault(name, "is not a text file", 'save it as "CSV UTF-8"')
    return text


def _records(text: str, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    # strict: a quote out of place is an error, where the lenient reader would swallow rows.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise fault(
                name,
                f"the row cannot be read as CSV ({error})",
                "look for a quotation mark that is not closed or not doubled",
                row=number,
            ) from error
        yield number, cells
