"""Weights fitted to decisions: what was planted is found, bounds hold, and little is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from app.domain.records import CandidateRecord, ClaimRecord, RequirementRecord, VacancyRecord
from app.errors import Conflict
from app.matching.weights import BOUNDS, DEFAULT_WEIGHTS
from app.services.decided_pairs import DecidedPairs, Judgement
from app.services.ranking import rank_records
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index
from app.services.weight_fitting import FITTED, LONGEST_STEP, fit_weights, value_of, with_values
from tests.factories import TODAY
from tests.unit.services.small_taxonomy import OCCUPATION, SKILL, small_taxonomy

SKILLS = ("mig-welding", "grinding", "safety", "plans", "pipe-fitting")


@pytest.fixture(scope="module")
def index() -> TaxonomyIndex:
    return build_taxonomy_index(small_taxonomy())


Decide = Callable[[bool, int], bool]


def decided(index: TaxonomyIndex, decide: Decide, n_vacancies: int = 12, n_each: int = 8) -> DecidedPairs:
    """Welders and others, each with some of the skills; ``decide`` is told of both."""
    rng = np.random.default_rng(3)
    vacancies, candidates, judged = {}, {}, []
    for at in range(n_vacancies):
        asked = tuple(RequirementRecord(SKILL + name) for name in SKILLS[:4])
        vacancies[f"v{at:02}"] = VacancyRecord(
            id=f"v{at:02}", title="Welder", occupation=OCCUPATION + "welder", skills=asked
        )
        for number in range(n_each):
            is_welder, n_skills = number % 2 == 0, int(rng.integers(0, 5))
            name = f"c{at:02}-{number}"
            candidates[name] = CandidateRecord(
                id=name,
                occupations=(OCCUPATION + "welder",) if is_welder else (),
                skills=tuple(claim(each) for each in rng.permutation(SKILLS[:4])[:n_skills]),
            )
            judged.append(Judgement(f"v{at:02}", name, decide(is_welder, n_skills)))
    return DecidedPairs(index, vacancies, candidates, judged)


def claim(name: str) -> ClaimRecord:
    return ClaimRecord(SKILL + name)


def test_scores_are_those_of_the_ranking(index: TaxonomyIndex) -> None:
    vacancy = VacancyRecord(id="v", title="Welder", skills=(RequirementRecord(SKILL + "grinding"),))
    candidates = {
        "a": CandidateRecord(id="a", text="A welder of pipes.", skills=(claim("grinding"),)),
        "b": CandidateRecord(id="b", occupations=("welder",)),
    }
    weights = replace(DEFAULT_WEIGHTS, title=5.0)
    judged = [Judgement("v", "a", is_good=True), Judgement("v", "b", is_good=False)]
    pairs = DecidedPairs(index, {"v": vacancy}, candidates, judged)
    [ranking] = rank_records(index, [vacancy], list(candidates.values()), k=2, today=TODAY, weights=weights)
    assert dict(zip("ab", pairs.scores(weights).tolist(), strict=True)) == {
        match.candidate_id: match.score for match in ranking.matches
    }
    assert np.isnan(pairs.scores(weights, {5})).all()


def test_a_planted_preference_is_recovered(index: TaxonomyIndex) -> None:
    # People put forward whoever has worked as one, whatever else they say.
    found = fit_weights(decided(index, lambda is_welder, _: is_welder), DEFAULT_WEIGHTS)
    before, after = found.moved["parts.occupation"]
    assert after > before
    assert value_of(found.weights, "parts.skills") <= DEFAULT_WEIGHTS.parts["skills"]
    assert found.fitted_on[1].value > found.fitted_on[0].value
    assert found.held_out[1].value > found.held_out[0].value
    assert found.gain.difference.value > 0
    assert (found.n_decisions, found.n_vacancies) == (96, 12)
    other = fit_weights(decided(index, lambda _, n_skills: n_skills > 2), DEFAULT_WEIGHTS)
    assert value_of(other.weights, "parts.occupation") < DEFAULT_WEIGHTS.parts["occupation"]


def test_steps_are_small_and_within_bounds(index: TaxonomyIndex) -> None:
    held = with_values(DEFAULT_WEIGHTS, {"parts.occupation": 0.9, "provenance.extracted": 1.0})
    for decide in (lambda is_welder, _: is_welder, lambda is_welder, _: not is_welder):
        found = fit_weights(decided(index, decide), held)
        for name in FITTED:
            before, after = value_of(held, name), value_of(found.weights, name)
            least, greatest = BOUNDS[name.partition(".")[0]]
            assert least <= after <= greatest
            assert abs(after - before) <= LONGEST_STEP * before + 1e-9
        # What is not fitted stays: evidence, relations, the title.
        kept = found.weights.as_dict() | {
            group: held.as_dict()[group] for group in ("parts", "importance", "provenance")
        }
        assert kept == held.as_dict()


def test_too_few_decisions_are_refused_and_the_need_is_told(index: TaxonomyIndex) -> None:
    with pytest.raises(Conflict, match=r"at least 60 .* 10 vacancies .* There are 24 on 3"):
        fit_weights(decided(index, lambda is_welder, _: is_welder, n_vacancies=3), DEFAULT_WEIGHTS)
    # Decisions of one kind only say nothing of who is better.
    with pytest.raises(Conflict, match="There are 0 on 0"):
        fit_weights(decided(index, lambda *_: True), DEFAULT_WEIGHTS)
    with pytest.raises(Conflict, match="There are 0 on 0"):
        fit_weights(DecidedPairs(index, {}, {}, []), DEFAULT_WEIGHTS)


def test_the_same_decisions_give_the_same_weights(index: TaxonomyIndex) -> None:
    pairs = decided(index, lambda is_welder, n_skills: is_welder and n_skills > 0)
    assert fit_weights(pairs, DEFAULT_WEIGHTS) == fit_weights(pairs, DEFAULT_WEIGHTS)
