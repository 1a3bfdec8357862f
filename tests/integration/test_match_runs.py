"""Storing a run's rankings and reading them back, bit by bit."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.actor import Role
from app.domain.enums import Importance, Provenance
from app.domain.ids import new_id
from app.domain.transitions import MatchRunState
from app.errors import NotFound, NotPermitted
from app.models import CandidateProfile, MatchRun, Partnership, Vacancy
from app.repositories.match_runs import MatchRepository, MatchRunRepository
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

SCORES = [0.30000000000000004, 0.3, 1 / 3 - 2**-54]


def make_run(session: Session, partnership: Partnership, **columns: Any) -> MatchRun:
    run = MatchRun(
        partnership_id=partnership.id,
        state=MatchRunState.RUNNING,
        k=10,
        weight_profile_name="default",
        weight_profile={"skills": 0.7},
        created_at=NOW,
    )
    for name, value in columns.items():
        setattr(run, name, value)
    session.add(run)
    session.flush()
    return run


def complete(run: MatchRun) -> None:
    run.engine_version = "1"
    run.taxonomy_name = "starter-1"
    run.taxonomy_checksum = run.index_fingerprint = run.input_digest = "0" * 64
    run.finished_at = NOW
    run.state = MatchRunState.COMPLETE


def store(session: Session, run: MatchRun, vacancy: Vacancy, candidates: list[CandidateProfile]) -> list[Any]:
    ids = [new_id() for _ in candidates]
    MatchRunRepository(session, make_staff_of(run)).store_rankings(
        run,
        ranked_vacancies=[
            {
                "run_id": run.id,
                "vacancy_id": vacancy.id,
                "requirements_version": vacancy.requirements_version,
                "n_matches": len(candidates),
                "flags": [],
                "requirements": [{"source_text": "weld"}],
            }
        ],
        matches=[
            {
                "id": match_id,
                "run_id": run.id,
                "vacancy_id": vacancy.id,
                "candidate_id": candidate.id,
                "rank": rank,
                "score": score,
                "tied": False,
                "parts": {"skills": score, "occupation": 0.0, "a": 0.1},
                "flags": ["thin_profile"],
            }
            for rank, (match_id, candidate, score) in enumerate(
                zip(ids, candidates, SCORES, strict=True), start=1
            )
        ],
        contributions=[
            {
                "match_id": match_id,
                "position": position,
                "part": "skills",
                "requirement": "weld",
                "requirement_uri": None,
                "importance": Importance.ESSENTIAL,
                "provenance": Provenance.STATED,
                "weight": score,
                "credit": 1.0,
                "value": score,
                "relation": "same",
                "claim": "welding",
                "claim_uri": None,
                "evidence": None,
            }
            for match_id, score in zip(ids, SCORES, strict=True)
            for position in range(2)
        ],
        apart=[],
    )
    return ids


def make_staff_of(run: MatchRun):
    return make_staff(Partnership(id=run.partnership_id), role=Role.REVIEWER)


@pytest.fixture
def partnership(session: Session) -> Partnership:
    return make_partnership(session)


@pytest.fixture
def vacancy(session: Session, partnership: Partnership) -> Vacancy:
    return make_vacancy(session, make_employer(session, partnership))


@pytest.fixture
def candidates(session: Session, partnership: Partnership) -> list[CandidateProfile]:
    institution = make_institution(session, partnership)
    return make_cohort(session, institution, candidates=[make_candidate_record() for _ in SCORES])[1]


def test_rankings_read_back_bit_by_bit(
    session: Session, partnership: Partnership, vacancy: Vacancy, candidates: list[CandidateProfile]
):
    run = make_run(session, partnership)
    ids = store(session, run, vacancy, candidates)
    complete(run)
    session.flush()
    session.expire_all()

    matches = MatchRepository(session, make_staff_of(run)).list_for_vacancy(
        run.id, vacancy.id, limit=10, with_contributions=True
    )

    assert [m.id for m in matches] == ids
    assert [m.score for m in matches] == SCORES
    assert [list(m.parts.items()) for m in matches] == [
        [("skills", score), ("occupation", 0.0), ("a", 0.1)] for score in SCORES
    ]
    assert [[c.value for c in m.contributions] for m in matches] == [[score, score] for score in SCORES]
    assert [m.candidate.id for m in matches] == [c.id for c in candidates]
    assert matches[0].flags == ["thin_profile"]


def test_a_ranking_is_paged_by_rank_and_filtered_by_score(
    session: Session, partnership: Partnership, vacancy: Vacancy, candidates: list[CandidateProfile]
):
    run = make_run(session, partnership)
    store(session, run, vacancy, candidates)
    complete(run)
    session.flush()
    repository = MatchRepository(session, make_staff_of(run))

    page = repository.list_for_vacancy(run.id, vacancy.id, after_rank=1, limit=1)
    strong = repository.list_for_vacancy(run.id, vacancy.id, limit=10, min_score=0.3)
    rest = repository.list_for_run(run.id, after=(vacancy.id, 2), limit=10)

    assert [m.rank for m in page] == [2]
    assert [m.rank for m in strong] == [1, 2, 3]
    assert [m.rank for m in rest] == [3]


def test_matches_of_an_unfinished_run_are_not_shown(
    session: Session, partnership: Partnership, vacancy: Vacancy, candidates: list[CandidateProfile]
):
    run = make_run(session, partnership)
    ids = store(session, run, vacancy, candidates)
    matches, runs = (
        MatchRepository(session, make_staff_of(run)),
        MatchRunRepository(session, make_staff_of(run)),
    )

    assert matches.list_for_vacancy(run.id, vacancy.id, limit=10) == []
    assert runs.find_latest_complete(vacancy.id) is None
    with pytest.raises(NotFound):
        matches.get(ids[0])

    runs.delete_rankings(run)
    complete(run)
    session.flush()
    assert matches.list_for_vacancy(run.id, vacancy.id, limit=10) == []


def test_the_latest_complete_run_of_a_vacancy_is_found(
    session: Session, partnership: Partnership, vacancy: Vacancy, candidates: list[CandidateProfile]
):
    runs = [make_run(session, partnership) for _ in range(3)]
    for run in runs[:2]:
        store(session, run, vacancy, candidates)
        complete(run)
    session.flush()
    repository = MatchRunRepository(session, make_staff_of(runs[0]))

    assert repository.find_latest_complete(vacancy.id) is runs[1]
    ranked = repository.find_ranked_vacancy(runs[1], vacancy.id)
    assert ranked is not None
    assert ranked.requirements == [{"source_text": "weld"}]
    assert [r.vacancy_id for r in repository.list_ranked_vacancies(runs[0])] == [vacancy.id]
    assert repository.list_page(after=None, limit=2).items == [runs[2], runs[1]]
    assert repository.list_page(after=runs[1].id, limit=2).items == [runs[0]]


def test_rankings_are_for_staff_of_the_partnership(
    session: Session, partnership: Partnership, vacancy: Vacancy, candidates: list[CandidateProfile]
):
    run = make_run(session, partnership)
    ids = store(session, run, vacancy, candidates)
    complete(run)
    session.flush()
    stranger = make_staff(make_partnership(session), role=Role.REVIEWER)

    assert MatchRepository(session, stranger).list_for_run(run.id, after=None, limit=10) == []
    with pytest.raises(NotFound):
        MatchRepository(session, stranger).get(ids[0])
    for actor in (make_employer(session, partnership), make_institution(session, partnership)):
        with pytest.raises(NotPermitted):
            MatchRepository(session, actor).get(ids[0])
    match = MatchRepository(session, make_staff(partnership, role=Role.AUDITOR)).get(ids[0])
    assert (match.vacancy.id, match.run.id) == (vacancy.id, run.id)


def test_a_run_cannot_be_complete_without_what_pins_it(session: Session, partnership: Partnership):
    run = make_run(session, partnership)
    run.state = MatchRunState.COMPLETE

    with pytest.raises(IntegrityError, match="complete_is_pinned"):
        session.flush()
