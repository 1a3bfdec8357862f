"""What reading a file gives back: the good records, and every fault with its place."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.domain.submissions import IdentityRecord
from app.errors import FieldIssue

RecordT = TypeVar("RecordT")

MAX_ISSUES = 10_000
MAX_ISSUES_PER_ROW = 20
MAX_WARNING_KEYS = 100


@dataclass(frozen=True, slots=True)
class ReadWarning:
    """Something odd that stopped no row, told once with how often it was met.

    ``key`` is the key or column it concerns, ``first_row`` where it was met first.
    """

    code: str
    key: str
    message: str
    count: int
    first_row: int


@dataclass(frozen=True, slots=True)
class ReadOutcome(Generic[RecordT]):
    """The good rows of one file and what was wrong with the others.

    Attributes
    ----------
    records
        Valid records in file order; their ids are unique.
    rows
        File row of each record, parallel to ``records``.
    identities
        Record id to direct identifiers (``given_name``, ``email`` …); only for
        candidates, and never part of a record, issue or warning.
    issues
        Faults in file order, at most ``MAX_ISSUES``; ``n_refused`` counts on.
    n_rows
        Rows read that held anything; the header is not counted.
    n_refused
        Rows that gave no record.
    """

    records: tuple[RecordT, ...]
    rows: tuple[int, ...]
    identities: Mapping[str, IdentityRecord]
    issues: tuple[FieldIssue, ...]
    warnings: tuple[ReadWarning, ...]
    n_rows: int
    n_refused: int


class WarningTally:
    """Counts warnings by code and key, in bounded memory."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], ReadWarning] = {}
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, code: str, key: str, message: str, row: int) -> None:
        entry = code, printable(key)
        if entry not in self._first and len(self._first) >= MAX_WARNING_KEYS:
            entry, message = (code, "…"), "Further keys gave this warning too."
        self._first.setdefault(entry, ReadWarning(*entry, message, 0, row))
        self._counts[entry] += 1

    def warnings(self) -> tuple[ReadWarning, ...]:
        return tuple(
            dataclasses.replace(warning, count=self._counts[entry]) for entry, warning in self._first.items()
        )


def printable(key: str) -> str:
    """Give a key as it may be printed: one line, no control characters, not long."""
    return "".join(char if char.isprintable() else "?" for char in key[:60])
