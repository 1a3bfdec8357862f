"""How often a concept is meant, before a word of the phrase is read.

"Kafka developer" names no developer that a release knows. Of all developers it is then
likelier one whom many adverts ask for than one who is rare, as a reader would guess, too.
What a release says of each concept, and how often adverts ask for its ISCO-08 group,
become signals like those of the words (``app.matching.candidates``); their weights are
fitted with the others. They are the same for every phrase.
"""

from __future__ import annotations

import math
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from app.matching.fusion import FusionModel

PRIOR_FEATURES = (
    "labels",  # ln(1 + labels in a language, on average): what has many names is spoken of
    "narrower",  # ln(1 + concepts right below it)
    "needed",  # ln(1 + occupations that need it); 0 for occupations
    "is_transversal",  # a skill of all trades, by the release's reuse level
    "advertised",  # group_log_ratio of its ISCO-08 unit group; 0 for skills
)
N_PRIOR_FEATURES = len(PRIOR_FEATURES)

FEWEST_CONCEPTS = 500
"""Of smaller releases it was not measured how sure links are: they count as one of this size."""

NO_PRIORS = np.zeros((0, N_PRIOR_FEATURES))


def group_log_ratio(unit_group: str) -> float:
    """How much more often adverts ask for a concept of an ISCO-08 unit group than for one at random.

    Natural logarithm of the ratio, as ``benchmarks/fit_linker.py`` counted it; 0 for other codes.
    """
    return _log_ratios().get(unit_group, 0.0)


@cache
def _log_ratios() -> dict[str, float]:
    table = tomllib.loads(resources.files("app.matching").joinpath("group_frequency.toml").read_text("utf-8"))
    return {group: float(ratio) for groups in table.values() for group, ratio in groups.items()}


class PriorTerms(NamedTuple):
    """What a model makes of the priors of its concepts.

    Attributes
    ----------
    utility : ndarray of shape (n_concepts,), float64
        What each adds to the utility of a candidate.
    certainty : ndarray of shape (n_concepts,), float64
        What each adds to the log-odds that a link to it is right, where it is the best candidate.
    """

    utility: NDArray[np.float64]
    certainty: NDArray[np.float64]


def prior_terms(model: FusionModel, priors: NDArray[np.float64], n_concepts: int) -> PriorTerms:
    """Weigh the priors of an index's concepts as a model does.

    Parameters
    ----------
    priors : ndarray of shape (n_concepts, N_PRIOR_FEATURES), float64
        See ``PRIOR_FEATURES``; no rows where nothing is known.

    Raises
    ------
    ValueError
        The priors are those of other concepts.
    """
    size = model.size_slope * math.log(model.n_concepts / max(n_concepts, FEWEST_CONCEPTS))
    terms = PriorTerms(np.zeros(n_concepts), np.full(n_concepts, size))
    if not len(priors):
        return terms
    if priors.shape != (n_concepts, N_PRIOR_FEATURES):
        raise ValueError(f"the priors belong to other concepts: their shape is {priors.shape}")
    # One signal after the other: the order of summation is part of the result.
    for column, name in enumerate(PRIOR_FEATURES):
        terms.utility[:] += model.weights.get(name, 0.0) * priors[:, column]
    terms.certainty[:] += model.transversal_slope * priors[:, PRIOR_FEATURES.index("is_transversal")]
    return terms
