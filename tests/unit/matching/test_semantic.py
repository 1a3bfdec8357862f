import subprocess
import sys

import numpy as np
import pytest

from app.domain.enums import ConceptKind
from app.matching.candidates import FEATURES, Candidates, plain_candidates
from app.matching.compiled import Search
from app.matching.fusion import FusionModel, best_columns, utilities
from app.matching.label_index import build_label_index
from app.matching.labels import ALTERNATIVE, PREFERRED, build_label_table
from app.matching.link import Linker
from app.matching.semantic import (
    SEMANTIC_FEATURES,
    SemanticChannel,
    SemanticSearch,
    _first,
    concept_embeddings,
    embedded_texts,
    semantic_space,
    whole_vectors,
)

LABELS = build_label_table(
    ["welding", "weld metal", "baking bread", "boulangerie", "pipe fitting"],
    [0, 0, 1, 1, 2],
    [PREFERRED, ALTERNATIVE, PREFERRED, ALTERNATIVE, PREFERRED],
    ["en", "en", "en", "fr", "en"],
)
INDEX = build_label_index(LABELS)
EVEN = np.zeros(INDEX.n_concepts)
DIRECTIONS = {
    "welding": (1, 0, 0, 0),
    "weld metal": (0.8, 0.6, 0, 0),
    "baking bread": (0, 0, 1, 0),
    "pipe fitting": (0, 0, 0, 1),
}
PHRASES = {
    "soudage": (0.6, 0.8, 0, 0),
    "oven work": (0, 0, 0.9, 0.1),
    "welding": (1, 0, 0, 0),
    "xyz": (0, -1, 0, 0),
}


def unit(vector) -> np.ndarray:
    return np.array(vector, dtype=np.float32) / np.float32(np.linalg.norm(vector))


def channel(embed=None) -> SemanticChannel:
    texts = [LABELS.texts[row] for row in embedded_texts(LABELS).tolist()]
    embeddings = np.stack([unit(DIRECTIONS[text]) for text in texts])
    concepts = concept_embeddings(LABELS, 3, embeddings, np.zeros((3, 4), dtype=np.float32))
    space = semantic_space(LABELS, whole_vectors(embeddings), whole_vectors(concepts))
    return SemanticChannel(space, embed or (lambda phrase: unit(PHRASES[phrase])))


def test_only_labels_of_the_models_language_are_embedded():
    assert [LABELS.texts[row] for row in embedded_texts(LABELS)] == [
        "baking bread",
        "pipe fitting",
        "weld metal",
        "welding",
    ]
    assert channel().space.vector_row[LABELS.texts.index("boulangerie")] == -1


def test_a_concept_is_the_mean_of_its_labels_and_its_description():
    embeddings = np.stack([unit(DIRECTIONS[LABELS.texts[row]]) for row in embedded_texts(LABELS).tolist()])
    descriptions = np.zeros((3, 4), dtype=np.float32)
    descriptions[0] = (0, 0, 0.5, 0)
    found = concept_embeddings(LABELS, 3, embeddings, descriptions)
    assert found[0] == pytest.approx([*unit((1.8, 0.6))[:2], 0.5, 0], abs=1e-6)
    assert found[1] == pytest.approx([0, 0, 1, 0])


def test_whole_vectors_have_one_scale_each_and_zeros_stay():
    found = whole_vectors(np.array([[0.1, -0.2], [0, 0], [1, 0]], dtype=np.float32))
    assert found.tolist() == [[64, -127], [0, 0], [127, 0]]


def test_a_concept_that_shares_no_word_becomes_a_candidate():
    plain = Search(INDEX)(["soudage"], [0])[1]
    assert 0 not in plain.concept_row[0, : plain.n_found[0]].tolist()
    _, found = SemanticSearch(INDEX, channel())(["soudage"], [0])
    concepts = found.concept_row[0, : found.n_found[0]].tolist()
    assert 0 in concepts
    assert concepts == sorted(set(concepts))


def test_the_signals_are_cosines_with_the_nearest_label_and_the_concept():
    _, found = SemanticSearch(INDEX, channel())(["soudage"], [0])
    place = found.concept_row[0, : found.n_found[0]].tolist().index(0)
    label, concept = found.features[0, place, len(FEATURES) :]
    assert label == pytest.approx(0.96, abs=0.01)
    assert concept == pytest.approx(float(unit((0.6, 0.8)) @ unit((1.8, 0.6))), abs=0.01)


def test_what_the_search_finds_by_itself_keeps_its_signals():
    encoded, wide = SemanticSearch(INDEX, channel())(["welding", "oven work"], [0, 0])
    plain = plain_candidates(INDEX, encoded)
    for row in range(2):
        known = wide.concept_row[row, : wide.n_found[row]].tolist()
        for place, concept in enumerate(plain.concept_row[row, : plain.n_found[row]].tolist()):
            there = known.index(concept)
            assert wide.entry_row[row, there] == plain.entry_row[row, place]
            assert (wide.features[row, there, : len(FEATURES)] == plain.features[row, place]).all()


