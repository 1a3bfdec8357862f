"""What a staff account may hold."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.accounts import (
    MAX_PREFERENCES,
    checked_display_name,
    checked_email,
    checked_preferences,
    checked_role,
)
from app.domain.actor import Role
from app.errors import InvalidInput


def code_of(call: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        call()
    [issue] = caught.value.issues
    return f"{issue.pointer} {issue.code}"


def test_an_address_is_one_whatever_its_case():
    assert checked_email("  Amal.STRASSE@Example.ORG ") == "amal.strasse@example.org"
    assert checked_email("Straße@example.org") == checked_email("STRASSE@EXAMPLE.ORG")


@pytest.mark.parametrize(
    "email", ["", "amal", "amal@", "@example.org", "a b@example.org", "a@b@example.org", "a@b", "a\x00@b.org"]
)
def test_what_is_no_address_is_refused(email: str):
    assert code_of(lambda: checked_email(email)) == "/email wrong-form"


def test_the_longest_address_has_254_characters():
    longest = "a" * 242 + "@example.org"

    assert checked_email(longest) == longest
    assert code_of(lambda: checked_email("a" + longest)) == "/email wrong-form"


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "a" * 101])
def test_a_name_prints_and_is_not_too_long(name: str):
    assert code_of(lambda: checked_display_name(name)) == "/display_name wrong-form"
    assert checked_display_name("  أمل بن علي ") == "أمل بن علي"


@pytest.mark.parametrize("role", Role)
def test_accounts_are_for_staff(role: Role):
    if role.is_organisation:
        assert code_of(lambda: checked_role(role)) == "/role not-a-choice"
    else:
        assert checked_role(role) is role


def test_preferences_are_kept_as_they_are():
    preferences = {"hotkeys": {"next": "j", "ask_information": "?"}, "hotkeys_on": False, "blind": True}

    assert checked_preferences(preferences) == preferences


@pytest.mark.parametrize(
    ("preferences", "code"),
    [
        ({"x": {1, 2}}, "/preferences wrong-type"),
        ({"x": float("nan")}, "/preferences wrong-type"),
        ({"x": "a" * MAX_PREFERENCES}, "/preferences too-long"),
        ({"hotkeys": ["j"]}, "/preferences/hotkeys wrong-type"),
        ({"hotkeys": {"Next one": "j"}}, "/preferences/hotkeys wrong-form"),
        ({"hotkeys": {"next": "jj"}}, "/preferences/hotkeys/next wrong-form"),
        ({"hotkeys": {"next": " "}}, "/preferences/hotkeys/next wrong-form"),
        ({"hotkeys": {"next": "\x07"}}, "/preferences/hotkeys/next wrong-form"),
        ({"hotkeys": {"next": 1}}, "/preferences/hotkeys/next wrong-form"),
        ({"hotkeys": {"next": "j", "previous": "j"}}, "/preferences/hotkeys duplicate"),
    ],
)
def test_preferences_that_cannot_be_kept_are_refused(preferences: dict[str, Any], code: str):
    assert code_of(lambda: checked_preferences(preferences)) == code
