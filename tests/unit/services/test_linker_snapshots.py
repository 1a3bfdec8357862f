"""Linking tables between two starts: opened where they fit, built anew where they do not."""

import os
from pathlib import Path

import numpy as np
import pytest

from app.domain.enums import ConceptKind
from app.matching import link
from app.matching.link import Linker
from app.services import linker_snapshots
from app.services.linker_snapshots import LinkerSnapshots
from app.services.taxonomy_index import TaxonomyIndex
from app.taxonomy import starter_taxonomy

PHRASES = ["weldng of pipes", "drive a lorry", "python", "zzzz"]


@pytest.fixture
def small_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linker_snapshots, "LEAST_LABELS", 0)


def make_linker(folder: Path) -> Linker:
    return TaxonomyIndex(starter_taxonomy(), snapshots=LinkerSnapshots(folder)).skill_linker


def assert_links_like(ours: Linker, theirs: Linker) -> None:
    left, right = ours.candidates(PHRASES), theirs.candidates(PHRASES)
    for name in left._fields:
        assert np.array_equal(getattr(left, name), getattr(right, name)), name


@pytest.mark.usefixtures("small_is_enough")
def test_the_next_process_builds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = make_linker(tmp_path)
    built.candidates(PHRASES)

    def refuse(*_: object) -> None:
        raise AssertionError("the tables lay ready")

    monkeypatch.setattr(link, "built_index", refuse)
    opened = make_linker(tmp_path)
    assert_links_like(opened, built)


@pytest.mark.usefixtures("small_is_enough")
def test_damaged_tables_are_built_anew(tmp_path: Path) -> None:
    built = make_linker(tmp_path)
    built.candidates(PHRASES)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    assert_links_like(make_linker(tmp_path), built)
    assert path.read_bytes() == whole


@pytest.mark.usefixtures("small_is_enough")
def test_the_longest_unopened_are_dropped(tmp_path: Path) -> None:
    snapshots = LinkerSnapshots(tmp_path)
    linker = TaxonomyIndex(starter_taxonomy()).skill_linker
    search, _ = linker._ready
    for number in range(8):
        name = f"linker-{number}.bin"
        snapshots.keep(name, linker.labels, search._index)
        os.utime(tmp_path / name, (number, number))
    snapshots.keep("linker-8.bin", linker.labels, search._index)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"linker-{n}.bin" for n in range(3, 9)]


def test_other_content_has_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = LinkerSnapshots(tmp_path).name
    names = {name("a", ConceptKind.SKILL, ""), name("b", ConceptKind.SKILL, "")}
    names |= {name("a", ConceptKind.OCCUPATION, ""), name("a", ConceptKind.SKILL, "learned")}
    monkeypatch.setattr(linker_snapshots, "_code_digest", lambda: "other code")
    names.add(name("a", ConceptKind.SKILL, ""))
    assert len(names) == 5


def test_small_releases_are_not_kept(tmp_path: Path) -> None:
    make_linker(tmp_path).candidates(PHRASES)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("small_is_enough")
def test_without_a_place_tables_are_built(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert len(make_linker(tmp_path / "file").candidates(PHRASES).concept_row) > 0
