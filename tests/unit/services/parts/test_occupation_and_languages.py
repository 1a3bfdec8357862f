"""The occupation and languages parts by themselves."""

from __future__ import annotations

from app.domain.enums import Cefr, LinkMethod
from app.domain.records import LanguageLevel
from app.matching.weights import DEFAULT_WEIGHTS
from app.services.occupations import NO_OCCUPATION, ResolvedOccupation
from app.services.parts.languages import language_name, language_worth, languages_part
from app.services.parts.occupation import occupation_part, occupation_sureness, occupation_worth


def test_the_nearer_an_occupation_the_more_it_earns():
    welder = ResolvedOccupation(3, "7212", 0.9, LinkMethod.FUZZY)
    (wanted,) = occupation_part("welder", welder, DEFAULT_WEIGHTS)
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
    group = ResolvedOccupation(None, "72", 0.4, LinkMethod.ISCO_GROUP)
    (wanted,) = occupation_part("ISCO-08 72", group, DEFAULT_WEIGHTS)
    assert wanted.named[0] == ("isco:72", 1.0, "same_isco_group_2")


def test_no_occupation_asks_for_nothing():
    assert occupation_part("", NO_OCCUPATION, DEFAULT_WEIGHTS) == []


def test_a_code_is_sure_and_a_title_as_sure_as_its_link():
    assert occupation_sureness(ResolvedOccupation(None, "7212", 1.0, LinkMethod.CODE)) == 1.0
    assert occupation_sureness(ResolvedOccupation(3, "7212", 0.4, LinkMethod.FUZZY)) == 0.4
    assert occupation_worth(0, 0, 0, DEFAULT_WEIGHTS) == 1.0


def test_languages_share_alike_and_a_level_below_earns_its_share():
    wanted = languages_part([LanguageLevel("de", Cefr.B2), LanguageLevel("fr")])
    assert [(each.what, each.share, each.level) for each in wanted] == [("de B2", 0.5, 4), ("fr", 0.5, 0)]
    assert language_worth(2, 0, 4, DEFAULT_WEIGHTS) == 0.5
    assert language_worth(0, 0, 4, DEFAULT_WEIGHTS) == DEFAULT_WEIGHTS.unknown_language_level
    assert language_worth(6, 1, 4, DEFAULT_WEIGHTS) == 0.0  # a claim of a skill is none of a language
    assert language_name(LanguageLevel("fr")) == "fr"
    assert languages_part([]) == []
