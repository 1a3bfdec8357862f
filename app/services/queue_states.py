"""What becomes of queue entries when an alias comes into force or ends."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.transitions import QueueState, require_transition
from app.models import ConceptAlias, QueuedPhrase
from app.repositories.queue import list_entries_of
from app.services.changes import flush, touch


def settle_phrase(session: Session, alias: ConceptAlias, *, now: datetime) -> None:
    """Close the queue entries that an alias in force answers, and open those left without one.

    A dismissed entry stays dismissed unless an alias answers it. Flushes.
    """
    for entry, answered in list_entries_of(session, alias):
        settle_entry(entry, answered=answered, now=now)
    flush(session)


def settle_entry(entry: QueuedPhrase, *, answered: bool, now: datetime) -> None:
    """Bring one entry to the state that having an alias, or having none any more, calls for."""
    target = QueueState.ALIASED if answered else QueueState.OPEN
    if entry.state is target or (entry.state is QueueState.DISMISSED and not answered):
        return
    require_transition(entry.state, target)
    entry.state = target
    touch(entry, now)
