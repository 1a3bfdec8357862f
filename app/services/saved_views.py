"""Views of the work queue that somebody keeps under a name."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.errors import FieldIssue, InvalidInput
from app.services.accounts import change_preferences

MAX_NAME = 60
MAX_VIEWS = 12
_PREFERENCE = "queue_views"


class SavedView(NamedTuple):
    """A name, and what stands behind the question mark of the queue's address."""

    name: str
    query: str


def saved_views(preferences: Mapping[str, object]) -> tuple[SavedView, ...]:
    """The views among somebody's preferences, in the order in which they were saved."""
    kept = preferences.get(_PREFERENCE)
    return tuple(SavedView(str(name), str(query)) for name, query in kept) if isinstance(kept, list) else ()


def save_view(session: Session, actor: Actor, name: str, query: str, *, now: datetime) -> None:
    """Keep a view; one of the same name is replaced. Flushes.

    Raises
    ------
    NotPermitted
        The actor has no account.
    InvalidInput
        The name is empty, too long or does not print, or there are too many views.
    """
    name = unicodedata.normalize("NFC", name.strip())
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        raise _invalid("wrong-form", f"Give the view a name of 1 to {MAX_NAME} characters.")

    def with_view(held: tuple[SavedView, ...]) -> list[SavedView]:
        views = [view for view in held if view.name != name]
        if len(views) >= MAX_VIEWS:
            raise _invalid("too-many", f"There are {MAX_VIEWS} views already. Delete one first.")
        return [*views, SavedView(name, query)]

    _change(session, actor, with_view, now)


def delete_view(session: Session, actor: Actor, name: str, *, now: datetime) -> None:
    """Forget a view; where there is none of this name, nothing changes. Flushes."""
    _change(session, actor, lambda held: [view for view in held if view.name != name], now)


def _change(
    session: Session,
    actor: Actor,
    change: Callable[[tuple[SavedView, ...]], list[SavedView]],
    now: datetime,
) -> None:
    def with_views(held: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**held, _PREFERENCE: [list(view) for view in change(saved_views(held))]}

    change_preferences(session, actor, with_views, now=now)


def _invalid(code: str, message: str) -> InvalidInput:
    return InvalidInput(message, issues=[FieldIssue("/name", code, message)])
