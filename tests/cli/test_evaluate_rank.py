"""``talentbridge evaluate rank`` end to end."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Command


def write_set(folder: Path) -> Path:
    folder.mkdir()
    queries = [{"id": f"q{n}", "text": "Welder\nMIG welding of pipes", "lang": "en"} for n in range(2)]
    docs = [
        {"id": "d1", "text": "Welder, MIG welding of pipes for years", "lang": "en"},
        {"id": "d2", "text": "Hairdresser with a salon", "lang": "en"},
    ]
    for name, rows in (("queries.jsonl", queries), ("docs.jsonl", docs)):
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "qrels.tsv").write_text("".join(f"q{n}\td1\t2\nq{n}\td2\t0\n" for n in range(2)))
    return folder


def test_systems_are_measured_side_by_side(command: Command, tmp_path: Path):
    folder = write_set(tmp_path / "mine")
    found, page = tmp_path / "found.json", tmp_path / "found.md"
    ended = command("evaluate", "rank", folder, "--json", found, "--markdown", page)
    assert ended.code == 0, ended.err
    assert "token-set" in ended.out
    report = json.loads(found.read_text("utf-8"))
    ours = report["rows"][0]
    assert (ours["system"], ours["figures"]["MAP"]["value"]) == ("ours", 1.0)
    assert report["weights"].startswith("standard ")
    assert "## mine" in page.read_text("utf-8")
    assert "does the order follow the length of the text?" in page.read_text("utf-8")


def test_a_folder_without_a_set_is_refused(command: Command, tmp_path: Path):
    ended = command("evaluate", "rank", tmp_path)
    assert ended.code == 2
    assert "holds no judged ranking" in ended.err


def test_two_sets_of_one_name_are_refused(command: Command, tmp_path: Path):
    folder = write_set(tmp_path / "mine")
    ended = command("evaluate", "rank", folder, folder)
    assert ended.code == 2
    assert "Two sets are called mine" in ended.err
