"""Databases for tests: a migrated SQLite file or PostgreSQL database for each test, as good as new.

The PostgreSQL server is a throwaway cluster that the session starts from the
machine's own binaries, or the server that ``TEST_DATABASE_URL`` names.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from glob import glob
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Dialect, Engine, event, make_url
from sqlalchemy.orm import Session

from app.db import SessionFactory, make_engine, make_session_factory, upgrade_database
from tests.postgresql import PostgresqlCopies, engine_of, on_server

ENABLE_POSTGRESQL = "to run these tests too: apt-get install postgresql, or set TEST_DATABASE_URL"

_numbers = count(1)
_COMPILED: dict[str, tuple[Dialect, dict[Any, Any]]] = {}


def _server_programs() -> Path | None:
    """Find the folder with initdb and pg_ctl, the newest version first."""
    on_path = shutil.which("initdb")
    folders = sorted(glob("/usr/lib/postgresql/*/bin"), key=lambda f: int(f.split("/")[4]), reverse=True)
    for folder in [Path(on_path).resolve().parent] if on_path else [Path(f) for f in folders]:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    return None


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root: name the user to run it as, None to stay who we are."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return "nobody"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[URL]:
    """Give the address of a server on which databases may be made."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        server = make_url(given).set(drivername="postgresql+psycopg")
        yield server
        engine_of(server).dispose()
        return
    programs = _server_programs()
    if programs is None:
        pytest.skip(ENABLE_POSTGRESQL)
    user = _unprivileged_user()
    # Not pytest's own folder: only its owner can enter that. Short, as socket paths must be.
    folder = Path(tempfile.mkdtemp(prefix="tb-pg-", dir="/tmp"))
    if user is not None:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [programs / program, *arguments],
            user=user,
            cwd=folder,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )

    data = str(folder / "data")
    options = (
        f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off -c max_connections=50"
        # Plans as in a new database, and nothing done beside the tests.
        " -c autovacuum=off"
    )
    try:
        run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "--locale=C", "-E", "UTF8", "--no-sync")
        run("pg_ctl", "-D", data, "-l", str(folder / "log"), "-o", options, "-w", "start")
        server = URL.create(
            "postgresql+psycopg", username="postgres", database="postgres", query={"host": str(folder)}
        )
        try:
            yield server
        finally:
            engine_of(server).dispose()
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _postgresql_template(postgresql_server: URL) -> Iterator[str]:
    """Migrate once; every test copies."""
    name = f"tb_template_{os.getpid()}"
    on_server(postgresql_server, f"CREATE DATABASE {name}")
    upgrade_database(postgresql_server.set(database=name))
    yield name
    on_server(postgresql_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate once; every test copies."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    upgrade_database(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> URL:
    """Give a fresh, migrated SQLite database."""
    return copy_sqlite(_sqlite_template, tmp_path)


def copy_sqlite(template: Path, folder: Path) -> URL:
    """Copy a database that nobody has open."""
    path = folder / "test.sqlite3"
    shutil.copy(template, path)
    return make_url(f"sqlite:///{path}")


@pytest.fixture
def empty_postgresql_url(postgresql_server: URL) -> Iterator[URL]:
    """Give an empty PostgreSQL database, without tables."""
    name = f"tb_empty_{os.getpid()}_{next(_numbers)}"
    on_server(postgresql_server, f"CREATE DATABASE {name}")
    yield postgresql_server.set(database=name)
    on_server(postgresql_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgresql_url(postgresql_copies: PostgresqlCopies, _postgresql_template: str) -> Iterator[URL]:
    """Give a migrated PostgreSQL database without anybody else's rows."""
    with postgresql_copies.of(_postgresql_template) as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_copies(postgresql_server: URL) -> Iterator[PostgresqlCopies]:
    """Give the copies of templates that tests use one after another."""
    copies = PostgresqlCopies(postgresql_server)
    yield copies
    copies.drop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Any:
    """Give a fresh, migrated database; the test runs once on each kind."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Give a database without tables; the test runs once on each kind."""
    if request.param == "sqlite":
        return make_url(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    return request.getfixturevalue("empty_postgresql_url")


def make_test_engine(url: URL) -> Engine:
    """Make an engine that knows the statements which others compiled: that takes longer than most tests.

    Only what a statement is in SQL is shared, for each kind of database, and no connection. Nobody waits
    for the disk either: no test outlives the machine.
    """
    engine = make_engine(url)
    backend = url.get_backend_name()
    if backend == "sqlite":
        event.listen(engine, "connect", _never_wait_for_the_disk)
    if backend not in _COMPILED:
        with engine.connect():
            pass  # the dialect asks the server what it is
        _COMPILED[backend] = engine.dialect, {}
    engine.dialect, statements = _COMPILED[backend]
    engine.update_execution_options(compiled_cache=statements)
    return engine


def _never_wait_for_the_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture
def engine(database_url: URL) -> Iterator[Engine]:
    engine = make_test_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session_factory(engine: Engine) -> SessionFactory:
    return make_session_factory(engine)


@pytest.fixture
def session(session_factory: SessionFactory) -> Iterator[Session]:
    """Give a session whose work is rolled back unless the test commits."""
    with session_factory() as session:
        yield session
