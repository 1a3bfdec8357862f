"""Requirements and claims -> two sparse integer matrices over one axis.

Every part of the score (skills, occupation, text, languages) has the same
shape: vacancies *ask* for concepts at a level, candidates *claim* concepts,
and relations say what a claim on one concept is worth for another. The axis
holds each (part, concept, level) that any vacancy asks for. Then

    score[v, c] = sum over columns of weight[v, column] * credit[c, column]

Weights are multiples of 2**-24 that sum to 1 for each vacancy and credits are
multiples of 2**-12, so every product and every sum of products is exact: no
order of summation, block size, thread or database can change a score, and the
contributions add up to it to the last bit (ADR 0003).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

WEIGHT_UNITS = 1 << 24
CREDIT_UNITS = 1 << 12
SCORE_UNITS = WEIGHT_UNITS * CREDIT_UNITS

SAME_CONCEPT = 0  # relation code of a claim on the very concept that is asked for


@dataclass(frozen=True, slots=True)
class Asks:
    """What vacancies ask for in one part; parallel arrays.

    Attributes
    ----------
    vacancy_row, concept_row : ndarray of shape (n_asks,), int32
    level : ndarray of shape (n_asks,), int8
        Least level wanted, a column of the part's ``level_credit``; 0 for none.
    weight : ndarray of shape (n_asks,), float64
        Relative weight within the part, positive, any scale.
    """

    vacancy_row: NDArray[np.int32]
    concept_row: NDArray[np.int32]
    level: NDArray[np.int8]
    weight: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Claims:
    """What candidates offer in one part; parallel arrays in ascending candidate row.

    Attributes
    ----------
    candidate_row, concept_row : ndarray of shape (n_claims,), int32
    level : ndarray of shape (n_claims,), int8
        A row of the part's ``level_credit``; 0 when not known.
    credit : ndarray of shape (n_claims,), float64
        Worth of the evidence, in [0, 1].
    """

    candidate_row: NDArray[np.int32]
    concept_row: NDArray[np.int32]
    level: NDArray[np.int8]
    credit: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Relations:
    """What a claim on one concept is worth where another is asked; parallel arrays.

    Attributes
    ----------
    asked_row, claimed_row : ndarray of shape (n_relations,), int32
        Different concepts; the same concept is always worth 1.
    factor : ndarray of shape (n_relations,), float64
        In [0, 1].
    code : ndarray of shape (n_relations,), int8
        Names the relation to the caller; at least 1.
    """

    asked_row: NDArray[np.int32]
    claimed_row: NDArray[np.int32]
    factor: NDArray[np.float64]
    code: NDArray[np.int8]

    @classmethod
    def none(cls) -> Relations:
        """No relation: only the same concept counts."""
        empty = np.empty(0, dtype=np.int32)
        return cls(empty, empty, np.empty(0, dtype=np.float64), np.empty(0, dtype=np.int8))


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the score.

    Attributes
    ----------
    weight
        Share of the part before parts that a vacancy lacks hand theirs on.
    level_credit : ndarray of shape (n_levels, n_levels), float64
        Credit in [0, 1] of a claim at level ``row`` where ``column`` is asked.
    """

    name: str
    weight: float
    asks: Asks
    claims: Claims
    relations: Relations
    level_credit: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AskMatrix:
    """The vacancies' side.

    Attributes
    ----------
    weights : csr_matrix of shape (n_vacancies, n_columns), int64
        Units of 2**-24; each row sums to ``WEIGHT_UNITS``, or to 0 if nothing is asked.
    ask : ndarray aligned with ``weights.data``, int64
        Row of the strongest ask behind the entry in its part's ``Asks``.
    column_part : ndarray of shape (n_columns,), int8
        Position of the column's part.
    column_concept, column_level : ndarray of shape (n_columns,)
    """

    weights: csr_matrix
    ask: NDArray[np.int64]
    column_part: NDArray[np.int8]
    column_concept: NDArray[np.int32]
    column_level: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class ClaimMatrix:
    """The candidates' side, for a block of candidate rows.

    Attributes
    ----------
    credits : csr_matrix of shape (n_candidates, n_columns), int64
        Best credit any claim earns for the column, units of 2**-12, 1 to ``CREDIT_UNITS``.
    claim : ndarray aligned with ``credits.data``, int64
        Row of that claim in its part's ``Claims``; the first among equals.
    relation : ndarray aligned with ``credits.data``, int8
        ``SAME_CONCEPT`` or a code of the part's ``Relations``.
    """

    credits: csr_matrix
    claim: NDArray[np.int64]
    relation: NDArray[np.int8]


