from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import URL, Engine, inspect, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from app.db import (
    check_database,
    current_revision,
    downgrade_database,
    head_revision,
    make_engine,
    make_session_factory,
    session_scope,
    upgrade_database,
)
from app.domain.conditions import Circumstances, Conditions
from app.domain.enums import Cefr, Need
from app.domain.ids import new_id
from app.domain.records import ExperienceRecord, LanguageLevel, LanguageRequirement
from app.models import Base
from app.services.candidates import get_candidate
from app.services.conversion import candidate_record, vacancy_record
from app.services.vacancies import get_vacancy
from tests.factories import (
    make_candidate_record,
    make_cohort,
    make_employer,
    make_institution,
    make_partnership,
    make_vacancy,
    make_vacancy_record,
)


@pytest.fixture
def empty_engine(empty_database_url: URL):
    engine = make_engine(empty_database_url)
    yield engine
    engine.dispose()


def test_up_down_up_leaves_the_schema_of_the_models(empty_database_url: URL, empty_engine: Engine):
    assert current_revision(empty_engine) is None

    upgrade_database(empty_database_url)
    assert current_revision(empty_engine) == head_revision()
    check_database(empty_database_url)

    downgrade_database(empty_database_url)
    assert inspect(empty_engine).get_table_names() == ["alembic_version"]

    upgrade_database(empty_database_url)
    check_database(empty_database_url)
    assert set(inspect(empty_engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}


def test_upgrading_again_changes_nothing(empty_database_url: URL, empty_engine: Engine):
    upgrade_database(empty_database_url)
    before = describe_schema(empty_engine)

    upgrade_database(empty_database_url)

    assert describe_schema(empty_engine) == before


def test_migrated_constraints_equal_those_of_the_models(empty_database_url: URL, empty_engine: Engine):
    """`alembic check` compares neither CHECK constraints nor what a foreign key does on deletion."""
    upgrade_database(empty_database_url)
    migrated = describe_schema(empty_engine)
    downgrade_database(empty_database_url)

    Base.metadata.create_all(empty_engine)

    assert migrated == describe_schema(empty_engine)


def describe_schema(engine: Engine) -> dict[str, Any]:
    inspector = inspect(engine)
    schema: dict[str, Any] = {}
    for table in inspector.get_table_names():
        if table == "alembic_version":
            continue
        schema[table] = {
            "columns": sorted(
                (c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)
            ),
            "primary": inspector.get_pk_constraint(table),
            "unique": sorted(inspector.get_unique_constraints(table), key=lambda c: str(c["name"])),
            "foreign": sorted(inspector.get_foreign_keys(table), key=lambda c: str(c["name"])),
            "checks": sorted((c["name"], c["sqltext"]) for c in inspector.get_check_constraints(table)),
            "indexes": sorted(describe_index(index) for index in inspector.get_indexes(table)),
        }
    return schema


def describe_index(index: Any) -> tuple[Any, ...]:
    options = sorted((name, str(value)) for name, value in index.get("dialect_options", {}).items())
    return index["name"], index["column_names"], index["unique"], options


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET operation = 'x'", "DELETE FROM audit_event"])
def test_the_audit_log_cannot_be_changed(engine: Engine, statement: str):
    partnership, at = new_id().hex, datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None).isoformat(" ")
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO partnership (id, name, is_test, created_at) VALUES (:id, 'Test', false, :at)"),
            {"id": partnership, "at": at},
        )
        connection.execute(
            text(
                "INSERT INTO audit_event (id, partnership_id, at, actor_role, operation, subject_type,"
                " subject_id, details) VALUES (:id, :partnership, :at, 'admin', 'made', 'x', :id, '{}')"
            ),
            {"id": new_id().hex, "partnership": partnership, "at": at},
        )

    with engine.begin() as connection, pytest.raises(DatabaseError, match="append-only"):
        connection.execute(text(statement))

    with engine.connect() as connection:
        assert connection.execute(text("SELECT operation FROM audit_event")).scalars().all() == ["made"]


def test_going_back_from_the_candidate_pool_keeps_every_candidate(
    empty_database_url: URL, empty_engine: Engine
):
    upgrade_database(empty_database_url)
    with session_scope(make_session_factory(empty_engine)) as session:
        institution = make_institution(session, make_partnership(session))
        people = [make_candidate_record(skills=["welding"]) for _ in range(2)]
        make_cohort(session, institution, candidates=people)
    assert counts(empty_engine) == (2, 2, 1)

    downgrade_database(empty_database_url, "0004")
    upgrade_database(empty_database_url)

    assert counts(empty_engine) == (2, 2, 0)


def test_records_older_than_conditions_read_as_demanding_and_stating_nothing(
    empty_database_url: URL, empty_engine: Engine
):
    upgrade_database(empty_database_url)
    factory = make_session_factory(empty_engine)
    asked = [LanguageRequirement("fr", Cefr.B1, writing=Cefr.A2, need=Need.DESIRED)]
    offered = [LanguageLevel("fr", Cefr.B2, writing=Cefr.B1)]
    work = ExperienceRecord("welder", "Frames", 24)
    with session_scope(factory) as session:
        partnership = make_partnership(session)
        employer, institution = make_employer(session, partnership), make_institution(session, partnership)
        vacancy = make_vacancy(
            session,
            employer,
            record=make_vacancy_record(id="v", languages=asked, conditions=Conditions(eqf_level=4)),
        )
        person = make_candidate_record(
            id="c", languages=offered, experience=[work], circumstances=Circumstances(eqf_level=5)
        )
        _, [candidate] = make_cohort(session, institution, candidates=[person])
        vacancy_id, candidate_id = vacancy.id, candidate.id

    downgrade_database(empty_database_url, "0005")
    with empty_engine.begin() as connection:
        without_dates = '[{"occupation": "welder", "text": "Frames", "months": 24}]'
        connection.execute(
            text("UPDATE candidate_profile SET experience = :entries"), {"entries": without_dates}
        )
    upgrade_database(empty_database_url)

    with session_scope(factory, write=False) as session:
        assert vacancy_record(get_vacancy(session, employer, vacancy_id)) == make_vacancy_record(
            id="v", languages=[LanguageRequirement("fr", Cefr.B1)]
        )
        assert candidate_record(get_candidate(session, institution, candidate_id)) == make_candidate_record(
            id="c", languages=[LanguageLevel("fr", Cefr.B2)], experience=[work]
        )


@pytest.mark.parametrize("need", ["wish", ""], ids=["unknown", "empty"])
def test_a_need_is_one_that_is_known(engine: Engine, need: str):
    with session_scope(make_session_factory(engine)) as session:
        employer = make_employer(session, make_partnership(session))
        make_vacancy(session, employer, record=make_vacancy_record(languages=[LanguageRequirement("fr")]))

    with engine.begin() as connection, pytest.raises(IntegrityError, match="need"):
        connection.execute(text("UPDATE vacancy_language SET need = :need"), {"need": need})


def counts(engine: Engine) -> tuple[int, int, int]:
    """Candidates, their claims, and the number of the last change."""
    with engine.connect() as connection:
        row = connection.execute(
            text(
                "SELECT (SELECT count(*) FROM candidate_profile), (SELECT count(*) FROM skill_claim),"
                " (SELECT max(pool_change) FROM candidate_profile)"
            )
        ).one()
    return row[0], row[1], row[2]
