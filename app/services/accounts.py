"""Accounts of programme staff, as administrators keep them and their holders see them."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.accounts import (
    Locale,
    checked_display_name,
    checked_email,
    checked_preferences,
    checked_role,
)
from app.domain.actor import Actor, Role
from app.domain.ids import new_id
from app.domain.passwords import check_password
from app.domain.permissions import Operation, require
from app.errors import Conflict, NotPermitted
from app.models import StaffAccount, StaffSession
from app.repositories.accounts import AccountRepository, find_account_by_email, list_sessions_of
from app.repositories.scoped import Page
from app.services.audit import record_event
from app.services.changes import flush, require_version, touch
from app.services.password_hashing import hash_password
from app.services.sign_in import set_password_hash
from app.services.staff_sessions import is_open, revoke_sessions

_TAKEN = "This e-mail address has an account already; use another one."


@dataclass(frozen=True, slots=True)
class OneTimePassword:
    """A password for one sign-in, which must then be changed; ``secret`` can never be shown again."""

    account: StaffAccount
    secret: str = field(repr=False)


def create_account(
    session: Session,
    actor: Actor,
    *,
    email: str,
    display_name: str,
    role: Role,
    password: str | None = None,
    locale: Locale = Locale.EN,
    now: datetime,
) -> StaffAccount:
    """Give somebody an account in the actor's partnership. Flushes.

    Without a password nobody signs in to it by one, until ``reset_password``.

    Raises
    ------
    InvalidInput
        Address, name or password is not taken, or the role is that of an organisation.
    Conflict
        The address has an account already, here or in another partnership.
    """
    require(actor, Operation.ACCOUNT_MANAGE)
    email, display_name = checked_email(email), checked_display_name(display_name)
    if password is not None:
        check_password(password, email=email, display_name=display_name)
    if find_account_by_email(session, email) is not None:
        raise Conflict(_TAKEN)
    account = StaffAccount(
        id=new_id(),
        partnership_id=actor.partnership_id,
        email=email,
        display_name=display_name,
        role=checked_role(role),
        password_hash=None if password is None else hash_password(password),
        password_changed_at=None if password is None else now,
        must_change_password=False,
        locale=locale,
        preferences={},
        is_demo=False,
        version=1,
        created_at=now,
        updated_at=now,
    )
    session.add(account)
    record_event(session, actor, "account.created", "account", account.id, now=now, role=str(role))
    try:
        session.flush()
    except IntegrityError:
        # Without the cause: the database's message quotes the row.
        raise Conflict(_TAKEN) from None
    return account


def get_account(session: Session, actor: Actor, account_id: UUID) -> StaffAccount:
    """Get an account of the actor's partnership, for administrators; raises NotFound."""
    return AccountRepository(session, actor).get(account_id, Operation.ACCOUNT_MANAGE)


def list_accounts(
    session: Session, actor: Actor, *, after: UUID | None = None, limit: int = 50
) -> Page[StaffAccount]:
    """List the accounts of the actor's partnership, disabled ones too, oldest first; for administrators."""
    return AccountRepository(session, actor).list_page(after=after, limit=limit)


def find_account(session: Session, actor: Actor, email: str) -> StaffAccount | None:
    """Find an account of the actor's partnership by its address; for administrators."""
    return AccountRepository(session, actor).find_by_email(checked_email(email))