def encode_asks(parts: Sequence[Part], n_vacancies: int) -> AskMatrix:
    """Lay all asks over one axis and share out the weight of each vacancy.

    A concept asked for twice at one level by a vacancy counts once, with its larger weight.

    Raises
    ------
    ValueError
        If a weight is not positive and finite.
    """
    column_part, column_concept, column_level = [], [], []
    rows, columns, shares, asks = [], [], [], []
    n_columns = 0
    for position, part in enumerate(parts):
        if not (np.isfinite(part.asks.weight).all() and (part.asks.weight > 0).all()):
            raise ValueError(f"weights of part {part.name!r} must be positive and finite")
        if len(part.asks.weight) and not part.weight > 0:
            raise ValueError(f"part {part.name!r} asks for something and needs a positive weight")
        key = part.asks.concept_row.astype(np.int64) * 256 + part.asks.level
        distinct, column = np.unique(key, return_inverse=True)
        first = _strongest_of_each(part.asks, column)
        row = part.asks.vacancy_row[first].astype(np.int64)
        weight = part.asks.weight[first]
        total = np.bincount(row, weights=weight, minlength=n_vacancies)
        rows.append(row)
        columns.append(column[first] + n_columns)
        shares.append(part.weight * weight / total[row])
        asks.append(first)
        column_part.append(np.full(len(distinct), position, dtype=np.int8))
        column_concept.append((distinct // 256).astype(np.int32))
        column_level.append((distinct % 256).astype(np.int8))
        n_columns += len(distinct)
    row, column, ask = np.concatenate(rows), np.concatenate(columns), np.concatenate(asks)
    share = np.concatenate(shares)
    order = np.lexsort((column, row))
    row, column, ask, share = row[order], column[order], ask[order], share[order]
    units = _apportion(row, share, n_vacancies)
    indptr = np.searchsorted(row, np.arange(n_vacancies + 1))
    return AskMatrix(
        weights=csr_matrix((units, column, indptr), shape=(n_vacancies, n_columns)),
        ask=ask,
        column_part=np.concatenate(column_part),
        column_concept=np.concatenate(column_concept),
        column_level=np.concatenate(column_level),
    )


def encode_claims(parts: Sequence[Part], asks: AskMatrix, candidate_rows: NDArray[np.int64]) -> ClaimMatrix:
    """Find the best credit of each candidate for each column of the axis.

    Parameters
    ----------
    candidate_rows : ndarray of shape (n,), int64
        Ascending candidate rows; row ``i`` of the result is ``candidate_rows[i]``.
    """
    pieces = [_credits_of_part(part, asks, position, candidate_rows) for position, part in enumerate(parts)]
    row, column, credit, claim, relation = (np.concatenate(piece) for piece in zip(*pieces, strict=True))
    order = np.lexsort((claim, -credit, column, row))
    row, column = row[order], column[order]
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = (row[1:] != row[:-1]) | (column[1:] != column[:-1])
    best = order[is_first]
    indptr = np.searchsorted(row[is_first], np.arange(len(candidate_rows) + 1))
    matrix = csr_matrix(
        (credit[best], column[is_first], indptr), shape=(len(candidate_rows), asks.weights.shape[1])
    )
    return ClaimMatrix(credits=matrix, claim=claim[best], relation=relation[best])


def _strongest_of_each(asks: Asks, column: NDArray[np.int64]) -> NDArray[np.int64]:
    """First of the heaviest asks of each (vacancy, column)."""
    order = np.lexsort((-asks.weight, column, asks.vacancy_row))
    row, sorted_column = asks.vacancy_row[order], column[order]
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = (row[1:] != row[:-1]) | (sorted_column[1:] != sorted_column[:-1])
    return order[is_first]


def _apportion(row: NDArray[np.int64], share: NDArray[np.float64], n_rows: int) -> NDArray[np.int64]:
    """Round each row's shares to units that sum to ``WEIGHT_UNITS`` (largest remainder, Hamilton).

    ``row`` is ascending. Equal remainders are served in column order.
    """
    total = np.bincount(row, weights=share, minlength=n_rows)
    exact = share / total[row] * WEIGHT_UNITS
    units = np.floor(exact).astype(np.int64)
    missing = WEIGHT_UNITS - np.bincount(row, weights=units, minlength=n_rows).astype(np.int64)
    order = np.lexsort((-(exact - units), row))
    start = np.searchsorted(row, np.arange(n_rows))
    place = np.empty(len(row), dtype=np.int64)
    place[order] = np.arange(len(row)) - start[row]
    return units + (place < missing[row])


def _credits_of_part(
    part: Part, asks: AskMatrix, position: int, candidate_rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], ...]:
    """(row, column, credit, claim, relation code) of every claim that earns credit, with repeats."""
    expansion = _expansions(part, asks, position)
    claim = _claims_of(part.claims, candidate_rows)
    concept = part.claims.concept_row[claim]
    low = np.searchsorted(expansion.claimed, concept, side="left")
    high = np.searchsorted(expansion.claimed, concept, side="right")
    n_uses = high - low
    claim = np.repeat(claim, n_uses)
    ends = np.cumsum(n_uses)
    use = np.repeat(low - (ends - n_uses), n_uses) + np.arange(len(claim))
    column = expansion.column[use]
    value = (
        expansion.factor[use]
        * part.claims.credit[claim]
        * part.level_credit[part.claims.level[claim], asks.column_level[column]]
    )
    credit = np.rint(value * CREDIT_UNITS).astype(np.int64)
    row = np.searchsorted(candidate_rows, part.claims.candidate_row[claim])
    keep = credit > 0
    return row[keep], column[keep], credit[keep], claim[keep], expansion.code[use][keep].astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Expansion:
    """Which columns a claimed concept earns credit for; sorted by claimed concept."""

    claimed: NDArray[np.int64]
    column: NDArray[np.int64]
    factor: NDArray[np.float64]
    code: NDArray[np.int8]


def _expansions(part: Part, asks: AskMatrix, position: int) -> _Expansion:
    column = np.flatnonzero(asks.column_part == position)
    asked = asks.column_concept[column].astype(np.int64)  # ascending within a part
    related = part.relations
    low = np.searchsorted(asked, related.asked_row, side="left")
    n_uses = np.searchsorted(asked, related.asked_row, side="right") - low
    use = np.repeat(np.arange(len(low)), n_uses)
    ends = np.cumsum(n_uses)
    target = column[np.repeat(low - (ends - n_uses), n_uses) + np.arange(len(use))]
    claimed = np.concatenate([asked, related.claimed_row[use].astype(np.int64)])
    order = np.argsort(claimed, kind="stable")
    return _Expansion(
        claimed=claimed[order],
        column=np.concatenate([column, target])[order],
        factor=np.concatenate([np.ones(len(asked)), related.factor[use]])[order],
        code=np.concatenate([np.full(len(asked), SAME_CONCEPT, dtype=np.int8), related.code[use]])[order],
    )


def _claims_of(claims: Claims, candidate_rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Claim rows of the given candidates, ascending."""
    low = np.searchsorted(claims.candidate_row, candidate_rows, side="left")
    n_claims = np.searchsorted(claims.candidate_row, candidate_rows, side="right") - low
    ends = np.cumsum(n_claims)
    return np.repeat(low - (ends - n_claims), n_claims) + np.arange(int(n_claims.sum()))
