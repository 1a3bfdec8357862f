"""Score -> the contributions that add up to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.matching.encode import SAME_CONCEPT, AskMatrix, ClaimMatrix
from app.matching.select import TopK

MISSING = -1  # claim row and relation code of a requirement that no claim meets


@dataclass(frozen=True, slots=True)
class Shares:
    """Every requirement's share of every selected match, grouped by match.

    Match ``i`` (vacancy ``i // k``, rank ``i % k + 1``) owns the entries
    ``indptr[i]:indptr[i + 1]``, in column order.

    Attributes
    ----------
    part : ndarray, int8
        Position of the part.
    ask : ndarray, int64
        Row in the part's ``Asks``.
    weight : ndarray, int64
        Units of 2**-24; a match's weights sum to 2**24.
    credit : ndarray, int64
        Units of 2**-12; ``weight * credit`` is the contribution in score units.
    claim : ndarray, int64
        Row in the part's ``Claims``, or ``MISSING``.
    relation : ndarray, int8
        ``SAME_CONCEPT``, a code of the part's ``Relations``, or ``MISSING``.
    """

    indptr: NDArray[np.int64]
    part: NDArray[np.int8]
    ask: NDArray[np.int64]
    weight: NDArray[np.int64]
    credit: NDArray[np.int64]
    claim: NDArray[np.int64]
    relation: NDArray[np.int8]


def explain(asks: AskMatrix, claims: ClaimMatrix, best: TopK, claim_rows: NDArray[np.int64]) -> Shares:
    """Take the selected matches apart.

    Parameters
    ----------
    claims : ClaimMatrix
        Encoded for ``claim_rows``, which hold every selected candidate.
    claim_rows : ndarray of shape (n,), int64
        Ascending candidate rows.
    """
    k = best.candidate_row.shape[1]
    weights = asks.weights
    n_columns = weights.shape[1]
    n_asked = np.repeat(np.diff(weights.indptr), k).astype(np.int64)
    indptr = np.concatenate([[0], np.cumsum(n_asked)])
    first = np.repeat(weights.indptr[:-1].astype(np.int64), k)
    entry = np.repeat(first - indptr[:-1], n_asked) + np.arange(int(indptr[-1]))
    column = weights.indices[entry]

    candidate = np.searchsorted(claim_rows, best.candidate_row.ravel())
    wanted = np.repeat(candidate, n_asked) * n_columns + column
    owner = np.repeat(np.arange(claims.credits.shape[0]), np.diff(claims.credits.indptr))
    held = owner * n_columns + claims.credits.indices  # ascending: rows, then columns
    place = np.searchsorted(held, wanted)
    is_met = place < len(held)
    is_met[is_met] = held[place[is_met]] == wanted[is_met]
    found = place[is_met]

    credit = np.zeros(len(entry), dtype=np.int64)
    claim = np.full(len(entry), MISSING, dtype=np.int64)
    relation = np.full(len(entry), MISSING, dtype=np.int8)
    credit[is_met] = claims.credits.data[found]
    claim[is_met] = claims.claim[found]
    relation[is_met] = claims.relation[found]
    return Shares(
        indptr=indptr,
        part=asks.column_part[column],
        ask=asks.ask[entry],
        weight=weights.data[entry],
        credit=credit,
        claim=claim,
        relation=relation,
    )


__all__ = ["MISSING", "SAME_CONCEPT", "Shares", "explain"]