def account_names(session: Session, actor: Actor, account_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Give the names of colleagues by account; those of other partnerships are left out."""
    return AccountRepository(session, actor).names(account_ids)


def change_role(
    session: Session,
    actor: Actor,
    account_id: UUID,
    role: Role,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> StaffAccount:
    """Give an account another role, and sign its holder out everywhere. Flushes.

    Raises
    ------
    NotFound
        No such account.
    Conflict
        It is the actor's own account.
    InvalidInput
        The role is that of an organisation.
    """
    account = _get_of_other(session, actor, account_id, expected_version)
    if account.role is checked_role(role):
        return account
    before, account.role = account.role, role
    _changed(session, actor, account, "role_changed", now, before=str(before), role=str(role))
    return account


def disable_account(
    session: Session, actor: Actor, account_id: UUID, *, expected_version: int | None = None, now: datetime
) -> StaffAccount:
    """Let nobody sign in to an account, and sign its holder out at once. Flushes.

    What they decided stays. Raises as ``change_role``; Conflict also where it is disabled already.
    """
    account = _get_of_other(session, actor, account_id, expected_version)
    if account.disabled_at is not None:
        raise Conflict("The account is disabled already.")
    account.disabled_at = now
    _changed(session, actor, account, "disabled", now)
    return account


def enable_account(
    session: Session, actor: Actor, account_id: UUID, *, expected_version: int | None = None, now: datetime
) -> StaffAccount:
    """Let the holder of a disabled account sign in again. Flushes; raises as ``disable_account``."""
    account = _get_of_other(session, actor, account_id, expected_version)
    if account.disabled_at is None:
        raise Conflict("The account is not disabled.")
    account.disabled_at = None
    _changed(session, actor, account, "enabled", now)
    return account


def reset_password(
    session: Session,
    actor: Actor,
    account_id: UUID,
    *,
    expected_version: int | None = None,
    now: datetime,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> OneTimePassword:
    """Give an account a password for one sign-in, and sign its holder out everywhere. Flushes.

    Raises
    ------
    NotFound
        No such account.
    Conflict
        It is the actor's own, which ``change_own_password`` is for, or the demo's.
    """
    account = _get_of_other(session, actor, account_id, expected_version)
    if account.is_demo:
        raise Conflict("The account of the demo has no password.")
    letters = base64.b32encode(random_bytes(15)).decode("ascii").lower()
    secret = "-".join(letters[start : start + 6] for start in range(0, len(letters), 6))
    set_password_hash(account, hash_password(secret), is_one_time=True, now=now)
    _changed(session, actor, account, "password_reset", now)
    return OneTimePassword(account, secret)


def get_own_account(session: Session, actor: Actor) -> StaffAccount:
    """Get the account that the actor is signed in with.

    Raises
    ------
    NotPermitted
        The actor uses a key or the command line.
    """
    return _get_own(session, actor, for_update=False)


def set_display_name(session: Session, actor: Actor, display_name: str, *, now: datetime) -> StaffAccount:
    """Change the name that colleagues see beside what one did. Flushes.

    Raises
    ------
    NotPermitted
        As ``get_own_account``.
    Conflict
        It is the demo's account, which others use at the same time.
    InvalidInput
        The name is empty or too long.
    """
    checked = checked_display_name(display_name)
    account = _get_own(session, actor, for_update=True)
    if account.is_demo:
        raise Conflict("The account of the demo keeps its name: others use it at the same time.")
    if account.display_name != checked:
        account.display_name = checked
        touch(account, now)
        record_event(session, actor, "account.renamed", "account", account.id, now=now)
        flush(session)
    return account


def sign_account_out(session: Session, actor: Actor, account_id: UUID, *, now: datetime) -> int:
    """Sign somebody else out everywhere, and say of how many sessions; for administrators. Flushes.

    Raises
    ------
    NotFound
        No such account.
    Conflict
        It is the actor's own, which ``sign_out_everywhere`` is for.
    """
    return revoke_sessions(session, actor, _get_of_other(session, actor, account_id, None), now=now)


def sign_out_everywhere(session: Session, actor: Actor, *, now: datetime) -> int:
    """End every session of one's own, this one too, and say how many there were. Flushes.

    Raises
    ------
    NotPermitted
        As ``get_own_account``.
    Conflict
        It is the demo's account, which others use at the same time.
    """
    account = _get_own(session, actor, for_update=True)
    if account.is_demo:
        raise Conflict("Others use the account of the demo at the same time. Sign out here instead.")
    return revoke_sessions(session, actor, account, now=now)


def list_own_sessions(session: Session, actor: Actor, *, now: datetime) -> list[StaffSession]:
    """List the open sessions of one's own account, newest first; raises as ``get_own_account``."""
    account = _get_own(session, actor, for_update=False)
    return [row for row in list_sessions_of(session, account.id) if is_open(row, account, now)]


def set_locale(session: Session, actor: Actor, locale: Locale, *, now: datetime) -> StaffAccount:
    """Choose the language of one's own console. Flushes; raises as ``get_own_account``."""
    account = _get_own(session, actor, for_update=True)
    if account.locale is not locale:
        account.locale = locale
        touch(account, now)
        record_event(session, actor, "account.locale_changed", "account", account.id, now=now)
        flush(session)
    return account


def change_preferences(
    session: Session,
    actor: Actor,
    change: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    *,
    now: datetime,
) -> StaffAccount:
    """Change one's own preferences, hotkeys among them. Flushes.

    Parameters
    ----------
    change
        Makes the new preferences of those that are kept. Nobody else changes them meanwhile, so that
        two who change different ones at the same moment both do.

    Raises
    ------
    NotPermitted
        As ``get_own_account``.
    InvalidInput
        They cannot be kept; see ``app.domain.accounts.checked_preferences``.
    """
    account = _get_own(session, actor, for_update=True)
    checked = checked_preferences(change(account.preferences))
    if account.preferences != checked:
        account.preferences = checked
        touch(account, now)
        record_event(session, actor, "account.preferences_changed", "account", account.id, now=now)
        flush(session)
    return account


def set_preferences(
    session: Session, actor: Actor, preferences: Mapping[str, Any], *, now: datetime
) -> StaffAccount:
    """Set some of one's own preferences, and keep the others. Flushes; raises as ``change_preferences``."""
    return change_preferences(session, actor, lambda held: {**held, **preferences}, now=now)


def _get_own(session: Session, actor: Actor, *, for_update: bool) -> StaffAccount:
    account = AccountRepository(session, actor).find_own(for_update=for_update)
    if account is None:
        raise NotPermitted("Only somebody who is signed in has an account.")
    return account


def _get_of_other(
    session: Session, actor: Actor, account_id: UUID, expected_version: int | None
) -> StaffAccount:
    # Before any other row: whoever changes accounts of the partnership waits here.
    admins = AccountRepository(session, actor).lock_admins()
    if actor.account_id is not None and actor.account_id not in admins:
        raise NotPermitted("You are no longer an administrator.")
    account = AccountRepository(session, actor).get(account_id, Operation.ACCOUNT_MANAGE, for_update=True)
    if account.id == actor.account_id:
        # So a partnership keeps an administrator, whatever one of them does by mistake.
        raise Conflict("This is your own account. Another administrator changes it.")
    require_version(account, expected_version)
    return account


def _changed(
    session: Session,
    actor: Actor,
    account: StaffAccount,
    what: str,
    now: datetime,
    **details: str,
) -> None:
    touch(account, now)
    record_event(session, actor, f"account.{what}", "account", account.id, now=now, **details)
    flush(session)
    revoke_sessions(session, actor, account, now=now)
