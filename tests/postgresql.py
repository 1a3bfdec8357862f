"""Copies of template databases on a PostgreSQL server, which tests use one after another."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any, LiteralString

import psycopg
from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import URL, Engine, create_engine, text

# What is deleted stays in the files, where queries come across it.
_MOST_USES = 50

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
# The newest change of the catalogue, its size, and where sequences are: equal if only rows have changed.
_STRUCTURE = """
SELECT count(*), max(changed), (SELECT array_agg((sequencename, last_value)::text) FROM pg_sequences) FROM (
    SELECT xmin::text::bigint AS changed FROM pg_class
    UNION ALL SELECT xmin::text::bigint FROM pg_attribute
    UNION ALL SELECT xmin::text::bigint FROM pg_attrdef
    UNION ALL SELECT xmin::text::bigint FROM pg_constraint
    UNION ALL SELECT xmin::text::bigint FROM pg_index
    UNION ALL SELECT xmin::text::bigint FROM pg_namespace
    UNION ALL SELECT xmin::text::bigint FROM pg_proc
    UNION ALL SELECT xmin::text::bigint FROM pg_trigger
    UNION ALL SELECT xmin::text::bigint FROM pg_type
) AS catalogue
"""
_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

_numbers = count(1)


def on_server(server: URL, statement: str) -> None:
    with engine_of(server).connect() as connection:
        connection.execute(text(statement))


@cache
def engine_of(server: URL) -> Engine:
    """One connection for all databases that are made and dropped there."""
    return create_engine(server, isolation_level="AUTOCOMMIT")


class PostgresqlCopy:
    """A copy of a database that nobody has open."""

    def __init__(self, server: URL, template: str) -> None:
        name = f"tb_test_{os.getpid()}_{next(_numbers)}"
        on_server(server, f"CREATE DATABASE {name} TEMPLATE {template}")
        self._server = server
        self.url = server.set(database=name)

    def drop(self) -> None:
        on_server(self._server, f"DROP DATABASE {self.url.database} WITH (FORCE)")


class _ReusableCopy(PostgresqlCopy):
    """A copy that remembers the rows of its template, and has a connection of its own."""

    def __init__(self, server: URL, template: str) -> None:
        super().__init__(server, template)
        self._n_uses = 0
        address = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = self._connection = psycopg.connect(address, autocommit=True)
        # Others may not delete rows that are final.
        self._may_restore = connection.info.parameter_status("is_superuser") == "on"
        self._structure = connection.execute(_STRUCTURE).fetchone()
        self._tables = [name for (name,) in connection.execute(_TABLES)]
        with_rows = [name for name in self._tables if _has_rows(connection, name)]
        self._rows = {name: _read(connection, name) for name in with_rows}

    def restore(self) -> bool:
        """Bring the rows of the template back, and no others; says whether that leaves a copy of it."""
        self._n_uses += 1
        if self._n_uses == _MOST_USES or not self._may_restore:
            return False
        connection = self._connection
        connection.execute(_END_OTHERS)
        if connection.execute(_STRUCTURE).fetchone() != self._structure:
            return False
        with connection.transaction():
            # No trigger, neither of a key nor of a table that only grows.
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute(SQL("; ").join(_about("DELETE FROM {}", name) for name in self._tables))
            for name, held in self._rows.items():
                with connection.cursor().copy(_about("COPY {} FROM STDIN (FORMAT binary)", name)) as copy:
                    copy.write(held)
        return True

    def drop(self) -> None:
        self._connection.close()
        super().drop()


def _about(statement: LiteralString, table: str) -> Composed:
    return SQL(statement).format(Identifier(table))


def _has_rows(connection: psycopg.Connection[Any], table: str) -> bool:
    return connection.execute(_about("SELECT 1 FROM {} LIMIT 1", table)).fetchone() is not None


def _read(connection: psycopg.Connection[Any], table: str) -> bytes:
    with connection.cursor().copy(_about("COPY {} TO STDOUT (FORMAT binary)", table)) as copy:
        return b"".join(copy)


class PostgresqlCopies:
    """Databases that are each as their template is: to make a copy takes longer than most tests.

    A copy gets the rows of its template back after a test, and the next test gets that copy. Where
    more than rows changed, or that is not allowed, it is dropped.
    """

    def __init__(self, server: URL) -> None:
        self._server = server
        self._idle: dict[str, list[_ReusableCopy]] = {}

    @contextmanager
    def of(self, template: str) -> Iterator[URL]:
        """Give a copy of a database that nobody has open, until the block ends."""
        idle = self._idle.setdefault(template, [])
        copy = idle.pop() if idle else _ReusableCopy(self._server, template)
        yield copy.url
        if copy.restore():
            idle.append(copy)
        else:
            copy.drop()

    def drop(self) -> None:
        for copy in (each for idle in self._idle.values() for each in idle):
            copy.drop()
