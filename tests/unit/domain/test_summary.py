from app.domain.enums import Importance, Provenance
from app.domain.results import Contribution, RankedMatch
from app.domain.summary import summarise


def make_match(*shares: tuple[str, Importance, str, float, float]) -> RankedMatch:
    """Make a match of shares: requirement, importance, relation, weight, credit."""
    contributions = tuple(
        Contribution(
            "skills", name, None, importance, Provenance.STATED, weight, credit, weight * credit, relation
        )
        for name, importance, relation, weight, credit in shares
    )
    score = sum(share.value for share in contributions)
    return RankedMatch("c", 1, score, tied=False, parts={"skills": score}, contributions=contributions)


def test_only_the_same_or_a_narrower_skill_meets_a_requirement():
    summary = summarise(
        make_match(
            ("a", Importance.ESSENTIAL, "same", 0.25, 1.0),
            ("b", Importance.ESSENTIAL, "narrower", 0.25, 0.5),
            ("c", Importance.ESSENTIAL, "broader", 0.25, 0.5),
            ("d", Importance.OPTIONAL, "same", 0.25, 1.0),
        )
    )
    assert (summary.essentials_met, summary.n_essentials) == (2, 3)


def test_an_essential_gap_comes_before_a_costlier_optional_one():
    summary = summarise(
        make_match(
            ("optional", Importance.OPTIONAL, "missing", 0.5, 0.0),
            ("cheap", Importance.ESSENTIAL, "missing", 0.125, 0.0),
            ("dear", Importance.ESSENTIAL, "related", 0.25, 0.25),
        )
    )
    assert summary.gap is not None
    assert summary.gap.requirement == "dear"


def test_equal_shares_are_decided_by_the_words():
    shares = [(name, Importance.ESSENTIAL, "same", 0.25, 1.0) for name in ("b", "a", "c")]
    summary = summarise(make_match(*shares))
    assert summary.strongest is not None
    assert summary.strongest.requirement == "a"
    assert summary.gap is None


def test_a_match_without_contributions_has_nothing_to_name():
    summary = summarise(make_match())
    assert (summary.essentials_met, summary.n_essentials, summary.strongest, summary.gap) == (
        0,
        0,
        None,
        None,
    )
