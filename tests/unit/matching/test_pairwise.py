"""Steps of weights: towards what was preferred, within bounds, and nowhere without a reason."""

from __future__ import annotations

import numpy as np
import pytest

from app.matching.pairwise import fit_step, pair_agreement, preferences

RNG = np.random.default_rng(7)


def planted(n_groups: int = 30, n_each: int = 6) -> tuple[np.ndarray, ...]:
    """Scores of two features that weigh the same, where people go by the second one only."""
    feature = RNG.random((n_groups * n_each, 2))
    group = np.repeat(np.arange(n_groups), n_each)
    is_good = feature[:, 1] > 0.5
    return 0.5 * feature.sum(axis=1), feature, group, is_good


def test_a_planted_preference_is_found() -> None:
    score, slope, group, is_good = planted()
    bound = np.array([0.25, 0.25])
    step = fit_step(score, slope, preferences(group, is_good), -bound, bound)
    assert step[0] < -0.1 < 0.1 < step[1]
    before, _ = pair_agreement([score], [is_good])
    after, _ = pair_agreement([score + slope @ step], [is_good])
    assert after.value > before.value + 0.05


def test_a_step_keeps_to_its_bounds_and_stays_where_it_may_not_move() -> None:
    score, slope, group, is_good = planted()
    least, greatest = np.array([0.0, -0.1]), np.array([0.0, 0.03])
    step = fit_step(score, slope, preferences(group, is_good), least, greatest)
    assert step[0] == 0
    assert step[1] == pytest.approx(0.03)


def test_decisions_that_say_nothing_move_nothing() -> None:
    score, slope, group, _ = planted()
    # What does not differ between those preferred and the others cannot be learnt from them.
    slope[:, 1] = 1.0
    is_good = np.arange(len(group)) % 2 == 0
    bound = np.array([0.25, 0.25])
    step = fit_step(np.zeros(len(score)), slope * [0.0, 1.0], preferences(group, is_good), -bound, bound)
    assert np.abs(step).max() < 1e-6


def test_each_group_weighs_the_same() -> None:
    found = preferences(np.array([0, 0, 0, 1, 1, 2]), np.array([True, False, False, True, False, True]))
    assert found.better.tolist() == [0, 0, 3]
    assert found.worse.tolist() == [1, 2, 4]
    assert found.weight.tolist() == [0.25, 0.25, 0.5]


def test_steps_without_a_preference_or_with_a_bound_beyond_0_are_refused() -> None:
    one = np.array([1.0])
    nothing = preferences(np.array([0, 1]), np.array([True, False]))
    with pytest.raises(ValueError, match="nothing"):
        fit_step(np.zeros(2), np.zeros((2, 1)), nothing, -one, one)
    some = preferences(np.array([0, 0]), np.array([True, False]))
    with pytest.raises(ValueError, match="step of 0"):
        fit_step(np.zeros(2), np.zeros((2, 1)), some, one, one)


def test_agreement_counts_pairs_of_the_same_group_and_ties_by_half() -> None:
    scores = [np.array([0.9, 0.1, 0.9]), np.array([0.3, 0.2]), np.array([0.5])]
    good = [np.array([True, False, False]), np.array([False, True]), np.array([True])]
    share, n_pairs = pair_agreement(scores, good)
    assert (share.value, n_pairs) == (1.5 / 3, 3)
    assert share.low <= share.value <= share.high
    nothing, n_none = pair_agreement([np.array([0.5])], [np.array([True])])
    assert np.isnan(nothing.value)
    assert n_none == 0
