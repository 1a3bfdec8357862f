"""Runs the migrations: from app.db, or from `alembic [-x url=…]` at the command line."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.engine import URL

from app.config import Settings
from app.db import make_engine
from app.models import Base


def database_url() -> str | URL:
    """Take the address from the caller, else from ``-x url=…``, else from the settings."""
    given: str | URL | None = context.config.attributes.get("url")
    return given or context.get_x_argument(as_dictionary=True).get("url") or Settings().database_url


def migrate(connection: Connection) -> None:
    """Run in one transaction, so that a failed migration leaves the schema as it was."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        # SQLite cannot alter a table in place: batch mode copies it.
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


engine = make_engine(database_url())
try:
    with engine.connect() as connection:
        migrate(connection)
finally:
    engine.dispose()
