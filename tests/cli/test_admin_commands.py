"""Accounts of staff at the command line, and the password asked for at a real terminal."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.cli.storage import open_database
from app.services.sign_in import SignInRefused, sign_in
from app.services.staff_sessions import resume_session
from tests.cli.conftest import Command, Ended

pytestmark = pytest.mark.usefixtures("migrated")

EMAIL, PASSWORD = "amal@invented.example", "rivet lemon tram"
ROOT = Path(__file__).parents[2]


def create(command: Command, monkeypatch: pytest.MonkeyPatch, *words: str, password: str = PASSWORD) -> Ended:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    person = ["--email", EMAIL, "--name", "Amal Invented", "--password-stdin"]
    return command("admin", "create", *person, *words)


def role_of(password: str) -> str | None:
    """The role with which this password signs in."""
    now = datetime.now(UTC)
    with open_database() as database:
        try:
            opened = sign_in(database.session, EMAIL, password, address="192.0.2.1", now=now)
        except SignInRefused:
            return None
        with database.session(write=False) as session:
            return resume_session(session, opened.token, now=now).actor.role


def test_the_first_admin_of_a_new_partnership_signs_in(command: Command, monkeypatch: pytest.MonkeyPatch):
    ended = create(command, monkeypatch, "--new", "--partnership", "P")

    assert (ended.code, ended.out) == (0, "")
    assert ended.err == f"{EMAIL} may sign in as admin of P.\n"
    assert role_of(PASSWORD) == "admin"
    assert role_of(PASSWORD + "s") is None


def test_accounts_have_other_roles_too(command: Command, monkeypatch: pytest.MonkeyPatch):
    assert create(command, monkeypatch, "--new", "--partnership", "P", "--role", "auditor").code == 0

    assert role_of(PASSWORD) == "auditor"


@pytest.mark.parametrize(
    ("words", "password", "told"),
    [
        (["--role", "employer"], PASSWORD, "organisations have API keys"),
        (["--email", "amal"], PASSWORD, "not an e-mail address"),
        (["--name", " "], PASSWORD, "1 to 100 printable characters"),
        ([], "short", "At least 12 characters"),
        ([], "", "At least 12 characters"),
        (["--partnership", "Q"], PASSWORD, "no partnership with this name"),
    ],
)
def test_what_is_not_taken_is_told_and_nothing_is_kept(
    command: Command, monkeypatch: pytest.MonkeyPatch, words: list[str], password: str, told: str
):
    assert command("keys", "create", "admin", "--new", "--partnership", "P").code == 0

    ended = create(command, monkeypatch, *words, password=password)

    assert (ended.code, told in ended.err) == (2, True), ended.err
    assert PASSWORD not in ended.err
    assert command("admin", "list").out.splitlines()[1:] == []


def test_an_address_has_one_account(command: Command, monkeypatch: pytest.MonkeyPatch):
    assert create(command, monkeypatch, "--new", "--partnership", "P").code == 0

    ended = create(command, monkeypatch, "--new", "--partnership", "Q")

    assert (ended.code, "has an account already" in ended.err) == (2, True)
    assert "Q" not in command("admin", "list", "--partnership", "Q").out


def test_accounts_are_listed_disabled_and_enabled(command: Command, monkeypatch: pytest.MonkeyPatch):
    create(command, monkeypatch, "--new", "--partnership", "P")
    today = datetime.now(UTC).date().isoformat()

    def listed() -> list[str]:
        return command("admin", "list").out.splitlines()[1].split("\t")

    assert listed() == [EMAIL, "Amal Invented", "admin", today, "-", "active"]
    assert command("admin", "disable", EMAIL.upper()).code == 0
    assert (listed()[5], role_of(PASSWORD)) == ("disabled", None)
    assert command("admin", "disable", EMAIL).code == 2
    assert command("admin", "enable", EMAIL).code == 0
    assert (role_of(PASSWORD), listed()[4:]) == ("admin", [today, "active"])
    assert command("admin", "disable", "nobody@invented.example").code == 2


def test_a_reset_prints_a_password_for_one_sign_in(command: Command, monkeypatch: pytest.MonkeyPatch):
    create(command, monkeypatch, "--new", "--partnership", "P")

    ended = command("admin", "reset-password", EMAIL)

    assert ended.code == 0
    secret = ended.out.strip()
    assert secret not in ended.err
    assert (role_of(PASSWORD), role_of(secret)) == (None, "admin")
    assert command("admin", "list").out.splitlines()[1].endswith("\tone-time password")


def test_without_a_terminal_no_password_is_asked_for(command: Command, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n{PASSWORD}\n"))

    ended = command("admin", "create", "--email", EMAIL, "--name", "Amal", "--new", "--partnership", "P")

    assert (ended.code, "--password-stdin" in ended.err) == (2, True)


# Runs a command on a terminal of its own, with what it shows and what is typed on ours.
ON_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


class Terminal:
    """``talentbridge admin create`` as somebody at a terminal sees it."""

    def __init__(self) -> None:
        words = ["admin", "create", "--email", EMAIL, "--name", "Amal", "--new", "--partnership", "P"]
        self.process = subprocess.Popen(
            [sys.executable, "-c", ON_TERMINAL, sys.executable, "-m", "app.cli", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        self.shown = b""

    def answer(self, prompt: str, typed: str) -> None:
        """Wait for the prompt: what is typed before it is thrown away, as passwords should be."""
        assert self.process.stdout is not None
        assert self.process.stdin is not None
        while not self.shown.endswith(prompt.encode()):
            byte = self.process.stdout.read(1)
            assert byte, self.shown
            self.shown += byte
        self.process.stdin.write(f"{typed}\n".encode())
        self.process.stdin.flush()

    def end(self) -> int:
        rest, _ = self.process.communicate(timeout=60)
        self.shown += rest
        return self.process.returncode


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are Unix's")
def test_the_terminal_asks_twice_and_shows_nothing_of_it():
    terminal = Terminal()
    terminal.answer("Password: ", PASSWORD)
    terminal.answer("The same again: ", PASSWORD)

    assert terminal.end() == 0, terminal.shown
    assert PASSWORD.encode() not in terminal.shown
    assert role_of(PASSWORD) == "admin"


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are Unix's")
def test_a_slip_of_the_fingers_makes_no_account():
    terminal = Terminal()
    terminal.answer("Password: ", PASSWORD)
    terminal.answer("The same again: ", PASSWORD + "s")

    assert terminal.end() == 2
    assert b"The two passwords differ" in terminal.shown
    assert role_of(PASSWORD) is None
