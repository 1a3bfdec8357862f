"""Sessions of signed-in staff: open, resume, end.

A session is a random token in the person's cookie and its digest in the database.
It is never taken over from before a sign-in, and every request reads it again, so
that revoking it holds from the moment of the commit.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.accounts import IDLE_LIFE, SESSION_LIFE, USE_GRANULARITY, Locale
from app.domain.actor import Actor, Role
from app.domain.ids import new_id
from app.errors import NotAuthenticated, NotPermitted
from app.models import Partnership, StaffAccount, StaffSession
from app.repositories.accounts import (
    delete_ended_sessions,
    find_demo_account,
    find_session,
    note_session_use,
    revoke_sessions_of,
)
from app.services.audit import record_event
from app.services.changes import flush


class SessionEnded(NotAuthenticated):
    """The session is unknown, over or revoked; it is not said which."""

    code = "session-ended"
    title = "You are signed out"


class PasswordChangeNeeded(NotPermitted):
    """The password is a one-time one: nothing else is possible before it is changed."""

    code = "password-change-needed"
    title = "Choose a password of your own first"


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A new session; ``token`` can never be shown again."""

    row: StaffSession
    account: StaffAccount
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is behind a token, in plain values that outlive the transaction.

    ``must_change_password``: only the page for a new password is open to them. ``use_is_due``:
    the use of the session should be noted with ``note_use``, in any transaction that may write;
    otherwise it ends as if nobody used it. ``expires_at``: when it ends, however much it is used.
    """

    actor: Actor
    session_id: UUID
    expires_at: datetime
    display_name: str
    locale: Locale
    preferences: Mapping[str, Any]
    is_demo: bool
    must_change_password: bool
    use_is_due: bool


def actor_of(account: StaffAccount) -> Actor:
    """Act as the holder of an account."""
    return Actor(key_id=None, role=account.role, partnership_id=account.partnership_id, account_id=account.id)


def open_session(
    session: Session,
    account: StaffAccount,
    *,
    now: datetime,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> OpenedSession:
    """Open a session for somebody who has shown who they are, by password or otherwise.

    This is where single sign-on joins: it finds the account and opens a session. Deletes what
    is over of the account's sessions. Flushes.

    Raises
    ------
    NotAuthenticated
        The account is disabled.
    """
    if account.disabled_at is not None:
        raise NotAuthenticated("This account is disabled; ask an administrator.")
    token = base64.urlsafe_b64encode(random_bytes(32)).rstrip(b"=").decode("ascii")
    delete_ended_sessions(session, account.id, now=now)
    row = StaffSession(
        id=new_id(),
        account_id=account.id,
        token_sha256=_sha256(token),
        created_at=now,
        last_used_at=now,
        expires_at=now + SESSION_LIFE,
    )
    session.add(row)
    account.last_signed_in_at = now
    record_event(session, actor_of(account), "account.signed_in", "account", account.id, now=now)
    flush(session)
    return OpenedSession(row, account, token)


def resume_session(session: Session, token: str, *, now: datetime) -> SignedIn:
    """Tell who is signed in with this token. Only reads: one query.

    Raises
    ------
    SessionEnded
        The token is unknown, or its session is over, unused for too long, or revoked.
    """
    found = find_session(session, _sha256(token))
    if found is None or not is_open(*found, now):
        raise SessionEnded("Sign in again.")
    row, account = found
    return SignedIn(
        actor=actor_of(account),
        session_id=row.id,
        expires_at=row.expires_at,
        display_name=account.display_name,
        locale=account.locale,
        preferences=account.preferences,
        is_demo=account.is_demo,
        must_change_password=account.must_change_password,
        use_is_due=now - row.last_used_at >= USE_GRANULARITY,
    )


def actor_of_session(session: Session, token: str, *, now: datetime) -> Actor:
    """Tell who acts with this token, for everything but the choice of a password.

    Raises
    ------
    SessionEnded
        As ``resume_session``.
    PasswordChangeNeeded
        They signed in with a one-time password and have not chosen their own yet.
    """
    signed_in = resume_session(session, token, now=now)
    if signed_in.must_change_password:
        raise PasswordChangeNeeded("Your password was given to you for one sign-in. Choose your own now.")
    return signed_in.actor


def note_use(session: Session, session_id: UUID, *, now: datetime) -> None:
    """Note that a session is in use, at most once a minute; a revoked one stays so."""
    note_session_use(session, session_id, now=now, granularity=USE_GRANULARITY)


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    """Revoke the session of this token, if there is one. Flushes."""
    found = find_session(session, _sha256(token))
    if found is None or found[0].revoked_at is not None:
        return
    row, account = found
    row.revoked_at = now
    record_event(session, actor_of(account), "account.signed_out", "account", account.id, now=now)
    flush(session)


def revoke_sessions(session: Session, actor: Actor, account: StaffAccount, *, now: datetime) -> int:
    """Revoke every session of an account; the caller has authorised it. Gives how many there were."""
    n_sessions = revoke_sessions_of(session, account.id, now=now)
    if n_sessions:
        record_event(
            session, actor, "account.sessions_revoked", "account", account.id, now=now, n_sessions=n_sessions
        )
        flush(session)
    return n_sessions


def demo_reviewer(session: Session, partnership_id: UUID, *, now: datetime) -> OpenedSession:
    """Sign a newcomer in as the reviewer that all newcomers to invented data share.

    Makes the account at the first call; it has no password. Flushes.

    Raises
    ------
    NotPermitted
        The partnership holds real data.
    NotAuthenticated
        An administrator has disabled the account.
    """
    partnership = session.get(Partnership, partnership_id)
    if partnership is None or not partnership.is_test:
        raise NotPermitted("Only a test partnership, with invented data, can be tried without an account.")
    account = find_demo_account(session, partnership_id) or _make_demo_account(session, partnership_id, now)
    return open_session(session, account, now=now)


def _make_demo_account(session: Session, partnership_id: UUID, now: datetime) -> StaffAccount:
    account = StaffAccount(
        id=new_id(),
        partnership_id=partnership_id,
        # One for each partnership, and no address that could ever receive anything (RFC 6761).
        email=f"demo-{partnership_id.hex}@demo.invalid",
        display_name="Demo reviewer",
        role=Role.REVIEWER,
        must_change_password=False,
        locale=Locale.EN,
        preferences={},
        is_demo=True,
        version=1,
        created_at=now,
        updated_at=now,
    )
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError:
        # Another newcomer came at the same moment.
        made = find_demo_account(session, partnership_id)
        assert made is not None
        return made
    record_event(
        session,
        actor_of(account),
        "account.created",
        "account",
        account.id,
        now=now,
        role="reviewer",
        is_demo=True,
    )
    return account


def is_open(row: StaffSession, account: StaffAccount, now: datetime) -> bool:
    """Whether a session of this account still holds."""
    return (
        row.revoked_at is None
        and now < row.expires_at
        and now - row.last_used_at < IDLE_LIFE
        and account.disabled_at is None
    )


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
