"""The number of statements does not grow with the number of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from app.db import SessionFactory, session_scope
from app.domain.actor import Actor, Role
from app.domain.records import LanguageLevel, LanguageRequirement
from app.services.candidates import list_candidates, list_rankable_candidates
from app.services.cohorts import list_cohorts
from app.services.conversion import (
    candidate_record,
    cohort_record,
    programme_record,
    skills_need_record,
    vacancy_record,
)
from app.services.programmes import create_programme, list_programmes
from app.services.skills_needs import create_skills_need, list_skills_needs
from app.services.vacancies import list_published_vacancies, list_vacancies
from tests.factories import (
    NOW,
    make_candidate_record,
    make_cohort,
    make_cohort_record,
    make_employer,
    make_institution,
    make_partnership,
    make_programme_record,
    make_skills_need_record,
    make_staff,
    make_vacancy,
    make_vacancy_record,
)


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


CASES: dict[str, tuple[Callable[[Session, Actor], Any], int]] = {
    "vacancies": (lambda s, a: [vacancy_record(v) for v in list_vacancies(s, a).items], 3),
    "published vacancies": (lambda s, a: list_published_vacancies(s, a), 4),
    "skills needs": (lambda s, a: [skills_need_record(n) for n in list_skills_needs(s, a).items], 2),
    "programmes": (lambda s, a: [programme_record(p) for p in list_programmes(s, a).items], 2),
    "cohorts": (lambda s, a: [cohort_record(c) for c in list_cohorts(s, a).items], 2),
    "candidates": (lambda s, a: [candidate_record(c) for c in list_candidates(s, a).items], 4),
    "rankable candidates": (lambda s, a: list_rankable_candidates(s, a), 4),
}


@pytest.mark.parametrize("name", CASES)
def test_statements_are_as_many_for_one_row_as_for_many(
    session_factory: SessionFactory, engine: Engine, name: str
):
    load, expected = CASES[name]
    with session_scope(session_factory) as session:
        partnership = make_partnership(session)
        employer, institution = make_employer(session, partnership), make_institution(session, partnership)
    reviewer = make_staff(partnership, role=Role.REVIEWER)
    counts = []
    for n_rows in (1, 12):
        with session_scope(session_factory) as session:
            for _ in range(n_rows):
                record = make_vacancy_record(skills=["a"], languages=[LanguageRequirement("fr")])
                make_vacancy(session, employer, record=record)
            candidates = [
                make_candidate_record(skills=["a"], occupations=["b"], languages=[LanguageLevel("fr")])
                for _ in range(n_rows)
            ]
            make_cohort(session, institution, candidates=candidates)
            for _ in range(n_rows):
                need = make_skills_need_record(skills=["a"])
                create_skills_need(session, employer, need, now=NOW)
                programme = make_programme_record(skills=["a"])
                create_programme(session, institution, programme, now=NOW)
                make_cohort(session, institution, record=make_cohort_record(programme=programme.id))
        with counted(engine) as statements, session_scope(session_factory, write=False) as session:
            load(session, reviewer)
        counts.append(len(statements))

    assert counts == [expected, expected]


def test_identity_is_in_no_query_of_the_ranking(session_factory: SessionFactory, engine: Engine):
    with session_scope(session_factory) as session:
        partnership = make_partnership(session)
        make_cohort(session, make_institution(session, partnership), candidates=[make_candidate_record()])
        make_vacancy(session, make_employer(session, partnership))
    reviewer = make_staff(partnership, role=Role.REVIEWER)

    with counted(engine) as statements, session_scope(session_factory, write=False) as session:
        assert len(list_rankable_candidates(session, reviewer)) == 1
        assert len(list_published_vacancies(session, reviewer)) == 1

    assert statements
    assert not any("candidate_identity" in statement for statement in statements)
