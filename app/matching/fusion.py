"""Signals of a candidate -> one utility, and utility -> the probability that the link is right.

The utility is linear in the signals (a conditional logit, McFadden 1974): its weights
are fitted on labels of a release that the search did not hold, worded a little otherwise,
on mistyped ones and on phrases that people labelled.
The probability is a logistic function of the best utility and of how far the phrase's words
are from words of labels (Platt 1999), fitted on phrases that people labelled and that are no
label, some of which name no concept. ``benchmarks/fit_linker.py`` is the recipe for every
number here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.matching.candidates import FEATURES, MAX_CANDIDATES, Candidates
from app.matching.priors import PriorTerms


@dataclass(frozen=True, slots=True)
class FusionModel:
    """Weights of the signals, and the calibration.

    Attributes
    ----------
    weights : mapping of str to float
        Signal (see ``FEATURES`` and ``PRIOR_FEATURES``) -> weight; others weigh nothing.
    intercept, slope, unseen_slope, transversal_slope : float
        ``probability = 1 / (1 + exp(-(intercept + slope * utility + unseen_slope * unseen
        + transversal_slope * is_transversal + size)))``, of the best candidate.
    n_concepts : int
        Concepts of the release that all this was fitted on.
    size_slope : float
        ``size = size_slope * ln(n_concepts / concepts)``: among fewer concepts the best is
        right more often. Concepts under ``FEWEST_CONCEPTS`` count as so many.
    """

    weights: Mapping[str, float]
    intercept: float
    slope: float
    unseen_slope: float
    transversal_slope: float = 0.0
    n_concepts: int = 1
    size_slope: float = 0.0


@dataclass(frozen=True, slots=True)
class ExactModel:
    """How often a phrase that is a label means the concept it names; all lie in [0, 1].

    Attributes
    ----------
    preferred
        A preferred label in the phrase's language, or in any where it is not declared or loaded.
    alternative
        Any other label in it, and any English one, which trades use everywhere.
    foreign
        A label in another language only.
    """

    preferred: float
    alternative: float
    foreign: float


WARM_UP = FusionModel({FEATURES[0]: 1.0}, intercept=0.0, slope=1.0, unseen_slope=0.0)
"""A model that means nothing: compiled code is called with it once, so that it is there."""


class Ordered(NamedTuple):
    """The best candidates of each phrase, by utility descending, then concept row.

    Attributes
    ----------
    order : ndarray of shape (n_phrases, k), int64
        Columns of ``Candidates``, best first.
    utility : ndarray of shape (n_phrases, k), float64
        Of those; -inf beyond ``n_found``.
    """

    order: NDArray[np.int64]
    utility: NDArray[np.float64]


class Fused(NamedTuple):
    """The best candidates of each phrase in order.

    Attributes
    ----------
    order : ndarray of shape (n_phrases, k), int64
        Columns of ``Candidates``, best first: by utility descending, then concept row.
    score : ndarray of shape (n_phrases, k), float64
        Probability of each in that order, in [0, 1]; 0 beyond ``n_found``.
    """

    order: NDArray[np.int64]
    score: NDArray[np.float64]


def utilities(
    model: FusionModel,
    candidates: Candidates,
    prior: NDArray[np.float64],
    features: Sequence[str] = FEATURES,
) -> NDArray[np.float64]:
    """Utility of every candidate, shape (n_phrases, n_columns); -inf beyond ``n_found``.

    Parameters
    ----------
    prior : ndarray of shape (n_concepts,), float64
        What each concept has before a word is read; see ``PriorTerms``.
    features
        The signals in the order of the last axis of ``candidates.features``.
    """
    n_phrases, n_columns = candidates.concept_row.shape
    total = np.zeros((n_phrases, n_columns))
    # One signal after the other: the order of summation is part of the result.
    for column, name in enumerate(features):
        if name in model.weights:
            total += model.weights[name] * candidates.features[:, :, column]
    total += prior[candidates.concept_row]
    total = np.round(total, 9)
    total[np.arange(n_columns)[None, :] >= candidates.n_found[:, None]] = -np.inf
    return total


def best_columns(
    model: FusionModel,
    candidates: Candidates,
    prior: NDArray[np.float64],
    k: int,
    features: Sequence[str] = FEATURES,
) -> Ordered:
    """The best ``k`` candidates of each phrase, with their utilities; see ``utilities``."""
    utility = utilities(model, candidates, prior, features)
    # Candidates come by ascending concept row, so a stable sort leaves equal ones in that order.
    order = np.argsort(-utility, axis=1, kind="stable")[:, :k]
    return Ordered(order, np.take_along_axis(utility, order, axis=1))


def fuse(
    model: FusionModel,
    candidates: Candidates,
    prior: PriorTerms,
    unseen: NDArray[np.float64],
    k: int = MAX_CANDIDATES,
) -> Fused:
    """Order the candidates of each phrase and give the probabilities of the best ``k``.

    Parameters
    ----------
    prior
        Of the concepts of the index.
    unseen : ndarray of shape (n_phrases,), float64
        How far each phrase's words are from words of labels, in [0, 1].
    """
    best = best_columns(model, candidates, prior.utility, k)
    return probabilities(model, best, log_odds(model, candidates, best.order, prior, unseen))


def log_odds(
    model: FusionModel,
    candidates: Candidates,
    order: NDArray[np.int64],
    prior: PriorTerms,
    unseen: NDArray[np.float64],
) -> NDArray[np.float64]:
    """What a phrase's words and its best concept say of its link beside utility, shape (n_phrases,)."""
    best = candidates.concept_row[np.arange(len(order)), order[:, 0]]
    return np.asarray(model.unseen_slope * unseen + prior.certainty[best])


def probabilities(model: FusionModel, best: Ordered, beside: NDArray[np.float64]) -> Fused:
    """Give ordered candidates their probabilities; ``beside`` is what ``log_odds`` gives."""
    order, ordered = best
    is_found = np.isfinite(ordered)
    most = np.where(is_found[:, 0], ordered[:, 0], 0.0)
    probability = 1.0 / (1.0 + np.exp(-(model.intercept + model.slope * most + beside)))
    # What the others lack is what the conditional logit says of two candidates' odds.
    score = probability[:, None] * np.exp(ordered - most[:, None])
    # Rounded, since the last bit of an exponential may differ between machines.
    scores = np.round(np.where(is_found, score, 0.0), 6)
    return Fused(order, np.asarray(scores, dtype=np.float64))
