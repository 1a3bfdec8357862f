"""What must hold of every score, from records to the number, on the small taxonomy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.conditions import Circumstances, Conditions, Pay
from app.domain.enums import Cefr, EvidenceGrade, Importance, Need, Shift, SkillLevel
from app.domain.records import (
    CandidateRecord,
    ClaimRecord,
    ExperienceRecord,
    LanguageLevel,
    LanguageRequirement,
    RequirementRecord,
    VacancyRecord,
)
from app.domain.results import RankedMatch
from app.services.ranking import rank_records
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index
from tests.unit.services.small_taxonomy import small_taxonomy

TODAY = date(2026, 6, 1)
UNRELATED = ("MIG welding", "pipe fitting", "blueprint reading", "site safety", "sourdough")
SKILLS = (*UNRELATED, "arc welding", "weld grinding")
GRADES = tuple(EvidenceGrade)
skills = st.sampled_from(SKILLS)
claims = st.builds(
    ClaimRecord, skills, st.sampled_from(EvidenceGrade), st.none() | st.sampled_from(SkillLevel)
)
requirements = st.lists(
    st.builds(
        RequirementRecord,
        skills,
        st.sampled_from(Importance),
        st.none() | st.sampled_from(SkillLevel),
    ),
    max_size=5,
)
vacancies = st.builds(
    VacancyRecord,
    id=st.just("v"),
    title=st.sampled_from(["MIG welder", "Plumber", "Somebody for the yard"]),
    description=st.sampled_from(
        ["", "You weld frames of steel and read drawings.", "Requirements:\n- site safety"]
    ),
    lang=st.just("en"),
    country=st.sampled_from([None, "DE"]),
    skills=requirements.map(tuple),
    languages=st.sampled_from([(), (LanguageRequirement("de", Cefr.B1, need=Need.DESIRED),)]),
    conditions=st.sampled_from(
        [Conditions(), Conditions(experience_months=24), Conditions(shifts=(Shift.NIGHT,), pay=Pay(30_000))]
    ),
)
candidates = st.builds(
    CandidateRecord,
    id=st.just("c"),
    text=st.sampled_from(["", "I weld frames of steel.", "Welder\nsite safety"]),
    lang=st.just("en"),
    occupations=st.sampled_from([(), ("welder",), ("plumber",)]),
    skills=st.lists(claims, max_size=4).map(tuple),
    languages=st.sampled_from([(), (LanguageLevel("de", Cefr.A2),)]),
    experience=st.sampled_from([(), (ExperienceRecord("welder", months=12),)]),
    circumstances=st.sampled_from([Circumstances(), Circumstances(shifts=(Shift.NIGHT,), pay=Pay(31_000))]),
)


@pytest.fixture(scope="module")
def index() -> TaxonomyIndex:
    return build_taxonomy_index(small_taxonomy())


def ranked(index: TaxonomyIndex, vacancy: VacancyRecord, *people: CandidateRecord) -> dict[str, RankedMatch]:
    (ranking,) = rank_records(index, [vacancy], people, k=len(people), today=TODAY, explain=True)
    return {match.candidate_id: match for match in (*ranking.matches, *ranking.apart)}


def score(index: TaxonomyIndex, vacancy: VacancyRecord, candidate: CandidateRecord) -> float:
    return ranked(index, vacancy, candidate)[candidate.id].score


@settings(max_examples=60, deadline=None)
@given(vacancies, candidates, claims)
def test_gaining_a_skill_never_lowers_the_score(
    index: TaxonomyIndex, vacancy: VacancyRecord, candidate: CandidateRecord, gained: ClaimRecord
) -> None:
    more = replace(candidate, skills=(*candidate.skills, gained))
    assert score(index, vacancy, more) >= score(index, vacancy, candidate)


@settings(max_examples=60, deadline=None)
@given(vacancies, candidates, claims)
def test_better_evidence_or_a_higher_level_never_lowers_the_score(
    index: TaxonomyIndex, vacancy: VacancyRecord, candidate: CandidateRecord, claim: ClaimRecord
) -> None:
    held = replace(candidate, skills=(*candidate.skills, claim))
    better = GRADES[min(GRADES.index(claim.evidence) + 1, len(GRADES) - 1)]
    graded = replace(candidate, skills=(*candidate.skills, replace(claim, evidence=better)))
    assert score(index, vacancy, graded) >= score(index, vacancy, held)
    if claim.level is not None and claim.level < max(SkillLevel):
        higher = replace(claim, level=SkillLevel(claim.level + 1))
        raised = replace(candidate, skills=(*candidate.skills, higher))
        assert score(index, vacancy, raised) >= score(index, vacancy, held)


@settings(max_examples=40, deadline=None)
@given(vacancies, candidates, candidates)
def test_another_candidate_changes_nothing_and_parts_sum_exactly(
    index: TaxonomyIndex, vacancy: VacancyRecord, candidate: CandidateRecord, other: CandidateRecord
) -> None:
    alone = ranked(index, vacancy, candidate)["c"]
    beside = ranked(index, vacancy, replace(other, id="d"), candidate)["c"]
    assert (alone.score, alone.parts, alone.contributions) == (
        beside.score,
        beside.parts,
        beside.contributions,
    )
    assert sum(alone.parts.values()) == alone.score
    assert sum(share.value for share in alone.contributions) == alone.score
    assert 0.0 <= alone.score <= 1.0


@settings(max_examples=40, deadline=None)
@given(vacancies, candidates)
def test_repeating_oneself_is_worth_nothing(
    index: TaxonomyIndex, vacancy: VacancyRecord, candidate: CandidateRecord
) -> None:
    again = replace(candidate, skills=candidate.skills * 3, occupations=candidate.occupations * 2)
    assert score(index, vacancy, again) == score(index, vacancy, candidate)


@settings(max_examples=40, deadline=None)
@given(vacancies)
def test_blank_is_never_agreement(index: TaxonomyIndex, vacancy: VacancyRecord) -> None:
    assert score(index, vacancy, CandidateRecord(id="c")) == 0.0


@settings(max_examples=60, deadline=None)
@given(
    st.permutations(UNRELATED),
    st.integers(1, 3),
    st.sampled_from(EvidenceGrade),
    st.sampled_from([None, SkillLevel.BASIC, SkillLevel.EXPERT]),
)
def test_one_essential_skill_outweighs_all_optional_ones(
    index: TaxonomyIndex,
    order: list[str],
    n_essential: int,
    evidence: EvidenceGrade,
    level: SkillLevel | None,
) -> None:
    """Skills without relations between them, so that none of the two holds a part of the other's."""
    essential, optional = order[:n_essential], order[n_essential:]
    vacancy = VacancyRecord(
        id="v",
        title="Somebody for the yard",
        lang="en",
        skills=tuple(
            RequirementRecord(skill, Importance.ESSENTIAL if skill in essential else Importance.OPTIONAL)
            for skill in order
        ),
    )
    bare = CandidateRecord(id="a", skills=(ClaimRecord(essential[0], evidence, level),))
    full = CandidateRecord(
        id="b",
        skills=tuple(
            ClaimRecord(skill, EvidenceGrade.PROVEN_AT_WORK, SkillLevel.EXPERT) for skill in optional
        ),
    )
    found = ranked(index, vacancy, bare, full)
    assert found["a"].score > found["b"].score
