"""From records to explained matches, on the small taxonomy."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.domain.conditions import Conditions
from app.domain.enums import Cefr, EvidenceGrade, Importance, Provenance, SkillLevel
from app.domain.records import (
    CandidateRecord,
    ClaimRecord,
    ExperienceRecord,
    LanguageLevel,
    LanguageRequirement,
    RequirementRecord,
    VacancyRecord,
)
from app.domain.results import Contribution, RankedMatch
from app.domain.reviews import Decision, DecisionBook
from app.domain.transitions import ReviewState
from app.matching.weights import DEFAULT_WEIGHTS, PARTS, WeightProfile
from app.services.ranking import rank_records
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index
from tests.factories import TODAY
from tests.unit.services.small_taxonomy import OCCUPATION, SKILL, small_taxonomy

VACANCY = VacancyRecord(
    id="v1",
    title="MIG welder",
    lang="en",
    occupation="welder",
    skills=(
        RequirementRecord("MIG welding"),
        RequirementRecord("site safety", Importance.OPTIONAL),
        RequirementRecord("blueprint reading", level=SkillLevel.ADVANCED),
    ),
    languages=(LanguageRequirement("de", Cefr.B1),),
)


@pytest.fixture(scope="module")
def index() -> TaxonomyIndex:
    return build_taxonomy_index(small_taxonomy())


def rank(
    index: TaxonomyIndex, candidates: list[CandidateRecord], vacancy: VacancyRecord = VACANCY, **options
):
    return rank_records(index, [vacancy], candidates, k=10, today=TODAY, explain=True, **options)[0]


def only_match(
    index: TaxonomyIndex, candidate: CandidateRecord, vacancy: VacancyRecord = VACANCY
) -> RankedMatch:
    return rank(index, [candidate], vacancy).matches[0]


def contribution(match: RankedMatch, uri: str) -> Contribution:
    return next(each for each in match.contributions if each.requirement_uri == uri)


def claims(*skills: str, evidence: EvidenceGrade = EvidenceGrade.CERTIFIED) -> tuple[ClaimRecord, ...]:
    return tuple(ClaimRecord(skill, evidence) for skill in skills)


def test_a_candidate_with_everything_scores_one(index: TaxonomyIndex) -> None:
    candidate = CandidateRecord(
        id="c",
        text="MIG welder",
        occupations=(OCCUPATION + "welder",),
        skills=tuple(
            ClaimRecord(r.skill, EvidenceGrade.PROVEN_AT_WORK, SkillLevel.EXPERT) for r in VACANCY.skills
        ),
        languages=(LanguageLevel("de", Cefr.C1),),
        experience=(ExperienceRecord(OCCUPATION + "welder", months=24),),
    )
    match = only_match(index, candidate)
    assert match.score == 1.0
    assert sum(match.parts.values()) == 1.0


def test_contributions_and_parts_sum_to_the_score_exactly(index: TaxonomyIndex) -> None:
    candidate = CandidateRecord(
        id="c",
        text="soudage MIG et meulage",
        lang="fr",
        skills=claims("soudage MIG"),
        occupations=("plombier",),
    )
    match = only_match(index, candidate)
    assert 0 < match.score < 1
    assert sum(each.value for each in match.contributions) == match.score
    assert sum(match.parts.values()) == match.score
    for part, value in match.parts.items():
        assert sum(each.value for each in match.contributions if each.part == part) == value


def test_every_requirement_is_explained_met_or_not(index: TaxonomyIndex) -> None:
    match = only_match(index, CandidateRecord(id="c", skills=claims("soudage MIG")))
    met = contribution(match, SKILL + "mig-welding")
    assert (met.relation, met.claim, met.evidence) == ("same", "soudage MIG", EvidenceGrade.CERTIFIED)
    missing = contribution(match, SKILL + "plans")
    assert (missing.relation, missing.claim, missing.value) == ("missing", "", 0.0)


def test_relations_earn_part_of_the_credit(index: TaxonomyIndex) -> None:
    arc = replace(VACANCY, skills=(RequirementRecord("arc welding"),))
    narrower = contribution(
        only_match(index, CandidateRecord(id="c", skills=claims("MIG welding")), arc), SKILL + "arc-welding"
    )
    broader = contribution(
        only_match(index, CandidateRecord(id="c", skills=claims("arc welding"))), SKILL + "mig-welding"
    )
    assert (narrower.relation, broader.relation) == ("narrower", "broader")
    assert 1 > narrower.credit > broader.credit > 0


def test_better_evidence_scores_higher_in_order(index: TaxonomyIndex) -> None:
    scores = [
        only_match(index, CandidateRecord(id="c", skills=claims("MIG welding", evidence=grade))).score
        for grade in EvidenceGrade
    ]
    assert scores == sorted(scores)
    assert len(set(scores)) == len(scores)


def test_level_below_the_one_asked_earns_its_share(index: TaxonomyIndex) -> None:
    def credit(level: SkillLevel | None) -> float:
        claim = ClaimRecord("blueprint reading", EvidenceGrade.PROVEN_AT_WORK, level)
        return contribution(
            only_match(index, CandidateRecord(id="c", skills=(claim,))), SKILL + "plans"
        ).credit

    assert credit(SkillLevel.ADVANCED) == credit(SkillLevel.EXPERT) == 1.0
    assert credit(SkillLevel.BASIC) == pytest.approx(1 / 3, abs=1e-3)
    assert credit(None) == 0.75


def test_vacancy_without_skills_inherits_its_occupations(index: TaxonomyIndex) -> None:
    vacancy = VacancyRecord(
        id="v", title="Soudeur", lang="fr", occupation="7212", description="Lecture de plans."
    )
    ranking = rank(index, [CandidateRecord(id="c")], vacancy)
    by_uri = {each.concept_uri: each for each in ranking.requirements}
    assert by_uri[SKILL + "plans"].provenance == Provenance.EXTRACTED
    assert by_uri[SKILL + "mig-welding"].provenance == Provenance.INFERRED
    assert by_uri[SKILL + "mig-welding"].label == "souder au MIG"
    assert "inferred_requirements" in ranking.flags


def test_unlinked_phrases_meet_equal_and_similar_words(index: TaxonomyIndex) -> None:
    vacancy = replace(VACANCY, skills=(RequirementRecord("Quantum yodelling"),))

    def relation(claim: str) -> str:
        match = only_match(index, CandidateRecord(id="c", skills=claims(claim)), vacancy)
        return next(each.relation for each in match.contributions if each.part == "skills")

    assert relation("quantum  YODELLING") == "same"
    assert relation("yodeling, quantum") == "similar_text"
    assert relation("beekeeping") == "missing"


def test_addresses_of_unknown_concepts_meet_only_their_equals(index: TaxonomyIndex) -> None:
    vacancy = replace(VACANCY, skills=(RequirementRecord("http://example.org/skill/101"),))

    def match(skill: str) -> RankedMatch:
        return only_match(index, CandidateRecord(id="c", skills=claims(skill)), vacancy)

    assert match(" http://example.org/skill/101").parts["skills"] > 0
    other = match("http://example.org/skill/102")
    assert other.score == 0.0
    assert {each.relation for each in other.contributions} == {"missing"}


def test_addresses_are_no_words_of_a_text(index: TaxonomyIndex) -> None:
    vacancy = replace(VACANCY, occupation=OCCUPATION + "welder")
    by_words = replace(vacancy, skills=(RequirementRecord("steering of balloons"),))
    by_address = replace(vacancy, skills=(RequirementRecord("urn:test:skill:unknown"),))
    candidate = CandidateRecord(
        id="c",
        text="MIG welder",
        skills=claims(SKILL + "grinding"),
        occupations=(OCCUPATION + "pipe-fitter",),
    )
    # Neither languages nor experience nor wishes are asked for.
    parts = DEFAULT_WEIGHTS.parts
    share = parts["text"] / (parts["skills"] + parts["occupation"] + parts["text"])
    assert only_match(index, candidate, by_address).parts["text"] == pytest.approx(share, abs=1e-6)
    assert only_match(index, candidate, by_words).parts["text"] < 0.9 * share


def test_nearer_occupations_score_higher(index: TaxonomyIndex) -> None:
    near = only_match(index, CandidateRecord(id="c", occupations=("welder",)))
    far = only_match(index, CandidateRecord(id="c", occupations=("plumber",)))
    none = only_match(index, CandidateRecord(id="c"))
    assert near.parts["occupation"] > far.parts["occupation"] > none.parts["occupation"] == 0


def test_an_unknown_occupation_leaves_the_word_to_the_title(index: TaxonomyIndex) -> None:
    vacancy = VacancyRecord(id="v", title="Welder", lang="en", occupation="http://example.org/unknown")
    assert (
        rank(index, [], vacancy).requirements == rank(index, [], replace(vacancy, occupation="")).requirements
    )
    assert rank(index, [], vacancy).requirements != ()


@pytest.mark.parametrize("code", ["7", "72", "721", "7212"])
def test_an_asked_isco_group_is_served_by_every_occupation_in_it(index: TaxonomyIndex, code: str) -> None:
    vacancy = VacancyRecord(id="v", title="-", occupation=code)
    welder = CandidateRecord(id="c", experience=(ExperienceRecord("welder", months=24),))
    match = only_match(index, welder, vacancy)
    assert next(each.credit for each in match.contributions if each.part == "occupation") == 1.0


def test_a_skill_asked_for_twice_counts_once_at_its_strictest(index: TaxonomyIndex) -> None:
    twice = replace(
        VACANCY,
        skills=(
            RequirementRecord("MIG welding", Importance.OPTIONAL, SkillLevel.ADVANCED),
            RequirementRecord("MIG Welding", Importance.ESSENTIAL),
            RequirementRecord("site safety"),
        ),
    )
    once = replace(
        VACANCY,
        skills=(
            RequirementRecord("MIG welding", Importance.ESSENTIAL, SkillLevel.ADVANCED),
            RequirementRecord("site safety"),
        ),
    )
    pool = [CandidateRecord(id="c", skills=claims("MIG welding"))]
    assert rank(index, pool, twice) == rank(index, pool, once)


def test_adding_work_experience_keeps_the_occupation_of_the_opening_line(index: TaxonomyIndex) -> None:
    before = CandidateRecord(id="c", text="WELDER\nSummary")
    after = replace(before, experience=(ExperienceRecord("plumber"), ExperienceRecord("odd jobs")))
    assert only_match(index, after).parts["occupation"] == only_match(index, before).parts["occupation"]


def test_experience_counts_as_occupation_and_text(index: TaxonomyIndex) -> None:
    candidate = CandidateRecord(id="c", experience=(ExperienceRecord("welder", "weld grinding", 24),))
    assert only_match(index, candidate).parts["occupation"] > 0


def test_profile_title_line_is_taken_for_an_occupation(index: TaxonomyIndex) -> None:
    assert only_match(index, CandidateRecord(id="c", text="WELDER\nSummary")).parts["occupation"] > 0


def test_order_of_candidates_changes_nothing_and_ties_fall_by_id(index: TaxonomyIndex) -> None:
    pool = [CandidateRecord(id=f"c{n}", skills=claims("MIG welding")) for n in range(12)]
    shuffled = pool[:]
    random.Random(3).shuffle(shuffled)
    expected = rank(index, pool)
    assert rank(index, shuffled) == expected
    assert [match.candidate_id for match in expected.matches] == sorted(c.id for c in pool)[:10]
    assert all(match.tied for match in expected.matches)


def test_tie_across_the_cut_is_shown(index: TaxonomyIndex) -> None:
    pool = [CandidateRecord(id=name, skills=claims("MIG welding")) for name in ("a", "b")]
    (match,) = rank_records(index, [VACANCY], pool, k=1, today=TODAY)[0].matches
    assert match.tied


def test_adding_a_candidate_changes_no_other_score(index: TaxonomyIndex) -> None:
    one = CandidateRecord(id="one", text="weld grinding", skills=claims("MIG welding"))
    other = CandidateRecord(id="two", text="blueprint reading", skills=claims("site safety", "odd phrase"))
    alone = rank(index, [one]).matches[0]
    together = next(m for m in rank(index, [one, other]).matches if m.candidate_id == "one")
    assert together.contributions == alone.contributions


def test_explaining_changes_no_score(index: TaxonomyIndex) -> None:
    pool = [CandidateRecord(id="c", text="MIG welding", skills=claims("site safety"))]
    plain = rank_records(index, [VACANCY], pool, k=3, today=TODAY)[0].matches[0]
    explained = rank(index, pool).matches[0]
    assert (plain.score, plain.parts, plain.contributions) == (explained.score, explained.parts, ())


def test_empty_profile_scores_nothing_and_is_flagged(index: TaxonomyIndex) -> None:
    match = only_match(index, CandidateRecord(id="c"))
    assert (match.score, match.flags) == (0.0, ("thin_profile", "confidence_medium"))


def test_repeating_one_skill_hides_no_thin_record(index: TaxonomyIndex) -> None:
    vacancy = replace(
        VACANCY, skills=(RequirementRecord("MIG welding"), RequirementRecord("soudage MIG")) * 2
    )
    candidate = CandidateRecord(id="c", text="MIG welding", skills=claims("MIG welding", "soudage MIG"))
    ranking = rank(index, [candidate], vacancy)
    assert ranking.flags == ("thin_vacancy",)
    assert ranking.matches[0].flags == ("thin_profile", "confidence_low")


def test_no_candidates_and_no_vacancies(index: TaxonomyIndex) -> None:
    assert rank(index, []).matches == ()
    assert rank_records(index, [], [CandidateRecord(id="c")], k=1, today=TODAY) == []


def test_a_part_without_weight_takes_no_share(index: TaxonomyIndex) -> None:
    weights = WeightProfile(name="skills only", parts=dict.fromkeys(PARTS, 0.0) | {"skills": 1.0})
    match = rank(index, [CandidateRecord(id="c", occupations=("welder",))], weights=weights).matches[0]
    assert match.parts["occupation"] == 0.0
    assert {each.part for each in match.contributions} == {"skills"}


def test_a_part_of_hardly_any_weight_is_explained_too(index: TaxonomyIndex) -> None:
    weights = replace(DEFAULT_WEIGHTS, parts=dict.fromkeys(PARTS, 0.0) | {"skills": 1.0, "text": 1e-12})
    match = rank(index, [CandidateRecord(id="c", text="MIG welder")], weights=weights).matches[0]
    assert [each.value for each in match.contributions if each.part == "text"] == [0.0]


@pytest.mark.parametrize(
    "change",
    [
        {"parts": {"skills": 1.0}},
        {"parts": dict.fromkeys(PARTS, 0.0)},
        {"unknown_level": 1.5},
        {"isco": (0.1, 0.5, 0.25, 0.8)},
        {"evidence": {**DEFAULT_WEIGHTS.evidence, "certified": 0.1}},
    ],
)
def test_weight_profiles_are_checked(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must"):
        replace(DEFAULT_WEIGHTS, **change)


def test_a_weight_profile_survives_storage() -> None:
    stored = json.loads(json.dumps(replace(DEFAULT_WEIGHTS, name="other", version=3).as_dict()))
    restored = WeightProfile.from_dict(stored)
    assert restored.as_dict() == stored
    assert restored.isco == DEFAULT_WEIGHTS.isco


def test_repeated_ids_are_refused(index: TaxonomyIndex) -> None:
    with pytest.raises(ValueError, match="candidate ids must be unique"):
        rank(index, [CandidateRecord(id="c"), CandidateRecord(id="c")])


def test_whom_somebody_rejected_is_listed_apart_and_nobody_elses_score_moves(index: TaxonomyIndex) -> None:
    people = [CandidateRecord(id=each, skills=(ClaimRecord("MIG welding"),)) for each in "abcd"]
    plain = rank_records(index, [VACANCY], people, k=2, today=TODAY)[0]
    book = DecisionBook(
        [("v1", "a", Decision(ReviewState.REJECTED)), ("v9", "c", Decision(ReviewState.ACCEPTED))]
    )
    decided = rank_records(index, [VACANCY], people, k=2, today=TODAY, decisions=book)[0]

    assert [match.candidate_id for match in plain.matches] == ["a", "b"]
    assert [match.candidate_id for match in decided.matches] == ["b", "c"]
    assert [match.rank for match in decided.matches] == [1, 2]
    assert [(match.candidate_id, match.rank, match.review.is_ruled_out) for match in decided.apart] == [
        ("a", 1, True)
    ]
    assert {match.score for match in (*decided.matches, *decided.apart)} == {plain.matches[0].score}
    assert decided.matches[1].review.introduced_elsewhere == ("v9",)


def test_stating_work_twice_gains_nothing(index):
    year = ExperienceRecord("welder", started=date(2024, 1, 1), ended=date(2024, 12, 31))
    asking = replace(VACANCY, conditions=Conditions(experience_months=24))
    once, twice = (
        rank(
            index,
            [CandidateRecord("c", skills=(ClaimRecord(SKILL + "0"),), experience=(year,) * times)],
            asking,
        )
        for times in (1, 2)
    )
    assert [match.score for match in (*once.matches, *once.apart)] == [
        match.score for match in (*twice.matches, *twice.apart)
    ]
    assert (*twice.matches, *twice.apart)[0].eligibility == (*once.matches, *once.apart)[0].eligibility


def test_what_would_change_a_rank_is_what_a_profile_that_says_so_is_worth(index):
    asking = VacancyRecord("v", "MIG welder", lang="en", skills=(RequirementRecord("MIG welding"),))
    able = CandidateRecord("a", skills=(ClaimRecord("MIG welding"),))
    baker = CandidateRecord("b", skills=(ClaimRecord("sourdough"),))
    (told,) = rank(index, [able, baker], asking, with_what_if=True).matches[1].what_if
    gained = replace(baker, skills=(*baker.skills, ClaimRecord(told.requirement, told.evidence)))
    (match,) = [each for each in rank(index, [able, gained], asking).matches if each.candidate_id == "b"]
    assert (told.score, told.rank) == (match.score, match.rank)
