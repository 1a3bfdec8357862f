"""PostgreSQL databases that tests use one after another are as new for each."""

from __future__ import annotations

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.db import make_engine, make_session_factory, session_scope
from app.domain.actor import Role
from app.services.api_keys import issue_api_key
from tests.factories import NOW, make_partnership, make_staff
from tests.postgresql import PostgresqlCopies

COUNTS = """
SELECT (SELECT count(*) FROM partnership), (SELECT count(*) FROM audit_event), count(*) FROM alembic_version
"""


@pytest.fixture
def template(_postgresql_template: str) -> str:
    return _postgresql_template


def counted(url: URL) -> tuple[int, ...]:
    engine = make_engine(url)
    with engine.connect() as connection:
        found = tuple(connection.execute(text(COUNTS)).one())
    engine.dispose()
    return found


def test_rows_are_gone_also_those_that_are_final(postgresql_copies: PostgresqlCopies, template: str) -> None:
    with postgresql_copies.of(template) as url:
        engine = make_engine(url)
        with session_scope(make_session_factory(engine)) as session:
            actor = make_staff(make_partnership(session))
            issue_api_key(session, actor, role=Role.ADMIN, label="", now=NOW)
        engine.dispose()
        assert counted(url) == (1, 1, 1)
    with postgresql_copies.of(template) as again:
        assert counted(again) == (0, 0, 1)


def test_who_left_a_transaction_open_keeps_nobody_waiting(
    postgresql_copies: PostgresqlCopies, template: str
) -> None:
    with postgresql_copies.of(template) as url:
        engine = create_engine(url)
        left = engine.connect()
        left.execute(text("LOCK TABLE partnership"))
    with postgresql_copies.of(template) as again:
        assert counted(again) == (0, 0, 1)
    with pytest.raises(SQLAlchemyError):
        left.execute(text("SELECT 1"))
    left.invalidate()
    engine.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE idempotency_key",
        "ALTER TABLE partnership ADD COLUMN another integer",
        "CREATE INDEX another ON partnership (name)",
        "DROP TRIGGER review_append_only ON review",
        "CREATE SEQUENCE another",
    ],
)
def test_a_database_in_which_more_than_rows_changed_is_not_used_again(
    postgresql_copies: PostgresqlCopies, template: str, statement: str
) -> None:
    with postgresql_copies.of(template) as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()
    with postgresql_copies.of(template) as another:
        assert another != url
