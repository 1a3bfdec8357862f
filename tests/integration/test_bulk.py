"""Bulk creation: an outcome for every item, all or nothing when asked."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import SessionFactory, session_scope
from app.domain.actor import Actor
from app.errors import Conflict, InvalidInput
from app.models import AuditEvent, Vacancy
from app.repositories.records import VacancyRepository
from app.services.bulk import BulkMode, ItemStatus
from app.services.skills_needs import create_skills_needs
from app.services.vacancies import create_vacancies
from tests.factories import (
    NOW,
    make_employer,
    make_partnership,
    make_skills_need_record,
    make_vacancy,
    make_vacancy_record,
)

CREATED, FAILED, NOT_ATTEMPTED = ItemStatus.CREATED, ItemStatus.FAILED, ItemStatus.NOT_ATTEMPTED


@pytest.fixture
def employer(session: Session) -> Actor:
    actor = make_employer(session, make_partnership(session))
    make_vacancy(session, actor, record=make_vacancy_record(id="taken"))
    return actor


def stored(session: Session) -> list[str]:
    return sorted(session.scalars(select(Vacancy.external_id)))


def records(*ids: str):
    return [make_vacancy_record(id=i, skills=["a", "b"]) for i in ids]


def test_partial_creates_the_good_items(session: Session, employer: Actor):
    outcomes = create_vacancies(
        session, employer, records("a", "taken", "b", "a", " x"), mode=BulkMode.PARTIAL, now=NOW
    )

    assert [o.index for o in outcomes] == [0, 1, 2, 3, 4]
    assert [o.status for o in outcomes] == [CREATED, FAILED, CREATED, FAILED, FAILED]
    assert [type(o.error) for o in outcomes if o.error] == [Conflict, Conflict, InvalidInput]
    assert stored(session) == ["a", "b", "taken"]


def test_atomic_creates_nothing_when_one_item_is_bad(session: Session, employer: Actor):
    outcomes = create_vacancies(session, employer, records("a", "taken", "b"), mode=BulkMode.ATOMIC, now=NOW)

    assert [o.status for o in outcomes] == [NOT_ATTEMPTED, FAILED, NOT_ATTEMPTED]
    assert stored(session) == ["taken"]


def test_atomic_creates_everything_when_all_items_are_good(session: Session, employer: Actor):
    outcomes = create_vacancies(session, employer, records("a", "b"), mode=BulkMode.ATOMIC, now=NOW)

    assert [o.status for o in outcomes] == [CREATED, CREATED]
    assert [o.row.external_id for o in outcomes if o.row] == ["a", "b"]
    assert stored(session) == ["a", "b", "taken"]


@pytest.mark.parametrize(
    ("mode", "expected", "kept"),
    [
        (BulkMode.PARTIAL, [CREATED, FAILED, CREATED], ["a", "b", "taken"]),
        (BulkMode.ATOMIC, [NOT_ATTEMPTED, FAILED, NOT_ATTEMPTED], ["taken"]),
    ],
)
def test_an_id_taken_by_another_transaction_fails_only_its_item(
    session: Session,
    employer: Actor,
    monkeypatch: pytest.MonkeyPatch,
    mode: BulkMode,
    expected: list[ItemStatus],
    kept: list[str],
):
    """The look-up saw nothing, then the constraint refuses: as when another request came between."""
    monkeypatch.setattr(VacancyRepository, "existing_external_ids", lambda self, ids: set())

    outcomes = create_vacancies(session, employer, records("a", "taken", "b"), mode=mode, now=NOW)

    assert [o.status for o in outcomes] == expected
    assert stored(session) == kept
    created = select(func.count()).where(AuditEvent.operation == "vacancy.created")
    assert session.scalar(created) == len(kept)


def test_skills_needs_are_created_in_bulk_too(session: Session, employer: Actor):
    needs = [make_skills_need_record(id=i) for i in ("a", "a", "b")]

    outcomes = create_skills_needs(session, employer, needs, mode=BulkMode.PARTIAL, now=NOW)

    assert [o.status for o in outcomes] == [CREATED, FAILED, CREATED]


def test_a_dry_run_is_a_rolled_back_call(session_factory: SessionFactory):
    with session_scope(session_factory) as session:
        employer = make_employer(session, make_partnership(session))
    with session_factory() as session:
        outcomes = create_vacancies(session, employer, records("a"), mode=BulkMode.PARTIAL, now=NOW)
        session.rollback()

    assert [o.status for o in outcomes] == [CREATED]
    with session_scope(session_factory, write=False) as session:
        assert stored(session) == []


def test_nothing_to_create_is_no_error(session: Session, employer: Actor):
    assert create_vacancies(session, employer, [], mode=BulkMode.ATOMIC, now=NOW) == []
