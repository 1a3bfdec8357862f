"""The skills part by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import EvidenceGrade, Importance, Provenance, SkillLevel
from app.domain.results import LinkedRequirement
from app.matching.weights import DEFAULT_WEIGHTS
from app.services.parts.skills import SkillsPart, skill_worth, skills_part
from tests.unit.services.parts.requirements import make_requirement

ESSENTIAL, OPTIONAL = Importance.ESSENTIAL, Importance.OPTIONAL


def part(requirements: Sequence[LinkedRequirement], rarity: Sequence[float] = ()) -> SkillsPart:
    rarities = dict(enumerate(rarity or [1.0] * len(requirements)))
    return skills_part(
        requirements,
        list(range(len(requirements))),
        DEFAULT_WEIGHTS,
        lambda key: rarities[int(key)],
        lambda key: [(key, 1.0, "same")],
    )


def shares(found: SkillsPart) -> list[float]:
    return [each.share for each in found.wanted]


def test_rarer_skills_weigh_more_and_shares_sum_to_one():
    found = shares(part([make_requirement(), make_requirement()], [1.0, 3.0]))
    assert found == pytest.approx([0.25, 0.75])


def test_the_vacancy_that_states_nothing_wants_nothing():
    assert part([]) == SkillsPart([], 0.0)


def test_what_is_stated_is_sure_and_what_is_read_or_guessed_less():
    trust = DEFAULT_WEIGHTS.trust
    for provenance in Provenance:
        assert part([make_requirement(provenance=provenance)]).sureness == pytest.approx(trust[provenance])
    unsure = part([make_requirement(provenance=Provenance.INFERRED, link_score=0.5)])
    assert unsure.sureness == pytest.approx(trust["inferred"] / 2)


def test_a_doubtful_reading_weighs_less_than_a_sure_one_but_a_stated_phrase_as_it_stands():
    read = [make_requirement(provenance=Provenance.EXTRACTED, link_score=score) for score in (1.0, 0.6)]
    assert shares(part(read)) == pytest.approx([1 / 1.6, 0.6 / 1.6])
    stated = [make_requirement(link_score=score) for score in (1.0, 0.0)]
    assert shares(part(stated)) == [0.5, 0.5]


@given(
    st.lists(st.floats(0.5, 10), min_size=1, max_size=6),
    st.lists(st.floats(0.5, 10), min_size=1, max_size=30),
)
def test_any_stated_essential_requirement_outweighs_all_optional_ones(
    essential: list[float], optional: list[float]
) -> None:
    """Held by a bare claim, however it is graded, against all optional ones proven at work."""
    requirements = [make_requirement(importance=ESSENTIAL) for _ in essential]
    requirements += [make_requirement(importance=OPTIONAL) for _ in optional]
    found = shares(part(requirements, [*essential, *optional]))
    barest = DEFAULT_WEIGHTS.evidence[EvidenceGrade.SELF_STATED] * DEFAULT_WEIGHTS.unknown_level
    assert min(found[: len(essential)]) * barest > sum(found[len(essential) :])


def test_optional_requirements_alone_are_all_there_is():
    assert shares(part([make_requirement(importance=OPTIONAL)] * 2)) == [0.5, 0.5]


def test_what_is_read_as_optional_is_only_lighter():
    read = [
        make_requirement(importance=importance, provenance=Provenance.EXTRACTED)
        for importance in (ESSENTIAL, OPTIONAL, OPTIONAL)
    ]
    found = shares(part(read))
    assert found[1] / found[0] == pytest.approx(DEFAULT_WEIGHTS.importance[OPTIONAL])


def test_a_skill_asked_for_at_two_levels_is_two_requirements():
    twice = [make_requirement(level=level) for level in (SkillLevel.BASIC, SkillLevel.EXPERT)]
    found = skills_part(twice, [7, 7], DEFAULT_WEIGHTS, lambda _: 1.0, lambda key: [(key, 1.0, "same")])
    assert [(each.what, each.level) for each in found.wanted] == [(0, 1), (1, 4)]


def test_better_evidence_and_a_higher_level_never_earn_less():
    asked = int(SkillLevel.ADVANCED)
    for place in range(1, len(EvidenceGrade) + 1):
        worth = [skill_worth(level, place, asked, DEFAULT_WEIGHTS) for level in range(1, 5)]
        assert worth == sorted(worth)
        assert worth[-1] == worth[-2]  # more than asked is no more
    grades = [skill_worth(0, place, 0, DEFAULT_WEIGHTS) for place in range(1, len(EvidenceGrade) + 1)]
    assert grades == sorted(grades)
    assert skill_worth(4, 0, 0, DEFAULT_WEIGHTS) == 0.0


def test_no_weight_for_optional_ones_is_no_division_by_nothing():
    weights = replace(DEFAULT_WEIGHTS, importance={"essential": 0.0, "optional": 0.0})
    found = skills_part([make_requirement()], [1], weights, lambda _: 1.0, lambda key: [(key, 1.0, "same")])
    assert found == SkillsPart([], 0.0)
