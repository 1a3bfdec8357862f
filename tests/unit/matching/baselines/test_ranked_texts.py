"""The plain ways to order texts."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.matching.baselines.ranked_texts import (
    bm25,
    longest_first,
    random_order,
    tfidf_cosine,
    token_set,
)

QUERIES = ["welder of pipes", "C++ developer"]
DOCS = ["I weld pipes", "C++ and C", "I bake bread, and I bake cakes every day"]


@pytest.mark.parametrize("system", [tfidf_cosine, bm25, token_set])
def test_texts_that_share_words_come_first(system):
    scores = system(QUERIES, DOCS)
    assert scores.shape == (2, 3)
    assert scores[0].argmax() == 0


def test_bm25_by_hand():
    # Two documents of two words: one holds "pipe" once; idf = ln(1 + 1.5 / 1.5).
    score = bm25(["pipe"], ["pipe welder", "bread baker"])
    assert score[0].tolist() == pytest.approx([math.log(2.0) * 2.2 / (1 + 1.2), 0.0])


def test_bm25_counts_a_repeated_word_of_the_query():
    docs = [DOCS[0], "pipe"]
    assert bm25(["pipe pipe"], docs)[0, 1] == 2 * bm25(["pipe"], docs)[0, 1]


def test_bm25_keeps_words_of_one_letter_and_signs():
    assert bm25(["C++"], DOCS)[0, 1] > 0
    assert bm25(["C"], DOCS)[0].tolist().index(max(bm25(["C"], DOCS)[0])) == 1


def test_order_by_length_and_at_random():
    assert longest_first(2, DOCS).argmax(axis=1).tolist() == [2, 2]
    assert np.array_equal(random_order(2, 3, 7), random_order(2, 3, 7))
    assert not np.array_equal(random_order(2, 3, 7), random_order(2, 3, 8))
