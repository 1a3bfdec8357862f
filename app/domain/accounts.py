"""Staff accounts: what they may hold, and how long a sign-in lasts."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from app.domain.actor import Role
from app.errors import FieldIssue, InvalidInput

MAX_EMAIL = 254
MAX_DISPLAY_NAME = 100
MAX_PREFERENCES = 4_000
"""Characters of the preferences as JSON."""

SESSION_LIFE = timedelta(hours=12)
"""A session ends a working day after the sign-in, however much it is used."""

IDLE_LIFE = timedelta(hours=1)
"""A session that nobody uses for so long ends."""

USE_GRANULARITY = timedelta(minutes=1)
"""How exactly the last use of a session is kept, so that not every page writes."""

ONE_TIME_LIFE = timedelta(hours=72)
"""A password given by an administrator is good for so long."""


class Locale(StrEnum):
    """Languages of the console."""

    EN = "en"
    FR = "fr"
    AR = "ar"


@dataclass(frozen=True, slots=True)
class AttemptLimit:
    """At most ``most`` attempts to sign in within ``within``."""

    most: int
    within: timedelta


_WINDOW = timedelta(minutes=15)
EMAIL_LIMIT = AttemptLimit(10, _WINDOW)
# Higher: a whole office may share an address.
ADDRESS_LIMIT = AttemptLimit(30, _WINDOW)

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_HOTKEY_NAME = re.compile(r"[a-z][a-z_]{0,31}")


def fold_email(email: str) -> str:
    """Give the form in which an e-mail address is stored and looked up."""
    return unicodedata.normalize("NFC", email.strip()).casefold()


def is_email(folded: str) -> bool:
    """Whether this could be the address of an account."""
    return len(folded) <= MAX_EMAIL and _EMAIL.fullmatch(folded) is not None and folded.isprintable()


def checked_email(email: str) -> str:
    """Give an e-mail address as it is stored.

    Raises
    ------
    InvalidInput
        It is none.
    """
    folded = fold_email(email)
    if not is_email(folded):
        raise invalid(
            "/email", "wrong-form", "This is not an e-mail address.", "Write it as name@example.org."
        )
    return folded


def checked_display_name(name: str) -> str:
    """Give the name that colleagues see, without outer spaces.

    Raises
    ------
    InvalidInput
        It is empty, too long, or has characters that do not print.
    """
    name = unicodedata.normalize("NFC", name.strip())
    if not 1 <= len(name) <= MAX_DISPLAY_NAME or not name.isprintable():
        message = f"A name has 1 to {MAX_DISPLAY_NAME} printable characters."
        raise invalid("/display_name", "wrong-form", message)
    return name


def checked_role(role: Role) -> Role:
    """Give the role back.

    Raises
    ------
    InvalidInput
        It is that of an organisation: those have keys.
    """
    if role.is_organisation:
        message = "An account is for a reviewer, an admin or an auditor; organisations have API keys."
        raise invalid("/role", "not-a-choice", message)
    return role


def checked_preferences(preferences: Mapping[str, Any]) -> dict[str, Any]:
    """Give preferences that can be stored.

    The console owns their names. What is known of them here: ``hotkeys`` gives each action one
    printable character, no two the same.

    Raises
    ------
    InvalidInput
        They are too long or no JSON, or a hotkey is not as it should be.
    """
    try:
        text = json.dumps(preferences, allow_nan=False)
    except (TypeError, ValueError):
        raise invalid("/preferences", "wrong-type", "Preferences are a JSON object.") from None
    if len(text) > MAX_PREFERENCES:
        message = f"Preferences have at most {MAX_PREFERENCES:,} characters."
        raise invalid("/preferences", "too-long", message)
    _check_hotkeys(preferences.get("hotkeys", {}))
    return dict(preferences)


def _check_hotkeys(hotkeys: Any) -> None:
    place = "/preferences/hotkeys"
    if not isinstance(hotkeys, Mapping):
        raise invalid(place, "wrong-type", "Hotkeys are an object: a character for each action.")
    for action, key in hotkeys.items():
        if not _HOTKEY_NAME.fullmatch(action):
            raise invalid(place, "wrong-form", "The name of an action has small letters and underscores.")
        if not isinstance(key, str) or len(key) != 1 or not key.isprintable() or key.isspace():
            raise invalid(f"{place}/{action}", "wrong-form", "A hotkey is one printable character.")
    if len(set(hotkeys.values())) < len(hotkeys):
        message = "Two actions have the same key."
        raise invalid(place, "duplicate", message, "Give each action a key of its own.")


def invalid(pointer: str, code: str, message: str, hint: str = "") -> InvalidInput:
    """Make the error for one field."""
    return InvalidInput(message, issues=[FieldIssue(pointer, code, message, hint)])
