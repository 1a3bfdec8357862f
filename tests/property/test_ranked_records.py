"""What holds of every ranking of records, whatever the vacancy and the profiles say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.domain.conditions import Circumstances
from app.domain.enums import Cefr, EvidenceGrade, Importance, Need, SkillLevel
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
from tests.factories import TODAY
from tests.unit.services.small_taxonomy import OCCUPATION, SKILL, small_taxonomy

NAMES = ("mig-welding", "arc-welding", "grinding", "safety", "plans", "pipe-fitting", "unused-skill")
SKILLS = st.sampled_from([*(SKILL + name for name in NAMES), "weave reed", "fire raku", "—"])
LEVELS = st.none() | st.sampled_from(SkillLevel)
WORDS = ("weld", "steel", "frames", "weave", "reed", "baskets", "for", "a", "garden", "meulage", "soudure")
READ_IN = st.sampled_from(["en", "fr"])
TEXTS = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
OCCUPATIONS = st.sampled_from([f"{OCCUPATION}welder", f"{OCCUPATION}pipe-fitter", "7212", "72", "weaver", ""])
TITLES = OCCUPATIONS | st.sampled_from(["apprentice welder", "welder"])
DATES = st.sampled_from(
    [(None, None), (date(2001, 1, 1), date(2003, 6, 30)), (date(2018, 1, 1), date(2020, 6, 30))]
)
PERIODS = st.builds(
    lambda title, text, dates: ExperienceRecord(title, text, started=dates[0], ended=dates[1]),
    TITLES,
    TEXTS,
    DATES,
)
LANGS = st.sampled_from(["de", "fr"])
CEFR = st.none() | st.sampled_from(Cefr)
REQUIREMENTS = st.builds(RequirementRecord, SKILLS, st.sampled_from(Importance), LEVELS)
CLAIMS = st.builds(ClaimRecord, SKILLS, st.sampled_from(EvidenceGrade), LEVELS)

WISHED_LANGUAGES = st.builds(
    lambda lang, cefr: LanguageRequirement(lang, cefr, need=Need.DESIRED), LANGS, CEFR
)

VACANCIES = st.builds(
    VacancyRecord,
    id=st.just("v"),
    title=st.sampled_from(["welder", "basket weaver", "—"]),
    description=TEXTS,
    lang=READ_IN,
    occupation=OCCUPATIONS,
    skills=st.lists(REQUIREMENTS, max_size=5).map(tuple),
    languages=st.lists(
        st.builds(lambda lang, cefr: LanguageRequirement(lang, cefr, need=Need.DESIRED), LANGS, CEFR),
        max_size=2,
    ).map(tuple),
)
PROFILES = st.builds(
    CandidateRecord,
    id=st.just("c"),
    text=TEXTS,
    lang=READ_IN,
    occupations=st.lists(OCCUPATIONS, max_size=2).map(tuple),
    skills=st.lists(CLAIMS, max_size=4).map(tuple),
    languages=st.lists(st.builds(LanguageLevel, LANGS, CEFR), max_size=2).map(tuple),
    experience=st.lists(PERIODS, max_size=2).map(tuple),
    circumstances=st.builds(Circumstances, languages_complete=st.booleans()),
)


@cache
def index() -> TaxonomyIndex:
    return build_taxonomy_index(small_taxonomy())


def ranked(vacancy: VacancyRecord, *people: CandidateRecord) -> dict[str, RankedMatch]:
    (ranking,) = rank_records(index(), [vacancy], people, k=len(people), today=TODAY, explain=True)
    return {match.candidate_id: match for match in (*ranking.matches, *ranking.apart)}


def score(vacancy: VacancyRecord, profile: CandidateRecord) -> float:
    return ranked(vacancy, profile)[profile.id].score


@settings(deadline=None)
@given(VACANCIES, PROFILES, CLAIMS)
def test_gaining_a_skill_never_lowers_a_score(vacancy, profile, claim) -> None:
    assert score(vacancy, replace(profile, skills=(*profile.skills, claim))) >= score(vacancy, profile)


@settings(deadline=None)
@given(VACANCIES, PROFILES, CLAIMS, st.sampled_from(EvidenceGrade), st.sampled_from(SkillLevel))
def test_a_better_grade_or_level_never_lowers_a_score(vacancy, profile, claim, grade, level) -> None:
    grades = tuple(EvidenceGrade)
    better = replace(
        claim,
        evidence=max(claim.evidence, grade, key=grades.index),
        level=None if claim.level is None else max(claim.level, level),
    )
    held, improved = (replace(profile, skills=(*profile.skills, each)) for each in (claim, better))
    assert score(vacancy, improved) >= score(vacancy, held)


@settings(deadline=None)
@given(VACANCIES, PROFILES, st.lists(PROFILES, min_size=1, max_size=4))
def test_others_change_no_score(vacancy, profile, others) -> None:
    others = [replace(each, id=f"o{at}") for at, each in enumerate(others)]
    alone, among = ranked(vacancy, profile)["c"], ranked(vacancy, profile, *others)["c"]
    assert (among.score, among.parts, among.contributions) == (alone.score, alone.parts, alone.contributions)


@settings(deadline=None)
@given(VACANCIES, st.lists(PROFILES, min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_order_changes_nothing(vacancy, people, random) -> None:
    people = [replace(each, id=f"c{at}") for at, each in enumerate(people)]
    shuffled = random.sample(people, len(people))
    assert ranked(vacancy, *shuffled) == ranked(vacancy, *people)


@settings(deadline=None)
@given(VACANCIES, PROFILES, st.integers(2, 4))
@example(
    VacancyRecord(
        id="v",
        title="welder",
        description="weld weld steel",
        lang="en",
        occupation=OCCUPATION + "welder",
        skills=(RequirementRecord(SKILL + "mig-welding"),),
    ),
    CandidateRecord(
        id="c",
        text="weld weld weld weld weld steel",
        lang="en",
        experience=(ExperienceRecord(OCCUPATION + "welder", ""),),
    ),
    2,
)
def test_saying_it_again_earns_nothing(vacancy, profile, n) -> None:
    again = replace(
        profile,
        text="\n".join([profile.text] * n),
        skills=profile.skills * n,
        occupations=profile.occupations * n,
        experience=profile.experience * n,
    )
    once, more = ranked(vacancy, profile)["c"], ranked(vacancy, again)["c"]
    assert more.score <= once.score
    # Rows of the vacancy's own words look like a copy of it; then less may be left, never more.
    assert more.score == once.score or "copied_from_vacancy" in more.flags or "keyword_list" in more.flags


@settings(deadline=None)
@given(VACANCIES, PROFILES)
def test_parts_and_contributions_sum_to_the_score_exactly(vacancy, profile) -> None:
    match = ranked(vacancy, profile)["c"]
    assert sum(match.parts.values()) == match.score
    assert sum(share.value for share in match.contributions) == match.score
    assert 0 <= match.score <= 1


@settings(deadline=None)
@given(VACANCIES)
def test_an_empty_profile_agrees_with_nothing(vacancy) -> None:
    match = ranked(vacancy, CandidateRecord(id="c"))["c"]
    assert match.score == 0
    assert all(share.credit == 0 for share in match.contributions)


@settings(deadline=None)
@given(st.integers(1, 5), st.sampled_from(EvidenceGrade), LEVELS)
def test_an_essential_skill_outweighs_all_optional_ones_together(n, grade, level) -> None:
    first, *others = (SKILL + name for name in NAMES)
    optional = [RequirementRecord(each, Importance.OPTIONAL, level) for each in others[:n]]
    vacancy = VacancyRecord(id="v", title="—", skills=(RequirementRecord(first, level=level), *optional))
    essential_only = CandidateRecord(id="a", skills=(ClaimRecord(first, grade, level),))
    claims = tuple(ClaimRecord(each.skill, grade, level) for each in optional)
    found = ranked(vacancy, essential_only, CandidateRecord(id="b", skills=claims))
    assert found["a"].score > found["b"].score
