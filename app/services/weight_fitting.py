"""Fit a few weights to people's decisions: a small step, measured on vacancies it was not fitted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.errors import Conflict
from app.matching.graded_metrics import PairedTest, auc_of, paired_test
from app.matching.metrics import FloatArray, Interval, bootstrap_mean
from app.matching.pairwise import fit_step, preferences
from app.matching.weights import BOUNDS, PARTS, WeightProfile
from app.services.decided_pairs import DecidedPairs

LEAST_DECISIONS, LEAST_VACANCIES = 60, 10
"""Decisions, and vacancies with somebody put forward and somebody rejected, that a fit needs."""

FITTED = (
    *(f"parts.{name}" for name in PARTS),
    "importance.optional",
    "provenance.extracted",
    "provenance.inferred",
)
"""Weights that are fitted. The others say what evidence is worth, which is not for a ranking to learn."""

LONGEST_STEP = 0.5
"""Share of itself by which a weight may move at most in one proposal."""
_DIGITS = 3
_NEARBY = 0.1
"""Share of the longest step at which slopes are measured."""


@dataclass(frozen=True, slots=True)
class FittedWeights:
    """Weights after one step, and how well they agree with the decisions.

    Agreement is the mean over vacancies of the share of pairs in which who was put forward
    scores above who was rejected.

    Attributes
    ----------
    moved
        By name, of those weights that moved: before and after.
    fitted_on
        Agreement before and after, on the decisions that were fitted.
    held_out
        The same where each vacancy is scored by weights fitted on the others.
    gain
        After minus before, held out.
    """

    weights: WeightProfile
    moved: Mapping[str, tuple[float, float]]
    n_decisions: int
    n_vacancies: int
    fitted_on: tuple[Interval, Interval]
    held_out: tuple[Interval, Interval]
    gain: PairedTest


def usable_groups(pairs: DecidedPairs) -> NDArray[np.int64]:
    """Vacancies with somebody put forward and somebody rejected."""
    with_good, with_bad = (np.unique(pairs.group[kind]) for kind in (pairs.is_good, ~pairs.is_good))
    return np.intersect1d(with_good, with_bad)


def require_enough(pairs: DecidedPairs) -> NDArray[np.int64]:
    """Check that there is something to learn from, and give the vacancies that tell.

    Raises
    ------
    Conflict
        There are too few decisions; the detail says how many are needed.
    """
    groups = usable_groups(pairs)
    n_decisions = int(np.isin(pairs.group, groups).sum())
    if len(groups) < LEAST_VACANCIES or n_decisions < LEAST_DECISIONS:
        raise Conflict(
            f"Weights are fitted to at least {LEAST_DECISIONS} decisions on at least {LEAST_VACANCIES} "
            f"vacancies that have both somebody put forward and somebody rejected for what they can do. "
            f"There are {n_decisions} on {len(groups)}."
        )
    return groups


def fit_weights(pairs: DecidedPairs, held: WeightProfile, *, seed: int = 0) -> FittedWeights:
    """Take one step from the weights in force towards what people decided.

    Raises
    ------
    Conflict
        There are too few decisions, or nothing moves.
    """
    groups = require_enough(pairs)
    names = [name for name in FITTED if value_of(held, name) > 0]
    least, greatest = _bounds(held, names)
    base, slope = pairs.scores(held), _slopes(pairs, held, names, least, greatest)

    def fitted(without: int | None) -> WeightProfile:
        used = np.isin(pairs.group, groups[groups != without])
        rows = np.flatnonzero(used)
        chosen = preferences(pairs.group[rows], pairs.is_good[rows])
        step = fit_step(base[rows], slope[rows], chosen, least, greatest)
        return _moved_by(held, names, step)

    weights = fitted(None)
    before, after = _agreements(pairs, base, groups), _agreements(pairs, pairs.scores(weights), groups)
    unseen = np.array([_agreement_of(pairs, fitted(each), each) for each in groups.tolist()])
    moved = {
        name: (value_of(held, name), value_of(weights, name))
        for name in names
        if value_of(held, name) != value_of(weights, name)
    }
    if not moved:
        raise Conflict("The decisions ask for no other weights than those in force.")
    return FittedWeights(
        weights=weights,
        moved=moved,
        n_decisions=int(np.isin(pairs.group, groups).sum()),
        n_vacancies=len(groups),
        fitted_on=(bootstrap_mean(before, seed=seed), bootstrap_mean(after, seed=seed)),
        held_out=(bootstrap_mean(before, seed=seed), bootstrap_mean(unseen, seed=seed)),
        gain=paired_test(unseen, before, seed=seed),
    )


def value_of(weights: WeightProfile, name: str) -> float:
    """A weight by its name, such as ``parts.text``."""
    group, _, entry = name.partition(".")
    return float(getattr(weights, group)[entry])


def with_values(weights: WeightProfile, values: Mapping[str, float]) -> WeightProfile:
    """The profile with some weights changed, named as in ``FITTED``."""
    changed: dict[str, Any] = {}
    for name, value in values.items():
        group, _, entry = name.partition(".")
        changed.setdefault(group, dict(getattr(weights, group)))[entry] = value
    return replace(weights, **changed)


def _moved_by(held: WeightProfile, names: Sequence[str], step: FloatArray) -> WeightProfile:
    """The profile with some weights moved, rounded so that people can read them."""
    values = {}
    for name, by in zip(names, step.tolist(), strict=True):
        least, greatest = BOUNDS[name.partition(".")[0]]
        values[name] = min(max(round(value_of(held, name) + by, _DIGITS), least), greatest)
    return with_values(held, values)


def _bounds(held: WeightProfile, names: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """How far each weight may move: by half of itself, and never out of its bounds."""
    value = np.array([value_of(held, name) for name in names])
    limits = np.array([BOUNDS[name.partition(".")[0]] for name in names])
    step = LONGEST_STEP * value
    return np.maximum(-step, limits[:, 0] - value), np.minimum(step, limits[:, 1] - value)


def _slopes(
    pairs: DecidedPairs, held: WeightProfile, names: Sequence[str], least: FloatArray, greatest: FloatArray
) -> FloatArray:
    """How much each score gains for a unit of each weight, measured to both sides as far as bounds let."""
    columns = []
    for at, name in enumerate(names):
        scores, values = [], []
        for bound in (least, greatest):
            value = value_of(held, name) + _NEARBY * bound[at]
            scores.append(pairs.scores(with_values(held, {name: value})))
            values.append(value)
        columns.append((scores[1] - scores[0]) / (values[1] - values[0]))
    return np.stack(columns, axis=1)


def _agreements(pairs: DecidedPairs, scores: FloatArray, groups: NDArray[np.int64]) -> FloatArray:
    return np.array(
        [auc_of(scores[pairs.group == each], pairs.is_good[pairs.group == each]) for each in groups]
    )


def _agreement_of(pairs: DecidedPairs, weights: WeightProfile, group: int) -> float:
    rows = pairs.group == group
    return auc_of(pairs.scores(weights, {group})[rows], pairs.is_good[rows])
