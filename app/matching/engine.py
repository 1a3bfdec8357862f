"""One block of vacancies against all candidates: encode -> score -> select -> explain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from app.matching.encode import Part, encode_asks, encode_claims
from app.matching.explain import Shares, explain
from app.matching.select import MAX_BLOCK, TopK, best_candidates, merge

ENGINE_VERSION = "4"


@dataclass(frozen=True, slots=True)
class BlockRanking:
    """Best candidates of each vacancy and what their scores are made of.

    ``best`` holds one candidate more than asked for where there is one, so that a
    tie across the cut can be shown; ``shares`` covers all of ``best``.
    """

    best: TopK
    shares: Shares


def match_block(
    parts: Sequence[Part],
    *,
    n_vacancies: int,
    n_candidates: int,
    k: int,
    block_size: int = MAX_BLOCK,
    n_threads: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> BlockRanking:
    """Rank all candidates for each vacancy and explain the best.

    Parameters
    ----------
    parts : sequence of Part
        Parts of the score; rows run over ``n_vacancies`` and ``n_candidates``.
    k : int
        At least 1.
    block_size : int
        Candidates scored at a time, 1 to ``MAX_BLOCK``; no result depends on it.
    n_threads : int
        No result depends on it.
    progress : callable, optional
        Called with (candidates done, candidates in all) after each block.

    Raises
    ------
    ValueError
        If ``k`` or ``block_size`` is out of range.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    if not 1 <= block_size <= MAX_BLOCK:
        raise ValueError(f"block_size must lie in 1..{MAX_BLOCK}, got {block_size}")
    asks = encode_asks(parts, n_vacancies)
    nobody = np.empty((n_vacancies, 0), dtype=np.int64)
    best = TopK(nobody, nobody)
    for start in range(0, n_candidates, block_size):
        rows = np.arange(start, min(start + block_size, n_candidates), dtype=np.int64)
        block = best_candidates(asks, encode_claims(parts, asks, rows), k + 1, n_threads=n_threads)
        best = merge(best, TopK(block.candidate_row + start, block.units), k + 1)
        if progress is not None:
            progress(int(rows[-1]) + 1, n_candidates)
    selected = np.unique(best.candidate_row)
    shares = explain(asks, encode_claims(parts, asks, selected), best, selected)
    return BlockRanking(best=best, shares=shares)
