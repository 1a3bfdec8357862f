"""Figures of graded rankings, against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.matching.graded_metrics import (
    auc_of,
    average_precision,
    bootstrap_pooled_auc,
    first_relevant,
    kendall_tau,
    ndcg_at,
    paired_test,
    ranked_gains,
)


def test_gains_follow_the_scores_and_equal_scores_keep_their_order():
    gains = ranked_gains(np.array([0.1, 0.5, 0.5, 0.9]), np.array([1.0, 2.0, 3.0, 4.0]))
    assert gains.tolist() == [4.0, 2.0, 3.0, 1.0]
    with pytest.raises(ValueError, match="NaN"):
        ranked_gains(np.array([math.nan]), np.array([1.0]))
    with pytest.raises(ValueError, match="equal length"):
        ranked_gains(np.array([1.0]), np.array([1.0, 2.0]))


def test_ndcg_by_hand():
    # (2**1 - 1) / log2(2) + (2**2 - 1) / log2(3), over the two in the other order.
    expected = (1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3))
    assert ndcg_at(np.array([1.0, 2.0, 0.0]), 10) == pytest.approx(expected)
    assert ndcg_at(np.array([0.0, 2.0]), 1) == 0.0
    assert math.isnan(ndcg_at(np.zeros(3), 5))


def test_average_precision_and_first_relevant_by_hand():
    relevant = np.array([False, True, False, True])
    assert average_precision(relevant) == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert first_relevant(relevant) == 0.5
    assert math.isnan(average_precision(np.zeros(2, dtype=bool)))
    assert math.isnan(first_relevant(np.zeros(2, dtype=bool)))


def test_auc_counts_ties_half():
    assert auc_of(np.array([0.2, 0.2, 0.9]), np.array([True, False, True])) == 0.75


def test_kendall_needs_two_different_values_on_both_sides():
    assert kendall_tau(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0])) == pytest.approx(1 / 3)
    assert math.isnan(kendall_tau(np.array([1.0, 1.0]), np.array([1.0, 2.0])))


def test_a_steady_lead_is_told_from_chance_and_no_lead_is_not():
    rng = np.random.default_rng(1)
    base = rng.random(30)
    ahead = paired_test(base + 0.1 + rng.normal(0, 0.05, 30), base)
    assert ahead.p_value < 0.001
    assert ahead.difference.low > 0
    same = paired_test(base, base)
    assert same.p_value == 1.0
    assert paired_test(base, base + rng.normal(0, 0.2, 30), seed=3).p_value > 0.01


def test_exact_p_value_of_few_queries_is_bounded_by_their_sign_flips():
    # Of 8 sign patterns, 2 have a mean as far from 0: p is near 1/4, never near 0.
    p_value = paired_test(np.array([1.0, 1.0, 1.0]), np.zeros(3)).p_value
    assert p_value == pytest.approx(0.25, abs=0.02)


def test_queries_that_cannot_tell_are_left_out_of_a_test():
    found = paired_test(np.array([1.0, math.nan, 0.5]), np.array([0.5, 0.5, math.nan]))
    assert found.difference.value == 0.5
    assert math.isnan(paired_test(np.array([math.nan]), np.array([0.0])).p_value)
    with pytest.raises(ValueError, match="same queries"):
        paired_test(np.zeros(1), np.zeros(2))


def test_pooled_auc_compares_pairs_across_queries():
    scores = [np.array([0.9, 0.8]), np.array([0.2, 0.1])]
    relevant = [np.array([True, False]), np.array([True, False])]
    found = bootstrap_pooled_auc(scores, relevant, n_resamples=50)
    assert found.value == 0.75  # the second query's relevant one lies under the first's other one
    assert found == bootstrap_pooled_auc(scores, relevant, n_resamples=50)
    assert math.isnan(bootstrap_pooled_auc([], []).value)
