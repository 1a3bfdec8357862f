"""Fields of a job platform as demands, and the musts that pairs break."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.enums import Need, Seniority
from app.domain.ranking_sets import PoolMode, RankingSet, RankingText
from app.services.judged_platform import broken_musts, is_platform, platform_candidate, platform_vacancy
from app.services.judged_records import candidates_of, vacancies_of
from app.services.rank_evaluation import evaluate_rankings
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index
from tests.unit.services.small_taxonomy import small_taxonomy

VACANCY: dict[str, Any] = {
    "job_roles": ["ship-welder"],
    "languages": [
        {"title": "German", "rating": "B2", "must_have": True},
        {"title": "French", "rating": "A2", "must_have": False},
    ],
    "min_degree": "apprenticeship",
    "seniorities": ["junior", "midlevel"],
    "max_salary": 40_000,
}
CANDIDATE: dict[str, Any] = {
    "job_roles": ["ship-welder", "baker"],
    "languages": [{"title": "German", "rating": "C1"}],
    "degree": "bachelor",
    "seniority": "junior",
    "salary_expectation": 42_000,
}
BREAKS: dict[str, dict[str, Any]] = {
    "role": {"job_roles": ["baker"]},
    "seniority": {"seniority": "senior"},
    "degree": {"degree": "none"},
    "language": {"languages": [{"title": "German", "rating": "B1"}]},
}


@pytest.fixture(scope="module")
def index() -> TaxonomyIndex:
    return build_taxonomy_index(small_taxonomy())


def text(id: str, fields: dict[str, Any]) -> RankingText:
    return RankingText(id, "as fields", "en", fields=fields)


def test_fields_become_demands_and_circumstances():
    vacancy = platform_vacancy(text("v", VACANCY))
    assert vacancy.title == "ship welder"
    assert [(each.lang, each.need) for each in vacancy.languages] == [("de", Need.MUST), ("fr", Need.DESIRED)]
    assert vacancy.conditions.eqf_level == 4
    assert vacancy.conditions.seniorities == (Seniority.JUNIOR, Seniority.MID)
    candidate = platform_candidate(text("c", CANDIDATE))
    assert candidate.circumstances.eqf_level == 6
    assert candidate.circumstances.languages_complete
    assert candidate.circumstances.pay is not None
    assert platform_vacancy(text("v", VACANCY | {"min_degree": "none"})).conditions.eqf_level is None


def test_only_such_fields_are_read_so():
    assert is_platform(text("v", VACANCY))
    assert not is_platform(text("v", {"title": "Welder"}))


@pytest.mark.parametrize("must", list(BREAKS))
def test_each_must_is_broken_by_itself(must: str):
    assert broken_musts(text("v", VACANCY), text("c", CANDIDATE)) == ()
    assert broken_musts(text("v", VACANCY), text("c", CANDIDATE | BREAKS[must])) == (must,)


def test_who_breaks_a_must_comes_last_and_nobody_else_is_lost(index: TaxonomyIndex):
    docs = [text("ok", CANDIDATE | {"salary_expectation": 90_000})]
    docs += [text(must, CANDIDATE | change) for must, change in BREAKS.items()]
    judged = RankingSet(
        "platform",
        PoolMode.JUDGED,
        1.0,
        (text("v", VACANCY),),
        tuple(docs),
        {"v": {each.id: float(each.id == "ok") for each in docs}},
    )
    report = evaluate_rankings(index.taxonomy, index, [judged], ["ours"])
    assert report.rows[0].figures["AUC"].value == 1.0
    (row,) = report.musts
    assert (row.n_pairs, row.n_apart, row.n_lost) == (5, 4, 0)
    assert set(row.n_broken.values()) == {1}
    assert set(row.n_kept.values()) == {0}


def test_fields_of_the_file_format_are_the_record():
    fields = {
        "text": "I weld.",
        "occupations": ["welder"],
        "skills": [{"skill": "MIG welding", "evidence": "certified"}],
    }
    judged = RankingSet(
        "own",
        PoolMode.JUDGED,
        1.0,
        (RankingText("v", "Welder\nWelds", "en"),),
        (text("c", fields),),
        {"v": {"c": 1.0}},
    )
    (candidate,) = candidates_of(judged)
    assert (candidate.text, candidate.occupations) == ("I weld.", ("welder",))
    assert candidate.skills[0].evidence == "certified"
    assert vacancies_of(judged)[0].title == "Welder"
