import json
from pathlib import Path

import pytest

from app.services.evaluation_systems import SYSTEMS
from tests.cli.conftest import Command

JUDGED = Path(__file__).parents[3] / "shared" / "judged" / "linking"
ESCO = Path(__file__).parents[3] / "shared" / "esco" / "v1.1.1"
needs_judged = pytest.mark.skipif(
    not (JUDGED.is_dir() and ESCO.is_dir()),
    reason="the judged sets and ESCO are not beside the checkout (../shared/judged, ../shared/esco)",
)


def test_generated_sets_are_measured_end_to_end(command: Command, tmp_path: Path):
    found, page = tmp_path / "found.json", tmp_path / "found.md"
    ended = command(
        *("evaluate", "link", "generated", "--limit", 5, "--lang", "en", "--lang", "fr"),
        *("--json", found, "--markdown", page),
    )
    assert ended.code == 0, ended.err
    assert "held-out/skill/fr" in ended.out
    assert "ours" in ended.out
    report = json.loads(found.read_text("utf-8"))
    assert report["release"] == "starter-1"
    measured = {(row["set"], row["system"]) for row in report["rankings"]}
    for family in ("held-out", "typos-1", "typos-2", "order", "padding"):
        for system in SYSTEMS:
            if system not in report["unavailable"]:
                assert (f"{family}/skill/fr", system) in measured
    assert {row["lang"] for row in report["rankings"]} == {"en", "fr"}
    text = page.read_text("utf-8")
    assert "## typos-1/occupation/en: occupations, en" in text
    assert text.count("| ours |") == len({row["set"] for row in report["rankings"]})


def test_two_runs_differ_in_nothing_but_times(command: Command, tmp_path: Path):
    words = (
        "evaluate",
        "link",
        "typos-2",
        "--limit",
        5,
        "--lang",
        "de",
        "--systems",
        "ours,fusion",
        "--json",
    )
    reports = []
    for _ in range(2):
        ended = command(*words, "-")
        report = json.loads(ended.out)
        for row in report["rankings"]:
            del row["batch_ms"], row["single_ms"]
        reports.append(report)
    assert reports[0] == reports[1]


def test_a_file_of_ones_own_is_measured(command: Command, tmp_path: Path):
    lines = [
        {"id": "1", "text": "weld with MIG/MAG equipment", "gold": [welding(command)], "lang": "en"},
        {"id": "2", "text": "free lunch", "gold": [], "lang": "en"},
    ]
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    ended = command("evaluate", "link", path, "--systems", "ours", "--json", "-")
    report = json.loads(ended.out)
    assert ended.code == 0
    assert report["rankings"][0]["figures"]["MRR"]["value"] == 1.0
    assert report["abstentions"][0]["recall"] == 1.0
    shown = command("evaluate", "link", path, "--systems", "ours").out
    assert "Abstention, mine: en" in shown
    assert "Reliability of the linker's scores, abstention, mine: en" in shown
    assert "0.9–1.0" in shown


def welding(command: Command) -> str:
    """URI of a skill of the starter taxonomy."""
    phrase = Path("phrase.jsonl")
    phrase.write_text('{"id": "1", "text": "weld with MIG/MAG equipment", "kind": "skill"}\n')
    return json.loads(command("link", phrase).out)["links"][0]["concept_uri"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"id": "1", "text": "weld"}', "row 1, /gold"),
        ('{"id": "1", "text": "weld", "gold": ["x"]}', "row 1, /gold/0"),
        ("{", "row 1"),
        ("", "empty"),
    ],
)
def test_a_bad_set_is_refused_with_its_place(command: Command, tmp_path: Path, content, message):
    path = tmp_path / "bad.jsonl"
    path.write_text(content)
    ended = command("evaluate", "link", path)
    assert ended.code == 2
    assert "bad.jsonl" in ended.err
    assert message in ended.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nowhere.jsonl",), "held-out"),
        (("order", "--systems", "lucene"), "Choose from ours"),
        (("order", "--lang", "xx"), "ISO 639-1"),
        (("order", "--lang", "sv"), "no text"),
    ],
)
def test_wrong_words_are_answered_with_the_right_ones(command: Command, words, message):
    ended = command("evaluate", "link", *words)
    assert ended.code == 2
    assert message in ended.err


def test_a_set_named_twice_is_refused(command: Command, tmp_path: Path):
    path = tmp_path / "mine.jsonl"
    path.write_text('{"id": "1", "text": "weld", "gold": []}\n')
    assert "Two sets" in command("evaluate", "link", path, path).err


@needs_judged
def test_judged_sets_are_measured_on_esco(command: Command):
    ended = command(
        *("evaluate", "link", JUDGED / "tech_span_val.jsonl.gz", JUDGED / "tech_nil_val.jsonl.gz"),
        *("--taxonomy", ESCO, "--systems", "ours,exact,tfidf-char", "--limit", 40, "--json", "-"),
    )
    assert ended.code == 0, ended.err
    report = json.loads(ended.out)
    mrr = {row["system"]: row["figures"]["MRR"]["value"] for row in report["rankings"]}
    assert mrr["exact"] < mrr["tfidf-char"] < 1
    assert mrr["exact"] < mrr["ours"] < 1
    (ours,) = [row for row in report["abstentions"] if row["system"] == "ours"]
    assert ours["auc"]["value"] > 0.6
