"""Waterfalls end at the score, and a match is told in plain sentences."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import EvidenceGrade, Importance, Provenance
from app.domain.explained import in_words, support_of, waterfall
from app.domain.results import Contribution, RankedMatch
from app.domain.tenure import EVIDENCE_OF
from app.wording import LANGUAGES, say_all, term

UNITS = st.integers(0, 1 << 12).map(lambda units: units / (1 << 20))
SHARES = st.builds(
    lambda part, name, value: Contribution(
        part, name, None, Importance.ESSENTIAL, Provenance.STATED, value, 1.0, value, "same", "x"
    ),
    st.sampled_from(["skills", "occupation", "text"]),
    st.text("abc", min_size=1, max_size=3),
    UNITS,
)


def match(*shares: Contribution, **fields) -> RankedMatch:
    score = sum(share.value for share in shares)
    return RankedMatch("c", 1, score, tied=False, parts={}, contributions=shares, **fields)


@given(st.lists(SHARES, max_size=30), st.integers(1, 20))
def test_steps_lead_from_nothing_to_the_score(shares, most) -> None:
    steps = waterfall(match(*shares), most)
    reached = 0.0
    for step in steps:
        assert step.start == reached
        assert step.end == step.start + step.value
        reached = step.end
    assert reached == sum(share.value for share in shares)
    assert sum(step.n_shares for step in steps) == sum(share.value > 0 for share in shares)


WELD = Contribution(
    "skills",
    "weld joints",
    "uri:1",
    Importance.ESSENTIAL,
    Provenance.STATED,
    0.5,
    0.5,
    0.25,
    "same",
    "MAG welding",
    evidence=EvidenceGrade.CERTIFIED,
)
DRAW = replace(
    WELD, requirement="read drawings", credit=0.0, value=0.0, relation="missing", claim="", evidence=None
)


def test_a_match_is_told_in_every_language() -> None:
    told = match(WELD, DRAW, flags=("copied_from_vacancy", "thin_profile"), near_duplicates=("d",))
    assert say_all(in_words(told), "en") == (
        "Essential skills met: 1 of 2. The best evidence is “MAG welding” for “weld joints”, certified. "
        "What is missing most is “read drawings”. A passage taken from the vacancy was not counted. "
        "The profile names few skills, so this rests on little. "
        "Profiles in this ranking that say nearly the same: 1."
    )
    for lang in LANGUAGES:
        assert "{" not in say_all(in_words(told), lang)


def test_part_of_a_skill_is_not_called_missing() -> None:
    partly = replace(DRAW, relation="broader", claim="technical drawing", credit=0.5, value=0.25)
    assert "met only in part, by “technical drawing” (a broader skill)" in say_all(
        in_words(match(WELD, partly))
    )


@pytest.mark.parametrize(
    ("evidence", "told"),
    [
        (EvidenceGrade.TAUGHT, " As far as the profile says, it was trained for and not worked in."),
        (
            EvidenceGrade.SELF_STATED,
            " It was left more than five years before the latest date in the profile.",
        ),
        (EvidenceGrade.PROVEN_AT_WORK, ""),
        (None, ""),
    ],
)
def test_an_occupation_is_told_with_how_it_is_claimed(evidence, told) -> None:
    share = replace(WELD, part="occupation", claim="apprentice welder", evidence=evidence)
    same = "The profile's occupation is the one asked for: “apprentice welder”."
    assert say_all(in_words(match(share)), "en") == same + told
    near = say_all(in_words(match(replace(share, relation="same_isco_group_3"))), "en")
    assert near.endswith(told)
    for lang in LANGUAGES:
        assert "{" not in say_all(in_words(match(share)), lang)


def test_a_grade_reads_otherwise_of_an_occupation() -> None:
    assert support_of("skills", EvidenceGrade.TAUGHT) == ("evidence", "taught")
    assert support_of("occupation", EvidenceGrade.TAUGHT) == ("tenure", "taught")
    assert support_of("occupation", EvidenceGrade.SELF_STATED) == ("tenure", "left")
    assert support_of("occupation", None) is None
    for evidence in EVIDENCE_OF.values():
        support = support_of("occupation", evidence)
        assert support is None or all(term(*support, lang) for lang in LANGUAGES)
