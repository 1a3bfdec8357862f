"""Small steps of weights towards what people preferred: pairwise logistic loss, within bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.matching.metrics import FloatArray, Interval

SCALE = 0.05
"""Difference of scores at which one preference over another counts as likely: five points in a hundred."""
PENALTY = 0.05
"""Loss of moving one weight by its whole step; keeps what the decisions say nothing about where it is."""


class Preferences(NamedTuple):
    """Which of two rows people preferred; both are of one group.

    Attributes
    ----------
    better, worse : ndarray of shape (n_pairs,), int64
        Rows.
    weight : ndarray of shape (n_pairs,), float64
        Every group has the same weight together; they sum to 1.
    """

    better: NDArray[np.int64]
    worse: NDArray[np.int64]
    weight: FloatArray


def preferences(group: NDArray[np.int64], is_good: NDArray[np.bool_]) -> Preferences:
    """Pair each good row with each bad one of its group; groups of one kind give none.

    Examples
    --------
    >>> preferences(np.array([0, 0, 1]), np.array([True, False, True])).better
    array([0])
    """
    better, worse, weight = [], [], []
    for each in np.unique(group):
        good, bad = np.flatnonzero((group == each) & is_good), np.flatnonzero((group == each) & ~is_good)
        better.append(np.repeat(good, len(bad)))
        worse.append(np.tile(bad, len(good)))
        weight.append(np.full(len(good) * len(bad), 1.0 / max(1, len(good) * len(bad))))
    joined = [np.concatenate(parts) if parts else np.zeros(0) for parts in (better, worse, weight)]
    total = joined[2].sum()
    return Preferences(
        joined[0].astype(np.int64), joined[1].astype(np.int64), joined[2] / total if total else joined[2]
    )


def fit_step(
    score: FloatArray,
    slope: FloatArray,
    preferred: Preferences,
    least: FloatArray,
    greatest: FloatArray,
    *,
    scale: float = SCALE,
    penalty: float = PENALTY,
) -> FloatArray:
    """Find the step of the weights after which the preferred rows score higher.

    The loss is the mean of ``ln(1 + exp(-difference / scale))`` over the preferences, as in
    RankNet (Burges et al. 2005), plus ``penalty`` for each weight times the square of its step
    over the longest it may take. Scores are taken to be linear within a step.

    Parameters
    ----------
    score : ndarray of shape (n,), float64
        With the weights as they are.
    slope : ndarray of shape (n, n_weights), float64
        How much a score gains for each unit of a weight.
    least, greatest : ndarray of shape (n_weights,), float64
        Bounds of the step; ``least <= 0 <= greatest``. A weight whose bounds are both 0 stays.

    Returns
    -------
    ndarray of shape (n_weights,), float64

    Raises
    ------
    ValueError
        If there is no preference, or a bound is on the wrong side of 0.
    """
    if not len(preferred.better):
        raise ValueError("nothing was preferred to anything")
    if (least > 0).any() or (greatest < 0).any():
        raise ValueError("a step of 0 must lie within the bounds")
    from scipy.optimize import minimize

    base = (score[preferred.better] - score[preferred.worse]) / scale
    gain = (slope[preferred.better] - slope[preferred.worse]) / scale
    width = np.maximum(greatest, -least)
    unit = np.where(width > 0, width, 1.0)

    def loss(step: FloatArray) -> tuple[float, FloatArray]:
        margin = base + gain @ step
        pull = -preferred.weight / (1.0 + np.exp(np.minimum(margin, 700.0)))
        value = preferred.weight @ np.logaddexp(0.0, -margin) + penalty * float(((step / unit) ** 2).sum())
        return float(value), pull @ gain + 2.0 * penalty * step / unit**2

    found = minimize(
        loss,
        np.zeros(len(least)),
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(least, greatest, strict=True)),
    )
    return np.clip(np.asarray(found.x, dtype=np.float64), least, greatest)


def pair_agreement(
    scores: Sequence[FloatArray],
    good: Sequence[NDArray[np.bool_]],
    *,
    n_resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[Interval, int]:
    """Share of pairs within a group in which the good one scores above the bad one, ties counting half.

    Returns
    -------
    share
        With a bootstrap interval over groups: pairs of one group are alike. NaN without a pair.
    n_pairs
    """
    right, n_pairs = [], []
    for score, is_good in zip(scores, good, strict=True):
        ahead = score[is_good][:, None] - score[~is_good][None, :]
        if ahead.size:
            right.append(float((ahead > 0).sum() + 0.5 * (ahead == 0).sum()))
            n_pairs.append(ahead.size)
    if not n_pairs:
        return Interval(float("nan"), float("nan"), float("nan")), 0
    won, count = np.array(right), np.array(n_pairs, dtype=np.float64)
    drawn = np.random.default_rng(seed).integers(len(won), size=(n_resamples, len(won)))
    low, high = np.quantile(
        won[drawn].sum(axis=1) / count[drawn].sum(axis=1), [(1 - level) / 2, (1 + level) / 2]
    )
    return Interval(float(won.sum() / count.sum()), float(low), float(high)), int(count.sum())
