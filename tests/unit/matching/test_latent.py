"""The latent space: what is learned, and how it is kept."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.matching.label_index import LabelIndex, build_label_index
from app.matching.labels import ALTERNATIVE, PREFERRED, build_label_table
from app.matching.latent import N_DIMS, LatentConfig
from app.matching.latent_space import (
    LatentSpace,
    learn_latent_space,
    lengths,
    pack_space,
    to_whole,
    unpack_space,
)

# In each pair the first words mean the same; no label shares them within a concept.
PAIRS = [("lorry", "truck"), ("mend", "repair"), ("cook", "prepare"), ("tidy", "clean")]
THINGS = ["engine", "wheel", "soup", "bread", "room", "hall", "roof", "wall", "door", "gate", "pump", "valve"]


def make_index() -> LabelIndex:
    rows = [
        (f"{verb} {thing}", position, kind, "en")
        for position, (pair, thing) in enumerate((pair, thing) for pair in PAIRS for thing in THINGS)
        for verb, kind in zip(pair, (PREFERRED, ALTERNATIVE), strict=True)
    ]
    return build_label_index(build_label_table(*(list(column) for column in zip(*rows, strict=True))))


@pytest.fixture(scope="module")
def index() -> LabelIndex:
    return make_index()


@pytest.fixture(scope="module")
def space(index: LabelIndex) -> LatentSpace:
    return learn_latent_space(index, [""] * index.n_concepts, LatentConfig(least_batches=180, batch_size=16))


def cosine(index: LabelIndex, space: LatentSpace, left: str, right: str) -> float:
    a, b = (space.word_vectors[index.words.row_of[word]].astype(float) for word in (left, right))
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def test_words_that_name_the_same_things_come_to_lie_together(index: LabelIndex, space: LatentSpace) -> None:
    for left, right in PAIRS:
        others = [cosine(index, space, left, other) for pair in PAIRS for other in pair if left not in pair]
        assert cosine(index, space, left, right) > max(others)


def test_learning_twice_gives_the_same_bytes(index: LabelIndex, space: LatentSpace) -> None:
    again = learn_latent_space(index, [""] * index.n_concepts, LatentConfig(least_batches=180, batch_size=16))
    assert pack_space(again) == pack_space(space)


def test_what_is_kept_reads_back_equal(index: LabelIndex, space: LatentSpace) -> None:
    back = unpack_space(index, pack_space(space))
    for name in ("word_vectors", "ngram_vectors", "concept_vectors", "text_vectors", "text_norm"):
        assert np.array_equal(getattr(back, name), getattr(space, name))


def test_damaged_or_foreign_bytes_are_refused(index: LabelIndex, space: LatentSpace) -> None:
    data = pack_space(space)
    with pytest.raises(ValueError, match="cannot be read"):
        unpack_space(index, data[: len(data) // 2])
    with pytest.raises(ValueError, match="cannot be read"):
        unpack_space(index, b"not an archive")
    other = build_label_index(build_label_table(["weld pipes"], [0], [PREFERRED], ["en"]))
    with pytest.raises(ValueError, match="other labels"):
        unpack_space(other, data)


@given(st.data())
@settings(max_examples=60)
def test_changed_bytes_are_refused_or_change_nothing(
    index: LabelIndex, space: LatentSpace, data: st.DataObject
) -> None:
    packed = bytearray(pack_space(space))
    # The first array's header, the folder of the archive, and everything between.
    place = data.draw(st.one_of(st.integers(0, 300), st.integers(-700, -1), st.integers(0, len(packed) - 1)))
    packed[place] = data.draw(st.integers(0, 255))
    try:
        read = unpack_space(index, bytes(packed))
    except ValueError:
        return
    assert (read.word_vectors == space.word_vectors).all()
    assert (read.concept_vectors == space.concept_vectors).all()


def test_vectors_of_other_types_are_refused(index: LabelIndex, space: LatentSpace) -> None:
    of_floats = replace(space, word_vectors=space.word_vectors.astype(np.float64))
    with pytest.raises(ValueError, match="other types"):
        unpack_space(index, pack_space(of_floats))


def test_whole_vectors_keep_their_direction() -> None:
    vectors = np.array([[300, -150, 0], [0, 0, 0], [-5, 5, 1]], dtype=np.int64)
    whole = to_whole(vectors)
    assert whole.tolist() == [[127, -63, 0], [0, 0, 0], [-127, 127, 25]]
    assert lengths(whole)[1] == 1.0


def test_vectors_have_the_stated_shapes(index: LabelIndex, space: LatentSpace) -> None:
    assert space.word_vectors.shape == (len(index.words.words), N_DIMS)
    assert space.concept_vectors.shape == (index.n_concepts, N_DIMS)
    assert space.vectors_of_unknown(index.words, ["lorri", "qqqq"]).shape == (2, N_DIMS)
    assert not space.vectors_of_unknown(index.words, ["qqqq"]).any()
