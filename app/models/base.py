"""What every table shares: naming convention, id, time and enum columns."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    Enum,
    ForeignKeyConstraint,
    MetaData,
    Text,
    Uuid,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from app.domain.ids import MAX_EXTERNAL_ID, new_id

NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time: aware in Python, UTC in the database.

    SQLite drops time zones, so values are converted on the way in and marked as
    UTC on the way out. A naive value is refused: nobody knows what it means.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enum_type(kind: type[StrEnum]) -> Enum:
    """Store ``kind`` as text that a CHECK constraint keeps to its values.

    No native enum: adding a value is then one replaced constraint on either database.
    """
    return Enum(
        kind,
        name=kind.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


# Plain JSON and not JSONB: JSONB reorders keys, and a ranking must read back as the same bytes
# from either database.
JsonType = JSON(none_as_null=True)

IdColumn = Annotated[UUID, mapped_column(Uuid(), primary_key=True, default=new_id)]
JsonObject = Annotated[dict[str, Any], mapped_column(JsonType)]
JsonArray = Annotated[list[Any], mapped_column(JsonType)]


class Base(DeclarativeBase):
    """Declarative base of every table."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        UUID: Uuid(),
        datetime: UtcDateTime(),
    }


class Versioned:
    """When a row was made and last changed, and how often.

    Services set the times from their ``now`` and count ``version``, which is the
    ETag; an update of a row that changed meanwhile fails with StaleDataError.
    """

    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version, "version_id_generator": False}


def scoped_key(column: str, table: str) -> ForeignKeyConstraint:
    """Tie a row to another one *of the same partnership*, so that the two cannot disagree."""
    return ForeignKeyConstraint([column, "partnership_id"], [f"{table}.id", f"{table}.partnership_id"])


def by_one(deed: str) -> CheckConstraint:
    """Whoever did something used a key or an account, not both; neither is an operator."""
    return CheckConstraint(f"{deed}_key_id IS NULL OR {deed}_account_id IS NULL", name=f"{deed}_one")


def external_id_check() -> CheckConstraint:
    """Keep callers' own ids short enough for an index on either database."""
    return CheckConstraint(f"length(external_id) BETWEEN 1 AND {MAX_EXTERNAL_ID}", name="external_id_length")
