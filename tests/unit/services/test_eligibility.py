"""Eligibility of linked records, and the conditions that find who may be eligible in a pool."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.conditions import Circumstances, Conditions, LicenceHeld, LicenceRequirement
from app.domain.enums import Cefr, Contract, LanguageSkill, Need, Rule, Seniority, Shift, Verdict
from app.domain.records import (
    CandidateRecord,
    ClaimRecord,
    ExperienceRecord,
    LanguageLevel,
    LanguageRequirement,
    RequirementRecord,
    VacancyRecord,
)
from app.matching.ranking.filters import passing_rows
from app.services.candidate_terms import Vocabulary, make_rows
from app.services.choosing import SPARE
from app.services.eligibility import EligibilityOf
from app.services.preparation import prepare_candidates, prepare_vacancies
from app.services.ranking import rank_records
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index
from tests.factories import TODAY
from tests.unit.services.small_taxonomy import SKILL, small_taxonomy

LEVELS = st.none() | st.sampled_from(Cefr)
OWN_LEVELS = st.fixed_dictionaries({}, optional={skill.value: LEVELS for skill in LanguageSkill})
LANGS = st.sampled_from(["de", "fr"])
DAYS = st.dates(date(2027, 1, 1), date(2027, 1, 5))
NEEDS = st.dictionaries(st.sampled_from(Rule), st.sampled_from(Need), max_size=4).map(
    lambda needs: tuple(sorted(needs.items()))
)
NAMES = st.sampled_from(["welder", "cook", "Welder"])
ASKED = st.builds(
    lambda lang, cefr, own, need: LanguageRequirement(lang, cefr, **own, need=need),
    LANGS,
    LEVELS,
    OWN_LEVELS,
    st.sampled_from(Need),
)
HELD = st.builds(lambda lang, cefr, own: LanguageLevel(lang, cefr, **own), LANGS, LEVELS, OWN_LEVELS)
CONDITIONS = st.builds(
    Conditions,
    starts_on=st.none() | DAYS,
    eqf_level=st.none() | st.integers(1, 3),
    licences=st.lists(st.builds(LicenceRequirement, NAMES, st.sampled_from(Need)), max_size=2).map(tuple),
    experience_months=st.none() | st.integers(0, 3),
    roles=st.lists(NAMES, max_size=2).map(tuple),
    seniorities=st.lists(st.sampled_from(Seniority), max_size=2, unique=True).map(tuple),
    shifts=st.lists(st.sampled_from(Shift), max_size=2, unique=True).map(tuple),
    contract=st.none() | st.sampled_from(Contract),
    needs=NEEDS,
)
CIRCUMSTANCES = st.builds(
    Circumstances,
    eqf_level=st.none() | st.integers(1, 3),
    licences=st.lists(st.builds(LicenceHeld, NAMES, st.none() | DAYS), max_size=2).map(tuple),
    licences_complete=st.booleans(),
    languages_complete=st.booleans(),
    available_from=st.none() | DAYS,
    countries=st.lists(st.sampled_from(["DE", "PL"]), max_size=2, unique=True).map(tuple),
    roles=st.lists(NAMES, max_size=2).map(tuple),
    seniority=st.none() | st.sampled_from(Seniority),
    shifts=st.lists(st.sampled_from(Shift), max_size=3, unique=True).map(tuple),
    contracts=st.lists(st.sampled_from(Contract), max_size=2, unique=True).map(tuple),
    consent=st.none() | st.booleans(),
)


@pytest.fixture(scope="module")
def index() -> TaxonomyIndex:
    return build_taxonomy_index(small_taxonomy())


@given(
    conditions=CONDITIONS,
    asked=st.lists(ASKED, max_size=2).map(tuple),
    people=st.lists(
        st.tuples(
            CIRCUMSTANCES,
            st.lists(HELD, max_size=2).map(tuple),
            st.lists(st.none() | st.integers(0, 3), max_size=2),
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_conditions_leave_out_nobody_to_whom_no_must_says_no(index, conditions, asked, people) -> None:
    record = VacancyRecord(id="v", title="—", country="DE", languages=asked, conditions=conditions)
    (vacancy,) = prepare_vacancies(index, [record])
    candidates = prepare_candidates(
        index,
        [
            CandidateRecord(
                id=f"c{at}",
                languages=languages,
                experience=tuple(ExperienceRecord("—", months=each) for each in months),
                circumstances=circumstances,
            )
            for at, (circumstances, languages, months) in enumerate(people)
        ],
    )
    vocabulary = Vocabulary(len(index.skills))
    encoded = [vocabulary.encode(candidate) for candidate in candidates]
    eligibility = EligibilityOf(index, vacancy, TODAY)
    rows = make_rows([each.record.id for each in candidates], encoded)
    passes = passing_rows(rows, eligibility.conditions(vocabulary))
    for candidate, is_let_through in zip(candidates, passes.tolist(), strict=True):
        if not is_let_through:
            assert eligibility.judge(candidate).verdict is Verdict.NO


VACANCY = VacancyRecord(
    id="v",
    title="—",
    country="DE",
    skills=(RequirementRecord(f"{SKILL}1"),),
    conditions=Conditions(eqf_level=4),
)


def person(name: str, level: int | None, *, skilled: bool = True) -> CandidateRecord:
    return CandidateRecord(
        id=name,
        skills=(ClaimRecord(f"{SKILL}1"),) if skilled else (),
        circumstances=Circumstances(eqf_level=level),
    )


def test_who_fails_a_must_is_listed_apart_at_the_rank_they_would_have(index: TaxonomyIndex) -> None:
    pool = [person("a", 3), person("b", 5), person("c", None), person("d", 2)]
    (ranking,) = rank_records(index, [VACANCY], pool, k=3, today=TODAY, explain=True)
    assert [(match.candidate_id, match.rank) for match in ranking.matches] == [("b", 1), ("c", 2)]
    assert [match.eligibility.verdict for match in ranking.matches] == [Verdict.UNKNOWN, Verdict.UNKNOWN]
    assert [(match.candidate_id, match.rank) for match in ranking.apart] == [("a", 1), ("d", 3)]
    for match in ranking.apart:
        assert [result.rule for result in match.eligibility.failed] == [Rule.EDUCATION]
        assert match.contributions
        assert sum(share.value for share in match.contributions) == match.score


def test_a_list_is_filled_however_many_fail(index: TaxonomyIndex) -> None:
    failing = [person(f"a{at:03}", 3) for at in range(4 * SPARE)]
    pool = [*failing, *(person(f"z{at}", 6, skilled=at % 2 == 0) for at in range(6))]
    (ranking,) = rank_records(index, [VACANCY], pool, k=6, today=TODAY)
    assert [match.candidate_id for match in ranking.matches] == ["z0", "z2", "z4", "z1", "z3", "z5"]
    assert len(ranking.apart) == 4 * SPARE


def test_failing_a_must_changes_no_score(index: TaxonomyIndex) -> None:
    (met,) = rank_records(index, [VACANCY], [person("a", 4)], k=1, today=TODAY)
    (failed,) = rank_records(index, [VACANCY], [person("a", 2)], k=1, today=TODAY)
    without = replace(VACANCY, conditions=Conditions())
    (unasked,) = rank_records(index, [without], [person("a", 2)], k=1, today=TODAY)
    assert unasked.matches[0].eligibility.verdict is Verdict.UNKNOWN
    assert failed.matches == ()
    assert failed.apart[0].eligibility.verdict is Verdict.NO
    assert met.matches[0].parts["skills"] == failed.apart[0].parts["skills"]


def test_birth_dates_decide_on_age_alone(index: TaxonomyIndex) -> None:
    pool = [person("old", 6), person("young", 6)]
    dates = {"old": date(2000, 1, 1), "young": date(2010, 1, 1)}
    (ranking,) = rank_records(index, [VACANCY], pool, k=2, today=TODAY, birth_dates=dates)
    assert [match.candidate_id for match in ranking.matches] == ["old"]
    (young,) = ranking.apart
    assert [result.rule for result in young.eligibility.failed] == [Rule.AGE]
    assert young.score == ranking.matches[0].score
