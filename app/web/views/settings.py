"""Settings as pages show them: one's own account, keys and sessions, and the table of roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.accounts import Locale
from app.domain.actor import Role
from app.domain.permissions import PERMISSIONS, Operation, Scope
from app.web.hotkeys import ACTIONS, hotkeys_of
from app.web.labels import label
from app.web.viewer import Viewer
from app.web.views.role_words import OPERATIONS, SCOPES
from app.web.wording import Words

Problems = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One open session of one's own."""

    since: datetime
    last_used_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class AccountView:
    """One's own account, with what was typed; problems are (field id, text)."""

    name: str
    email: str
    role: Role
    locale: str
    is_blind: bool
    is_demo: bool
    locales: Sequence[Locale]
    sessions: Sequence[SessionLine]
    problems: Problems = ()


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One action with the key that does it."""

    action: str
    field: str
    name: str
    key: str
    first_key: str
    is_faulty: bool


@dataclass(frozen=True, slots=True)
class KeysView:
    """The keys, with what was typed; problems are (field id, text)."""

    is_on: bool
    lines: Sequence[KeyLine]
    problems: Problems = ()


@dataclass(frozen=True, slots=True)
class RoleLine:
    """One operation: ``scopes`` say for each role how far it reaches, empty where it does not."""

    name: str
    scopes: Sequence[str]


@dataclass(frozen=True, slots=True)
class RolesView:
    """The table of permissions, as the service asks it."""

    roles: Sequence[Role]
    lines: Sequence[RoleLine]


def keys_view(
    viewer: Viewer,
    *,
    typed: Mapping[str, str] | None = None,
    is_on: bool | None = None,
    problems: Problems = (),
) -> KeysView:
    """Make the page of keys; ``typed`` are the keys of a form by action."""
    held = dict(hotkeys_of(viewer)) or {action: key for action, (key, _) in ACTIONS.items()}
    faulty = {field for field, _ in problems}
    return KeysView(
        is_on=viewer.preferences.get("hotkeys_on", True) is not False if is_on is None else is_on,
        lines=[
            KeyLine(
                action=action,
                field=f"key-{action}",
                name=viewer.words.gettext(name),
                key=held[action] if typed is None else typed.get(action, ""),
                first_key=first,
                is_faulty=f"key-{action}" in faulty,
            )
            for action, (first, name) in ACTIONS.items()
        ],
        problems=problems,
    )


def key_problems(words: Words, typed: Mapping[str, str]) -> list[tuple[str, str]]:
    """(field id, text) of what is wrong with keys as typed: each action has one of its own."""
    problems: list[tuple[str, str]] = []
    owner: dict[str, str] = {}
    for action, key in typed.items():
        name = words.gettext(ACTIONS[action][1])
        if len(key) != 1 or not key.isprintable() or key.isspace():
            text = words.gettext("%(action)s: write one character, such as a letter.")
            problems.append((f"key-{action}", text % {"action": name}))
        elif key in owner:
            text = words.gettext(
                "%(action)s and %(other)s have the same key, %(key)s. Give one of them another."
            )
            other = words.gettext(ACTIONS[owner[key]][1])
            problems.append((f"key-{action}", text % {"action": name, "other": other, "key": key}))
        else:
            owner[key] = action
    return problems


def roles_view(words: Words) -> RolesView:
    """Make the table of permissions."""
    return RolesView(
        roles=tuple(Role),
        lines=[
            RoleLine(_operation(words, operation), [_scope(words, scopes.get(role)) for role in Role])
            for operation, scopes in PERMISSIONS.items()
        ],
    )


def role_choices(words: Words) -> list[tuple[str, str]]:
    """(code, name) of the roles of staff."""
    return [(role.value, label(words, role)) for role in Role if not role.is_organisation]


def _operation(words: Words, operation: Operation) -> str:
    return words.gettext(OPERATIONS[operation])


def _scope(words: Words, scope: Scope | None) -> str:
    return "" if scope is None else words.gettext(SCOPES[scope])
