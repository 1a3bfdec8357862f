"""Records -> requirements and claims: what the engine is fed with from running text."""

import pytest

from app.domain.enums import Cefr, Importance, LanguageSkill, Provenance, SkillLevel
from app.domain.records import (
    CandidateRecord,
    ExperienceRecord,
    LanguageLevel,
    RequirementRecord,
    VacancyRecord,
)
from app.domain.results import LinkedRequirement
from app.services.eligibility import offer_of
from app.services.preparation import (
    PreparedCandidate,
    language_rank,
    prepare_candidates,
    prepare_vacancies,
)
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index
from tests.unit.services.small_taxonomy import SKILL, small_taxonomy


@pytest.fixture(scope="module")
def index() -> TaxonomyIndex:
    return build_taxonomy_index(small_taxonomy())


def extracted(index: TaxonomyIndex, record: VacancyRecord) -> dict[str, LinkedRequirement]:
    (vacancy,) = prepare_vacancies(index, [record])
    return {
        str(requirement.concept_uri).removeprefix(SKILL): requirement
        for requirement in vacancy.requirements
        if requirement.provenance is Provenance.EXTRACTED
    }


def claims(index: TaxonomyIndex, record: CandidateRecord) -> dict[str, SkillLevel | None]:
    (candidate,) = prepare_candidates(index, [record])
    return {
        index.skills.concepts[claim.skill_key].uri.removeprefix(SKILL): claim.level
        for claim in candidate.claims
        if isinstance(claim.skill_key, int)
    }


def test_an_extracted_requirement_has_the_importance_and_level_the_text_gives_it(
    index: TaxonomyIndex,
) -> None:
    description = (
        "Requirements:\n- very good knowledge of MIG welding\nNice to have:\n- pipe fitting\n"
        "What we offer:\n- sourdough\n"
    )
    found = extracted(index, VacancyRecord("v", "Post 7", description, "en"))
    assert {name: (item.importance, item.level) for name, item in found.items()} == {
        "mig-welding": (Importance.ESSENTIAL, SkillLevel.ADVANCED),
        "pipe-fitting": (Importance.OPTIONAL, None),
    }


def test_an_extracted_requirement_without_cue_or_heading_is_optional(index: TaxonomyIndex) -> None:
    found = extracted(index, VacancyRecord("v", "Post 7", "There is MIG welding here.", "en"))
    assert found["mig-welding"].importance is Importance.OPTIONAL


def test_an_extracted_requirement_tells_where_it_stands(index: TaxonomyIndex) -> None:
    record = VacancyRecord("v", "Post 7", "Tasks: MIG welding", "en")
    requirement = extracted(index, record)["mig-welding"]
    text = f"{record.title}\n{record.description}"
    assert requirement.source_text == "MIG welding"
    assert text[requirement.source_start : requirement.source_end] == "MIG welding"


def test_a_stated_requirement_stands_nowhere_in_the_text(index: TaxonomyIndex) -> None:
    record = VacancyRecord("v", "Welder", "MIG welding", "en", skills=(RequirementRecord("MIG welding"),))
    (vacancy,) = prepare_vacancies(index, [record])
    assert [(item.provenance, item.source_start) for item in vacancy.requirements] == [
        (Provenance.STATED, None)
    ]


def test_a_denied_skill_is_not_asked_for(index: TaxonomyIndex) -> None:
    record = VacancyRecord("v", "Post 7", "No MIG welding experience needed.\nPipe fitting is a must.", "en")
    assert set(extracted(index, record)) == {"pipe-fitting"}


def test_a_profile_claims_neither_what_it_denies_nor_what_it_wishes(index: TaxonomyIndex) -> None:
    text = "Basic pipe fitting.\nNo experience in weld grinding.\nI would like to learn MIG welding."
    assert claims(index, CandidateRecord("c", text, "en")) == {"pipe-fitting": SkillLevel.BASIC}


def opening(index: TaxonomyIndex, text: str) -> list[str]:
    prepared: list[PreparedCandidate] = prepare_candidates(index, [CandidateRecord("c", text, "en")])
    return [occupation.isco_code for occupation, _ in prepared[0].occupations]


def test_the_first_lines_of_a_profile_may_name_the_occupation(index: TaxonomyIndex) -> None:
    assert opening(index, "Senior Welder (m/f), full time\nI like pipes") == ["7212"]
    assert opening(index, "I like welders\nand pipes") == []


def test_the_first_line_may_go_on_after_the_title(index: TaxonomyIndex) -> None:
    assert opening(index, "Welder, Lahore and Karachi, seven years in two yards") == ["7212"]
    assert opening(index, "Clerk, Lahore and Karachi, seven years beside a welder, plumber") == []


def test_work_in_the_running_text_is_an_occupation(index: TaxonomyIndex) -> None:
    text = "Summary\nI like pipes\nReliable\nSkills\nPlumber, Lahore, 03/2015 - 07/2019"
    assert opening(index, text) == ["7126"]
    assert opening(index, text.replace("03/2015 - 07/2019", "of note")) == []


def test_work_in_the_running_text_is_no_experience_for_a_must(index: TaxonomyIndex) -> None:
    text = "Summary\nI like pipes\nReliable\nPlumber 03/2015 - 07/2019"
    (candidate,) = prepare_candidates(
        index, [CandidateRecord("c", text, "en", experience=(ExperienceRecord("clerk", months=24),))]
    )
    assert [occupation.isco_code for occupation, _ in candidate.occupations] == ["7126"]
    assert [(work.isco, work.months) for work in offer_of(candidate).work] == [("", 24)]


def test_five_levels_of_a_language_are_worth_the_lowest():
    levels = dict.fromkeys((skill.value for skill in LanguageSkill), Cefr.B2)
    assert language_rank(LanguageLevel("de", **levels)) == Cefr.B2.rank
    assert language_rank(LanguageLevel("de", **levels | {"writing": Cefr.A1})) == Cefr.A1.rank
    assert language_rank(LanguageLevel("de", **levels | {"writing": None})) == 0
    assert language_rank(LanguageLevel("de", Cefr.B1, **levels)) == Cefr.B1.rank
