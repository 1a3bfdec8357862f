"""Which passwords are taken."""

from __future__ import annotations

import pytest

from app.domain.passwords import MAX_LENGTH, check_password, normal_password
from app.errors import InvalidInput

EMAIL, NAME = "amal.benali@example.org", "Amal Ben Ali"


def code_of(password: str, current: str | None = None) -> str | None:
    try:
        check_password(password, email=EMAIL, display_name=NAME, current=current)
    except InvalidInput as error:
        return error.issues[0].code
    return None


@pytest.mark.parametrize(
    "password",
    [
        "rivet lemon tram",
        "ثلاث كلمات طويلة",
        "aaaabbbbccccdddd",
        "940275138264",
        "amal likes trams",
        "password of the house",
        "x" * (MAX_LENGTH - 3) + "abc",
    ],
)
def test_a_long_password_is_taken_whatever_it_is_made_of(password: str):
    assert code_of(password) is None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("rivet lemon", "too-short"),
        ("x" * (MAX_LENGTH - 2) + "abc", "too-long"),
        ("Password2026!", "too-common"),
        ("passwordpassword", "too-common"),
        ("Azertyuiop123", "too-common"),
        ("MOT-DE-PASSE-2026", "too-common"),
        ("123456789012", "too-common"),
        ("987654321098", "too-common"),
        ("aaaaaaaaaaaa", "too-common"),
        ("abababababab", "too-common"),
        ("talentbridge1", "too-common"),
        ("Amal.BenAli@example.org", "own-name"),
        ("amal.benali99", "own-name"),
        ("Amal Ben Ali!", "own-name"),
    ],
)
def test_passwords_that_are_tried_first_are_refused(password: str, code: str):
    assert code_of(password) == code


def test_length_counts_characters_as_they_are_hashed():
    assert code_of("é" * 3 + "rivet lem") is None
    # Eleven letters, one of them typed as two characters.
    assert len("e\u0301rivet lemo") == 12
    assert code_of("e\u0301rivet lemo") == "too-short"
    assert normal_password("e\u0301") == "é"


def test_the_current_password_is_not_a_new_one():
    assert code_of("rivet lemon tram", current="rivet lemon tram") == "unchanged"
    assert code_of("rivet lemon tram", current="rivet lemon bus") is None
