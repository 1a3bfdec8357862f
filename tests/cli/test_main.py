import json
import os
import subprocess
import sys

import pytest

from app.cli.main import _COMMANDS

HEAVY = {
    "sklearn",
    "scipy",
    "numpy",
    "sqlalchemy",
    "alembic",
    "numba",
    "pandas",
    "fastapi",
    "babel",
    "rich",
}

# Runs command lines in one process and prints how they ended and what is imported then.
PROBE = """
import json, sys
from app.cli.main import run
codes = [run(words) for words in json.loads(sys.argv[1])]
print("\\n" + json.dumps([codes, sorted({name.partition(".")[0] for name in sys.modules})]))
"""

GROUPS = {
    "import": ["vacancies", "cohort"],
    "export": ["matches"],
    "keys": ["create"],
    "admin": ["create"],
    "db": ["upgrade"],
}


def test_help_of_every_command_loads_nothing_heavy():
    words = [["--help"], *([name, "--help"] for name in _COMMANDS)]
    words += [[group, name, "--help"] for group, names in GROUPS.items() for name in names]
    # One process for all: what none of them imports, no single one does.
    ended = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(words)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    codes, loaded = json.loads(ended.stdout.splitlines()[-1])
    assert codes == [0] * len(words)
    assert set(loaded) & HEAVY == set()


def test_the_overview_names_every_command(command):
    ended = command("--help")
    assert ended.code == 0
    for name in _COMMANDS:
        assert f"  {name} " in ended.out


def test_version_is_printed(command):
    assert command("--version").out.startswith("talentbridge ")


def test_a_mistyped_command_is_answered_with_the_nearest(command):
    ended = command("mtach")
    assert ended.code == 2
    assert "Did you mean 'match'?" in ended.err


def test_an_unknown_command_or_option_is_bad_input(command):
    assert command("frobnicate").code == 2
    assert command("match", "--frobnicate").code == 2


def test_an_unexpected_error_shows_its_kind_and_not_its_message(command, monkeypatch):
    def fail(*_args, **_kwargs):
        raise ValueError("Fictive Person")

    monkeypatch.setattr("app.intake.read.read_vacancies", fail)
    ended = command("match", "a", "b")
    assert ended.code == 1
    assert "ValueError" in ended.err
    assert "--debug" in ended.err
    assert "Fictive" not in ended.err
    with pytest.raises(ValueError, match="Fictive"):
        command("match", "a", "b", "--debug")


def test_an_interruption_is_no_crash(command, monkeypatch):
    def interrupt(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("app.intake.read.read_vacancies", interrupt)
    assert command("match", "a", "b").code == 130
