"""The database as commands use it: configured, migrated, closed at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import InvalidInput

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from app.db import SessionFactory


@dataclass(frozen=True, slots=True)
class Database:
    """An open database."""

    engine: Engine
    factory: SessionFactory

    def session(self, *, write: bool = True) -> AbstractContextManager[Session]:
        """Run one transaction."""
        from app.db import session_scope

        return session_scope(self.factory, write=write)


@contextmanager
def open_database(url: str | None = None) -> Iterator[Database]:
    """Open the configured database, or the one at ``url``.

    Raises
    ------
    InvalidInput
        It cannot be reached, or its schema is not the one this version knows.
    """
    from sqlalchemy.exc import OperationalError

    from app.config import Settings
    from app.db import current_revision, head_revision, make_engine, make_session_factory

    engine = make_engine(url or Settings().database_url)
    try:
        try:
            revision = current_revision(engine)
        except OperationalError as error:
            raise InvalidInput("The database cannot be reached. See talentbridge doctor.") from error
        if revision != head_revision():
            state = "has not been set up" if revision is None else f"is at revision {revision}"
            raise InvalidInput(f"The database {state}. Run talentbridge db upgrade first.")
        yield Database(engine, make_session_factory(engine))
    finally:
        engine.dispose()
