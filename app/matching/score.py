"""Scores of a block of vacancies against a block of candidates, in exact integers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.matching.encode import AskMatrix, ClaimMatrix


def score_units(asks: AskMatrix, claims: ClaimMatrix) -> NDArray[np.int64]:
    """Score every pair.

    The plain twin of ``select.best_candidates``, which never holds all pairs.

    Returns
    -------
    ndarray of shape (n_vacancies, n_candidates), int64
        Units of ``1 / SCORE_UNITS``: 0 to ``SCORE_UNITS``.
    """
    return np.asarray((asks.weights @ claims.credits.T).todense(), dtype=np.int64)
