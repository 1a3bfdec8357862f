"""What every change of a record has in common: checks, versions, states, and the audit event."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.domain.actor import Actor
from app.domain.ids import MAX_EXTERNAL_ID, is_external_id
from app.domain.transitions import require_transition
from app.errors import Conflict, FieldIssue, InvalidInput, VersionMismatch
from app.services.audit import record_event


class VersionedRow(Protocol):
    """A row that ``app.models.base.Versioned`` gives its columns."""

    id: Any
    version: Any
    updated_at: Any


class RowWithStatus(VersionedRow, Protocol):
    """A versioned row with a state machine."""

    status: Any


def require_external_id(value: str) -> None:
    """Check a caller's own id.

    Raises
    ------
    InvalidInput
        It is empty, too long, or has outer spaces or characters that do not print.
    """
    if not is_external_id(value):
        message = (
            f"An id has 1 to {MAX_EXTERNAL_ID} printable characters and neither begins nor ends with a space."
        )
        raise InvalidInput(message, issues=[FieldIssue("/id", "bad-id", message)])


def require_version(row: VersionedRow, expected: int | None) -> None:
    """Check that the caller saw the newest version; None means that any will do.

    Raises
    ------
    VersionMismatch
        The row has changed since.
    """
    if expected is not None and row.version != expected:
        raise VersionMismatch(f"This is version {row.version}; read it again and repeat the change.")


def touch(row: VersionedRow, now: datetime) -> None:
    """Count a change of the row or of its children."""
    row.version += 1
    row.updated_at = now


def change_status(
    session: Session, actor: Actor, row: RowWithStatus, target: StrEnum, *, now: datetime, noun: str
) -> None:
    """Take the row to another state and write the audit event.

    Raises
    ------
    WrongTransition
        The state machine has no such step; the detail names the allowed ones.
    """
    before = row.status
    require_transition(before, target)
    row.status = target
    touch(row, now)
    record_event(session, actor, f"{noun}.{target}", noun, row.id, now=now, before=str(before))


def flush(session: Session) -> None:
    """Send the changes to the database and translate what it refuses.

    Raises
    ------
    VersionMismatch
        Another transaction changed a row meanwhile.
    Conflict
        A constraint forbids it; mostly a second record with the same id.
    InvalidInput
        A value does not fit its column.
    """
    try:
        session.flush()
    except StaleDataError:
        raise VersionMismatch("The record changed meanwhile; read it again and repeat.") from None
    except IntegrityError:
        # Without the cause: the database's message quotes the row.
        raise Conflict("A record with this id exists already, or one it refers to is gone.") from None
    except DataError:
        raise InvalidInput("A value is too long or outside the range that can be stored.") from None


def require_organisation(actor: Actor) -> UUID:
    """Give the organisation that the actor acts for; only its roles may submit records."""
    assert actor.organisation_id is not None, "the permission table lets no staff role submit records"
    return actor.organisation_id
