"""The compiled products of vectors, against NumPy's."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.matching.latent import N_DIMS


@given(
    seed=st.integers(0, 2**32 - 1),
    n_rows=st.integers(0, 70),
    n_vectors=st.integers(1, 8),
    is_extreme=st.booleans(),
)
def test_products_are_those_of_whole_numbers(
    seed: int, n_rows: int, n_vectors: int, is_extreme: bool
) -> None:
    from app.matching.kernel_products import N_AT_ONCE, multiply

    rng = np.random.default_rng(seed)
    steps = np.array([-127, 127]) if is_extreme else np.arange(-127, 128)
    rows = rng.choice(steps, (n_rows, N_DIMS)).astype(np.int8)
    vectors = rng.choice(steps, (N_AT_ONCE, N_DIMS)).astype(np.int16)
    out = np.full((N_AT_ONCE, n_rows), -1, np.int32)
    multiply(rows, vectors, n_vectors, out)
    assert np.array_equal(out[:n_vectors], vectors[:n_vectors].astype(np.int64) @ rows.astype(np.int64).T)
    assert (out[n_vectors:] == -1).all()


@given(seed=st.integers(0, 2**32 - 1), n_texts=st.integers(1, 40))
def test_the_nearest_label_is_the_first_with_the_highest_cosine(seed: int, n_texts: int) -> None:
    from app.matching.kernel_products import nearest

    rng = np.random.default_rng(seed)
    # Few distinct vectors: equal cosines are then common.
    texts = rng.integers(-2, 3, (4, N_DIMS)).astype(np.int8)
    norms = np.sqrt((texts.astype(np.float64) ** 2).sum(axis=1))
    entry_text = rng.integers(0, len(texts), n_texts).astype(np.int32)
    vectors = rng.integers(-127, 128, (3, N_DIMS)).astype(np.int16)
    first = int(rng.integers(0, n_texts))
    cosine = (texts.astype(np.int64) @ vectors[2].astype(np.int64)) / norms
    found = nearest(first, n_texts, entry_text, texts, norms, vectors, 2)
    assert found == first + int(np.argmax(cosine[entry_text[first:]]))
