"""The compiled choice of the nearest concepts, against sorting all of them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st


@given(
    seed=st.integers(0, 2**32 - 1),
    n_concepts=st.integers(0, 500),
    n_most=st.integers(1, 24),
    highest=st.sampled_from([3, 100_000]),
)
def test_the_nearest_are_the_first_of_all_sorted(
    seed: int, n_concepts: int, n_most: int, highest: int
) -> None:
    from app.matching.kernel_ranking import nearest_concepts

    rng = np.random.default_rng(seed)
    dots = rng.integers(-highest, highest, n_concepts, dtype=np.int32)
    # Few lengths and, some of the time, few products: equal cosines are then common.
    norms = np.sqrt(rng.integers(1, 4, n_concepts).astype(np.float64))
    starts = np.concatenate([[0], np.cumsum(rng.integers(0, 3, n_concepts))]).astype(np.int64)
    rows, scores = np.empty(n_most, np.int64), np.empty(n_most)
    n = nearest_concepts(starts, norms, dots, 3.7, n_most, rows, scores)
    cosine = dots.astype(np.float64) / (3.7 * norms)
    eligible = np.flatnonzero((dots > 0) & (np.diff(starts) > 0))
    wanted = eligible[np.lexsort((eligible, -cosine[eligible]))][:n_most]
    assert rows[:n].tolist() == wanted.tolist()
    assert scores[:n].tolist() == cosine[wanted].tolist()
