"""Figures of merit of rankings, abstention and probabilities, with their uncertainty.

Rankings come as gains: ``gains[i, r]`` is 1 where the answer at rank ``r`` of
query ``i`` is right. Per-query functions return one value a query, so that means,
intervals and paired differences are all taken from the same numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_RESAMPLED_CELLS = 4_000_000
"""Bounds the memory of the bootstrap; no result depends on it."""


class Interval(NamedTuple):
    """A figure with the bounds of its confidence interval; all NaN where there is nothing to measure."""

    value: float
    low: float
    high: float


class Calibration(NamedTuple):
    """A reliability curve.

    Attributes
    ----------
    n_in_bin : ndarray of shape (n_bins,), int64
        Probabilities in each of the equally wide bins.
    mean_probability, share_right : ndarray of shape (n_bins,), float64
        NaN in empty bins.
    largest_gap : float
        Largest distance from the diagonal among bins with at least ``min_count`` entries.
    weighted_gap : float
        Mean distance, weighted by count: the expected calibration error of
        Naeini, Cooper and Hauskrecht (2015).
    """

    n_in_bin: NDArray[np.int64]
    mean_probability: FloatArray
    share_right: FloatArray
    largest_gap: float
    weighted_gap: float


def gains_of(ranked_row: NDArray[np.int32], gold: Sequence[Collection[int]]) -> NDArray[np.bool_]:
    """Tell which ranked answers are right.

    Parameters
    ----------
    ranked_row : ndarray of shape (n_queries, k), int32
        Best first; -1 where a query has fewer than ``k`` answers.
    gold : sequence of collections of int
        Right rows of each query.

    Returns
    -------
    ndarray of shape (n_queries, k), bool

    Raises
    ------
    ValueError
        If the lengths differ.
    """
    if len(ranked_row) != len(gold):
        raise ValueError("gold must be as long as the rankings")
    gains = np.zeros(ranked_row.shape, dtype=bool)
    for query, right in enumerate(gold):
        gains[query] = np.isin(ranked_row[query], list(right)) & (ranked_row[query] >= 0)
    return gains


def reciprocal_rank(gains: NDArray[np.bool_]) -> FloatArray:
    """One over the rank of the first right answer, 0 without one; its mean is MRR (Voorhees 1999).

    Returns
    -------
    ndarray of shape (n_queries,), float64, in [0, 1]
    """
    if gains.shape[1] == 0:
        return np.zeros(len(gains))
    first = gains.argmax(axis=1)
    return np.where(gains.any(axis=1), 1.0 / (first + 1.0), 0.0)


def recall_at(gains: NDArray[np.bool_], n_gold: NDArray[np.int64], k: int) -> FloatArray:
    """Share of the right answers that are among the first ``k``.

    Returns
    -------
    ndarray of shape (n_queries,), float64, in [0, 1]
    """
    return np.asarray(gains[:, :k].sum(axis=1) / _at_least_one(n_gold), dtype=np.float64)


def hit_at(gains: NDArray[np.bool_], k: int) -> FloatArray:
    """1 where any of the first ``k`` answers is right, else 0; shape (n_queries,), float64."""
    return np.asarray(gains[:, :k].any(axis=1), dtype=np.float64)


def r_precision_at(gains: NDArray[np.bool_], n_gold: NDArray[np.int64], k: int) -> FloatArray:
    """Right answers among the first ``k``, over as many as there could be.

    RP@k = (sum of gains at ranks 1..k) / min(k, n_gold), after Chalkidis et al. (2019),
    as used for skills by Decorte et al. (2022).

    Returns
    -------
    ndarray of shape (n_queries,), float64, in [0, 1]
    """
    return np.asarray(gains[:, :k].sum(axis=1) / np.minimum(k, _at_least_one(n_gold)), dtype=np.float64)


def auc(positive: FloatArray, negative: FloatArray) -> float:
    """Chance that a positive scores above a negative, ties counting half (Mann and Whitney 1947).

    Equals the area under the ROC curve; NaN if either side is empty.
    """
    if not len(positive) or not len(negative):
        return float("nan")
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, side="left")
    not_above = np.searchsorted(ordered, positive, side="right")
    return float((below + not_above).sum() / (2.0 * len(positive) * len(negative)))


def precision_recall(said: NDArray[np.bool_], true: NDArray[np.bool_]) -> tuple[float, float]:
    """Share of what was said that is true, and of what is true that was said; NaN over nothing."""
    hits = float((said & true).sum())
    n_said, n_true = int(said.sum()), int(true.sum())
    return (hits / n_said if n_said else float("nan"), hits / n_true if n_true else float("nan"))


def calibration(
    probability: FloatArray, right: NDArray[np.bool_], *, n_bins: int = 10, min_count: int = 10
) -> Calibration:
    """Compare stated probabilities with how often they came true.

    Parameters
    ----------
    probability : ndarray of shape (n,), float64, in [0, 1]
        1 belongs to the last bin.
    right : ndarray of shape (n,), bool
    min_count : int
        Bins with fewer entries do not count towards ``largest_gap``: their share is mostly noise.

    Raises
    ------
    ValueError
        If the lengths differ, ``n_bins < 1`` or a probability lies outside [0, 1].
    """
    if len(probability) != len(right):
        raise ValueError("probability and right must have equal length")
    if n_bins < 1:
        raise ValueError(f"n_bins must be at least 1, got {n_bins}")
    if len(probability) and not ((probability >= 0) & (probability <= 1)).all():
        raise ValueError("probabilities must lie in [0, 1]")
    bins = np.minimum((probability * n_bins).astype(np.int64), n_bins - 1)
    count = np.bincount(bins, minlength=n_bins)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(bins, weights=probability, minlength=n_bins) / count
        share = np.bincount(bins, weights=right.astype(np.float64), minlength=n_bins) / count
    gap = np.abs(mean - share)
    counted = gap[count >= min_count]
    filled = count > 0
    weighted = float((gap[filled] * count[filled]).sum() / count.sum()) if filled.any() else float("nan")
    return Calibration(count, mean, share, float(counted.max()) if counted.size else float("nan"), weighted)


def chance_gap(
    probability: FloatArray, *, n_bins: int = 10, n_resamples: int = 1000, level: float = 0.95, seed: int = 0
) -> Interval:
    """Weighted gap that scores would show by chance if every one of them were a true probability.

    So many outcomes are drawn from the scores themselves. A measured gap inside the interval
    is no sign of miscalibration; few phrases cannot show a small one (Bröcker and Smith 2007).

    Parameters
    ----------
    probability : ndarray of shape (n,), float64, in [0, 1]
    seed : int
        The same seed gives the same interval.
    """
    if not len(probability):
        return Interval(float("nan"), float("nan"), float("nan"))
    random = np.random.default_rng(seed)
    drawn = np.array(
        [
            calibration(
                probability, random.random(len(probability)) < probability, n_bins=n_bins
            ).weighted_gap
            for _ in range(n_resamples)
        ]
    )
    return _percentiles(float(drawn.mean()), drawn, level)


def bootstrap_mean(
    values: FloatArray, *, n_resamples: int = 1000, level: float = 0.95, seed: int = 0
) -> Interval:
    """Mean with its percentile bootstrap interval (Efron 1979) over queries.

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        One value a query.
    seed : int
        The same seed gives the same interval.
    """
    if not len(values):
        return Interval(float("nan"), float("nan"), float("nan"))
    random = np.random.default_rng(seed)
    step = max(1, _RESAMPLED_CELLS // len(values))
    means = np.concatenate(
        [
            values[random.integers(len(values), size=(min(step, n_resamples - at), len(values)))].mean(axis=1)
            for at in range(0, n_resamples, step)
        ]
    )
    return _percentiles(float(values.mean()), means, level)


def paired_difference(
    ours: FloatArray, theirs: FloatArray, *, n_resamples: int = 1000, level: float = 0.95, seed: int = 0
) -> Interval:
    """Mean difference of two systems on the same queries, resampled in pairs.

    An interval without 0 says that the difference is more than chance would give.

    Raises
    ------
    ValueError
        If the lengths differ.
    """
    if len(ours) != len(theirs):
        raise ValueError("both systems must have answered the same queries")
    return bootstrap_mean(ours - theirs, n_resamples=n_resamples, level=level, seed=seed)


def bootstrap_auc(
    positive: FloatArray, negative: FloatArray, *, n_resamples: int = 1000, level: float = 0.95, seed: int = 0
) -> Interval:
    """AUC with its percentile bootstrap interval; both sides are resampled on their own."""
    if not len(positive) or not len(negative):
        return Interval(float("nan"), float("nan"), float("nan"))
    random = np.random.default_rng(seed)
    drawn = np.array(
        [
            auc(
                positive[random.integers(len(positive), size=len(positive))],
                negative[random.integers(len(negative), size=len(negative))],
            )
            for _ in range(n_resamples)
        ]
    )
    return _percentiles(auc(positive, negative), drawn, level)


def _percentiles(value: float, resampled: FloatArray, level: float) -> Interval:
    low, high = np.quantile(resampled, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high))


def _at_least_one(n_gold: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.maximum(n_gold, 1)
