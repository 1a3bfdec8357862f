"""Linked candidates as several processes keep them at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import select

from app.db import SessionFactory, session_scope
from app.models import CandidateProfile, PreparedCandidate
from app.repositories.candidate_pool import CandidatePoolRepository
from tests.factories import make_candidate_record, make_cohort, make_institution, make_partnership

BASIS = "b" * 64


@pytest.fixture
def people(session_factory: SessionFactory) -> tuple[UUID, list[UUID]]:
    with session_scope(session_factory) as session:
        partnership = make_partnership(session)
        institution = make_institution(session, partnership)
        _, candidates = make_cohort(
            session, institution, candidates=[make_candidate_record(id=f"t-{n}") for n in range(3)]
        )
        return partnership.id, [each.id for each in candidates]


def store(factory: SessionFactory, partnership_id: UUID, rows: list[tuple[UUID, int, str]]) -> None:
    with session_scope(factory) as session:
        CandidatePoolRepository(session, partnership_id).store_prepared(BASIS, rows)


def test_two_processes_may_keep_the_same_candidates_at_once(
    session_factory: SessionFactory, people: tuple[UUID, list[UUID]]
) -> None:
    partnership_id, ids = people
    rows = [(each, 1, "{}") for each in ids]
    with ThreadPoolExecutor(1) as threads:
        with session_scope(session_factory) as session:
            CandidatePoolRepository(session, partnership_id).store_prepared(BASIS, rows)
            other = threads.submit(store, session_factory, partnership_id, rows[::-1])
            with pytest.raises(TimeoutError):
                other.result(timeout=0.3)
        other.result(timeout=20)
    with session_scope(session_factory, write=False) as session:
        assert len(session.scalars(select(PreparedCandidate)).all()) == len(ids)


def test_an_older_form_does_not_take_the_place_of_a_newer_one(
    session_factory: SessionFactory, people: tuple[UUID, list[UUID]]
) -> None:
    partnership_id, ids = people
    store(session_factory, partnership_id, [(ids[0], 2, "newer")])
    store(session_factory, partnership_id, [(ids[0], 1, "older"), (ids[1], 1, "first")])
    with session_scope(session_factory, write=False) as session:
        kept = {row.candidate_id: row.content for row in session.scalars(select(PreparedCandidate))}
    assert kept == {ids[0]: "newer", ids[1]: "first"}


def test_only_forms_of_the_profile_as_it_is_are_read(
    session_factory: SessionFactory, people: tuple[UUID, list[UUID]]
) -> None:
    partnership_id, ids = people
    store(session_factory, partnership_id, [(ids[0], 0, "older"), (ids[1], 1, "now")])
    with session_scope(session_factory, write=False) as session:
        repository = CandidatePoolRepository(session, partnership_id)
        assert list(repository.iter_prepared(BASIS, ids)) == [(ids[1], 1, "now")]
        assert list(repository.iter_prepared("c" * 64, ids)) == []


def test_a_change_of_a_candidate_and_one_of_the_cohort_wait_in_turn(
    session_factory: SessionFactory, people: tuple[UUID, list[UUID]]
) -> None:
    partnership_id, ids = people
    with session_scope(session_factory, write=False) as session:
        cohort_id = session.scalars(select(CandidateProfile.cohort_id)).first()

    def of_the_cohort() -> None:
        with session_scope(session_factory) as session:
            CandidatePoolRepository(session, partnership_id).note_changes(cohort_id=cohort_id)

    with ThreadPoolExecutor(1) as threads:
        with session_scope(session_factory) as session:
            session.execute(select(CandidateProfile).where(CandidateProfile.id == ids[1]).with_for_update())
            other = threads.submit(of_the_cohort)
            with pytest.raises(TimeoutError):
                other.result(timeout=0.5)
            CandidatePoolRepository(session, partnership_id).note_changes(ids=[ids[1]])
        other.result(timeout=20)
    with session_scope(session_factory, write=False) as session:
        assert CandidatePoolRepository(session, partnership_id).change_number() == 3
