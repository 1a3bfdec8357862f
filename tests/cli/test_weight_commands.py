"""Weights at the command line: two persons in a database, and a file in file mode."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.matching.weights import DEFAULT_WEIGHTS
from app.services.weight_profiles import label_of
from tests.cli.conftest import Command
from tests.cli.test_evaluate_rank import filled


@pytest.fixture
def second(migrated: None, command: Command, tmp_path: Path) -> Path:
    """A database with one partnership; gives the file that holds an administrator's key."""
    ended = command("keys", "create", "admin", "--partnership", "P", "--new", "--test")
    assert ended.code == 0, ended.err
    path = tmp_path / "second.key"
    path.write_text(ended.out)
    return path


def write(path: Path, values: object) -> Path:
    path.write_text(json.dumps(values))
    return path


def test_the_operator_proposes_and_a_key_approves(command: Command, tmp_path: Path, second: Path) -> None:
    values = write(tmp_path / "values.json", {"title": 3, "parts": {"text": 0.2}})
    assert label_of(DEFAULT_WEIGHTS) in command("weights", "list").err
    ended = command("weights", "propose", "--values", values, "--reason", "to try")
    assert ended.code == 0, ended.err
    row_id = ended.out.strip()
    assert "own-1" in ended.err

    own = command("weights", "approve", row_id)
    assert (own.code, "second person" in own.err) == (2, True)
    assert command("weights", "approve", row_id, "--as", second).code == 0
    listed = command("weights", "list")
    assert listed.out.splitlines()[1].split("\t")[:3] == [row_id, "own-1", "approved"]
    assert listed.err == ""

    shown = json.loads(command("weights", "show").out)
    assert (shown["name"], shown["title"], shown["parts"]["text"]) == ("own", 3.0, 0.2)
    assert json.loads(command("weights", "show", row_id).out) == shown
    assert command("weights", "withdraw", row_id).code == 0
    assert json.loads(command("weights", "show").out) == DEFAULT_WEIGHTS.as_dict()


def test_weights_fitted_to_decisions_are_shown_and_only_proposed(command: Command) -> None:
    filled(n_vacancies=12)
    ended = command("weights", "propose", "--reason", "the decisions of spring")
    assert ended.code == 0, ended.err
    for told in ("96 decisions on 12 vacancies", "parts.occupation", "held out", "What would move"):
        assert told in ended.err
    row_id = ended.out.strip()
    assert command("weights", "list").out.splitlines()[1].split("\t")[:3] == [row_id, "own-1", "proposed"]
    assert json.loads(command("weights", "show").out) == DEFAULT_WEIGHTS.as_dict()
    evidence = json.loads(command("weights", "show", row_id, "--evidence").out)
    assert evidence["from"] == label_of(DEFAULT_WEIGHTS)
    tried = command("weights", "propose", "--reason", "again", "--dry-run")
    assert (tried.code, tried.out) == (0, "")
    assert len(command("weights", "list").out.splitlines()) == 2


def test_too_few_decisions_are_refused(command: Command) -> None:
    filled(n_vacancies=2)
    ended = command("weights", "propose", "--reason", "too early")
    assert (ended.code, "at least 60 decisions" in ended.err) == (2, True)


def test_a_wrong_key_or_value_is_refused(command: Command, tmp_path: Path, second: Path) -> None:
    values = write(tmp_path / "values.json", {"title": 20})
    ended = command("weights", "propose", "--values", values, "--reason", "to try")
    assert ended.code == 2
    assert "/values/title: title must lie between 1 and 10." in ended.err
    (tmp_path / "no.key").write_text("tp_live_0_x")
    assert command("weights", "list", "--as", tmp_path / "no.key").code == 2
    assert command("weights", "list", "--as", tmp_path / "none").code == 2
    of_other = command("keys", "create", "admin", "--partnership", "Q", "--new", "--test")
    (tmp_path / "other.key").write_text(of_other.out)
    other = command("weights", "list", "--partnership", "P", "--as", tmp_path / "other.key")
    assert (other.code, "another partnership" in other.err) == (2, True)


def test_file_mode_ranks_by_the_weights_of_a_file(command: Command, tmp_path: Path) -> None:
    vacancy = write(tmp_path / "v.jsonl", {"id": "v", "title": "Helper", "skills": ["roasting"]})
    candidate = write(tmp_path / "c.jsonl", {"id": "c", "lang": "en", "skills": ["roasting"]})

    def score(*words: object) -> float:
        ended = command("match", vacancy, candidate, *words)
        assert ended.code == 0, ended.err
        return float(json.loads(ended.out)["matches"][0]["score"])

    as_built_in = write(tmp_path / "own.json", DEFAULT_WEIGHTS.as_dict())
    assert score("--weights", as_built_in) == score()
    generous = write(tmp_path / "own.json", {"evidence": dict.fromkeys(DEFAULT_WEIGHTS.evidence, 1.0)})
    assert score("--weights", generous) > score()
    bad = write(tmp_path / "own.json", {"parts": {"skills": -1}})
    refused = command("match", vacancy, candidate, "--weights", bad)
    assert (refused.code, "/parts/skills: parts must lie between 0 and 1." in refused.err) == (2, True)
    (tmp_path / "own.json").write_text("[]")
    assert command("match", vacancy, candidate, "--weights", tmp_path / "own.json").code == 2
