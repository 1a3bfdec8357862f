"""Partnerships, the organisations in them, and the keys that act for either."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.actor import Role
from app.models.base import Base, IdColumn, Versioned, enum_type, external_id_check, scoped_key


class OrganisationKind(StrEnum):
    """What an organisation does in a partnership."""

    EMPLOYER = "employer"
    INSTITUTION = "institution"


class Partnership(Base):
    """An agreement that owns the data: the access boundary.

    A test partnership holds invented data and is reached by ``tp_test_`` keys only.
    ``pool_change`` counts the changes of what its candidates offer and of who may be ranked.
    """

    __tablename__ = "partnership"

    id: Mapped[IdColumn]
    name: Mapped[str] = mapped_column(unique=True)
    is_test: Mapped[bool] = mapped_column(default=False)
    pool_change: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime]


class Organisation(Versioned, Base):
    """An employer or a training institution."""

    __tablename__ = "organisation"
    __table_args__ = (
        UniqueConstraint("partnership_id", "external_id"),
        UniqueConstraint("id", "partnership_id"),
        external_id_check(),
    )

    id: Mapped[IdColumn]
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    external_id: Mapped[str]
    kind: Mapped[OrganisationKind] = mapped_column(enum_type(OrganisationKind))
    name: Mapped[str]
    country: Mapped[str | None] = mapped_column(String(2))


class ApiKey(Base):
    """A key of an organisation or of staff; only the digest of its secret is kept."""

    __tablename__ = "api_key"
    __table_args__ = (
        scoped_key("organisation_id", "organisation"),
        CheckConstraint(
            "(role IN ('employer', 'institution')) = (organisation_id IS NOT NULL)",
            name="organisation_by_role",
        ),
        Index(None, "partnership_id", "organisation_id"),
    )

    id: Mapped[IdColumn]
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    organisation_id: Mapped[UUID | None]
    role: Mapped[Role] = mapped_column(enum_type(Role))
    label: Mapped[str]
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    secret_sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
