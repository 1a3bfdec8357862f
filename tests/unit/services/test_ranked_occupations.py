"""What the occupation part makes of work, training and time, from records to explained matches."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from app.domain.enums import EvidenceGrade
from app.domain.records import CandidateRecord, ExperienceRecord, VacancyRecord
from app.domain.results import Contribution, VacancyRanking
from app.matching.weights import DEFAULT_WEIGHTS
from app.services.ranking import rank_records
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index
from tests.factories import TODAY
from tests.unit.services.small_taxonomy import OCCUPATION, small_taxonomy

VACANCY = VacancyRecord(id="v", title="MIG welder", lang="en", occupation=OCCUPATION + "welder")
WORKED = CandidateRecord(
    id="worked",
    experience=(
        ExperienceRecord("plumber", started=date(2004, 1, 1), ended=date(2014, 12, 31)),
        ExperienceRecord("MIG welder", started=date(2015, 1, 1), ended=date(2024, 12, 31)),
    ),
)
LEFT = CandidateRecord(
    id="left",
    experience=(
        ExperienceRecord("MIG welder", started=date(2004, 1, 1), ended=date(2014, 12, 31)),
        ExperienceRecord("plumber", started=date(2015, 1, 1), ended=date(2024, 12, 31)),
    ),
)
TRAINEE = CandidateRecord(
    id="trainee",
    experience=(
        ExperienceRecord("plumber", started=date(2004, 1, 1), ended=date(2014, 12, 31)),
        ExperienceRecord("MIG welder, apprentice", started=date(2015, 1, 1), ended=date(2024, 12, 31)),
    ),
)


@pytest.fixture(scope="module")
def index() -> TaxonomyIndex:
    return build_taxonomy_index(small_taxonomy())


def rank(
    index: TaxonomyIndex, people: list[CandidateRecord], vacancy: VacancyRecord = VACANCY
) -> VacancyRanking:
    return rank_records(index, [vacancy], people, k=10, today=TODAY, explain=True)[0]


def occupations(ranking: VacancyRanking) -> dict[str, Contribution]:
    return {
        match.candidate_id: share
        for match in ranking.matches
        for share in match.contributions
        if share.part == "occupation"
    }


def test_who_worked_in_it_comes_before_who_left_it_and_who_learns_it(index: TaxonomyIndex) -> None:
    ranking = rank(index, [TRAINEE, LEFT, WORKED])
    assert ranking.matches[0].candidate_id == "worked"
    assert ranking.matches[0].score > ranking.matches[1].score
    found = occupations(ranking)
    assert {name: (share.claim, share.evidence) for name, share in found.items()} == {
        "worked": ("MIG welder", EvidenceGrade.PROVEN_AT_WORK),
        "left": ("MIG welder", EvidenceGrade.SELF_STATED),
        "trainee": ("MIG welder, apprentice", EvidenceGrade.TAUGHT),
    }
    assert found["worked"].credit == 1.0
    assert found["worked"].credit > found["left"].credit > found["trainee"].credit


@pytest.mark.parametrize("title", ["Apprentice MIG welder", "MIG welder (traineeship)"])
def test_a_vacancy_for_learners_takes_who_learns_as_who_worked(index: TaxonomyIndex, title: str) -> None:
    vacancy = replace(VACANCY, title=title)
    credits = {share.credit for share in occupations(rank(index, [TRAINEE, LEFT, WORKED], vacancy)).values()}
    assert credits == {1.0}


def test_work_near_an_occupation_adds_to_having_learned_it(index: TaxonomyIndex) -> None:
    """Of the group the work counts, of the occupation the training; together more than either."""
    learned = ExperienceRecord("MIG welder, apprentice")
    near = ExperienceRecord("7213", months=60)
    people = [
        CandidateRecord(id="learned", experience=(learned,)),
        CandidateRecord(id="near", experience=(near,)),
        CandidateRecord(id="both", experience=(learned, near)),
    ]
    found = {name: share.credit for name, share in occupations(rank(index, people)).items()}
    group = DEFAULT_WEIGHTS.isco[2]
    taught = DEFAULT_WEIGHTS.tenure["taught"]
    assert found["near"] == pytest.approx(group, abs=1e-3)
    assert found["learned"] == pytest.approx(taught, abs=1e-3)
    assert found["both"] == pytest.approx(taught + group * (1 - taught), abs=1e-3)
