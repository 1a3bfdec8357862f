"""Which of the two twins searches: compiled code where it is ready, plain NumPy elsewhere.

Nobody waits for the compiler (ADR 0009); both give the same rows and units.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.matching.jit import CompiledCode
from app.matching.ranking import plain
from app.matching.ranking.query import Query
from app.matching.ranking.rows import Rows
from app.matching.ranking.segment import Segment, build_segment

if TYPE_CHECKING:
    from app.matching.ranking.search import CompiledSegment


class Searcher:
    """The search of one segment; threads may share it."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._compiled: CompiledSegment | None = None

    def best_rows(
        self, query: Query, k: int, *, live: NDArray[np.uint64], floor: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Find the best ``k`` live rows; see ``plain.best_rows``."""
        if self._compiled is None and ranking_code.is_ready():
            from app.matching.ranking.search import CompiledSegment

            ranking_code.compile_now()
            self._compiled = CompiledSegment(self._segment)
        if self._compiled is None:
            return plain.best_rows(self._segment, query, k, live=live, floor=floor)
        return self._compiled.best_rows(query, k, live=live, floor=floor)


def score_each(rows: Rows, query: Query, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """Score single rows, in units of ``1 / SCORE_UNITS``."""
    if not len(chosen):
        return np.empty(0, dtype=np.int64)
    if not ranking_code.is_ready():
        return plain.score_each(rows, query, chosen)
    ranking_code.compile_now()
    from app.matching.ranking.search import score_chosen

    return score_chosen(rows, query, chosen)


def _compile() -> None:
    """Search a pool of one with every kernel once."""
    from app.matching.ranking.search import CompiledSegment, score_chosen

    one = np.array([0, 1], dtype=np.int64)
    zero = np.zeros(1, dtype=np.int32)
    rows = Rows(
        ids=np.array([b"a"]),
        claim_ptr=one,
        claim_term=zero,
        claim_grade=np.zeros(1, dtype=np.uint16),
        word_ptr=one,
        word_term=zero,
        columns={},
        digest=np.zeros((1, 16), dtype=np.uint8),
    )
    weight = np.ones(1, dtype=np.int64)
    query = Query(weight, zero, zero, np.ones((1, 1), dtype=np.int32), zero, weight)
    live = np.ones(1, dtype=np.uint64)
    CompiledSegment(build_segment(rows)).best_rows(query, 1, live=live, floor=-1)
    score_chosen(rows, query, np.zeros(1, dtype=np.int64))


ranking_code = CompiledCode(
    "ranking",
    (
        "ranking/heap.py",
        "ranking/kernel.py",
        "ranking/lanes.py",
        "ranking/localise.py",
        "ranking/places.py",
        "ranking/rescore.py",
        "ranking/sample.py",
        "ranking/search.py",
        "ranking/each.py",
        # How they are compiled, and what they take constants from.
        "jit.py",
        "ranking/query.py",
        "ranking/segment.py",
    ),
    _compile,
)
