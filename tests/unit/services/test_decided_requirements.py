"""What staff decided on requirements of a vacancy, as rankings read it."""

from dataclasses import replace

import pytest

from app.domain.enums import Importance, LinkMethod, Provenance, Settled
from app.domain.records import RequirementDecision, RequirementRecord, VacancyRecord
from app.domain.results import LinkedRequirement
from app.services.preparation import PreparedVacancy, prepare_vacancies
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index
from tests.unit.services.small_taxonomy import SKILL, small_taxonomy

MIG, PIPES, SOURDOUGH = f"{SKILL}mig-welding", f"{SKILL}pipe-fitting", f"{SKILL}unused-skill"
TEXT = VacancyRecord("v", "Post 7", "There is MIG welding here, and pipe fitting.", "en")
FIELDS = VacancyRecord("v", "Post 7", "", "en", skills=(RequirementRecord("MIG welding"),))


@pytest.fixture(scope="module")
def index() -> TaxonomyIndex:
    return build_taxonomy_index(small_taxonomy())


def prepared(index: TaxonomyIndex, record: VacancyRecord, *decisions: RequirementDecision) -> PreparedVacancy:
    (vacancy,) = prepare_vacancies(index, [replace(record, decisions=decisions)])
    return vacancy


def by_uri(vacancy: PreparedVacancy) -> dict[str | None, LinkedRequirement]:
    return {each.concept_uri: each for each in vacancy.requirements}


def inferred_record(index: TaxonomyIndex) -> tuple[VacancyRecord, str]:
    """A vacancy of which only the occupation says what it asks for, and one skill of those."""
    occupation = next(
        concept.uri
        for concept, skills in zip(index.occupations.concepts, index.essential_skills, strict=True)
        if len(skills) > 1
    )
    record = VacancyRecord("v", "Post 7", "", "en", occupation=occupation)
    return record, str(prepared(index, record).requirements[0].concept_uri)


def test_a_confirmed_reading_of_the_text_is_as_good_as_stated(index: TaxonomyIndex) -> None:
    confirmed = RequirementDecision("MIG welding", MIG, Settled.CONFIRMED, MIG)
    before, after = by_uri(prepared(index, TEXT)), by_uri(prepared(index, TEXT, confirmed))
    assert before[MIG].provenance is Provenance.EXTRACTED
    assert after[MIG].provenance is Provenance.STATED
    assert after[MIG].decision == confirmed
    assert (after[MIG].link_score, after[MIG].link_method) == (
        before[MIG].link_score,
        before[MIG].link_method,
    )
    assert after[PIPES] == before[PIPES]


def test_a_decision_is_on_words_in_any_spelling(index: TaxonomyIndex) -> None:
    confirmed = RequirementDecision("mig  WELDING", MIG, Settled.CONFIRMED, MIG)
    assert by_uri(prepared(index, TEXT, confirmed))[MIG].decision == confirmed


def test_an_inferred_requirement_is_confirmed_by_its_concept(index: TaxonomyIndex) -> None:
    record, uri = inferred_record(index)
    confirmed = RequirementDecision("", uri, Settled.CONFIRMED, uri)
    found = by_uri(prepared(index, record, confirmed))
    assert found[uri].provenance is Provenance.STATED
    assert {each.provenance for other, each in found.items() if other != uri} == {Provenance.INFERRED}


def test_a_vacancy_with_everything_confirmed_is_not_flagged_as_inferred(index: TaxonomyIndex) -> None:
    record, _ = inferred_record(index)
    everything = [
        RequirementDecision("", each.concept_uri, Settled.CONFIRMED, each.concept_uri)
        for each in prepared(index, record).requirements
    ]
    assert "inferred_requirements" in prepared(index, record).flags
    assert "inferred_requirements" not in prepared(index, record, *everything).flags


def test_a_corrected_link_asks_for_the_other_concept(index: TaxonomyIndex) -> None:
    corrected = RequirementDecision("MIG welding", MIG, Settled.CORRECTED, SOURDOUGH)
    vacancy = prepared(index, FIELDS, corrected)
    (requirement,) = vacancy.requirements
    assert (requirement.concept_uri, requirement.link_method) == (SOURDOUGH, LinkMethod.ALIAS)
    assert (requirement.source_text, requirement.label) == ("MIG welding", index.label(SOURDOUGH, "en"))
    assert vacancy.skill_keys == [index.skills.row_of[SOURDOUGH]]


def test_a_requirement_without_a_fitting_concept_is_compared_as_text(index: TaxonomyIndex) -> None:
    vacancy = prepared(index, FIELDS, RequirementDecision("MIG welding", MIG, Settled.CORRECTED, None))
    (requirement,) = vacancy.requirements
    assert (requirement.concept_uri, requirement.link_method, requirement.label) == (
        None,
        None,
        "MIG welding",
    )
    assert vacancy.skill_keys == ["mig welding"]
    # A must that no concept stands for is looked for by its words.
    assert "mig" in vacancy.terms


