"""Accounts of programme staff, their sessions, and attempts to sign in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.accounts import MAX_DISPLAY_NAME, MAX_EMAIL, Locale
from app.domain.actor import Role
from app.models.base import Base, IdColumn, JsonObject, Versioned, enum_type


class StaffAccount(Versioned, Base):
    """A person of the programme's staff, who acts for one partnership; never deleted, only disabled.

    ``email`` is folded, and names one account in the whole database, since signing in names no
    partnership. ``password_hash`` None: nobody signs in to it by password.
    """

    __tablename__ = "staff_account"
    __table_args__ = (
        Index(None, "partnership_id", "id"),
        CheckConstraint("role IN ('reviewer', 'admin', 'auditor')", name="role_of_staff"),
        CheckConstraint(f"length(email) BETWEEN 3 AND {MAX_EMAIL}", name="email_length"),
        CheckConstraint(f"length(display_name) BETWEEN 1 AND {MAX_DISPLAY_NAME}", name="display_name_length"),
        CheckConstraint("(password_hash IS NULL) = (password_changed_at IS NULL)", name="password_is_dated"),
    )

    id: Mapped[IdColumn]
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    email: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    role: Mapped[Role] = mapped_column(enum_type(Role))
    password_hash: Mapped[str | None]
    password_changed_at: Mapped[datetime | None]
    must_change_password: Mapped[bool]
    locale: Mapped[Locale] = mapped_column(enum_type(Locale))
    preferences: Mapped[JsonObject]
    is_demo: Mapped[bool]
    disabled_at: Mapped[datetime | None]
    last_signed_in_at: Mapped[datetime | None]

    def __repr__(self) -> str:
        # Name, address and hash are nobody's business in a log.
        return f"StaffAccount({self.id}, {self.role})"


class StaffSession(Base):
    """One sign-in; only the digest of its token is kept.

    It ends at ``expires_at``, when it is not used for ``IDLE_LIFE``, and when it is revoked.
    """

    __tablename__ = "staff_session"

    id: Mapped[IdColumn]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """An attempt to sign in, kept for as long as it counts towards the limits; digests only."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index(None, "email_sha256", "at"), Index(None, "address_sha256", "at"))

    id: Mapped[IdColumn]
    email_sha256: Mapped[str] = mapped_column(String(64))
    address_sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)
