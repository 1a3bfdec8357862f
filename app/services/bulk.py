"""Creating many records at once, with an outcome for each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy.orm import Session

from app.errors import AppError, Conflict
from app.services.changes import flush, require_external_id

CHUNK = 500


class HasId(Protocol):
    """A record with the caller's own id."""

    @property
    def id(self) -> str: ...


RecordT = TypeVar("RecordT", bound=HasId)
RowT = TypeVar("RowT")


class BulkMode(StrEnum):
    """What happens to the good items when others are bad."""

    ATOMIC = "atomic"  # nothing is created
    PARTIAL = "partial"  # the good ones are created


class ItemStatus(StrEnum):
    """What became of one item."""

    CREATED = "created"
    FAILED = "failed"
    NOT_ATTEMPTED = "not_attempted"  # good by itself, but another item of an atomic call failed


@dataclass(frozen=True, slots=True)
class ItemOutcome(Generic[RowT]):
    """What became of the item at ``index``; ``row`` when created, ``error`` when failed."""

    index: int
    external_id: str
    status: ItemStatus
    row: RowT | None = None
    error: AppError | None = None


def duplicate_id(noun: str) -> Conflict:
    """Say that an id is taken."""
    return Conflict(f"There is a {noun} with this id already; change that one or choose another id.")


def create_each(
    session: Session,
    records: Sequence[RecordT],
    build: Callable[[RecordT], tuple[RowT, Sequence[Any]]],
    *,
    taken: Collection[str],
    mode: BulkMode,
    noun: str,
) -> list[ItemOutcome[RowT]]:
    """Create a row for each record and say what became of each, in the order given.

    Parameters
    ----------
    build
        Makes the row of a record and what is stored along with it; may raise AppError.
    taken
        Ids that are in use already; using one, or one id twice, fails that item.

    Notes
    -----
    Flushes in savepoints of 500 rows. Only when the database refuses a savepoint
    (another transaction took an id meanwhile) are its rows tried one by one.
    """
    outcomes: dict[int, ItemOutcome[RowT]] = {}
    built: list[tuple[int, RecordT, RowT, Sequence[Any]]] = []
    seen = set(taken)
    for index, record in enumerate(records):
        try:
            require_external_id(record.id)
            if record.id in seen:
                raise duplicate_id(noun)
            row, extras = build(record)
        except AppError as error:
            outcomes[index] = ItemOutcome(index, record.id, ItemStatus.FAILED, error=error)
        else:
            seen.add(record.id)
            built.append((index, record, row, extras))

    def store(part: Sequence[tuple[int, RecordT, RowT, Sequence[Any]]]) -> None:
        try:
            with session.begin_nested():
                session.add_all(row for _, _, row, _ in part)
                # First the rows: an identity refers to its profile without a mapped relationship.
                flush(session)
                session.add_all(extra for _, _, _, extras in part for extra in extras)
                flush(session)
        except AppError as error:
            if len(part) == 1:
                index, record, _, _ = part[0]
                outcomes[index] = ItemOutcome(index, record.id, ItemStatus.FAILED, error=error)
                return
            for item in part:
                store([item])
        else:
            for index, record, row, _ in part:
                outcomes[index] = ItemOutcome(index, record.id, ItemStatus.CREATED, row=row)

    if mode is BulkMode.PARTIAL:
        for start in range(0, len(built), CHUNK):
            store(built[start : start + CHUNK])
    elif not outcomes:
        with session.begin_nested() as savepoint:
            for start in range(0, len(built), CHUNK):
                store(built[start : start + CHUNK])
            if any(outcome.status is ItemStatus.FAILED for outcome in outcomes.values()):
                savepoint.rollback()
    if mode is BulkMode.ATOMIC and any(o.status is ItemStatus.FAILED for o in outcomes.values()):
        for index, record in enumerate(records):
            if index not in outcomes or outcomes[index].status is ItemStatus.CREATED:
                outcomes[index] = ItemOutcome(index, record.id, ItemStatus.NOT_ATTEMPTED)
    return [outcomes[index] for index in range(len(records))]
