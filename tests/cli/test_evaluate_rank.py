"""``talentbridge evaluate rank`` end to end."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Command
from tests.decided import decide_by_occupation
from tests.factories import NOW, make_partnership


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


def test_decisions_in_the_database_are_measured_by_language_and_sector(command: Command, tmp_path: Path):
    assert command("evaluate", "rank").code == 2
    filled(n_vacancies=4)
    found, page = tmp_path / "found.json", tmp_path / "found.md"
    ended = command("evaluate", "rank", "--reviews", "--json", found, "--markdown", page)
    assert ended.code == 0, ended.err
    assert "agreement then" in ended.out
    rows = {
        (row["group"], row["value"]): row for row in json.loads(found.read_text("utf-8"))["reviews"]["rows"]
    }
    assert set(rows) == {("all", "all"), ("lang", "en"), ("sector", "7")}
    row = rows["all", "all"]
    # Four vacancies, eight decisions on each: four put forward and four rejected.
    assert (row["n_decisions"], row["n_vacancies"], row["n_pairs"]) == (32, 4, 64)
    assert 0.5 < row["agreement_then"]["value"] == row["agreement_now"]["value"] < 1
    assert row["override_rate"]["value"] == row["n_overrides"] / 32
    assert "## Decisions of reviewers" in page.read_text("utf-8")


def test_too_few_decisions_have_counts_and_no_figure(command: Command, tmp_path: Path):
    filled(n_vacancies=2)
    ended = command("evaluate", "rank", "--reviews", "--json", tmp_path / "found.json")
    assert ended.code == 0, ended.err
    row = json.loads((tmp_path / "found.json").read_text("utf-8"))["reviews"]["rows"][0]
    assert (row["n_decisions"], row["n_pairs"], row["agreement_then"]["value"]) == (16, 32, None)
    assert row["override_rate"]["value"] is None


def filled(n_vacancies: int) -> None:
    """A database with one partnership, whose reviewers decided on some vacancies."""
    from app.cli.storage import database_url, open_database
    from app.db import upgrade_database
    from app.services.taxonomy import import_release
    from app.services.taxonomy_cache import TaxonomyIndexCache
    from app.taxonomy import read_starter

    upgrade_database(database_url())
    with open_database() as database:
        with database.session() as session:
            import_release(session, read_starter(), now=NOW)
            partnership = make_partnership(session)
        decide_by_occupation(database.session, TaxonomyIndexCache(), partnership, n_vacancies=n_vacancies)
