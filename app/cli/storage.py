"""The database as commands use it: configured, migrated, closed at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from app.errors import InvalidInput

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from app.config import Settings
    from app.db import SessionFactory
    from app.repositories.scoped import Page
    from app.services.semantic_spaces import SemanticStore


PAGE = 200

RowT = TypeVar("RowT")


class NotSetUp(InvalidInput):
    """There is no database yet, or nothing in it."""


@dataclass(frozen=True, slots=True)
class Database:
    """An open database."""

    engine: Engine
    factory: SessionFactory

    def session(self, *, write: bool = True) -> AbstractContextManager[Session]:
        """Run one transaction."""
        from app.db import session_scope

        return session_scope(self.factory, write=write)


def read_settings() -> Settings:
    """Read the settings.

    Raises
    ------
    InvalidInput
        A variable has a value that is not allowed; the value itself is not repeated.
    """
    from pydantic import ValidationError

    from app.config import Settings

    try:
        return Settings()
    except ValidationError as error:
        names = ", ".join("TALENTBRIDGE_" + str(fault["loc"][0]).upper() for fault in error.errors())
        raise InvalidInput(f"These settings have values that are not allowed: {names}.") from error


def find_stored_spaces(release: str) -> Mapping[str, bytes]:
    """What was learned for a release and stored with it; nothing where there is no such release."""
    from app.services.latent_spaces import list_stored

    try:
        with open_database() as database, database.session(write=False) as session:
            return list_stored(session, release)
    except NotSetUp:
        return {}


def semantic_store(settings: Settings | None = None) -> SemanticStore | None:
    """Open the model of the semantic channel; None where the channel is off.

    Raises
    ------
    InvalidInput
        There is no such model.
    """
    settings = settings or read_settings()
    if not settings.semantic_model:
        return None
    from app.services.semantic_spaces import open_store

    return open_store(settings.semantic_model, settings.cache_dir)


def database_url() -> str:
    """Give the address of the configured database, which may hold a password."""
    return read_settings().database_url


@contextmanager
def connected(url: str | None = None, *, create: bool = False) -> Iterator[Engine]:
    """Connect to the configured database, or the one at ``url``, whatever its schema.

    Raises
    ------
    NotSetUp
        The SQLite file is missing, and ``create`` does not ask for one.
    InvalidInput
        The address is none, or nothing answers there. It is not repeated: it may hold a password.
    """
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

    from app.db import make_engine

    try:
        engine = make_engine(url or database_url())
        # Connecting would make the file, and asking how things are must change nothing.
        file = engine.url.database if engine.dialect.name == "sqlite" else None
        if file and not create and not Path(file).exists():
            raise NotSetUp(f"There is no database at {file} yet. Run talentbridge db upgrade first.")
        with engine.connect():
            pass
    except (ArgumentError, NoSuchModuleError) as error:
        raise InvalidInput("TALENTBRIDGE_DATABASE_URL is not the address of a database.") from error
    except DBAPIError as error:
        raise InvalidInput("The database cannot be reached. See talentbridge doctor.") from error
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def open_database(url: str | None = None) -> Iterator[Database]:
    """Open the configured database, or the one at ``url``.

    Raises
    ------
    NotSetUp
        It is missing or empty.
    InvalidInput
        It cannot be reached, or its schema is not the one this version knows.
    """
    from app.db import current_revision, head_revision, make_session_factory

    with connected(url) as engine:
        revision = current_revision(engine)
        if revision != head_revision():
            if revision is None:
                raise NotSetUp("The database is empty. Run talentbridge db upgrade first.")
            raise InvalidInput(f"The database is at revision {revision}. Run talentbridge db upgrade first.")
        yield Database(engine, make_session_factory(engine))


def every_item(fetch: Callable[[UUID | None], Page[RowT]]) -> Iterator[RowT]:
    """Give the rows of all pages; ``fetch`` gets the id to go on from."""
    page = fetch(None)
    yield from page.items
    while page.next_after is not None:
        page = fetch(page.next_after)
        yield from page.items
