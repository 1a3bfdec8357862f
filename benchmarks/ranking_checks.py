"""Whether what is timed is also right: the engine against brute force, the peers against it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.matching.ranking import plain
from app.matching.ranking.filters import Between
from app.matching.ranking.pool import Pool, Ranked
from app.matching.ranking.segment import Segment
from benchmarks.ranking_data import Vacancies
from benchmarks.ranking_peers import Peer, Task

_FILTERS = (99, 9, 0)


def check_exactness(pool: Pool, task: Task, vacancies: Vacancies, n: int, k: int) -> dict[str, int]:
    """Compare order and scores with brute force, with and without filters.

    The bare product is summed in 64-bit floats, which hold its whole numbers exactly, and
    sorted by score and id; the whole score is summed in whole numbers by the plain twin.

    Returns
    -------
    dict
        ``compared`` rankings and how many ``differ``.
    """
    segment = pool.sealed()[0].segment
    part = segment.columns[segment.column_names.index("part")]
    n_compared = n_wrong = 0
    by_term = task.transposed.astype(np.float64)
    for i in range(min(n, len(vacancies.bare))):
        bare = np.zeros(segment.n_rows, dtype=np.int64)
        product = vacancies.matrix[i].astype(np.float64) @ by_term
        bare[product.indices] = product.data.astype(np.int64)
        for query, units in (
            (vacancies.bare[i], bare),
            (vacancies.whole[i], plain.score_rows(segment, vacancies.whole[i])),
        ):
            for most in _FILTERS:
                found = pool.search(query, k, only=(Between("part", most=most),))
                n_compared += 1
                n_wrong += not _is_best(found, segment, units, part <= most, k)
    return {"compared": n_compared, "differ": n_wrong}


def _is_best(
    found: Ranked, segment: Segment, units: NDArray[np.int64], passes: NDArray[np.bool_], k: int
) -> bool:
    rows = np.flatnonzero(passes)
    # Rows ascend by id, so a stable sort leaves equal scores in the order of ids.
    best = rows[np.argsort(-units[rows], kind="stable")[:k]]
    return np.array_equal(found.ids, segment.ids[best]) and np.array_equal(found.units, units[best])


def compare_peers(task: Task, peers: Sequence[Peer], n_naive: int, n: int, k: int) -> dict[str, float]:
    """Share of the best ``k`` that each peer finds; equal scores, within 32-bit rounding, may stand in."""
    shares: dict[str, float] = {}
    by_term = task.transposed.astype(np.float64)
    for peer in peers:
        n_found = 0
        asked = range(min(n_naive if peer.is_naive else n, task.vacancies.shape[0]))
        for i in asked:
            scores = (task.vacancies[i].astype(np.float64) @ by_term).toarray().ravel()
            least = np.partition(scores, len(scores) - k)[-k]
            n_found += int((scores[peer.search(i, k)] >= least * (1 - 1e-6)).sum())
        shares[peer.name] = n_found / (k * len(asked))
    return shares
