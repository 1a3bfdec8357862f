"""What must hold of every ranking, on random parts full of ties and collisions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matching.encode import (
    CREDIT_UNITS,
    SCORE_UNITS,
    WEIGHT_UNITS,
    Claims,
    Part,
    encode_asks,
    encode_claims,
)
from app.matching.engine import match_block
from app.matching.score import score_units
from app.matching.select import as_score, top_k
from tests.unit.matching.parts import make_part, n_asks, part_lists, plain_scores

N_VACANCIES, N_CANDIDATES = 3, 6


def all_scores(parts: list[Part]) -> np.ndarray:
    asks = encode_asks(parts, N_VACANCIES)
    return score_units(asks, encode_claims(parts, asks, np.arange(N_CANDIDATES)))


def rank(parts: list[Part], k: int = 4, **options: Any):
    return match_block(parts, n_vacancies=N_VACANCIES, n_candidates=N_CANDIDATES, k=k, **options)


@given(part_lists())
def test_scores_follow_the_written_formula(parts: list[Part]) -> None:
    expected = plain_scores(parts, N_VACANCIES, N_CANDIDATES)
    # Rounding a weight to 2**-24 moves a score by at most one unit an ask.
    tolerance = n_asks(parts) / WEIGHT_UNITS
    for got_row, expected_row in zip(all_scores(parts) / SCORE_UNITS, expected, strict=True):
        for got, wanted in zip(got_row, expected_row, strict=True):
            assert abs(got - float(wanted)) <= tolerance


@given(part_lists())
def test_weights_of_a_vacancy_sum_to_one(parts: list[Part]) -> None:
    sums = np.asarray(encode_asks(parts, N_VACANCIES).weights.sum(axis=1)).ravel()
    asked = {int(row) for part in parts for row in part.asks.vacancy_row}
    assert [int(total) for total in sums] == [WEIGHT_UNITS if row in asked else 0 for row in range(3)]


@given(part_lists(), st.integers(1, 8), st.integers(1, 7))
def test_top_k_equals_sorting_all_scores_whatever_the_block(parts: list[Part], k: int, block: int) -> None:
    expected = top_k(all_scores(parts), k + 1)
    got = rank(parts, k, block_size=block).best
    assert np.array_equal(got.candidate_row, expected.candidate_row)
    assert np.array_equal(got.units, expected.units)


@given(part_lists())
def test_thread_count_changes_nothing(parts: list[Part]) -> None:
    one, two = rank(parts, n_threads=1).best, rank(parts, n_threads=2).best
    assert np.array_equal(one.candidate_row, two.candidate_row)
    assert np.array_equal(one.units, two.units)


@given(part_lists())
def test_contributions_sum_to_the_score_exactly(parts: list[Part]) -> None:
    ranking = rank(parts)
    shares = ranking.shares
    for match, units in enumerate(ranking.best.units.ravel()):
        owned = slice(shares.indptr[match], shares.indptr[match + 1])
        assert int((shares.weight[owned] * shares.credit[owned]).sum()) == units
        # The same in the floating-point numbers that callers see, added one by one.
        values = (shares.weight[owned] / WEIGHT_UNITS) * (shares.credit[owned] / CREDIT_UNITS)
        assert sum(values.tolist()) == float(as_score(units))


@given(part_lists(), st.permutations(range(N_CANDIDATES)))
def test_shuffling_candidates_changes_no_score(parts: list[Part], order: list[int]) -> None:
    position = np.empty(N_CANDIDATES, dtype=np.int64)
    position[order] = np.arange(N_CANDIDATES)
    shuffled = []
    for part in parts:
        rows = position[part.claims.candidate_row]
        by_row = np.argsort(rows, kind="stable")
        claims = Claims(
            rows[by_row].astype(np.int32),
            part.claims.concept_row[by_row],
            part.claims.level[by_row],
            part.claims.credit[by_row],
        )
        shuffled.append(Part(part.name, part.weight, part.asks, claims, part.relations, part.level_credit))
    assert np.array_equal(all_scores(shuffled), all_scores(parts)[:, order])


@given(part_lists(), st.integers(0, 5), st.integers(0, 5), st.integers(0, 2), st.sampled_from([0.25, 1.0]))
def test_gaining_a_claim_never_lowers_a_score(
    parts: list[Part], candidate: int, concept: int, level: int, credit: float
) -> None:
    before = all_scores(parts)
    first = parts[0]
    at = int(np.searchsorted(first.claims.candidate_row, candidate, side="right"))
    claims = Claims(
        np.insert(first.claims.candidate_row, at, candidate),
        np.insert(first.claims.concept_row, at, concept),
        np.insert(first.claims.level, at, level),
        np.insert(first.claims.credit, at, credit),
    )
    richer = Part(first.name, first.weight, first.asks, claims, first.relations, first.level_credit)
    after = all_scores([richer, *parts[1:]])
    assert (after >= before).all()
    others = [row for row in range(N_CANDIDATES) if row != candidate]
    assert np.array_equal(after[:, others], before[:, others])


@given(part_lists())
def test_repeating_claims_and_asks_is_worth_nothing(parts: list[Part]) -> None:
    doubled = []
    for part in parts:
        twice = np.repeat(np.arange(len(part.claims.level)), 2)
        claims = Claims(
            part.claims.candidate_row[twice],
            part.claims.concept_row[twice],
            part.claims.level[twice],
            part.claims.credit[twice],
        )
        doubled.append(Part(part.name, part.weight, part.asks, claims, part.relations, part.level_credit))
    assert np.array_equal(all_scores(doubled), all_scores(parts))


def test_a_part_nobody_asks_for_hands_its_weight_on() -> None:
    skills = make_part(asks=[(0, 1, 0, 1.0)], claims=[(0, 1, 0, 1.0)], weight=0.6)
    text = make_part(asks=[], claims=[(0, 1, 0, 1.0)], weight=0.4, name="text")
    assert match_block([skills, text], n_vacancies=1, n_candidates=1, k=1).best.units[0, 0] == SCORE_UNITS


def test_a_claim_carries_the_best_of_its_relations() -> None:
    part = make_part(
        asks=[(0, 1, 0, 1.0)],
        claims=[(0, 2, 0, 1.0), (0, 3, 0, 1.0)],
        relations=[(1, 2, 0.4, 7), (1, 3, 0.9, 8)],
    )
    shares = match_block([part], n_vacancies=1, n_candidates=1, k=1).shares
    assert shares.relation.tolist() == [8]
    assert shares.claim.tolist() == [1]
    assert shares.credit.tolist() == [round(0.9 * CREDIT_UNITS)]


def test_equal_scores_are_ordered_by_candidate_row() -> None:
    part = make_part(asks=[(0, 1, 0, 1.0)], claims=[(row, 1, 0, 0.75) for row in (4, 2, 0)])
    best = match_block([part], n_vacancies=1, n_candidates=6, k=5, block_size=2).best
    assert best.candidate_row.tolist() == [[0, 2, 4, 1, 3, 5]]


@pytest.mark.parametrize("options", [{"k": 0}, {"k": 1, "block_size": 0}, {"k": 1, "block_size": 1 << 17}])
def test_options_out_of_range_are_refused(options: dict[str, Any]) -> None:
    part = make_part(asks=[(0, 1, 0, 1.0)], claims=[])
    with pytest.raises(ValueError, match="must"):
        match_block([part], n_vacancies=1, n_candidates=1, **options)
