"""The compiled choice of the best concepts, against sorting all of them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st


@given(
    seed=st.integers(0, 2**32 - 1),
    n_concepts=st.integers(0, 3000),
    n_most=st.integers(1, 24),
    highest=st.sampled_from([3, 1437]),
)
def test_the_nearest_are_the_first_of_all_sorted(
    seed: int, n_concepts: int, n_most: int, highest: int
) -> None:
    from app.matching.kernel_ranking import BLOCK, STEPS, nearest_concepts

    rng = np.random.default_rng(seed)
    dots = rng.integers(-highest, highest, n_concepts, dtype=np.int32)
    # Few lengths and, some of the time, few products: equal cosines are then common.
    norms = np.sqrt(rng.integers(1, 4, n_concepts).astype(np.float64))
    is_named = rng.random(n_concepts) < 0.8
    rough = np.where(is_named, STEPS / norms, 0.0).astype(np.float32)
    rows, scores = np.empty(n_most, np.int64), np.empty(n_most)
    blocks = np.empty(n_concepts // BLOCK + 1, np.int32)
    n = nearest_concepts(norms, rough, dots, 3.7, n_most, rows, scores, blocks)
    cosine = dots.astype(np.float64) / (3.7 * norms)
    eligible = np.flatnonzero((dots > 0) & is_named)
    wanted = eligible[np.lexsort((eligible, -cosine[eligible]))][:n_most]
    assert rows[:n].tolist() == wanted.tolist()
    assert scores[:n].tolist() == cosine[wanted].tolist()


@given(
    seed=st.integers(0, 2**32 - 1),
    n_entries=st.integers(0, 300),
    n_most=st.integers(1, 24),
    highest=st.sampled_from([3, 100_000]),
)
def test_the_best_by_words_are_the_first_of_all_sorted(
    seed: int, n_entries: int, n_most: int, highest: int
) -> None:
    from app.matching.kernel_ranking import best_by_words

    rng = np.random.default_rng(seed)
    concepts = np.sort(rng.integers(0, max(1, n_entries // 3), n_entries)).astype(np.int32)
    score = rng.integers(0, highest + 1, n_entries).astype(np.int32)
    touched = rng.permutation(np.flatnonzero(score)).astype(np.int32)
    rows, scores = np.empty(n_most, np.int64), np.empty(n_most)
    n = best_by_words(touched, len(touched), score, concepts, n_most, rows, scores)
    best: dict[int, int] = {}
    for entry in touched.tolist():
        best[int(concepts[entry])] = max(best.get(int(concepts[entry]), 0), int(score[entry]))
    wanted = sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))[:n_most]
    assert list(zip(rows[:n].tolist(), scores[:n].tolist(), strict=True)) == wanted
