"""Views of the work queue that somebody keeps under a name."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.errors import FieldIssue, InvalidInput
from app.services.accounts import get_own_account, set_preferences

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
    views = [view for view in _own(session, actor) if view.name != name]
    if len(views) >= MAX_VIEWS:
        raise _invalid("too-many", f"There are {MAX_VIEWS} views already. Delete one first.")
    _keep(session, actor, [*views, SavedView(name, query)], now)


def delete_view(session: Session, actor: Actor, name: str, *, now: datetime) -> None:
    """Forget a view; where there is none of this name, nothing changes. Flushes."""
    _keep(session, actor, [view for view in _own(session, actor) if view.name != name], now)


def _own(session: Session, actor: Actor) -> tuple[SavedView, ...]:
    return saved_views(get_own_account(session, actor).preferences)


def _keep(session: Session, actor: Actor, views: list[SavedView], now: datetime) -> None:
    preferences = dict(get_own_account(session, actor).preferences)
    preferences[_PREFERENCE] = [list(view) for view in views]
    set_preferences(session, actor, preferences, now=now)


def _invalid(code: str, message: str) -> InvalidInput:
    return InvalidInput(message, issues=[FieldIssue("/name", code, message)])
