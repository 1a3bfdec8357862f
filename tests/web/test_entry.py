from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.routing import Mount

from app.db import session_scope
from app.domain.accounts import ADDRESS_LIMIT, EMAIL_LIMIT, IDLE_LIFE
from app.domain.actor import Role
from app.models import AuditEvent
from app.services.accounts import create_account, disable_account, find_account, reset_password
from app.web.options import ConsoleOptions
from tests.factories import make_staff
from tests.web.conftest import Console, partnership_of
from tests.web.pages import Page

PASSWORD = "four words of mine"


def account(console: Console, email: str = "amina@staff.example") -> str:
    with session_scope(console.api.factory) as session:
        partnership = partnership_of(session, console.api, "")
        create_account(
            session,
            make_staff(partnership),
            email=email,
            display_name="Amina Invented",
            role=Role.REVIEWER,
            password=PASSWORD,
            now=console.api.clock(),
        )
    return email


def sign_in(console: Console, email: str, password: str = PASSWORD, **more: str):
    return console.post(None, "/console/sign-in", {"email": email, "password": password, **more})


def session_cookie(response) -> str:
    found = re.search(r"tb_session=([^;]+)", response.headers.get("set-cookie", ""))
    assert found, response.headers
    return found[1]


def test_whoever_is_not_signed_in_is_sent_to_sign_in_and_back(any_console: Console):
    asked = any_console.get(None, "/console/?x=1")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/console/sign-in?next=%2Fconsole%2F%3Fx%3D1"
    form = any_console.page(None, asked.headers["location"]).form("/sign-in")
    entered = sign_in(any_console, account(any_console), next=form.fields["next"][0])
    assert entered.status_code == 303
    assert entered.headers["location"] == "/console/?x=1"


@pytest.mark.parametrize(
    "elsewhere", ["https://elsewhere.example/", "//elsewhere.example", "/console/\\elsewhere", "/v1/me", "\n"]
)
def test_after_sign_in_nobody_is_sent_elsewhere(console: Console, elsewhere: str):
    entered = sign_in(console, account(console), next=elsewhere)
    assert entered.headers["location"] == "/console/"


def test_the_session_cookie_is_for_this_host_and_no_script(console: Console):
    cookie = sign_in(console, account(console)).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "domain=" not in cookie


def test_over_tls_the_cookie_is_secure_and_bound_to_the_host(console: Console):
    email = account(console)
    entered = console.api.client.request(
        "POST",
        "https://testserver/console/sign-in",
        data={"email": email, "password": PASSWORD},
        headers={"Sec-Fetch-Site": "same-origin"},
        follow_redirects=False,
    )
    cookie = entered.headers["set-cookie"]
    assert cookie.startswith("__Host-tb_session=")
    assert "Secure" in cookie
    assert "Path=/;" in cookie


def test_a_wrong_password_shows_the_form_again_with_focus_on_the_problem(console: Console):
    email = account(console)
    refused = sign_in(console, email, "wrong words of mine")
    assert refused.status_code == 401
    page = Page.of(refused.text)
    assert page.title.startswith("Error:")
    assert page.has_link("#email")
    assert page.form("/sign-in").fields["email"] == [email]
    assert "wrong words" not in refused.text
    alerts = [given for _, given in page.tags if given.get("role") == "alert"]
    assert ["data-autofocus" in given for given in alerts] == [True]


def test_too_many_attempts_are_told_when_to_come_again(console: Console):
    email = account(console)
    for _ in range(EMAIL_LIMIT.most):
        assert sign_in(console, email, "wrong words of mine").status_code == 401
    refused = sign_in(console, email)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= EMAIL_LIMIT.within.total_seconds()
    assert ADDRESS_LIMIT.most > EMAIL_LIMIT.most


def test_signing_out_ends_the_session_at_once(console: Console):
    token = session_cookie(sign_in(console, account(console)))
    headers = {"Cookie": f"tb_session={token}"}
    assert console.get(None, "/console/", headers=headers).headers["location"] == "/console/queue"
    out = console.post(None, "/console/sign-out", headers=headers)
    notice = {"Cookie": out.headers["set-cookie"].split(";")[0]}
    assert "You are signed out." in Page.of(console.get(None, "/console/sign-in", headers=notice).text).text
    assert "/sign-in" in console.get(None, "/console/", headers=headers).headers["location"]


def test_a_session_that_nobody_uses_ends(console: Console):
    console.token("reviewer")
    console.api.clock.at += IDLE_LIFE
    assert "/sign-in" in console.get("reviewer", "/console/").headers["location"]


def test_using_the_console_keeps_the_session_open(console: Console):
    console.token("reviewer")
    for _ in range(3):
        console.api.clock.at += IDLE_LIFE / 2
        assert console.get("reviewer", "/console/").headers["location"] == "/console/queue"


def test_a_disabled_account_is_out_at_once(console: Console):
    console.token("reviewer")
    with session_scope(console.api.factory) as session:
        admin = make_staff(partnership_of(session, console.api, ""))
        disable_account(session, admin, console.accounts["reviewer"], now=console.api.clock())
    assert "/sign-in" in console.get("reviewer", "/console/").headers["location"]


