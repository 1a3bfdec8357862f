"""Priors: what is known of a concept before a phrase's words are read."""

import math

import numpy as np
import pytest

from app.domain.enums import ConceptKind, LabelKind, LinkMethod, RelationKind
from app.domain.taxonomy import Concept, Label, Relation, Taxonomy
from app.matching.compiled import Search
from app.matching.fusion import FusionModel
from app.matching.label_index import build_label_index
from app.matching.labels import PREFERRED, build_label_table
from app.matching.link import Linker
from app.matching.priors import FEWEST_CONCEPTS, NO_PRIORS, PRIOR_FEATURES, group_log_ratio, prior_terms
from app.services.taxonomy_index import ConceptTable

SKILL, OCCUPATION = ConceptKind.SKILL, ConceptKind.OCCUPATION


def release() -> Taxonomy:
    """Two skills below a third, one of them needed twice, and two occupations of different groups."""
    return Taxonomy(
        name="invented",
        checksum="0" * 64,
        languages=("en", "fr"),
        concepts=(
            Concept("o:1", OCCUPATION, isco_group="2512"),
            Concept("o:2", OCCUPATION, isco_group="0110"),
            Concept("s:1", SKILL, reuse_level="transversal"),
            Concept("s:2", SKILL, reuse_level="sector-specific"),
            Concept("s:3", SKILL),
        ),
        labels=(
            Label("o:1", "en", LabelKind.PREFERRED, "developer"),
            Label("s:1", "en", LabelKind.PREFERRED, "work with others"),
            Label("s:1", "en", LabelKind.ALTERNATIVE, "cooperate"),
            Label("s:1", "fr", LabelKind.PREFERRED, "coopérer"),
        ),
        descriptions=(),
        relations=(
            Relation("o:1", RelationKind.ESSENTIAL, "s:2"),
            Relation("o:2", RelationKind.OPTIONAL, "s:2"),
            Relation("s:2", RelationKind.BROADER, "s:1"),
            Relation("s:3", RelationKind.BROADER, "s:1"),
        ),
    )


def signals(kind: ConceptKind, uri: str) -> dict[str, float]:
    table = ConceptTable(release(), kind)
    return dict(zip(PRIOR_FEATURES, table.priors()[table.row_of[uri]].tolist(), strict=True))


def test_a_release_says_what_is_meant_often() -> None:
    wide, needed = signals(SKILL, "s:1"), signals(SKILL, "s:2")
    assert wide["labels"] == pytest.approx(math.log(1 + 3 / 2))  # three in two languages
    assert wide["narrower"] == pytest.approx(math.log(3))
    assert wide["is_transversal"] == 1.0
    assert needed["needed"] == pytest.approx(math.log(3))
    assert needed["is_transversal"] == needed["narrower"] == needed["advertised"] == 0.0


def test_adverts_ask_for_developers_more_often_than_for_officers() -> None:
    assert signals(OCCUPATION, "o:1")["advertised"] == group_log_ratio("2512") > 0.0
    assert signals(OCCUPATION, "o:2")["advertised"] == group_log_ratio("0110") < 0.0


@pytest.mark.parametrize("code", ["", "25", "9999", "C2512"])
def test_what_is_no_unit_group_is_as_frequent_as_any(code: str) -> None:
    assert group_log_ratio(code) == 0.0


def test_a_prior_is_the_weighted_sum_of_its_signals() -> None:
    model = FusionModel({"words": 9.0, "needed": 2.0, "labels": 0.5}, 0.0, 1.0, 0.0, transversal_slope=0.25)
    priors = np.array([[1.0, 5.0, 3.0, 1.0, 1.0], [0.0, 5.0, 0.25, 0.0, -1.0]])
    terms = prior_terms(model, priors, 2)
    assert (terms.utility.tolist(), terms.certainty.tolist()) == ([6.5, 0.5], [0.25, 0.0])
    assert [each.tolist() for each in prior_terms(model, NO_PRIORS, 3)] == [[0.0] * 3] * 2


@pytest.mark.parametrize(("n_concepts", "expected"), [(8000, -math.log(2)), (4000, 0.0), (2000, math.log(2))])
def test_links_are_surer_among_fewer_concepts(n_concepts: int, expected: float) -> None:
    model = FusionModel({"words": 1.0}, 0.0, 1.0, 0.0, n_concepts=4000, size_slope=1.0)
    certainty = prior_terms(model, NO_PRIORS, n_concepts).certainty
    assert certainty.tolist() == pytest.approx([expected] * n_concepts)


def test_of_the_smallest_releases_no_more_is_known_than_of_small_ones() -> None:
    model = FusionModel({"words": 1.0}, 0.0, 1.0, 0.0, transversal_slope=0.5, n_concepts=4000, size_slope=1.0)
    priors = np.array([[0.0, 0.0, 0.0, 1.0, 0.0]])
    smallest = prior_terms(model, priors, 1).certainty[0]
    assert smallest == pytest.approx(math.log(4000 / FEWEST_CONCEPTS) + 0.5)


def test_priors_of_other_concepts_are_refused() -> None:
    model = FusionModel({"words": 1.0}, 0.0, 1.0, 0.0)
    with pytest.raises(ValueError, match="other concepts"):
        prior_terms(model, np.zeros((2, len(PRIOR_FEATURES))), 3)


LABELS = build_label_table(
    ["web developer", "land developer", "baker", "nurse"], [0, 1, 2, 3], [PREFERRED] * 4, ["en"] * 4
)


def frequent(row: int) -> np.ndarray:
    priors = np.zeros((4, len(PRIOR_FEATURES)))
    priors[row, PRIOR_FEATURES.index("advertised")] = 2.0
    return priors


@pytest.mark.parametrize("row", [0, 1])
def test_of_concepts_that_fit_equally_the_frequent_one_is_found(row: int) -> None:
    linker = Linker(LABELS, kind=OCCUPATION, prior_source=lambda: frequent(row))
    assert linker.candidates(["developer"], langs=["en"], k=1).of(0)[0][0] == row


def test_what_is_said_beats_what_is_frequent() -> None:
    linker = Linker(LABELS, kind=OCCUPATION, prior_source=lambda: frequent(0))
    assert linker.candidates(["lamd developer"], langs=["en"], k=1).of(0)[0][0] == 1
    ((concept, _, method),) = linker.link(["land developer"], langs=["en"]).of(0)
    assert (concept, method) == (1, LinkMethod.EXACT_PREFERRED)


def test_a_search_keeps_apart_the_models_it_is_asked_with() -> None:
    search = Search(build_label_index(LABELS), frequent(1))
    words = FusionModel({"words": 1.0}, 0.0, 1.0, 0.0)
    both = FusionModel({"words": 1.0, "advertised": 1.0}, 0.0, 1.0, 0.0)
    for model, first in ((words, 0), (both, 1), (words, 0)):
        found, fused = search.best(model, ["developer"], [1], 1)
        assert found.concept_row[0, fused.order[0, 0]] == first
