"""The occupation and languages parts by themselves."""

from __future__ import annotations

import pytest

from app.domain.enums import Cefr, EvidenceGrade, LinkMethod, Tenure
from app.domain.records import LanguageLevel
from app.domain.tenure import EVIDENCE_OF
from app.matching.weights import DEFAULT_WEIGHTS, WeightProfile
from app.services.candidate_terms import evidence_place
from app.services.occupations import NO_OCCUPATION, ResolvedOccupation
from app.services.parts.languages import language_name, language_worth, languages_part
from app.services.parts.occupation import OccupationPart, asked_time, occupation_part, occupation_worth


def part(occupation: ResolvedOccupation, likely: tuple[tuple[int, float], ...] = ()) -> OccupationPart:
    codes = {1: "7212", 2: "7213", 3: "5120"}
    return occupation_part(
        "welder", "Welder, Berlin", occupation, likely, lambda row: codes[row], DEFAULT_WEIGHTS
    )


def test_the_nearer_an_occupation_the_more_it_earns():
    found = part(ResolvedOccupation(3, "7212", 0.9, LinkMethod.FUZZY))
    (wanted,) = found.wanted
    factors = [factor for _, factor, _ in wanted.named]
    assert factors == sorted(factors, reverse=True)
    assert [relation for _, _, relation in wanted.named] == [
        "same",
        "same_isco_group_4",
        "same_isco_group_3",
        "same_isco_group_2",
        "same_isco_group_1",
    ]


def test_a_whole_group_is_served_by_everyone_in_it():
    (wanted,) = part(ResolvedOccupation(None, "72", 1.0, LinkMethod.CODE)).wanted
    assert wanted.named[0] == ("isco:72", 1.0, "same_isco_group_2")


def test_no_occupation_asks_for_nothing():
    assert part(NO_OCCUPATION) == OccupationPart([], 0.0)


def test_a_code_is_sure_and_a_title_as_sure_as_its_link():
    assert part(ResolvedOccupation(None, "7212", 1.0, LinkMethod.CODE)).sureness == 1.0
    assert part(ResolvedOccupation(3, "7212", 0.4, LinkMethod.FUZZY)).sureness == 0.4
    assert part(ResolvedOccupation(3, "7212", 0.4, LinkMethod.EXACT_ALTERNATIVE)).sureness == 1.0
    assert occupation_worth(0, 0, 0, DEFAULT_WEIGHTS) == 1.0


def worth(tenure: Tenure, level: int = 0, asked: int = 4, weights: WeightProfile = DEFAULT_WEIGHTS) -> float:
    evidence = EVIDENCE_OF[tenure]
    return occupation_worth(level, evidence_place(evidence) if evidence else 0, asked, weights)


def test_the_better_an_occupation_is_claimed_the_more_it_earns():
    earned = [worth(Tenure.TAUGHT), worth(Tenure.LEFT), worth(Tenure.NAMED)]
    earned += [worth(Tenure.WORKED, level) for level in range(1, 5)]
    assert earned == sorted(set(earned))
    assert earned[-1] == worth(Tenure.WORKED, 20) == 1.0


def test_a_grade_that_is_of_no_occupation_earns_nothing():
    assert occupation_worth(0, evidence_place(EvidenceGrade.CERTIFIED), 4, DEFAULT_WEIGHTS) == 0.0


def test_a_vacancy_for_learners_asks_for_no_work():
    assert asked_time("Welder", "7212", lang="en") == 4
    asked = asked_time("Apprentice welder (m/f)", "7212", lang="en")
    assert asked == asked_time("متدرب لحام", "welder", lang="ar") == 0
    assert {worth(tenure, 1, asked) for tenure in Tenure} == {1.0}


def test_weights_of_before_earn_the_same_for_every_claim():
    values = DEFAULT_WEIGHTS.as_dict()
    del values["tenure"]
    old = WeightProfile.from_dict(values)
    assert {worth(tenure, level, weights=old) for tenure in Tenure for level in range(21)} == {1.0}
    assert WeightProfile.from_dict(DEFAULT_WEIGHTS.as_dict()) == DEFAULT_WEIGHTS


@pytest.mark.parametrize(
    ("tenure", "reason"),
    [
        ({"taught": 0.7, "left": 0.6, "named": 0.8}, "must not earn less"),
        ({"taught": 0.5, "left": 0.6, "named": 1.1}, "must lie in"),
        ({"taught": 0.5, "left": 0.6}, "must name exactly"),
        ({"taught": 0.5, "left": 0.6, "named": 0.8, "worked": 1.0}, "must name exactly"),
    ],
)
def test_weights_of_tenure_are_whole_and_in_order(tenure: dict[str, float], reason: str):
    with pytest.raises(ValueError, match=reason):
        WeightProfile(tenure=tenure)


def test_where_none_is_sure_the_likely_ones_are_asked_for_as_far_as_they_are_likely():
    found = part(NO_OCCUPATION, ((1, 0.4), (3, 0.2)))
    assert found.sureness == 0.4
    earns = {term: factor for term, factor, _ in found.wanted[0].named}
    assert earns["occupation:1"] == 1.0
    assert earns["occupation:3"] == 0.5
    assert earns["isco:7212"] == DEFAULT_WEIGHTS.isco[3]
    assert earns["isco:51"] == 0.5 * DEFAULT_WEIGHTS.isco[1]
    stated = part(ResolvedOccupation(None, "72", 1.0, LinkMethod.CODE), ((1, 0.4),))
    assert stated.wanted[0].named[0][0] == "isco:72"


def test_a_term_that_two_likely_ones_share_earns_the_most_of_them():
    earns = {term: factor for term, factor, _ in part(NO_OCCUPATION, ((1, 0.4), (2, 0.3))).wanted[0].named}
    assert earns["isco:721"] == DEFAULT_WEIGHTS.isco[2]


def test_languages_share_alike_and_a_level_below_earns_its_share():
    wanted = languages_part([LanguageLevel("de", Cefr.B2), LanguageLevel("fr")])
    assert [(each.what, each.share, each.level) for each in wanted] == [("de B2", 0.5, 4), ("fr", 0.5, 0)]
    assert language_worth(2, 0, 4, DEFAULT_WEIGHTS) == 0.5
    assert language_worth(0, 0, 4, DEFAULT_WEIGHTS) == DEFAULT_WEIGHTS.unknown_language_level
    assert language_worth(6, 1, 4, DEFAULT_WEIGHTS) == 0.0  # a claim of a skill is none of a language
    assert language_name(LanguageLevel("fr")) == "fr"
    assert languages_part([]) == []