def test_signals_of_an_added_candidate_are_those_the_search_would_give():
    """Every concept is found by words or added; with the search emptied, all are added."""
    encoded, wide = SemanticSearch(INDEX, channel(lambda _: unit((1, 1, 1, 1))))(["welding"], [0])
    assert wide.n_found[0] == 3
    plain = plain_candidates(INDEX, encoded)
    assert plain.n_found[0] == 1
    empty = plain._replace(n_found=np.zeros(1, np.int32))
    search = SemanticSearch(INDEX, channel(lambda _: unit((1, 1, 1, 1))))
    search._search = lambda *_: (encoded, empty)  # type: ignore[assignment]
    _, added = search(["welding"], [0])
    assert (added.features == wide.features).all()
    assert (added.entry_row == wide.entry_row).all()


def test_a_phrase_unlike_everything_adds_nothing():
    _, found = SemanticSearch(INDEX, channel())(["xyz"], [0])
    assert found.n_found.tolist() == [0]


def test_neither_the_batch_nor_its_order_matters():
    search = SemanticSearch(INDEX, channel())
    phrases = [*PHRASES] * 40
    together = search(phrases, [0] * len(phrases))[1]
    for row, phrase in enumerate(phrases[:4]):
        alone = search([phrase], [0])[1]
        for name in Candidates._fields:
            many, one = getattr(together, name), getattr(alone, name)
            assert (many[row] == one[0]).all()
            assert (many[row + 156] == one[0]).all()


def test_vectors_of_other_labels_are_refused():
    other = build_label_table(["welding", "astronomy"], [0, 1], [PREFERRED, PREFERRED], ["en", "en"])
    with pytest.raises(ValueError, match="4 embeddings for 2 labels"):
        semantic_space(other, channel().space.text_vectors, channel().space.concept_vectors)
    with pytest.raises(ValueError, match="belong to other labels"):
        SemanticSearch(build_label_index(other), channel())


def test_utility_and_order_count_the_wider_signals():
    _, found = SemanticSearch(INDEX, channel())(["soudage"], [0])
    model = FusionModel({"semantic_label": 2.0, "words": 1.0}, 0.0, 1.0, 0.0)
    utility = utilities(model, found, EVEN, SEMANTIC_FEATURES)[0]
    columns = [SEMANTIC_FEATURES.index(name) for name in ("semantic_label", "words")]
    expected = found.features[0, :, columns[0]] * 2 + found.features[0, :, columns[1]]
    n = int(found.n_found[0])
    assert utility[:n] == pytest.approx(expected[:n])
    assert np.isneginf(utility[n:]).all()
    order, ordered = best_columns(model, found, EVEN, 2, SEMANTIC_FEATURES)
    assert ordered[0].tolist() == sorted(utility.tolist(), reverse=True)[:2]
    assert found.concept_row[0, order[0, 0]] == 0


def linkers() -> tuple[Linker, Linker]:
    """A linker without the channel, and one with it."""
    return (
        Linker(LABELS, kind=ConceptKind.SKILL, index=INDEX),
        Linker(LABELS, kind=ConceptKind.SKILL, index=INDEX, semantic_source=lambda _: channel()),
    )


def test_a_linker_with_the_channel_finds_what_it_could_not():
    without, with_channel = linkers()
    assert 0 not in [link[0] for link in without.candidates(["soudage"], langs=["en"]).of(0)]
    assert with_channel.candidates(["soudage"], langs=["en"], k=1).of(0)[0][0] == 0
    assert with_channel.link(["welding"], langs=["en"]).of(0) == without.link(["welding"], langs=["en"]).of(0)


def test_phrases_that_the_model_does_not_read_link_as_without_it():
    without, with_channel = linkers()
    phrases = ["bakin", "oven work", "weld pipes", "soudage"]
    langs = ["fr", "en", None, "xx"]
    mixed = with_channel.candidates(phrases, langs=langs)
    plain = without.candidates(phrases, langs=langs)
    for row in (0, 2, 3):
        assert mixed.of(row) == plain.of(row)
    assert mixed.of(1) == with_channel.candidates(["oven work"], langs=["en"]).of(0) != plain.of(1)
    none_read = with_channel.candidates(phrases, langs=["fr"] * 4)
    assert [array.tolist() for array in none_read] == [
        array.tolist() for array in without.candidates(phrases, langs=["fr"] * 4)
    ]


def test_nothing_of_the_channel_is_imported_where_it_is_off():
    code = (
        "import sys, app.main, app.cli.main, app.services.linking, app.services.taxonomy_cache\n"
        "from app.main import create_app; from app.config import Settings\n"
        "create_app(Settings(_env_file=None, database_url='sqlite://', semantic_model=''))\n"
        "names = ('app.matching.semantic', 'app.services.semantic_spaces', 'app.services.sentence_models',\n"
        "    'app.matching.semantic_models', 'app.matching.baselines.sentence_encoder')\n"
        "sys.exit(', '.join(name for name in names if name in sys.modules) or None)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_the_nearest_are_the_largest_and_of_equal_ones_the_first_rows():
    scores = np.array([0.5, -1.0, 0.9, 0.5, 0.0, 0.5, 0.7])
    assert _first(scores, 3).tolist() == [2, 6, 0]
    assert _first(scores, 4).tolist() == [2, 6, 0, 3]
    assert _first(scores, 9).tolist() == [2, 6, 0, 3, 5]
