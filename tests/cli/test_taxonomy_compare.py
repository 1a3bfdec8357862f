"""``talentbridge taxonomy compare`` on the starter taxonomy and an edited copy of it."""

from __future__ import annotations

import csv
import json
import shutil
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import pytest

from app.samples import sample_path
from tests.cli.conftest import Command

GONE = "urn:talentbridge:starter:skill:mig-mag-welding"
RENAMED = ("urn:talentbridge:starter:skill:tig-welding", "weld with tungsten electrodes")


class Pair(NamedTuple):
    before: Path
    after: Path


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The starter taxonomy, and a copy without one skill and with another renamed."""
    root = tmp_path_factory.mktemp("releases")
    made = Pair(root / "v1.0", root / "v2.0")
    with resources.as_file(resources.files("app.taxonomy") / "starter") as starter:
        for folder in made:
            shutil.copytree(
                starter, folder, ignore=lambda _folder, names: {n for n in names if not n.endswith(".csv")}
            )
    for path in sorted(made.after.iterdir()):
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        rows = [row for row in rows if GONE not in row]
        if path.name == "skills_en.csv":
            for row in rows:
                if row[header.index("conceptUri")] == RENAMED[0]:
                    row[header.index("preferredLabel")] = RENAMED[1]
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
    return made


def test_the_taxonomy_part_is_printed_as_markdown(command: Command, pair: Pair) -> None:
    ended = command("taxonomy", "compare", pair.before, pair.after)
    assert ended.code == 0, ended.err
    assert ended.out.startswith("# From esco-1.0 to esco-2.0\n")
    assert "### Concepts gone: skill (1)" in ended.out
    assert f"<{GONE}>" in ended.out
    assert f"→ {RENAMED[1]}" in ended.out
    assert "vacancies" not in ended.out
    assert "Compared esco-1.0 with esco-2.0" in ended.err


def test_records_of_files_tell_links_claims_and_why(command: Command, pair: Pair, tmp_path: Path) -> None:
    records = ["--vacancies", sample_path("vacancies.jsonl"), "--candidates", sample_path("cohort.csv")]
    report = tmp_path / "report.json"
    assert command("taxonomy", "compare", pair.before, pair.after, *records, "-o", report).code == 0
    document = json.loads(report.read_text("utf-8"))
    assert document["taxonomy"]["counts"]["gone.skill"] == 1
    found = document["records"]
    assert (found["n_vacancies"], found["n_candidates"], found["k"]) == (8, 56, 10)
    lost = [change for change in found["links"] if change["before"] and change["before"]["uri"] == GONE]
    assert lost
    assert found["counts"]["claims_disappearing"] == len(
        [claim for claim in found["claims"] if claim["side"] == "disappearing"]
    )
    assert {claim["reason"] for claim in found["claims"] if claim["uri"] == GONE} == {"concept_gone"}

    aliases = tmp_path / "aliases.jsonl"
    alias = {"phrase": "Punktschweißen", "lang": "de", "kind": "skill", "concept_uri": GONE}
    aliases.write_text(json.dumps(alias) + "\n", "utf-8")
    records += ["--aliases", aliases]
    assert command("taxonomy", "compare", pair.before, pair.after, *records, "-o", report).code == 0
    [lost_alias] = json.loads(report.read_text("utf-8"))["records"]["aliases_lost"]
    assert (lost_alias["phrase"], lost_alias["uri"]) == ("Punktschweißen", GONE)

    first = report.read_bytes()
    assert command("taxonomy", "compare", pair.before, pair.after, *records, "-o", report).code == 0
    assert report.read_bytes() == first

    markdown = tmp_path / "report.md"
    assert command("taxonomy", "compare", pair.before, pair.after, *records, "-o", markdown).code == 0
    text = markdown.read_text("utf-8")
    assert "## 8 vacancies, 56 candidates" in text
    assert "phrases are linked otherwise" in text
    assert "the concept is gone" in text


def test_stored_records_are_compared_with_candidates_under_pseudonyms(
    command: Command, pair: Pair, tmp_path: Path
) -> None:
    kept = tmp_path / "test.sqlite3"
    assert command("demo", "--keep", kept).code == 0
    assert command("taxonomy", "import", pair.after, "--release", "starter-2").code == 0
    report = tmp_path / "report.json"
    ended = command("taxonomy", "compare", "starter-1", "starter-2", "--database", "-o", report)
    assert ended.code == 0, ended.err
    document = json.loads(report.read_text("utf-8"))
    assert document["taxonomy"]["before"]["name"] == "starter-1"
    assert document["records"]["n_vacancies"] == 8
    people = {claim["candidate_id"] for claim in document["records"]["claims"]}
    assert people
    assert all(person.startswith("C-") for person in people)


def test_a_taxonomy_and_itself_say_that_nothing_changes(command: Command, pair: Pair) -> None:
    ended = command("taxonomy", "compare", pair.before, pair.before)
    assert "Nothing changes." in ended.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--vacancies", "v.jsonl"], "both --vacancies and --candidates"),
        (["--database", "--vacancies", "v", "--candidates", "c"], "either the files or --database"),
        (["--aliases", "a.csv"], "--aliases goes with"),
        (["-o", "report.csv"], ".json or .md"),
    ],
)
def test_options_that_do_not_fit_are_refused_before_anything_is_read(
    command: Command, words: list[str], told: str
) -> None:
    ended = command("taxonomy", "compare", "no-such", "none", *words)
    assert ended.code == 2
    assert told in ended.err


def test_a_release_nobody_has_is_named(command: Command, pair: Pair) -> None:
    ended = command("taxonomy", "compare", pair.before, "esco-9.9")
    assert ended.code == 2
    assert "There is no database" in ended.err
