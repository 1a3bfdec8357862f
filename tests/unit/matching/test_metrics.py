import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    label_ranking_average_precision_score,
    precision_score,
    recall_score,
    roc_auc_score,
)

from app.matching.metrics import (
    auc,
    bootstrap_auc,
    bootstrap_mean,
    calibration,
    chance_gap,
    gains_of,
    hit_at,
    paired_difference,
    precision_recall,
    r_precision_at,
    recall_at,
    reciprocal_rank,
)

# Three queries: right at ranks 2 and 4 of three right ones; right at rank 1; never right.
RANKED = np.array([[7, 1, 8, 2], [3, 4, 5, 6], [9, 8, -1, -1]], dtype=np.int32)
GOLD = [{1, 2, 30}, {3}, {4}]
N_GOLD = np.array([3, 1, 1])

scores = st.lists(st.integers(0, 5).map(float), min_size=1, max_size=30).map(np.array)


@pytest.fixture
def gains():
    return gains_of(RANKED, GOLD)


def test_gains_mark_the_right_answers(gains):
    assert gains.tolist() == [
        [False, True, False, True],
        [True, False, False, False],
        [False, False, False, False],
    ]


def test_a_missing_answer_is_never_right():
    assert not gains_of(np.array([[-1, -1]], dtype=np.int32), [{-1}]).any()


def test_gains_want_gold_for_every_ranking():
    with pytest.raises(ValueError, match="as long as"):
        gains_of(RANKED, GOLD[:2])


def test_reciprocal_rank_counts_the_first_right_answer(gains):
    assert reciprocal_rank(gains).tolist() == [0.5, 1.0, 0.0]


def test_rankings_without_answers_are_worth_nothing():
    nothing = np.zeros((2, 0), dtype=bool)
    assert reciprocal_rank(nothing).tolist() == [0.0, 0.0]
    assert recall_at(nothing, np.array([1, 0]), 5).tolist() == [0.0, 0.0]


def test_recall_is_the_share_of_right_answers_found(gains):
    assert recall_at(gains, N_GOLD, 1).tolist() == [0.0, 1.0, 0.0]
    assert recall_at(gains, N_GOLD, 4).tolist() == [2 / 3, 1.0, 0.0]


def test_a_hit_is_any_right_answer(gains):
    assert hit_at(gains, 1).tolist() == [0.0, 1.0, 0.0]
    assert hit_at(gains, 2).tolist() == [1.0, 1.0, 0.0]


def test_r_precision_divides_by_what_could_be_found(gains):
    # At 2 the first query could show two of its three right answers, and shows one.
    assert r_precision_at(gains, N_GOLD, 2).tolist() == [0.5, 1.0, 0.0]
    assert r_precision_at(gains, N_GOLD, 10).tolist() == [2 / 3, 1.0, 0.0]


@given(st.lists(st.permutations(range(6)), min_size=1, max_size=10), st.integers(0, 5))
def test_reciprocal_rank_agrees_with_scikit_learn(rankings, right):
    ranked = np.array(rankings, dtype=np.int32)
    truth = np.zeros(ranked.shape)
    truth[:, right] = 1
    score = np.zeros(ranked.shape)
    np.put_along_axis(score, ranked.astype(int), np.arange(6, 0, -1.0)[None, :], axis=1)
    mean = reciprocal_rank(gains_of(ranked, [{right}] * len(ranked))).mean()
    # With one right answer each, average precision is the reciprocal rank.
    assert mean == pytest.approx(label_ranking_average_precision_score(truth, score))


@given(scores, scores)
def test_auc_agrees_with_scikit_learn(positive, negative):
    truth = [1] * len(positive) + [0] * len(negative)
    expected = roc_auc_score(truth, np.concatenate([positive, negative]))
    assert auc(positive, negative) == pytest.approx(expected)


def test_auc_of_nothing_is_not_a_number():
    assert np.isnan(auc(np.array([]), np.array([1.0])))
    assert np.isnan(bootstrap_auc(np.array([1.0]), np.array([])).low)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_precision_and_recall_agree_with_scikit_learn(pairs):
    said, true = np.array(pairs).T
    precision, recall = precision_recall(said, true)
    if said.any():
        assert precision == pytest.approx(precision_score(true, said))
    else:
        assert np.isnan(precision)
    if true.any():
        assert recall == pytest.approx(recall_score(true, said))
    else:
        assert np.isnan(recall)


