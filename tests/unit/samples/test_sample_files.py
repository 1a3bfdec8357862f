"""The sample files hold what their README and the demonstration promise."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from app.domain.records import CandidateRecord, VacancyRecord
from app.intake.read import read_candidates, read_vacancies
from app.samples import SAMPLES, sample_path
from app.services.latent_spaces import LatentSpaces
from app.services.preparation import prepare_vacancies
from app.services.ranking import rank_records
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index
from app.taxonomy import starter_taxonomy
from tests.factories import TODAY

Records = tuple[list[VacancyRecord], list[CandidateRecord]]


@pytest.fixture(scope="module")
def index(run_folder: Path) -> TaxonomyIndex:
    return build_taxonomy_index(starter_taxonomy(), LatentSpaces(folder=run_folder / "cache", learns=True))


@pytest.fixture(scope="module")
def records() -> Records:
    vacancies = read_vacancies(sample_path("vacancies.jsonl"))
    candidates = read_candidates(sample_path("cohort.csv"))
    return list(vacancies.records), list(candidates.records)


def expected() -> dict[str, str]:
    best: dict[str, str] = json.loads(sample_path("expected.json").read_text(encoding="utf-8"))
    return best


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_there_with_lf_line_ends(name: str) -> None:
    data = sample_path(name).read_bytes()
    assert data.endswith(b"\n")
    assert b"\r" not in data


def test_an_unknown_sample_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cohort\.csv"):
        sample_path("../config.py")


def test_vacancies_are_free_of_faults_and_in_three_languages() -> None:
    outcome = read_vacancies(sample_path("vacancies.jsonl"))
    assert list(outcome.issues) == []
    vacancies = outcome.records
    assert len(vacancies) == 8
    assert {vacancy.lang for vacancy in vacancies} == {"en", "fr", "de"}
    assert all(60 <= len(vacancy.description.split()) <= 150 for vacancy in vacancies)


def test_each_vacancy_is_about_another_occupation(index: TaxonomyIndex, records: Records) -> None:
    prepared = prepare_vacancies(index, records[0])
    assert len({(vacancy.occupation.row, vacancy.occupation.isco_code) for vacancy in prepared}) == 8
    assert sum(not vacancy.record.skills for vacancy in prepared) == 3
    assert sum(vacancy.record.occupation.isdigit() for vacancy in prepared) == 1


def test_sixty_rows_of_which_exactly_four_are_refused() -> None:
    with sample_path("cohort.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 60
    assert Counter(row["lang"] for row in rows) == {"fr": 30, "en": 30}
    outcome = read_candidates(sample_path("cohort.csv"))
    assert len(outcome.records) == 56
    assert {issue.row: issue.pointer for issue in outcome.issues} == {
        13: "/id",
        28: "/id",
        41: "/languages/1/cefr",
        54: "/evidence",
    }


def test_the_planted_candidate_ranks_first_for_every_vacancy(index: TaxonomyIndex, records: Records) -> None:
    vacancies, candidates = records
    rankings = rank_records(index, vacancies, candidates, k=1, today=TODAY)
    assert {ranking.vacancy_id: ranking.matches[0].candidate_id for ranking in rankings} == expected()


def test_every_planted_candidate_has_near_misses(index: TaxonomyIndex, records: Records) -> None:
    vacancies, candidates = records
    for ranking in rank_records(index, vacancies, candidates, k=3, today=TODAY):
        # Some lack a language level and are listed apart.
        scores = sorted((match.score for match in (*ranking.matches, *ranking.apart)), reverse=True)
        first, second, third = scores[:3]
        # In parts of the best score: how high that is depends on how much the vacancy states.
        assert second < 0.97 * first
        assert third > 0.5 * first
