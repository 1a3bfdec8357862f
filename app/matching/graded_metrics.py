"""Figures of merit of rankings whose answers are graded, and tests between two systems.

Per-query functions return one number a query, NaN where a query cannot tell, so that
means, intervals and paired tests are all taken from the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.matching.metrics import FloatArray, Interval, auc, bootstrap_mean

_CELLS_AT_ONCE = 4_000_000
"""Bounds the memory of the randomization test; no result depends on it."""


class PairedTest(NamedTuple):
    """How far one system is ahead of another on the same queries.

    Attributes
    ----------
    difference
        Mean difference with its bootstrap interval over queries.
    p_value
        Two-sided, by randomization; NaN without a query.
    """

    difference: Interval
    p_value: float


def ranked_gains(score: FloatArray, gain: FloatArray) -> FloatArray:
    """Gains in the order of the scores, best first; equal scores keep their order.

    Raises
    ------
    ValueError
        If the lengths differ or a score is NaN.
    """
    if len(score) != len(gain):
        raise ValueError("score and gain must have equal length")
    if np.isnan(score).any():
        raise ValueError("scores must not contain NaN")
    return np.asarray(gain[np.argsort(-score, kind="stable")], dtype=np.float64)


def ndcg_at(gains: FloatArray, k: int) -> float:
    """Discounted gain of the first ``k``, over that of the best order of all.

    DCG@k = sum over ranks r of (2**gain - 1) / log2(r + 1), as in Burges et al. (2005).
    NaN where no answer has a gain.

    Parameters
    ----------
    gains : ndarray of shape (n,), float64
        In ranked order, every answer of the query.
    """
    best = _dcg(np.sort(gains)[::-1][:k])
    return float(_dcg(gains[:k]) / best) if best > 0 else float("nan")


def _dcg(gains: FloatArray) -> float:
    return float(((np.exp2(gains) - 1.0) / np.log2(np.arange(2, len(gains) + 2))).sum())


def average_precision(is_relevant: NDArray[np.bool_]) -> float:
    """Mean precision at the ranks of the relevant answers; its mean over queries is MAP.

    NaN where none is relevant.
    """
    ranks = np.flatnonzero(is_relevant) + 1
    return float((np.arange(1, len(ranks) + 1) / ranks).mean()) if len(ranks) else float("nan")


def first_relevant(is_relevant: NDArray[np.bool_]) -> float:
    """One over the rank of the first relevant answer; NaN where none is."""
    return 1.0 / (float(is_relevant.argmax()) + 1.0) if is_relevant.any() else float("nan")


def auc_of(score: FloatArray, is_relevant: NDArray[np.bool_]) -> float:
    """Chance that a relevant answer scores above another, ties counting half; NaN if all are of one kind."""
    return auc(score[is_relevant], score[~is_relevant])


def kendall_tau(left: FloatArray, right: FloatArray) -> float:
    """Kendall's tau-b (1945) of two scores of the same things, which corrects for ties.

    NaN where one of them says the same of all.
    """
    from scipy.stats import kendalltau

    if len(left) < 2 or np.ptp(left) == 0 or np.ptp(right) == 0:
        return float("nan")
    return float(kendalltau(left, right, variant="b").statistic)


def bootstrap_pooled_auc(
    scores: Sequence[FloatArray],
    relevant: Sequence[NDArray[np.bool_]],
    *,
    n_resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """AUC over the pairs of all queries together, resampled by query: pairs of one query are alike."""
    if not len(scores):
        return Interval(float("nan"), float("nan"), float("nan"))
    value = auc_of(np.concatenate(scores), np.concatenate(relevant))
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(n_resamples):
        chosen = random.integers(len(scores), size=len(scores))
        drawn.append(
            auc_of(
                np.concatenate([scores[at] for at in chosen]), np.concatenate([relevant[at] for at in chosen])
            )
        )
    told = np.array(drawn)[~np.isnan(drawn)]
    if not len(told):
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(told, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high))


def paired_test(
    ours: FloatArray, theirs: FloatArray, *, n_draws: int = 10_000, n_resamples: int = 1000, seed: int = 0
) -> PairedTest:
    """Compare two systems on the same queries by Fisher's randomization test.

    If the systems were alike, each query's difference could as well have the other sign.
    The p-value is the share of sign flips whose mean is at least as far from 0, the
    observed one counted in (Smucker, Allan and Carterette 2007).

    Parameters
    ----------
    ours, theirs : ndarray of shape (n_queries,), float64
        Queries on which either is NaN are left out.

    Raises
    ------
    ValueError
        If the lengths differ.
    """
    if len(ours) != len(theirs):
        raise ValueError("both systems must have answered the same queries")
    differences = ours - theirs
    differences = differences[~np.isnan(differences)]
    if not len(differences):
        return PairedTest(Interval(float("nan"), float("nan"), float("nan")), float("nan"))
    # A hair less, so that rounding cannot make an equal mean a smaller one.
    observed = abs(float(differences.sum())) - 1e-12
    random = np.random.default_rng(seed)
    step = max(1, _CELLS_AT_ONCE // len(differences))
    n_as_far = 0
    for start in range(0, n_draws, step):
        signs = random.integers(0, 2, size=(min(step, n_draws - start), len(differences))) * 2 - 1
        n_as_far += int((np.abs(signs @ differences) >= observed).sum())
    return PairedTest(
        bootstrap_mean(differences, n_resamples=n_resamples, seed=seed), (1 + n_as_far) / (1 + n_draws)
    )
