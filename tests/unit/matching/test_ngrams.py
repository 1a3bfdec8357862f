"""The word-by-word n-grams against the vectorizer they stand for."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from app.matching.ngrams import NgramTfidf

LABELS = ["weld pipes", "pipe welding welding", "c++", "r", "souder des tuyaux", "اللحام"]


def test_matrix_equals_the_plain_vectorizer() -> None:
    plain = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), lowercase=False, sublinear_tf=True, dtype=np.float32
    )
    expected = plain.fit_transform(LABELS)
    ours = NgramTfidf(LABELS)
    assert ours.matrix.dtype == np.float32
    # The columns may lie in another order; the cosines of all pairs may not.
    queries = ["welding pipe", "c++ weld", "unknown", *LABELS]
    theirs = (plain.transform(queries) @ expected.T).toarray()
    np.testing.assert_allclose((ours.transform(queries) @ ours.matrix.T).toarray(), theirs, atol=1e-6)


def test_common_ngrams_can_be_left_out_of_a_query() -> None:
    ours = NgramTfidf(LABELS)
    whole, rare = ours.transform(["weld pipes"]), ours.transform(["weld pipes"], max_share=0.2)
    assert 0 < rare.nnz < whole.nnz
    assert ((rare @ ours.matrix.T).toarray() <= (whole @ ours.matrix.T).toarray() + 1e-6).all()


def test_labels_without_a_word_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one label"):
        NgramTfidf([""])
