from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import URL, Engine, inspect, text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session

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
from app.domain.actor import Actor, Role
from app.domain.conditions import Circumstances, Conditions
from app.domain.enums import Cefr, Need, PhraseKind, QueueReason
from app.domain.ids import new_id
from app.domain.records import AliasRecord, ExperienceRecord, LanguageLevel, LanguageRequirement
from app.domain.reviews import ReviewReason
from app.domain.transitions import QueueState, ReviewState
from app.models import Base, Partnership, QueuedPhrase
from app.services.aliases import approve_alias, propose_alias
from app.services.api_keys import issue_api_key
from app.services.candidates import get_candidate
from app.services.conversion import candidate_record, vacancy_record
from app.services.match_runs import request_match_run
from app.services.reviews import record_review
from app.services.vacancies import get_vacancy
from app.services.weight_profiles import approve_weights, propose_weights
from tests.factories import (
    NOW,
    make_account,
    make_candidate_record,
    make_cohort,
    make_employer,
    make_institution,
    make_partnership,
    make_staff,
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


def test_upgrading_again_changes_nothing(database_url: URL, engine: Engine):
    before = describe_schema(engine)

    upgrade_database(database_url)

    assert describe_schema(engine) == before


def test_migrated_constraints_equal_those_of_the_models(database_url: URL, engine: Engine):
    """`alembic check` compares neither CHECK constraints nor what a foreign key does on deletion."""
    migrated = describe_schema(engine)
    downgrade_database(database_url)

    Base.metadata.create_all(engine)

    assert migrated == describe_schema(engine)


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


def test_going_back_from_the_candidate_pool_keeps_every_candidate(database_url: URL, engine: Engine):
    with session_scope(make_session_factory(engine)) as session:
        institution = make_institution(session, make_partnership(session))
        people = [make_candidate_record(skills=["welding"]) for _ in range(2)]
        make_cohort(session, institution, candidates=people)
    assert counts(engine) == (2, 2, 1)

    downgrade_database(database_url, "0004")
    upgrade_database(database_url)

    assert counts(engine) == (2, 2, 0)


def test_records_older_than_conditions_read_as_demanding_and_stating_nothing(
    database_url: URL, engine: Engine
):
    factory = make_session_factory(engine)
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

    downgrade_database(database_url, "0005")
    with engine.begin() as connection:
        without_dates = '[{"occupation": "welder", "text": "Frames", "months": 24}]'
        connection.execute(
            text("UPDATE candidate_profile SET experience = :entries"), {"entries": without_dates}
        )
    upgrade_database(database_url)

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


# The tables that revision 0010 copies or changes, with the columns that it knew before.
HELD = {
    "audit_event": "id, operation, actor_key_id, details",
    "concept_alias": "id, phrase, state, from_version, proposed_by_key_id, approved_by_key_id",
    "job": "id, kind, status, payload, requested_by_key_id, match_run_id",
    "match_run": "id, state, k, weight_profile, requested_by_key_id",
    "queued_phrase": "id, wording, suggestions, state, decided_by_key_id",
    "review": "id, number, state, note, decided_by_key_id",
    "weight_profile": "id, number, state, weights, evidence, proposed_by_key_id, approved_by_key_id",
}


def held(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {
            table: sorted(map(str, connection.execute(text(f"SELECT {columns} FROM {table}")).all()))
            for table, columns in HELD.items()
        }


def do_one_of_everything(session: Session, partnership: Partnership, first: Actor, second: Actor) -> None:
    """Let two administrators do what tables keep the doer of."""
    employer, institution = make_employer(session, partnership), make_institution(session, partnership)
    vacancy = make_vacancy(session, employer)
    _, [candidate] = make_cohort(session, institution, candidates=[make_candidate_record()])
    reviewer = Actor(first.key_id, Role.REVIEWER, partnership.id, account_id=first.account_id)
    reason = ReviewReason.NOT_AVAILABLE
    record_review(
        session, reviewer, vacancy.id, candidate.id, ReviewState.REJECTED, reason=reason, note="No.", now=NOW
    )
    request_match_run(session, first, k=3, now=NOW)
    record = AliasRecord("welding", "en", PhraseKind.SKILL, None, "")
    approve_alias(session, second, propose_alias(session, first, record, now=NOW).id, now=NOW)
    weights = propose_weights(session, first, "own", {"title": 3.0}, reason="to try", now=NOW)
    approve_weights(session, second, weights.id, now=NOW)
    session.add(
        QueuedPhrase(
            partnership_id=partnership.id,
            kind=PhraseKind.SKILL,
            lang="en",
            canonical="welding",
            wording="Welding",
            reason=QueueReason.UNLINKED,
            n_vacancies=1,
            n_candidates=0,
            suggestions=[{"label": "é"}],
            taxonomy_name="small",
            state=QueueState.DISMISSED,
            decided_by_key_id=first.key_id,
            decided_by_account_id=first.account_id,
            version=1,
            created_at=NOW,
            updated_at=NOW,
        )
    )


def test_going_back_from_accounts_and_forth_keeps_what_keys_did(database_url: URL, engine: Engine):
    with session_scope(make_session_factory(engine)) as session:
        partnership = make_partnership(session)
        issued = issue_api_key(session, make_staff(partnership), role=Role.ADMIN, label="", now=NOW)
        by_key = Actor(issued.row.id, Role.ADMIN, partnership.id)
        do_one_of_everything(session, partnership, by_key, make_staff(partnership))
    before = held(engine)
    assert all(before.values())

    downgrade_database(database_url, "0009")
    assert held(engine) == before
    assert refuses_to_change_what_is_final(engine)

    upgrade_database(database_url)
    assert held(engine) == before
    assert refuses_to_change_what_is_final(engine)


def test_weights_that_an_account_approved_are_out_of_force_without_accounts(
    database_url: URL, engine: Engine
):
    with session_scope(make_session_factory(engine)) as session:
        partnership = make_partnership(session)
        one, two = (make_account(session, partnership, role=Role.ADMIN) for _ in range(2))
        do_one_of_everything(session, partnership, one, two)
    before = held(engine)

    downgrade_database(database_url, "0009")

    after = held(engine)
    assert {table for table in HELD if after[table] != before[table]} == {"weight_profile"}
    with engine.connect() as connection:
        row = connection.execute(text("SELECT state, approved_at FROM weight_profile")).one()
    assert row == ("withdrawn", None)
    upgrade_database(database_url)
    check_database(database_url)


def refuses_to_change_what_is_final(engine: Engine) -> bool:
    for statement in (
        "UPDATE review SET state = 'proposed'",
        "UPDATE review SET decided_by_key_id = NULL",
        "DELETE FROM review",
        "UPDATE audit_event SET operation = 'x'",
        "DELETE FROM audit_event",
    ):
        with engine.begin() as connection, pytest.raises(DatabaseError, match="append-only"):
            connection.execute(text(statement))
    with engine.begin() as connection:
        connection.execute(text("UPDATE review SET note = note"))
    return True


def test_nobody_acts_by_key_and_account_at_once(engine: Engine):
    with session_scope(make_session_factory(engine)) as session:
        partnership = make_partnership(session)
        do_one_of_everything(
            session, partnership, make_account(session, partnership, role=Role.ADMIN), make_staff(partnership)
        )
        key = issue_api_key(session, make_staff(partnership), role=Role.ADMIN, label="", now=NOW).row.id

    for table, column in {
        "concept_alias": "proposed_by_key_id",
        "job": "requested_by_key_id",
        "match_run": "requested_by_key_id",
        "queued_phrase": "decided_by_key_id",
        "weight_profile": "proposed_by_key_id",
    }.items():
        change = text(f"UPDATE {table} SET {column} = (SELECT id FROM api_key)")
        with engine.begin() as connection, pytest.raises(IntegrityError, match="_one"):
            connection.execute(change)
    with engine.begin() as connection, pytest.raises(IntegrityError, match="actor_one"):
        connection.execute(
            text(
                "INSERT INTO audit_event (id, partnership_id, at, actor_role, operation, subject_type,"
                " subject_id, details, actor_key_id, actor_account_id) SELECT :id, partnership_id, at,"
                " actor_role, operation, subject_type, subject_id, details, :id, :id FROM audit_event LIMIT 1"
            ),
            {"id": key.hex},
        )


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
