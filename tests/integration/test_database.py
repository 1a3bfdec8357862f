"""Engines and transactions: what the service relies on and neither database does by itself."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import URL, Engine, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Session

from app.db import SessionFactory, make_engine, session_scope
from app.models import CandidateIdentity, Partnership
from app.repositories.scoped import chunks
from tests.factories import make_partnership


def test_a_scope_commits_at_its_end(session_factory: SessionFactory):
    with session_scope(session_factory) as session:
        make_partnership(session, name="Kept")

    with session_scope(session_factory, write=False) as session:
        assert list(session.scalars(select(Partnership.name))) == ["Kept"]


def test_a_scope_rolls_back_on_an_exception(session_factory: SessionFactory):
    def fail_half_way() -> None:
        with session_scope(session_factory) as session:
            make_partnership(session)
            raise KeyError

    with pytest.raises(KeyError):
        fail_half_way()

    with session_scope(session_factory, write=False) as session:
        assert session.scalar(select(func.count()).select_from(Partnership)) == 0


def test_a_reading_scope_keeps_nothing(session_factory: SessionFactory, engine: Engine):
    if engine.dialect.name == "postgresql":
        with pytest.raises(DBAPIError, match="read-only"), session_scope(session_factory, write=False) as s:
            make_partnership(s)
    else:
        with session_scope(session_factory, write=False) as session:
            make_partnership(session)

    with session_scope(session_factory) as session:
        assert session.scalar(select(func.count()).select_from(Partnership)) == 0
        make_partnership(session)  # the connection came back able to write


def test_times_are_utc_on_the_way_out_and_never_naive_on_the_way_in(session_factory: SessionFactory):
    moment = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    with session_scope(session_factory) as session:
        partnership_id = make_partnership(session, now=moment).id

    with session_scope(session_factory, write=False) as session:
        stored = session.get_one(Partnership, partnership_id).created_at
    assert stored == moment
    assert stored.tzinfo is UTC

    with pytest.raises(StatementError, match="time zone"), session_scope(session_factory) as session:
        make_partnership(session, now=datetime(2026, 3, 1))  # noqa: DTZ001 - that is the fault


def test_sqlite_is_durable_and_enforces_foreign_keys(sqlite_url: URL):
    engine = make_engine(sqlite_url)
    with engine.connect() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()

    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_postgresql_sessions_are_in_utc(postgresql_url: URL):
    engine = make_engine(postgresql_url)
    with engine.connect() as connection:
        assert connection.execute(text("SHOW timezone")).scalar() == "UTC"
    engine.dispose()


def test_writers_that_read_first_queue_instead_of_failing(session_factory: SessionFactory):
    """Deferred SQLite transactions would fail here with "database is locked"."""
    n_threads, n_rounds = 4, 5
    errors: list[BaseException] = []
    start = threading.Barrier(n_threads)

    def write(number: int) -> None:
        try:
            start.wait()
            for turn in range(n_rounds):
                with session_scope(session_factory) as session:
                    session.scalar(select(func.count()).select_from(Partnership))
                    make_partnership(session, name=f"{number}-{turn}")
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    with session_scope(session_factory, write=False) as session:
        assert session.scalar(select(func.count()).select_from(Partnership)) == n_threads * n_rounds


def test_readers_do_not_wait_for_a_writer(session_factory: SessionFactory):
    with session_scope(session_factory) as writer:
        make_partnership(writer)
        with session_scope(session_factory, write=False) as reader:
            assert reader.scalar(select(func.count()).select_from(Partnership)) == 0


def test_a_reading_scope_sees_one_moment_throughout(session_factory: SessionFactory):
    with session_scope(session_factory, write=False) as reader:
        before = reader.scalar(select(func.count()).select_from(Partnership))
        with session_scope(session_factory) as writer:
            make_partnership(writer)
        after = reader.scalar(select(func.count()).select_from(Partnership))

    assert (before, after) == (0, 0)
    with session_scope(session_factory, write=False) as reader:
        assert reader.scalar(select(func.count()).select_from(Partnership)) == 1


def test_database_errors_do_not_repeat_what_was_stored(session: Session):
    session.add(CandidateIdentity(candidate_id=make_partnership(session).id, family_name="Invented"))

    with pytest.raises(IntegrityError) as caught:
        session.flush()

    assert "Invented" not in str(caught.value)


def test_chunks_split_evenly_and_keep_the_order():
    assert list(chunks(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(chunks([])) == []