def test_a_correction_to_what_is_asked_for_already_makes_one_requirement(index: TaxonomyIndex) -> None:
    corrected = RequirementDecision(
        "pipe fitting", PIPES, Settled.CORRECTED, MIG, importance=Importance.ESSENTIAL
    )
    (requirement,) = prepared(index, TEXT, corrected).requirements
    assert (requirement.concept_uri, requirement.importance) == (MIG, Importance.ESSENTIAL)
    assert requirement.decision == corrected


def test_a_decision_sets_the_importance(index: TaxonomyIndex) -> None:
    optional = RequirementDecision("MIG welding", MIG, Settled.CONFIRMED, MIG, Importance.OPTIONAL)
    (requirement,) = prepared(index, FIELDS, optional).requirements
    assert requirement.importance is Importance.OPTIONAL


def test_what_is_dropped_is_not_asked_for(index: TaxonomyIndex) -> None:
    dropped = RequirementDecision("MIG welding", MIG, Settled.DROPPED)
    assert list(by_uri(prepared(index, TEXT, dropped))) == [PIPES]


def test_stated_skills_that_are_all_dropped_are_not_replaced_by_others(index: TaxonomyIndex) -> None:
    record = replace(FIELDS, description="There is pipe fitting here.")
    dropped = RequirementDecision("MIG welding", MIG, Settled.DROPPED)
    assert prepared(index, record, dropped).requirements == []


def test_what_is_dropped_from_the_text_is_not_inferred_instead(index: TaxonomyIndex) -> None:
    record, uri = inferred_record(index)
    label = index.label(uri, "en")
    both = replace(record, description=f"Requirements:\n- {label}\n")
    assert by_uri(prepared(index, both))[uri].provenance is Provenance.EXTRACTED
    assert uri not in by_uri(prepared(index, both, RequirementDecision(label, uri, Settled.DROPPED)))


def test_a_decision_for_a_concept_that_the_release_lacks_waits(index: TaxonomyIndex) -> None:
    gone = RequirementDecision("MIG welding", MIG, Settled.CORRECTED, f"{SKILL}gone")
    assert prepared(index, FIELDS, gone).requirements == prepared(index, FIELDS).requirements


def test_a_decision_on_words_that_are_gone_does_nothing(index: TaxonomyIndex) -> None:
    elsewhere = RequirementDecision("underwater welding", MIG, Settled.DROPPED)
    assert prepared(index, TEXT, elsewhere).requirements == prepared(index, TEXT).requirements


def test_what_counts_as_one_is_told_apart_by_its_words(index: TaxonomyIndex) -> None:
    confirmed = RequirementDecision("MIG welding", MIG, Settled.CONFIRMED, MIG, Importance.OPTIONAL)
    corrected = RequirementDecision("pipe fitting", PIPES, Settled.CORRECTED, MIG, Importance.ESSENTIAL)
    vacancy = prepared(index, TEXT, confirmed, corrected)
    (counted,) = vacancy.requirements
    assert (counted.decision, counted.importance) == (confirmed, Importance.ESSENTIAL)
    assert [(each.requirement.decision, each.requirement.importance) for each in vacancy.asked] == [
        (confirmed, Importance.OPTIONAL),
        (corrected, Importance.ESSENTIAL),
    ]


def test_a_correction_leaves_other_words_for_the_same_skill_as_they_are(index: TaxonomyIndex) -> None:
    label = index.label(MIG, "en")
    both = replace(FIELDS, skills=(RequirementRecord("MIG welding"), RequirementRecord(label)))
    assert [each.concept_uri for each in prepared(index, both).requirements] == [MIG]
    corrected = RequirementDecision("MIG welding", MIG, Settled.CORRECTED, SOURDOUGH)
    found = by_uri(prepared(index, both, corrected))
    assert {uri: each.source_text for uri, each in found.items()} == {SOURDOUGH: "MIG welding", MIG: label}


def test_a_decision_on_what_the_occupation_asks_for_stays_beside_the_same_skill(
    index: TaxonomyIndex,
) -> None:
    record, uri = inferred_record(index)
    both = replace(record, description="There is pipe fitting here.")
    confirmed = RequirementDecision("", uri, Settled.CONFIRMED, uri)
    corrected = RequirementDecision("pipe fitting", PIPES, Settled.CORRECTED, uri)
    vacancy = prepared(index, both, confirmed, corrected)
    assert [each.requirement.decision for each in vacancy.asked if each.requirement.concept_uri == uri] == [
        corrected,
        confirmed,
    ]
