"""Judged rankings as folders."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from app.domain.ranking_sets import PoolMode
from app.errors import InvalidInput
from app.intake.ranking_sets import ranking_folders, read_ranking_set

QUERIES = [{"id": "q1", "text": "Welder\nWe weld.", "lang": "en"}, {"id": "q2", "text": "Baker"}]
DOCS = [{"id": "d1", "text": "I weld", "category": "metal"}, {"id": "d2", "text": "I bake", "lang": "fr"}]
META = {"name": "mine", "mode": "full", "relevant_gain": 2, "lang": "de"}


def write(
    folder: Path, *, packed: bool = False, qrels: str = "q1\td1\t3\nq1\td2\t0\n", meta: object = META
) -> Path:
    folder.mkdir(exist_ok=True)
    for name, rows in (("queries.jsonl", QUERIES), ("docs.jsonl", DOCS)):
        content = "".join(json.dumps(row) + "\n" for row in rows).encode()
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / name).write_bytes(content)
    (folder / "qrels.tsv").write_text(qrels)
    if meta is not None:
        (folder / "meta.json").write_text(json.dumps(meta))
    return folder


@pytest.mark.parametrize("packed", [False, True])
def test_a_set_is_read_packed_or_not(tmp_path: Path, packed: bool):
    found = read_ranking_set(write(tmp_path / "set", packed=packed))
    assert (found.name, found.mode, found.relevant_gain) == ("mine", PoolMode.FULL, 2.0)
    assert [each.id for each in found.queries] == ["q1"]  # nobody judged anyone for q2
    assert [(each.id, each.lang, each.category) for each in found.docs] == [
        ("d1", "de", "metal"),
        ("d2", "fr", ""),
    ]
    assert found.gains == {"q1": {"d1": 3.0, "d2": 0.0}}


def test_without_meta_the_judged_are_ranked_and_any_gain_is_suitable(tmp_path: Path):
    found = read_ranking_set(write(tmp_path / "bare", meta=None))
    assert (found.name, found.mode, found.relevant_gain) == ("bare", PoolMode.JUDGED, 1.0)
    assert found.docs[0].lang is None


def test_a_remark_in_place_of_a_language_is_no_language(tmp_path: Path):
    found = read_ranking_set(write(tmp_path / "set", meta={"lang": "en (German platform)"}))
    assert found.docs[0].lang is None


def test_folders_are_found_one_level_down(tmp_path: Path):
    (tmp_path / "notes").mkdir()
    second, first = write(tmp_path / "b"), write(tmp_path / "a")
    assert ranking_folders(tmp_path) == [first, second]
    assert ranking_folders(first) == [first]
    with pytest.raises(InvalidInput, match="holds no judged ranking"):
        ranking_folders(tmp_path / "notes")
    with pytest.raises(InvalidInput, match="no folder"):
        ranking_folders(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("qrels", "message"),
    [
        ("q1\tnobody\t1\n", "line 1"),
        ("q1\td1\t1\nq1\td1\t2\n", "judged before"),
        ("q1\td1\t-1\n", "at least 0"),
        ("q1\td1\tnan\n", "at least 0"),
        ("q1 d1 1\n", "with tabs"),
        ("\n", "is empty"),
    ],
)
def test_faulty_judgements_refuse_the_set(tmp_path: Path, qrels: str, message: str):
    with pytest.raises(InvalidInput, match=message):
        read_ranking_set(write(tmp_path / "set", qrels=qrels))


def test_an_unknown_mode_refuses_the_set(tmp_path: Path):
    with pytest.raises(InvalidInput, match="mode must be judged or full"):
        read_ranking_set(write(tmp_path / "set", meta={"mode": "some"}))
