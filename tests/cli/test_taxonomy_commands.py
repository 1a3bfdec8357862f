from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.unit.services.test_evaluation import write_model
from tests.unit.taxonomy.package import needs, skill, small_release, uri, write_folder, write_zip


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "v9.9", small_release())


def quirky(tmp_path: Path) -> Path:
    tables = small_release()
    tables["occupationSkillRelations"] = [needs("gone", name) for name in ("weld", "grind", "x", "y", "z")]
    return write_folder(tmp_path / "v9.9", tables)


def test_import_sets_up_an_empty_database_and_tells_what_came(command: Command, release: Path):
    ended = command("taxonomy", "import", release)
    assert ended.code == 0
    assert "Setting up the empty database" in ended.err
    shown = [line.split() for line in ended.out.splitlines()]
    assert ["skills", "2"] in shown
    assert ["ISCO", "groups", "1"] in shown
    assert ["occupation–skill", "relations", "2"] in shown
    assert ["labels", "en", "8"] in shown
    assert "No quirks in the files" in ended.out
    assert "Imported esco-9.9 with labels: 8 en" in ended.out
    assert "esco-9.9 is the default release" in ended.out
    assert "Took " in ended.out


def test_importing_again_says_no_change(command: Command, release: Path):
    command("taxonomy", "import", release)
    ended = command("taxonomy", "import", release)
    assert ended.code == 0
    assert "No change: esco-9.9 holds all of this already" in ended.out


def test_labels_are_added_to_a_named_release(command: Command, release: Path, tmp_path: Path):
    command("taxonomy", "import", release)
    rows = [{"conceptUri": uri("weld"), "preferredLabel": "souder", "altLabels": ""}]
    labels = write_folder(tmp_path / "labels", {"skills": rows}) / "skills.csv"
    ended = command("taxonomy", "import", labels, "--release", "esco-9.9", "--lang", "fr")
    assert ended.code == 0
    assert "Added labels to esco-9.9: 1 fr" in ended.out
    assert "en, fr" in command("taxonomy", "list").out


def test_a_second_release_becomes_the_default_when_asked(command: Command, release: Path):
    command("taxonomy", "import", release)
    ended = command("taxonomy", "import", release, "--release", "second")
    assert "Another release is the default; --default makes it second" in ended.out
    assert (
        "second is the default"
        in command("taxonomy", "import", release, "--release", "second", "--default").out
    )
    assert "second  (default)" in command("taxonomy", "list").out


def test_quirks_are_shown_by_kind_with_the_first_rows(command: Command, tmp_path: Path):
    ended = command("taxonomy", "import", quirky(tmp_path))
    assert ended.code == 0
    assert "5 quirks by kind, mended or left out; --issues FILE writes them all:" in ended.out
    assert "relation-unknown-concept: 5" in ended.out
    lines = [line for line in ended.out.splitlines() if line.startswith("    row ")]
    assert [line.split(":")[0].strip() for line in lines] == [f"row {n}, occupationUri" for n in (2, 3, 4)]


@pytest.mark.parametrize("name", ["quirks.csv", "quirks.jsonl"])
def test_every_quirk_is_written_to_a_file(command: Command, tmp_path: Path, name: str):
    path = tmp_path / name
    assert command("taxonomy", "import", quirky(tmp_path), "--issues", path).code == 0
    text = path.read_text(encoding="utf-8")
    rows = (
        list(csv.DictReader(text.splitlines()))
        if name.endswith("csv")
        else list(map(json.loads, text.splitlines()))
    )
    assert len(rows) == 5
    assert rows[0]["code"] == "relation-unknown-concept"
    assert int(rows[0]["row"]) == 2
    assert rows[0]["message"].startswith("occupationSkillRelations.csv: the relation names")


def test_a_zip_without_a_release_in_its_name_asks_for_one(command: Command, tmp_path: Path):
    ended = command("taxonomy", "import", write_zip(tmp_path / "download.zip", small_release()))
    assert ended.code == 2
    assert "Pass --release" in ended.err
    assert ended.out == ""


def test_a_bad_file_is_one_clear_block_and_exit_code_2(command: Command, tmp_path: Path):
    folder = tmp_path / "v9.9"
    folder.mkdir()
    (folder / "skills_en.csv").write_bytes("conceptUri,preferredLabel\nurn:x,é\n".encode("latin-1"))
    ended = command("taxonomy", "import", folder)
    assert ended.code == 2
    assert ended.err.splitlines()[-1] == (
        'Error: skills_en.csv, row 2: is not UTF-8 text. To mend it: save it as "CSV UTF-8".'
    )


def test_other_content_under_the_same_name_is_refused(command: Command, release: Path, tmp_path: Path):
    command("taxonomy", "import", release)
    other = write_folder(tmp_path / "v9.9-other", {"skills_en": [skill("weld", "join metal")]})
    ended = command("taxonomy", "import", other)
    assert ended.code == 2
    assert "esco-9.9 already has other texts in 'en'" in ended.err


def test_show_tells_counts_checksum_and_source(command: Command, release: Path):
    command("taxonomy", "import", release)
    ended = command("taxonomy", "show", "esco-9.9")
    assert ended.code == 0
    assert "Checksum " in ended.out
    assert "uses the ESCO classification of the European Commission" in ended.out
    missing = command("taxonomy", "show", "esco-1")
    assert missing.code == 2
    assert "No taxonomy release 'esco-1'. Imported: esco-9.9." in missing.err


def test_search_shows_labels_and_the_one_that_matched(command: Command, release: Path):
    command("taxonomy", "import", release)
    ended = command("taxonomy", "search", "join")
    assert ended.out.splitlines() == [f"weld metal  (join metal)  {uri('weld')}"]
    assert command("taxonomy", "search", "welder", "--kind", "occupation").out.startswith("welder  ")
    nothing = command("taxonomy", "search", "xyzzy", "--release", "esco-9.9")
    assert (nothing.code, nothing.out) == (0, "")
    assert "Nothing in esco-9.9" in nothing.err


def test_an_empty_database_says_how_to_begin(command: Command):
    command("db", "upgrade")
    assert "taxonomy import PATH" in command("taxonomy", "list").err
    ended = command("taxonomy", "search", "weld")
    assert ended.code == 2
    assert "taxonomy import PATH" in ended.err


def test_embedding_needs_a_model_to_be_named(
    command: Command, release: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("TALENTBRIDGE_SEMANTIC_MODEL", raising=False)
    command("taxonomy", "import", release)
    ended = command("taxonomy", "learn", "esco-9.9", "--semantic")
    assert ended.code == 2
    assert "The semantic channel is off. Set TALENTBRIDGE_SEMANTIC_MODEL" in ended.err


def test_labels_are_embedded_once_and_kept_in_the_cache_folder(
    command: Command, release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TALENTBRIDGE_SEMANTIC_MODEL", str(write_model(tmp_path / "model")))
    monkeypatch.setenv("TALENTBRIDGE_CACHE_DIR", str(tmp_path / "cache"))
    command("taxonomy", "import", release)
    assert "esco-9.9 is linked without it" in command("doctor").out
    ended = command("taxonomy", "learn", "esco-9.9", "--semantic")
    assert ended.code == 0, ended.err
    assert "Embedded the English labels of esco-9.9" in ended.out
    assert len(list((tmp_path / "cache").glob("semantic-*.bin"))) == 1
    shown = command("doctor").out
    assert "on, with the model" in shown
    assert "linked without it" not in shown
