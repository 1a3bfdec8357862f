"""Settings in the console: one's own account and keys, and for administrators everybody else's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from app.db import session_scope
from app.domain.actor import Role
from app.domain.permissions import PERMISSIONS, Operation, Scope
from app.models import Organisation, StaffAccount
from app.services.staff_sessions import open_session
from app.web.hotkeys import ACTIONS
from app.web.views.role_words import OPERATIONS, SCOPES
from tests.factories import make_account, make_partnership
from tests.web.conftest import Console
from tests.web.pages import Page

HOSTILE = "<script>alert(1)</script>"
NEW_USER = {"name": "Brahim Invented", "email": "brahim@staff.example", "role": "reviewer", "locale": "fr"}


def keys_of(console: Console, who: str = "reviewer") -> dict[str, Any]:
    form = console.page(who, "/console/settings/keys").form("/keys")
    return {name: found[0] for name, found in form.fields.items() if name in (*ACTIONS, "on")}


def secret_of(page: Page) -> str:
    found = re.search(r'id="secret">([^<]+)<', page.source)
    assert found
    return found[1]


def test_one_changes_ones_name_language_and_blind_mode(console: Console):
    form = {"name": f"Amina {HOSTILE}", "locale": "fr", "blind": "yes"}
    page = console.posted("reviewer", "/console/settings", form)
    assert "<script>alert" not in page.source
    assert any(tag == "html" and given["lang"] == "fr" for tag, given in page.tags)
    with session_scope(console.api.factory) as session:
        account = session.get_one(StaffAccount, console.accounts["reviewer"])
        assert account.display_name == form["name"]
        assert account.preferences["blind"] is True
    console.posted("reviewer", "/console/settings", {"name": "Amina", "locale": "en"})
    with session_scope(console.api.factory) as session:
        assert session.get_one(StaffAccount, console.accounts["reviewer"]).preferences["blind"] is False


@pytest.mark.parametrize(
    ("form", "field"), [({"name": " ", "locale": "en"}, "name"), ({"name": "A"}, "locale")]
)
def test_a_wrong_account_form_is_shown_again(console: Console, form: dict[str, str], field: str):
    response = console.post("reviewer", "/console/settings", form)
    assert response.status_code == 422
    assert Page.of(response.text).has_link(f"#{field}")


def test_signing_out_everywhere_ends_this_session_too(console: Console):
    response = console.post("reviewer", "/console/settings/sign-out-everywhere")
    assert response.headers["location"] == "/console/sign-in"
    assert console.get("reviewer", "/console/settings").headers["location"].startswith("/console/sign-in")


def test_keys_are_changed_switched_off_and_set_back(console: Console):
    console.posted("reviewer", "/console/settings/keys", {**keys_of(console), "next": "w"})
    assert '"next": "w"' in console.page("reviewer", "/console/help").source
    off = {name: key for name, key in keys_of(console).items() if name != "on"}
    assert "switched off" in console.posted("reviewer", "/console/settings/keys", off).text
    assert "You have switched the keys off." in console.page("reviewer", "/console/help").text
    console.posted("reviewer", "/console/settings/keys", {"reset": "yes"})
    assert keys_of(console)["next"] == "j"


@pytest.mark.parametrize("key", ["", "ab", "k"])
def test_a_key_that_is_none_or_taken_is_refused(console: Console, key: str):
    response = console.post("reviewer", "/console/settings/keys", {**keys_of(console), "next": key})
    assert response.status_code == 422
    page = Page.of(response.text)
    assert page.title.startswith("Error:")
    assert page.has_link("#key-next") or page.has_link("#key-previous")
    assert keys_of(console)["next"] == "j"


def test_changing_keys_keeps_other_preferences(console: Console):
    console.posted("reviewer", "/console/settings", {"name": "A", "locale": "en", "blind": "yes"})
    console.posted("reviewer", "/console/settings/keys", {**keys_of(console), "next": "w"})
    with session_scope(console.api.factory) as session:
        preferences = session.get_one(StaffAccount, console.accounts["reviewer"]).preferences
    assert preferences["blind"] is True
    assert preferences["hotkeys"]["next"] == "w"


def test_the_table_of_roles_is_the_one_that_is_asked(console: Console):
    assert set(OPERATIONS) == set(Operation)
    assert set(SCOPES) == set(Scope)
    page = console.page("auditor", "/console/settings/roles")
    for operation in PERMISSIONS:
        assert OPERATIONS[operation] in page.text


def test_a_new_account_gets_a_one_time_password_that_works_once(console: Console):
    response = console.post("admin", "/console/settings/users", NEW_USER)
    assert response.status_code == 200
    assert "no-store" in response.headers["cache-control"]
    secret = secret_of(Page.of(response.text))
    entered = console.post(None, "/console/sign-in", {"email": NEW_USER["email"], "password": secret})
    assert entered.status_code == 303
    with session_scope(console.api.factory) as session:
        account = session.scalars(select(StaffAccount).where(StaffAccount.email == NEW_USER["email"])).one()
        assert account.must_change_password
    assert secret not in console.page("admin", f"/console/settings/users/{account.id}").source
    assert "Has no password of their own yet" in console.page("admin", "/console/settings/users").text


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": ""}, "name"), ({"email": "nowhere"}, "email"), ({"role": "employer"}, "role")],
)
def test_a_wrong_user_form_is_shown_again_as_typed(console: Console, changes: dict[str, str], field: str):
    response = console.post("admin", "/console/settings/users", {**NEW_USER, **changes})
    assert response.status_code == 422
    page = Page.of(response.text)
    assert page.has_link(f"#{field}")
    expected = {**NEW_USER, **changes}
    assert page.form("/users").fields["email"] == [expected["email"]]


def test_who_never_came_in_is_told_so_to_administrators(console: Console):
    console.post("admin", "/console/settings/users", NEW_USER)
    listed = console.page("admin", "/console/settings/users")
    [address] = [href for href, text in listed.links if text == NEW_USER["name"]]
    assert "Last signed in never" in console.page("admin", address).text


def test_an_address_that_is_taken_is_said_so(console: Console):
    console.post("admin", "/console/settings/users", NEW_USER)
    again = console.post("admin", "/console/settings/users", NEW_USER)
    assert again.status_code == 409
    assert "has an account already" in again.text


def test_an_account_is_changed_disabled_and_enabled(console: Console):
    console.token("reviewer")
    address = f"/console/settings/users/{console.accounts['reviewer']}"
    console.page("reviewer", "/console/settings")
    form = console.page("admin", address).form("/role").fields
    assert (
        "The role is changed" in console.posted("admin", f"{address}/role", {**form, "role": "auditor"}).text
    )
    assert console.get("reviewer", "/console/settings").status_code == 303, "signed out"
    stale = console.post("admin", f"{address}/disable", {"version": "1"})
    assert stale.status_code in (409, 412)
    form = console.page("admin", address).form("/disable").fields
    assert "Disabled" in console.posted("admin", f"{address}/disable", form).text
    form = console.page("admin", address).form("/enable").fields
    assert "can be used again" in console.posted("admin", f"{address}/enable", form).text
    assert "signed out everywhere" in console.posted("admin", f"{address}/sign-out").text
    assert secret_of(Page.of(console.post("admin", f"{address}/password").text))


def test_administrators_leave_their_own_account_to_others(console: Console):
    console.token("admin")
    address = f"/console/settings/users/{console.accounts['admin']}"
    assert "This is your own account." in console.page("admin", address).text
    assert console.post("admin", f"{address}/password").status_code == 409


def test_an_api_key_is_issued_shown_once_and_revoked(console: Console):
    employer = console.api.ids["employer"]
    form = {"label": f"payroll {HOSTILE}", "choice": employer, "expires": ""}
    shown = Page.of(console.post("admin", "/console/settings/api-keys", form).text)
    secret = secret_of(shown)
    assert console.api.get(secret, "/v1/vacancies").status_code == 200
    page = console.page("admin", "/console/settings/api-keys")
    assert secret not in page.source
    assert "<script>alert" not in page.source
    assert "payroll" in page.text
    [revoke] = [each.action for each in page.forms if each.action.endswith("/revoke")][-1:]
    assert "The key is revoked" in console.posted("admin", revoke).text
    assert console.api.get(secret, "/v1/vacancies").status_code == 401


def test_a_key_is_marked_once_its_last_day_is_over(console: Console):
    form = {"label": "payroll", "choice": "reviewer", "expires": "2026-03-02"}
    console.post("admin", "/console/settings/api-keys", form)
    assert "Expired" not in console.page("admin", "/console/settings/api-keys").text
    console.api.clock.advance(days=2)
    assert "Expired" in console.page("admin 2", "/console/settings/api-keys").text


def test_a_partnership_without_keys_is_told_what_they_are_for(console: Console):
    with session_scope(console.api.factory) as session:
        admin = make_account(session, make_partnership(session), role=Role.ADMIN)
        account = session.get_one(StaffAccount, admin.account_id)
        console.tokens["first admin"] = open_session(session, account, now=console.api.clock()).token
    page = console.page("first admin", "/console/settings/api-keys")
    assert "No key was issued yet" in page.text
    assert page.has_link("/console/settings/api-keys/new")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"label": ""}, "label"),
        ({"choice": "nobody"}, "choice"),
        ({"expires": "2001-01-01", "choice": "reviewer"}, "expires"),
    ],
)
def test_a_wrong_key_form_is_shown_again(console: Console, changes: dict[str, str], field: str):
    form = {"label": "payroll", "choice": console.api.ids["employer"], "expires": "", **changes}
    response = console.post("admin", "/console/settings/api-keys", form)
    assert response.status_code == 422
    page = Page.of(response.text)
    assert page.has_link(f"#{field}")
    assert page.form("/api-keys").fields.get("choice", ["nobody"]) == [form["choice"]]


def test_an_organisation_is_added_and_renamed(console: Console):
    form = {"external_id": "e-9", "kind": "employer", "name": f"Firm {HOSTILE}", "country": "BE"}
    page = console.posted("admin", "/console/settings/organisations", form)
    assert "<script>alert" not in page.source
    assert "Belgium" in page.text
    again = console.post("admin", "/console/settings/organisations", form)
    assert again.status_code == 409
    assert Page.of(again.text).has_link("#external_id")
    with session_scope(console.api.factory) as session:
        row_id = session.scalars(select(Organisation.id).where(Organisation.external_id == "e-9")).one()
    address = f"/console/settings/organisations/{row_id}"
    held = console.page("admin", address).form(str(row_id)).fields
    changed = console.posted("admin", address, {**held, "name": "Firm two", "country": ""})
    assert "Firm two" in changed.text
    assert console.post("admin", address, {**held, "name": ""}).status_code == 422


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"external_id": ""}, "external_id"), ({"kind": ""}, "kind"), ({"country": "ZZ"}, "country")],
)
def test_a_wrong_organisation_form_is_shown_again(console: Console, changes: dict[str, str], field: str):
    form = {"external_id": "e-9", "kind": "employer", "name": "Firm", "country": "", **changes}
    response = console.post("admin", "/console/settings/organisations", form)
    assert response.status_code == 422
    assert Page.of(response.text).has_link(f"#{field}")


@pytest.mark.parametrize("page", ["users", "users/new", "api-keys", "api-keys/new", "organisations/new"])
def test_who_is_no_administrator_has_no_part_in_it(console: Console, page: str):
    console.page("reviewer", f"/console/settings/{page}", 403)
    console.page("auditor", f"/console/settings/{page}", 403)


def test_another_partnership_sees_none_of_it(console: Console):
    console.token("reviewer")
    user = f"/console/settings/users/{console.accounts['reviewer']}"
    organisation = f"/console/settings/organisations/{console.api.ids['employer']}"
    key = f"/console/settings/api-keys/{console.api.ids['employer key']}"
    console.api.add_partnership("b:")
    console.page("b:admin", user, 404)
    console.page("b:admin", organisation, 404)
    for address in (f"{user}/password", f"{user}/sign-out", f"{key}/revoke"):
        assert console.post("b:admin", address).status_code == 404
    assert "reviewer@staff.example" not in console.page("b:admin", "/console/settings/users").text


def test_help_explains_relations_evidence_and_states(console: Console):
    page = console.page("auditor", "/console/help")
    for words in ("a narrower skill", "certified", "Information asked for", "Unknown"):
        assert words in page.text
