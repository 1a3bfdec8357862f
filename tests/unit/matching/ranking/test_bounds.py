"""Compiled search against its plain twin on several blocks: bounds and floors drop nobody who belongs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.matching.jit import is_installed
from app.matching.ranking import plain
from app.matching.ranking.pool import Pool, all_rows
from app.matching.ranking.query import CREDIT_UNITS, WEIGHT_UNITS, Query
from app.matching.ranking.segment import BLOCK, Segment, build_segment
from app.matching.ranking.snapshot import open_pool, save_pool
from app.matching.ranking.twin import Searcher, ranking_code
from benchmarks.ranking_data import make_candidates, make_vacancies

if not is_installed():
    pytest.skip("NUMBA_DISABLE_JIT is set, or Numba missing: there is one twin", allow_module_level=True)

N_ROWS = 2 * BLOCK + 1000
VACANCIES = make_vacancies(4, seed=77)


@pytest.fixture(scope="module")
def segment() -> Segment:
    ranking_code.compile_now()
    return build_segment(make_candidates(N_ROWS))


def bits_of(rows: NDArray[np.int64]) -> NDArray[np.uint64]:
    is_live = np.zeros(-(-N_ROWS // 64) * 64, dtype=bool)
    is_live[rows] = True
    return np.packbits(is_live, bitorder="little").view("<u8")


LIVE = {
    "all": all_rows(N_ROWS),
    "none": bits_of(np.empty(0, dtype=np.int64)),
    "one in a hundred": bits_of(np.arange(0, N_ROWS, 97)),
    "few in the first block": bits_of(np.array([5, 6, 900, *range(BLOCK, N_ROWS)])),
    "the last row": bits_of(np.array([N_ROWS - 1])),
}


def assert_same(segment: Segment, query: Query, k: int, live: NDArray[np.uint64], floor: int) -> None:
    found = Searcher(segment).best_rows(query, k, live=live, floor=floor)
    wanted = plain.best_rows(segment, query, k, live=live, floor=floor)
    assert [each.tolist() for each in found] == [each.tolist() for each in wanted]


@pytest.mark.parametrize("k", [1, 10, 300])
@pytest.mark.parametrize("live", LIVE)
@pytest.mark.parametrize("query", [*VACANCIES.whole, *VACANCIES.bare[:2]])
def test_twins_agree(segment: Segment, query: Query, live: str, k: int) -> None:
    assert_same(segment, query, k, LIVE[live], plain.NO_FLOOR)


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_floor_at_a_score_keeps_those_that_have_it(segment: Segment, more: int) -> None:
    query = VACANCIES.whole[0]
    _, units = plain.best_rows(segment, query, 20, live=LIVE["all"])
    assert_same(segment, query, 30, LIVE["all"], int(units[-1]) + more)


def test_many_equal_scores_go_by_row(segment: Segment) -> None:
    # One common claim at any grade: a share of all rows has the whole score.
    term = int(segment.claims.terms[segment.claims.sizes().argmax()])
    query = one_group(np.array([term]), VACANCIES.whole[0].entry_credit.shape[1])
    for k in (1, 10, 40):
        assert_same(segment, query, k, LIVE["all"], plain.NO_FLOOR)
        assert_same(segment, query, k, LIVE["few in the first block"], plain.NO_FLOOR)


def test_words_alone_are_ranked_by_their_exact_weights(segment: Segment) -> None:
    # All but one weigh one unit, which is far less than the steps in which sums are kept.
    words = VACANCIES.whole[1].word_term
    weight = np.ones(len(words), dtype=np.int64)
    weight[-1] = WEIGHT_UNITS - len(words) + 1
    empty = one_group(np.empty(0, dtype=np.int64), 30)
    for at in range(0, len(words), 9):
        query = replace(empty, word_term=np.roll(words, at), word_weight=weight)
        assert_same(segment, query, 25, LIVE["all"], plain.NO_FLOOR)


def test_nothing_asked_gives_the_first_rows(segment: Segment) -> None:
    query = one_group(np.empty(0, dtype=np.int64), 30)
    assert_same(segment, query, 10, LIVE["one in a hundred"], plain.NO_FLOOR)


def test_more_terms_than_sums_have_steps_for_are_ranked_plainly(segment: Segment) -> None:
    terms = np.concatenate([segment.claims.terms[:50], np.arange(10**6, 10**6 + (1 << 16))])
    assert_same(segment, one_group(terms, 30), 10, LIVE["all"], plain.NO_FLOOR)


def test_a_mapped_pool_gives_what_the_one_in_memory_gives(segment: Segment, tmp_path: Path) -> None:
    pool = Pool.of(make_candidates(3000))
    save_pool(tmp_path / "pool", pool, {})
    mapped = open_pool(tmp_path / "pool").pool
    for query in VACANCIES.whole:
        found, wanted = mapped.search(query, 10), pool.search(query, 10)
        assert found.ids.tolist() == wanted.ids.tolist()
        assert found.units.tolist() == wanted.units.tolist()


def one_group(terms: NDArray[np.int64], n_grades: int) -> Query:
    return Query(
        group_weight=np.array([WEIGHT_UNITS], dtype=np.int64),
        entry_group=np.zeros(len(terms), dtype=np.int32),
        entry_term=terms.astype(np.int32),
        entry_credit=np.full((len(terms), n_grades), CREDIT_UNITS, dtype=np.int32),
        word_term=np.empty(0, dtype=np.int32),
        word_weight=np.empty(0, dtype=np.int64),
    )
