"""Passwords are kept as Argon2id hashes, and comparing costs the same with and without an account."""

from __future__ import annotations

from typing import Literal

import pytest
from argon2 import PasswordHasher

from app.services import password_hashing
from app.services.password_hashing import hash_password, is_outdated, is_password

PASSWORD = "rivet lemon tram"


def test_the_password_is_told_from_others():
    stored = hash_password(PASSWORD)

    # Argon2id with 32 MiB and 3 passes; tests elsewhere hash at less cost.
    assert stored.startswith("$argon2id$v=19$m=32768,t=3,p=1$")
    assert stored != hash_password(PASSWORD), "each hash has a salt of its own"
    assert is_password(stored, PASSWORD)
    assert not is_password(stored, PASSWORD + " ")
    assert not is_password(stored, PASSWORD.upper())


def test_a_password_is_the_same_from_every_keyboard():
    assert is_password(hash_password("caf\u00e9 rivet lemon"), "cafe\u0301 rivet lemon")


def test_what_no_keyboard_types_is_refused_and_not_a_fault():
    assert not is_password(hash_password(PASSWORD), "\udcff" * 12)
    assert not is_password("not a hash", PASSWORD)


def test_without_a_hash_another_is_verified_and_the_answer_is_no(monkeypatch: pytest.MonkeyPatch):
    stored = hash_password(PASSWORD)
    verified: list[str] = []

    class Recording(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            verified.append(str(hash))
            return super().verify(hash, password)

    recording = Recording(time_cost=3, memory_cost=32 * 1024, parallelism=1)
    monkeypatch.setattr(password_hashing, "_hasher", lambda: recording)

    assert is_password(stored, PASSWORD)
    assert not is_password(None, PASSWORD)
    assert not is_password(None, "nobody"), "not even the password of the stand-in"

    assert verified[0] == stored
    of_nobody = verified[1:]
    assert len(of_nobody) == 2
    # The same parameters, so the same work.
    assert {each.split("$")[1:4] == stored.split("$")[1:4] for each in of_nobody} == {True}


def test_a_hash_with_other_parameters_is_outdated():
    assert not is_outdated(hash_password(PASSWORD))
    assert is_outdated(PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD))
