"""Fusion: order and probability of candidates."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.matching.candidates import FEATURES, MAX_CANDIDATES, N_FEATURES, Candidates
from app.matching.fusion import FusionModel, best_columns, fuse, utilities
from app.matching.priors import PriorTerms

EVEN = PriorTerms(np.zeros(MAX_CANDIDATES), np.zeros(MAX_CANDIDATES))

MODEL = FusionModel({"words": 2.0, "spelling": 1.0}, intercept=-1.0, slope=1.0, unseen_slope=-2.0)

SIGNAL = st.one_of(st.sampled_from([-0.5, 0.0, 0.25, 0.25 + 1e-10, 1.0]), st.floats(-1.0, 1.0))


def make_candidates(*rows: list[tuple[int, float, float]]) -> Candidates:
    """Each row lists (concept row, words, spelling) by ascending concept row."""
    features = np.zeros((len(rows), MAX_CANDIDATES, N_FEATURES))
    concepts = np.zeros((len(rows), MAX_CANDIDATES), np.int32)
    for row, found in enumerate(rows):
        for place, (concept, words, spelling) in enumerate(found):
            concepts[row, place] = concept
            features[row, place, FEATURES.index("words")] = words
            features[row, place, FEATURES.index("spelling")] = spelling
    n_found = np.array([len(found) for found in rows], np.int32)
    return Candidates(n_found, concepts, np.zeros_like(concepts), features)


def test_utility_is_the_weighted_sum_of_the_signals() -> None:
    utility = utilities(MODEL, make_candidates([(3, 0.5, 0.25)]), EVEN.utility)
    assert utility[0, 0] == 2 * 0.5 + 0.25
    assert np.isneginf(utility[0, 1:]).all()


def test_the_best_has_the_logistic_probability_and_others_their_odds() -> None:
    fused = fuse(MODEL, make_candidates([(3, 0.25, 0.0), (7, 1.0, 0.0)]), EVEN, np.array([0.0]))
    assert fused.order[0, :2].tolist() == [1, 0]
    best = 1 / (1 + np.exp(-1.0))
    assert fused.score[0, :3].tolist() == [round(best, 6), round(best * np.exp(-1.5), 6), 0.0]


def test_equal_candidates_are_ordered_by_concept_row() -> None:
    fused = fuse(MODEL, make_candidates([(2, 0.5, 0.5), (5, 0.5, 0.5), (9, 0.5, 0.5)]), EVEN, np.array([0.0]))
    assert fused.order[0, :3].tolist() == [0, 1, 2]


def test_of_equal_candidates_the_one_meant_more_often_comes_first() -> None:
    prior = PriorTerms(np.zeros(MAX_CANDIDATES), np.zeros(MAX_CANDIDATES))
    prior.utility[5] = 0.25
    found = make_candidates([(2, 0.5, 0.5), (5, 0.5, 0.5), (9, 0.75, 0.5)])
    assert fuse(MODEL, found, prior, np.array([0.0])).order[0, :3].tolist() == [2, 1, 0]


def test_a_link_to_some_concepts_is_surer() -> None:
    found = make_candidates([(2, 0.5, 0.5)], [(5, 0.5, 0.5)])
    prior = PriorTerms(np.zeros(MAX_CANDIDATES), np.zeros(MAX_CANDIDATES))
    prior.certainty[5] = 0.75
    one, other = fuse(MODEL, found, prior, np.zeros(2)).score[:, 0].tolist()
    assert one == round(1 / (1 + np.exp(-0.5)), 6)
    assert other == round(1 / (1 + np.exp(-1.25)), 6)


def test_strange_words_lower_the_probability() -> None:
    found = make_candidates([(2, 0.5, 0.5)], [(2, 0.5, 0.5)])
    known, strange = fuse(MODEL, found, EVEN, np.array([0.0, 0.5])).score[:, 0]
    assert strange < known


def test_nothing_found_scores_nothing() -> None:
    fused = fuse(MODEL, make_candidates([]), EVEN, np.array([1.0]))
    assert fused.score[0].max() == 0.0


def test_fewer_candidates_have_the_scores_they_have_among_all() -> None:
    found = make_candidates([(2, 0.5, 0.5), (5, 0.9, 0.5), (9, 0.5, 0.7)], [(3, 0.1, 0.2)])
    unseen = np.array([0.25, 0.0])
    some, every = fuse(MODEL, found, EVEN, unseen, 2), fuse(MODEL, found, EVEN, unseen)
    assert np.array_equal(some.order, every.order[:, :2])
    assert np.array_equal(some.score, every.score[:, :2])


@given(
    rows=st.lists(st.lists(st.tuples(SIGNAL, SIGNAL), max_size=MAX_CANDIDATES), min_size=1, max_size=4),
    k=st.integers(1, 60),
    prior=st.lists(SIGNAL, min_size=MAX_CANDIDATES, max_size=MAX_CANDIDATES),
)
def test_compiled_code_orders_the_same_to_the_last_bit(
    rows: list[list[tuple[float, float]]], k: int, prior: list[float]
) -> None:
    from app.matching.compiled_twins import CompiledFusion

    found = make_candidates(
        *([(place, words, spelling) for place, (words, spelling) in enumerate(row)] for row in rows)
    )
    unseen = np.linspace(0.0, 1.0, len(rows))
    by_concept = PriorTerms(np.array(prior), np.array(prior[::-1]))
    compiled = CompiledFusion(MODEL, by_concept)
    for plain, fast in (
        (best_columns(MODEL, found, by_concept.utility, k), compiled.order(found, k)),
        (fuse(MODEL, found, by_concept, unseen, k), compiled(found, unseen, k)),
    ):
        for left, right in zip(plain, fast, strict=True):
            assert np.array_equal(left, right)