def test_a_password_from_an_administrator_must_be_changed_first(console: Console):
    email = account(console)
    with session_scope(console.api.factory) as session:
        admin = make_staff(partnership_of(session, console.api, ""))
        found = find_account(session, admin, email)
        assert found is not None
        secret = reset_password(session, admin, found.id, now=console.api.clock()).secret
    headers = {"Cookie": f"tb_session={session_cookie(sign_in(console, email, secret))}"}
    assert console.get(None, "/console/", headers=headers).headers["location"] == "/console/password"
    page = Page.of(console.get(None, "/console/password", headers=headers).text)
    assert "set by an administrator" in page.text
    short = console.post(None, "/console/password", {"current": secret, "new": "short"}, headers=headers)
    assert short.status_code == 422
    assert Page.of(short.text).has_link("#new")
    changed = console.post(
        None, "/console/password", {"current": secret, "new": "words that are mine"}, headers=headers
    )
    assert changed.status_code == 303
    renewed = {"Cookie": f"tb_session={session_cookie(changed)}"}
    assert console.get(None, "/console/", headers=renewed).headers["location"] == "/console/queue"
    assert "/sign-in" in console.get(None, "/console/", headers=headers).headers["location"]


def test_the_demo_signs_a_newcomer_in_and_says_so(console: Console):
    assert console.post(None, "/console/demo").status_code == 404
    with session_scope(console.api.factory) as session:
        partnership = partnership_of(session, console.api, "")
        partnership.is_test = True
        demo = ConsoleOptions(demo_partnership_id=partnership.id)
    (pages,) = [route.app for route in console.api.app.routes if isinstance(route, Mount)]
    assert isinstance(pages, FastAPI)
    pages.state.options = demo
    assert console.page(None, "/console/sign-in").form("/demo").method == "post"
    headers = {"Cookie": f"tb_session={session_cookie(console.post(None, '/console/demo'))}"}
    page = Page.of(console.get(None, "/console/nothing", headers=headers).text)
    assert "Demo data" in page.text
    assert "Demo reviewer (Reviewer)" in page.text


def test_the_language_is_kept_with_the_account_and_for_the_sign_in_page(console: Console):
    changed = console.post("reviewer", "/console/language", {"locale": "ar", "next": "/console/nothing"})
    assert changed.headers["location"] == "/console/nothing"
    page = console.page("reviewer", "/console/nothing", status=404)
    assert ("html", {"lang": "ar", "dir": "rtl"}) in page.tags
    assert any("bootstrap.rtl" in attributes.get("href", "") for _, attributes in page.tags)
    assert console.post(None, "/console/language", {"locale": "xx"}).status_code == 422


def test_who_signed_in_is_in_the_audit_log_without_their_address(console: Console):
    sign_in(console, account(console))
    with session_scope(console.api.factory) as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.operation == "account.signed_in")).all()
        assert len(events) == 1
        assert "amina" not in str(events[0].details).lower()


def test_signing_in_again_ends_the_session_that_the_browser_had(console: Console):
    email = account(console)
    old = {"Cookie": f"tb_session={session_cookie(sign_in(console, email))}"}
    again = console.post(None, "/console/sign-in", {"email": email, "password": PASSWORD}, headers=old)
    new = {"Cookie": f"tb_session={session_cookie(again)}"}
    assert console.get(None, "/console/", headers=new).headers["location"] == "/console/queue"
    assert "/sign-in" in console.get(None, "/console/", headers=old).headers["location"]


def session_message(page: Page) -> dict[str, str]:
    (found,) = [given for tag, given in page.tags if tag == "dialog" and given.get("id") == "tb-session"]
    return found


def test_a_page_knows_how_long_its_session_lasts_and_says_so(console: Console):
    page = console.page("reviewer", "/console/settings")
    # The last use is noted to the minute.
    assert session_message(page)["data-idle"] == str(59 * 60)
    assert session_message(page)["data-left"] == str(12 * 3600)
    assert page.text.count("You are signed out after 60 minutes without use, and 12 hours after") == 2
    console.api.clock.advance(minutes=50)
    page = console.page("reviewer", "/console/settings")
    assert session_message(page)["data-left"] == str(12 * 3600 - 50 * 60)
    assert not [tag for tag, _ in console.page(None, "/console/sign-in").tags if tag == "dialog"]


def test_whoever_wants_to_stay_signed_in_does(any_console: Console):
    any_console.page("reviewer", "/console/queue")
    for _ in range(3):
        any_console.api.clock.advance(minutes=58)
        assert any_console.post("reviewer", "/console/stay").status_code == 204
    any_console.page("reviewer", "/console/queue")
    any_console.api.clock.advance(minutes=60)
    # As the script asks, which shows that it is over.
    late = any_console.post("reviewer", "/console/stay", headers={"HX-Request": "true"})
    assert late.headers["hx-redirect"] == "/console/sign-in"
    elsewhere = any_console.post("reviewer", "/console/stay", headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 403


def test_nobody_stays_longer_than_a_sign_in_lasts(console: Console):
    assert console.token("reviewer")
    for _ in range(13):
        console.api.clock.advance(minutes=55)
        assert console.post("reviewer", "/console/stay").status_code == 204
    console.api.clock.advance(minutes=5)
    assert console.post("reviewer", "/console/stay").headers["location"].startswith("/console/sign-in")
