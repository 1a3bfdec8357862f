"""Signing in by password, limited by e-mail address and by where attempts come from.

The attempt is counted and committed before the password is looked at, so that a
refused one counts, and many at once cannot get past the limits. Hashing happens
between transactions: nobody waits for a lock meanwhile.
"""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import math
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.accounts import ADDRESS_LIMIT, EMAIL_LIMIT, ONE_TIME_LIFE, fold_email, is_email
from app.domain.actor import Actor
from app.domain.ids import new_id
from app.domain.passwords import check_password
from app.errors import AppError, NotAuthenticated, NotPermitted
from app.models import SignInAttempt, StaffAccount
from app.repositories.accounts import AttemptRepository, find_account_by_email, get_account_row
from app.services.audit import record_event
from app.services.changes import flush, touch
from app.services.password_hashing import hash_password, is_outdated, is_password
from app.services.staff_sessions import OpenedSession, actor_of, open_session, revoke_sessions
from app.services.transactions import Transaction

_log = logging.getLogger(__name__)
_REFUSED = "There is no account with this e-mail address and password."


class SignInRefused(NotAuthenticated):
    """Address or password is wrong, or the account is disabled; it is not said which."""

    code = "sign-in-refused"
    title = "The e-mail address or the password is wrong"


class TooManyAttempts(AppError):
    """This e-mail address was tried too often, or too many attempts came from one place."""

    code = "too-many-attempts"
    title = "Too many attempts to sign in"

    def __init__(self, detail: str, *, retry_after_s: int = 60) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class _Known:
    """Whose password was right, and the hash that it was compared with."""

    account_id: UUID
    stored: str = field(repr=False)


def sign_in(
    transaction: Transaction, email: str, password: str, *, address: str, now: datetime
) -> OpenedSession:
    """Sign somebody in by password; takes transactions of its own.

    Parameters
    ----------
    address
        Where the attempt comes from: the client's IP address.

    Raises
    ------
    SignInRefused
        Address or password is wrong, the account is disabled or has no password, or a one-time
        password is too old.
    TooManyAttempts
        ``retry_after_s`` says when to come again.
    """
    known = _check(transaction, email, password, address=address, now=now)
    renewed = hash_password(password) if is_outdated(known.stored) else None
    with transaction() as session:
        account = _still(session, known)
        if renewed is not None:
            account.password_hash = renewed
        return open_session(session, account, now=now)


def change_own_password(
    transaction: Transaction, actor: Actor, *, current: str, new: str, address: str, now: datetime
) -> OpenedSession:
    """Change the actor's password, end all their sessions and open a new one.

    Takes transactions of its own. The current password is limited like signing in.

    Raises
    ------
    NotPermitted
        The actor is not signed in with an account.
    SignInRefused
        The current password is wrong.
    TooManyAttempts
        As ``sign_in``.
    InvalidInput
        The new password is not taken; see ``app.domain.passwords``.
    """
    if actor.account_id is None:
        raise NotPermitted("Only somebody who is signed in has a password.")
    with transaction(write=False) as session:
        account = get_account_row(session, actor.account_id)
        email, name = account.email, account.display_name
    known = _check(transaction, email, current, address=address, now=now)
    check_password(new, email=email, display_name=name, current=current, pointer="/new")
    stored = hash_password(new)
    with transaction() as session:
        account = _still(session, known)
        set_password_hash(account, stored, is_one_time=False, now=now)
        touch(account, now)
        record_event(session, actor_of(account), "account.password_changed", "account", account.id, now=now)
        revoke_sessions(session, actor_of(account), account, now=now)
        return open_session(session, account, now=now)


def set_password_hash(account: StaffAccount, stored: str, *, is_one_time: bool, now: datetime) -> None:
    """Give an account another password; whoever calls records it and revokes the sessions."""
    account.password_hash = stored
    account.password_changed_at = now
    account.must_change_password = is_one_time


def _check(transaction: Transaction, email: str, password: str, *, address: str, now: datetime) -> _Known:
    """Count the attempt, then tell whose address and password these are."""
    email = fold_email(email)
    with transaction() as session:
        _count_attempt(session, email, address, now)
        account = find_account_by_email(session, email) if is_email(email) else None
        account_id = None if account is None else account.id
        stored = None if account is None else _usable_hash(account, now)
    # Without an account, too: the time taken does not tell whether there is one.
    if not is_password(stored, password) or account_id is None or stored is None:
        _log.info("sign_in_refused", extra={"account_id": str(account_id) if account_id else None})
        raise SignInRefused(_REFUSED)
    return _Known(account_id, stored)


def _still(session: Session, known: _Known) -> StaffAccount:
    """Lock the account; what was true when the password was compared may not be any more."""
    account = get_account_row(session, known.account_id, for_update=True)
    if account.password_hash != known.stored or account.disabled_at is not None:
        raise SignInRefused(_REFUSED)
    AttemptRepository(session).delete_of_email(_sha256(account.email))
    return account


def _usable_hash(account: StaffAccount, now: datetime) -> str | None:
    if account.disabled_at is not None or account.password_changed_at is None:
        return None
    is_over = account.must_change_password and now >= account.password_changed_at + ONE_TIME_LIFE
    return None if is_over else account.password_hash


def _count_attempt(session: Session, email: str, address: str, now: datetime) -> None:
    attempts = AttemptRepository(session)
    attempts.lock()
    attempts.delete_before(now - max(EMAIL_LIMIT.within, ADDRESS_LIMIT.within))
    email_sha256, address_sha256 = _sha256(email), _sha256(_network(address))
    free_at = (
        attempts.free_at_email(email_sha256, EMAIL_LIMIT, now),
        attempts.free_at_address(address_sha256, ADDRESS_LIMIT, now),
    )
    waits = [(moment - now).total_seconds() for moment in free_at if moment is not None]
    if waits:
        wait_s = max(1, math.ceil(max(waits)))
        raise TooManyAttempts(f"Try again in {math.ceil(wait_s / 60)} min.", retry_after_s=wait_s)
    session.add(SignInAttempt(id=new_id(), email_sha256=email_sha256, address_sha256=address_sha256, at=now))
    flush(session)


def _network(address: str) -> str:
    """Give what stands for one client: an IPv4 address, the /64 network of an IPv6 one, else the text."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network((ip.packed[:8] + bytes(8), 64)))
    return str(ip)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
