"""Comparing two runs: who came, went and moved, and which pins differ."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.domain.actor import Actor, Role
from app.domain.ids import new_id
from app.errors import Conflict, NotFound, NotPermitted
from app.models import MatchRun, Partnership, Vacancy
from app.repositories.match_runs import MatchRunRepository
from app.services.match_runs import repeat_match_run
from app.services.run_comparison import compare_runs
from tests.factories import (
    NOW,
    make_candidate_record,
    make_cohort,
    make_employer,
    make_institution,
    make_partnership,
    make_staff,
    make_vacancy,
)
from tests.integration.test_match_runs import complete, make_run


@pytest.fixture
def partnership(session: Session) -> Partnership:
    return make_partnership(session)


@pytest.fixture
def actor(partnership: Partnership) -> Actor:
    return make_staff(partnership, role=Role.REVIEWER)


@pytest.fixture
def vacancies(session: Session, partnership: Partnership) -> list[Vacancy]:
    employer = make_employer(session, partnership)
    return [make_vacancy(session, employer) for _ in range(3)]


@pytest.fixture
def people(session: Session, partnership: Partnership) -> list[UUID]:
    institution = make_institution(session, partnership)
    _, people = make_cohort(session, institution, candidates=[make_candidate_record() for _ in range(4)])
    return [person.id for person in people]


def ranked(
    session: Session,
    partnership: Partnership,
    lists: dict[Vacancy, list[UUID]],
    *,
    requirements_version: int = 1,
    profile_version: int = 1,
    **columns: Any,
) -> MatchRun:
    """A complete run that lists these people for these vacancies, in this order."""
    run = make_run(session, partnership)
    rows = [
        {
            "id": new_id(),
            "run_id": run.id,
            "vacancy_id": vacancy.id,
            "candidate_id": person,
            "rank": rank,
            "score": 1.0 / rank,
            "tied": False,
            "parts": {},
            "flags": [],
            "candidate_version": profile_version,
        }
        for vacancy, listed in lists.items()
        for rank, person in enumerate(listed, start=1)
    ]
    seen = [
        {
            "run_id": run.id,
            "vacancy_id": vacancy.id,
            "requirements_version": requirements_version,
            "n_matches": len(listed),
            "flags": [],
            "requirements": [],
        }
        for vacancy, listed in lists.items()
    ]
    MatchRunRepository(session, make_staff(partnership)).store_rankings(
        run, ranked_vacancies=seen, matches=rows, contributions=[], apart=[]
    )
    complete(run)
    for name, value in columns.items():
        setattr(run, name, value)
    session.flush()
    return run


def test_who_came_went_and_moved(
    session: Session, partnership: Partnership, actor: Actor, vacancies: list[Vacancy], people: list[UUID]
):
    first, same, _ = vacancies
    a, b, c, d = people
    before = ranked(session, partnership, {first: [a, b, c], same: [a, b]})
    after = ranked(session, partnership, {first: [b, a, d], same: [a, b]}, profile_version=2)

    found = compare_runs(session, actor, before.id, after.id)

    assert (found.n_vacancies, found.n_changed) == (2, 1)
    assert (found.n_entered, found.n_left, found.n_moved) == (1, 1, 2)
    [change] = found.vacancies
    assert change.vacancy_id == first.id
    assert [(each.candidate_id, each.after) for each in change.entered] == [(d, 3)]
    assert [(each.candidate_id, each.before) for each in change.left] == [(c, 3)]
    assert [(each.candidate_id, each.before, each.after) for each in change.moved] == [(b, 2, 1), (a, 1, 2)]
    assert all(each.profile_changed for each in change.moved)
    assert not change.requirements_changed


def test_a_vacancy_of_one_run_only_counts_its_whole_list(
    session: Session, partnership: Partnership, actor: Actor, vacancies: list[Vacancy], people: list[UUID]
):
    first, second, _ = vacancies
    before = ranked(session, partnership, {first: people[:2]})
    after = ranked(session, partnership, {second: people[:3]})

    found = compare_runs(session, actor, before.id, after.id)

    assert (found.n_entered, found.n_left, found.n_moved) == (3, 2, 0)
    assert {(each.vacancy_id, each.in_before, each.in_after) for each in found.vacancies} == {
        (first.id, True, False),
        (second.id, False, True),
    }


def test_changed_requirements_and_pins_are_named(
    session: Session, partnership: Partnership, actor: Actor, vacancies: list[Vacancy], people: list[UUID]
):
    before = ranked(session, partnership, {vacancies[0]: people[:1]})
    after = ranked(
        session,
        partnership,
        {vacancies[0]: people[1:2]},
        requirements_version=2,
        weight_profile_name="own-1",
        input_digest="1" * 64,
    )

    found = compare_runs(session, actor, before.id, after.id)

    assert found.pins == ["weight_profile_name", "input_digest"]
    assert found.vacancies[0].requirements_changed


def test_changed_vacancies_come_in_pages(
    session: Session, partnership: Partnership, actor: Actor, vacancies: list[Vacancy], people: list[UUID]
):
    before = ranked(session, partnership, dict.fromkeys(vacancies, people[:1]))
    after = ranked(session, partnership, dict.fromkeys(vacancies, people[1:2]))

    first = compare_runs(session, actor, before.id, after.id, limit=2)
    second = compare_runs(session, actor, before.id, after.id, limit=2, after_vacancy=first.next_after)

    shown = [each.vacancy_id for page in (first, second) for each in page.vacancies]
    assert shown == sorted(each.id for each in vacancies)
    assert second.next_after is None


def test_only_complete_runs_of_the_own_partnership_are_compared(
    session: Session, partnership: Partnership, actor: Actor
):
    done, running = ranked(session, partnership, {}), make_run(session, partnership)
    with pytest.raises(Conflict):
        compare_runs(session, actor, done.id, running.id)
    with pytest.raises(NotFound):
        compare_runs(session, make_staff(make_partnership(session)), done.id, done.id)


def test_a_run_is_repeated_once_it_has_ended(
    session: Session, partnership: Partnership, actor: Actor, vacancies: list[Vacancy]
):
    running = make_run(session, partnership)
    with pytest.raises(Conflict, match="not ended"):
        repeat_match_run(session, actor, running.id, now=NOW)
    wanted = [str(vacancies[0].id)]
    ended = ranked(session, partnership, {}, k=7, vacancy_ids=wanted)

    again, job = repeat_match_run(session, actor, ended.id, now=NOW)

    assert (again.k, again.vacancy_ids, job.match_run_id) == (7, wanted, again.id)
    auditor = make_staff(partnership, role=Role.AUDITOR)
    with pytest.raises(NotPermitted):
        repeat_match_run(session, auditor, ended.id, now=NOW)
