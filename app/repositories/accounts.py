"""Queries over staff accounts, their sessions, and attempts to sign in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, text, update
from sqlalchemy.orm import Session

from app.domain.accounts import AttemptLimit
from app.domain.actor import Role
from app.domain.permissions import Operation
from app.models import SignInAttempt, StaffAccount, StaffSession
from app.repositories.scoped import Page, ScopedRepository, chunks


class AccountRepository(ScopedRepository[StaffAccount]):
    """Staff accounts of the actor's partnership."""

    model = StaffAccount
    noun = "account"

    def list_page(self, *, after: UUID | None, limit: int) -> Page[StaffAccount]:
        return self.page(Operation.ACCOUNT_MANAGE, after=after, limit=limit)

    def names(self, account_ids: Iterable[UUID]) -> dict[UUID, str]:
        """Give the names of those accounts that are of the partnership."""
        found: dict[UUID, str] = {}
        visible = self.visible(Operation.ACCOUNT_READ)
        for chunk in chunks(set(account_ids)):
            query = visible.where(StaffAccount.id.in_(chunk)).with_only_columns(
                StaffAccount.id, StaffAccount.display_name
            )
            found.update((row_id, name) for row_id, name in self.session.execute(query))
        return found

    def all_names(self, limit: int) -> dict[UUID, str]:
        """Give the names of the oldest accounts of the partnership, in the order of the names."""
        query = self.visible(Operation.ACCOUNT_READ).order_by(StaffAccount.id).limit(limit)
        rows = self.session.execute(query.with_only_columns(StaffAccount.id, StaffAccount.display_name))
        return dict(sorted(((row[0], row[1]) for row in rows), key=lambda row: (row[1].casefold(), row[0])))

    def find_by_email(self, email: str) -> StaffAccount | None:
        """Find an account by its folded address."""
        query = self.visible(Operation.ACCOUNT_MANAGE).where(StaffAccount.email == email)
        return self.session.scalars(query).one_or_none()

    def lock_admins(self) -> frozenset[UUID]:
        """Give the administrators whose accounts are in use, who stay so until the end of the transaction."""
        query = (
            self.visible(Operation.ACCOUNT_MANAGE)
            .where(StaffAccount.role == Role.ADMIN, StaffAccount.disabled_at.is_(None))
            .order_by(StaffAccount.id)
            # One order for all, so that none waits in a circle; rows that refer to these wait for nothing.
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
        return frozenset(row.id for row in self.session.scalars(query))

    def find_own(self, *, for_update: bool = False) -> StaffAccount | None:
        """Find the account that the actor is signed in with; None for keys and the command line."""
        if self.actor.account_id is None:
            return None
        return get_account_row(self.session, self.actor.account_id, for_update=for_update)


# The queries without an actor, since they make one.


def find_account_by_email(session: Session, email: str) -> StaffAccount | None:
    """Find the account of a folded address, in whatever partnership."""
    return session.scalars(select(StaffAccount).where(StaffAccount.email == email)).one_or_none()


def get_account_row(session: Session, account_id: UUID, *, for_update: bool = False) -> StaffAccount:
    """Get an account by its id, in whatever partnership."""
    return session.get_one(
        StaffAccount, account_id, with_for_update=True if for_update else None, populate_existing=for_update
    )


def find_demo_account(session: Session, partnership_id: UUID) -> StaffAccount | None:
    """Find the account that newcomers of a test partnership share."""
    query = select(StaffAccount).where(StaffAccount.partnership_id == partnership_id, StaffAccount.is_demo)
    return session.scalars(query).one_or_none()


def find_session(session: Session, token_sha256: str) -> tuple[StaffSession, StaffAccount] | None:
    """Find the session of a token, ended or not, with its account."""
    query = (
        select(StaffSession, StaffAccount)
        .join(StaffAccount, StaffAccount.id == StaffSession.account_id)
        .where(StaffSession.token_sha256 == token_sha256)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])


def list_sessions_of(session: Session, account_id: UUID) -> list[StaffSession]:
    """List the sessions of an account that are not revoked, newest first."""
    query = select(StaffSession).where(
        StaffSession.account_id == account_id, StaffSession.revoked_at.is_(None)
    )
    return list(session.scalars(query.order_by(StaffSession.id.desc())))


def note_session_use(session: Session, session_id: UUID, *, now: datetime, granularity: timedelta) -> None:
    """Move the last use of a session on, unless it was noted just before."""
    session.execute(
        update(StaffSession)
        .where(StaffSession.id == session_id, StaffSession.last_used_at <= now - granularity)
        .values(last_used_at=now)
    )


def revoke_sessions_of(session: Session, account_id: UUID, *, now: datetime) -> int:
    """Revoke whatever sessions of the account are not revoked yet, and say how many."""
    revoked = session.scalars(
        update(StaffSession)
        .where(StaffSession.account_id == account_id, StaffSession.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(StaffSession.id)
    )
    return len(revoked.all())


def delete_ended_sessions(session: Session, account_id: UUID, *, now: datetime) -> None:
    """Delete the sessions of the account that are revoked or over; the audit log remembers them."""
    over = or_(StaffSession.revoked_at.is_not(None), StaffSession.expires_at <= now)
    session.execute(delete(StaffSession).where(StaffSession.account_id == account_id, over))


class AttemptRepository:
    """Attempts to sign in, by digests of address and e-mail address."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def lock(self) -> None:
        """Let nobody else count or add attempts until the end of the transaction."""
        # On SQLite a transaction that writes is alone anyway.
        if self.session.get_bind().dialect.name == "postgresql":
            self.session.execute(text("LOCK TABLE sign_in_attempt IN SHARE ROW EXCLUSIVE MODE"))

    def delete_before(self, moment: datetime) -> None:
        self.session.execute(delete(SignInAttempt).where(SignInAttempt.at <= moment))

    def delete_of_email(self, email_sha256: str) -> None:
        self.session.execute(delete(SignInAttempt).where(SignInAttempt.email_sha256 == email_sha256))

    def free_at_email(self, email_sha256: str, limit: AttemptLimit, now: datetime) -> datetime | None:
        """Say from when on this e-mail address may be tried again; None is now."""
        return self._free_at(SignInAttempt.email_sha256 == email_sha256, limit, now)

    def free_at_address(self, address_sha256: str, limit: AttemptLimit, now: datetime) -> datetime | None:
        """Say from when on attempts may come from this address again; None is now."""
        return self._free_at(SignInAttempt.address_sha256 == address_sha256, limit, now)

    def _free_at(self, whose: ColumnElement[bool], limit: AttemptLimit, now: datetime) -> datetime | None:
        since = now - limit.within
        query = select(func.count(), func.min(SignInAttempt.at)).where(whose, SignInAttempt.at > since)
        n_attempts, first_at = self.session.execute(query).one()
        return first_at + limit.within if n_attempts >= limit.most else None