def test_calibration_by_hand():
    probability = np.array([0.05, 0.15, 0.15, 0.95, 1.0])
    right = np.array([False, False, True, True, True])
    curve = calibration(probability, right, min_count=2)
    assert curve.n_in_bin.tolist() == [1, 2, 0, 0, 0, 0, 0, 0, 0, 2]
    assert curve.mean_probability[[0, 1, 9]] == pytest.approx([0.05, 0.15, 0.975])
    assert curve.share_right[[0, 1, 9]] == pytest.approx([0.0, 0.5, 1.0])
    assert np.isnan(curve.share_right[4])
    # The first bin holds one entry only and does not count towards the largest gap.
    assert curve.largest_gap == pytest.approx(0.35)
    assert curve.weighted_gap == pytest.approx((0.05 + 2 * 0.35 + 2 * 0.025) / 5)


def test_calibration_of_nothing_has_no_gap():
    curve = calibration(np.array([]), np.array([], dtype=bool))
    assert np.isnan(curve.largest_gap)
    assert np.isnan(curve.weighted_gap)


@pytest.mark.parametrize(
    ("probability", "right", "n_bins"), [([1.2], [True], 10), ([0.5], [], 10), ([0.5], [True], 0)]
)
def test_calibration_refuses_what_is_no_probability(probability, right, n_bins):
    with pytest.raises(ValueError, match="must"):
        calibration(np.array(probability), np.array(right, dtype=bool), n_bins=n_bins)


def test_a_bootstrap_interval_holds_its_mean_and_narrows_with_more_texts():
    few, many = np.tile([0.0, 1.0], 10), np.tile([0.0, 1.0], 1000)
    narrow, wide = bootstrap_mean(many), bootstrap_mean(few)
    assert wide.low < wide.value == 0.5 < wide.high
    assert narrow.high - narrow.low < wide.high - wide.low
    # The normal approximation of the standard error of a mean of 20 coins.
    assert wide.high - wide.low == pytest.approx(2 * 1.96 * 0.5 / 20**0.5, rel=0.15)


def test_a_seed_gives_the_same_interval_whatever_the_block(monkeypatch):
    values = np.arange(50) / 50
    whole = bootstrap_mean(values, seed=3)
    monkeypatch.setattr("app.matching.metrics._RESAMPLED_CELLS", 120)
    assert bootstrap_mean(values, seed=3) == whole
    assert bootstrap_mean(values, seed=4) != whole


def test_one_value_everywhere_leaves_no_uncertainty():
    assert bootstrap_mean(np.full(10, 0.25)) == (0.25, 0.25, 0.25)


def test_a_difference_is_taken_query_by_query():
    theirs = np.linspace(0, 0.8, 30)
    found = paired_difference(theirs + 0.1, theirs)
    assert found == pytest.approx((0.1, 0.1, 0.1))
    with pytest.raises(ValueError, match="same queries"):
        paired_difference(theirs, theirs[:5])


def test_bootstrap_auc_surrounds_its_value():
    random = np.random.default_rng(0)
    found = bootstrap_auc(random.normal(1, 1, 100), random.normal(0, 1, 100), n_resamples=200)
    assert found.low < found.value < found.high


def test_the_gap_by_chance_shrinks_with_the_number_of_phrases():
    few, many = (chance_gap(np.tile(np.linspace(0.05, 0.95, 19), n)) for n in (5, 500))
    assert 0 < many.value < few.value < 0.2
    assert few.low <= few.value <= few.high


def test_sure_scores_show_no_gap_by_chance():
    assert chance_gap(np.array([0.0, 1.0, 1.0])).high == 0.0
    assert np.isnan(chance_gap(np.array([])).value)


def test_true_probabilities_mostly_stay_within_the_gap_by_chance():
    random = np.random.default_rng(1)
    probability = random.random(200)
    bound = chance_gap(probability).high
    gaps = [calibration(probability, random.random(200) < probability).weighted_gap for _ in range(200)]
    assert np.mean([gap <= bound for gap in gaps]) >= 0.93
    assert calibration(probability, random.random(200) < probability**3).weighted_gap > bound
