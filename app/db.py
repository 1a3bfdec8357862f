"""The database: engines, the one place that commits, and migrations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session, sessionmaker

if TYPE_CHECKING:
    from alembic.config import Config

SessionFactory = sessionmaker[Session]

_BEGIN_OPTION = "talentbridge_sqlite_begin"
_BUSY_TIMEOUT_MS = 30_000


def make_engine(url: str | URL) -> Engine:
    """Make an engine for SQLite or PostgreSQL with the behaviour the service relies on.

    SQLite: write-ahead log, full synchronisation, enforced foreign keys, and a
    write transaction that takes the write lock at once, so that two writers queue
    instead of failing. PostgreSQL: psycopg 3, sessions in UTC. Errors do not repeat
    the statement's parameters, which hold personal data.
    """
    url = make_url(url)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        url, hide_parameters=True, pool_pre_ping=True, connect_args={"options": "-c timezone=UTC"}
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transactions begin late and deferred; _begin_sqlite does it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    # The wait comes first: switching the journal mode needs the lock too.
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that reads first and writes later fails with "database is
    # locked" when another writer came between; an immediate one waits its turn.
    mode = connection.get_execution_options().get(_BEGIN_OPTION, "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {mode}")


def make_session_factory(engine: Engine) -> SessionFactory:
    """Make the factory that ``session_scope`` takes; rows stay readable after the commit."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def session_scope(factory: SessionFactory, *, write: bool = True) -> Iterator[Session]:
    """Run one transaction: commit at the end, roll back on any exception.

    ``write=False`` is for work that only reads: it sees one moment of the database
    throughout, waits for no writer, and keeps nothing. PostgreSQL refuses writes.
    """
    with factory() as session:
        if not write:
            # Options on the engine and not on a connection: a request that waits for a thread
            # before its first query must not hold a connection that running ones wait for.
            engine = session.get_bind()
            assert isinstance(engine, Engine)
            options: dict[str, Any] = {_BEGIN_OPTION: "DEFERRED"}
            if engine.dialect.name == "postgresql":
                # SQLite shows one moment by itself.
                options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            session.bind = engine.execution_options(**options)
        try:
            yield session
        except BaseException:
            session.rollback()
            raise
        if write:
            session.commit()
        else:
            session.rollback()


def _alembic_config(url: str | URL) -> Config:
    # Alembic is slow to import and only migrations need it.
    from alembic.config import Config

    # What Alembic prints is for its own command line.
    config = Config(stdout=StringIO())
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["url"] = make_url(url)
    return config


def migrations_folder() -> Path:
    """Find the migrations: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parent
    for folder in (package / "_migrations", package.parent / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise FileNotFoundError("the migrations are missing from this installation; install it again")


def upgrade_database(url: str | URL, revision: str = "head") -> None:
    """Bring the schema up to ``revision``; does nothing when it is there already."""
    from alembic import command

    command.upgrade(_alembic_config(url), revision)


def downgrade_database(url: str | URL, revision: str = "base") -> None:
    """Take the schema back to ``revision``; data of the removed tables is lost."""
    from alembic import command

    command.downgrade(_alembic_config(url), revision)


def check_database(url: str | URL) -> None:
    """Fail unless the migrated schema equals the models.

    Raises
    ------
    alembic.util.exc.CommandError
        The models hold something that no migration makes, or the other way round.
    """
    from alembic import command

    command.check(_alembic_config(url))


def current_revision(engine: Engine) -> str | None:
    """Give the schema revision of the database, None before the first migration."""
    from alembic.runtime.migration import MigrationContext

    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str | None:
    """Give the newest revision this code knows."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(migrations_folder())).get_current_head()
