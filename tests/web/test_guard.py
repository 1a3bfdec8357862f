from __future__ import annotations

import base64
import re

import pytest
from sqlalchemy import text

from app.db import session_scope
from app.web.security import MAX_FORM, MAX_UPLOAD
from tests.web.conftest import Console
from tests.web.pages import Page
from tests.web.ranked import rank


def test_a_page_says_what_a_browser_may_do_with_it(console: Console):
    answer = console.get(None, "/console/sign-in")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    nonce = re.search(r"script-src 'nonce-([\w-]{20,})';", policy)
    assert nonce
    scripts = [attributes for tag, attributes in Page.of(answer.text).tags if tag == "script"]
    assert scripts
    assert {each["nonce"] for each in scripts} == {nonce[1]}
    assert answer.headers["cache-control"] == "private, no-store"
    again = console.get(None, "/console/sign-in")
    assert nonce[1] not in again.headers["content-security-policy"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://elsewhere.example"},
    ],
)
def test_a_post_from_another_site_is_refused(console: Console, headers: dict[str, str]):
    refused = console.post("reviewer", "/console/language", {"locale": "fr"}, headers=headers)
    assert refused.status_code == 403
    assert "sent from elsewhere" not in refused.headers.get("location", "")
    assert console.page("reviewer", "/console/nothing", status=404).tags[0][1]["lang"] == "en"


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Origin": "http://testserver"}, 303), ({"Origin": "null"}, 403), ({}, 403)],
)
def test_an_older_browser_is_told_by_its_origin(console: Console, headers: dict[str, str], status: int):
    sent = {"Cookie": f"tb_session={console.token('reviewer')}", **headers}
    answer = console.api.client.post(
        "/console/language", data={"locale": "fr"}, headers=sent, follow_redirects=False
    )
    assert answer.status_code == status


def test_what_is_too_large_is_refused_before_it_is_read(console: Console):
    answer = console.post("reviewer", "/console/language", {"locale": "f" * MAX_FORM})
    assert answer.status_code == 413
    assert MAX_UPLOAD > MAX_FORM


def test_an_unknown_address_is_a_page_within_the_navigation(console: Console):
    page = console.page("reviewer", "/console/nothing", status=404)
    assert page.h1 == "This page is not there"
    assert page.has_link("/console/queue")


def test_a_fault_is_a_page_with_the_number_that_is_in_the_log(
    console: Console, caplog: pytest.LogCaptureFixture
):
    console.token("admin")
    with session_scope(console.api.factory) as session:
        session.execute(text("DROP TABLE weight_profile"))
    answer = console.get("admin", "/console/weights", headers={"X-Request-ID": "chosen-by-a-proxy"})
    assert answer.status_code == 500
    page = Page.of(answer.text)
    assert page.h1 == "Something went wrong on our side"
    assert "Number for the administrator: chosen-by-a-proxy" in page.text
    assert "weight_profile" not in page.source
    assert page.has_link("/console/queue")
    assert "page_failed" in caplog.text


@pytest.mark.parametrize("address", ["/", "/console"])
def test_the_start_of_the_site_leads_to_the_console(console: Console, address: str):
    assert console.get(None, address).headers["location"] == "/console/"


def test_files_may_be_kept_by_browsers_because_their_addresses_change(console: Console):
    page = console.page(None, "/console/sign-in")
    files = [a.get("href") or a.get("src", "") for tag, a in page.tags if tag in ("link", "script")]
    assert len(files) >= 4
    for address in files:
        answer = console.get(None, address)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["cache-control"]
        assert re.search(r"\?v=[0-9a-f]{12}$", address)


def test_an_origin_that_is_no_address_is_refused(console: Console):
    answer = console.api.client.post(
        "/console/language", data={"locale": "fr"}, headers={"Origin": "http://["}
    )
    assert answer.status_code == 403


def test_over_tls_every_cookie_is_secure(console: Console):
    answer = console.post("reviewer", "https://testserver/console/language", {"locale": "fr"})
    assert answer.status_code == 303
    assert "; Secure" in answer.headers["set-cookie"]
    answer = console.post("reviewer", "/console/language", {"locale": "fr"})
    assert "; Secure" not in answer.headers["set-cookie"]


def test_a_notice_that_nests_without_end_is_none(console: Console):
    packed = base64.urlsafe_b64encode(b"[" * 2_900).decode()
    answer = console.api.client.get("/console/sign-in", headers={"Cookie": f"tb_notice={packed}"})
    assert answer.status_code == 200


def test_a_character_that_no_database_keeps_is_refused(any_console: Console):
    ranking = rank(any_console)
    form = {"decision": "shortlisted", "note": "a\0b"}
    answer = any_console.post("reviewer", f"{ranking.address('t-best')}/decision", form)
    assert answer.status_code == 422
    assert "The form cannot be read." in answer.text
    assert "Nobody has decided yet." in any_console.page("reviewer", ranking.address("t-best")).text


@pytest.mark.parametrize("who", ["reviewer", None])
def test_an_address_that_is_no_text_is_answered_with_a_page(console: Console, who: str | None):
    paths = ("/queue?q=%00", "/queue?q=%FF", "/%00", "/taxonomy/%C3%28", "/%00?x=%E2%82")
    for address in (f"/console{path}" for path in paths):
        answer = console.get(who, address)
        assert answer.status_code == 400, address
        assert answer.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        page = Page.of(answer.text)
        assert "The address cannot be read" in page.text
        assert page.has_link("/console/queue") is (who is not None)
        assert console.post(who, address).status_code == 400


def test_an_address_of_the_api_that_is_no_text_is_still_a_problem(console: Console):
    answer = console.get(None, "/healthz?q=%00")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/queue", "GET"),
        ("/sign-in", "GET, POST"),
        ("/demo", "POST"),
        ("/vacancies/6f1f7a6e-0000-7000-8000-000000000000/requirements/abc", "GET, POST"),
        ("/nothing", None),
        ("/queue%0A", None),
    ],
)
def test_a_page_says_how_its_address_is_opened(console: Console, path: str, allowed: str | None):
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "HEAD", "OPTIONS", "PROPFIND"):
        # As a program sends it, which says nothing of where from.
        answer = console.api.client.request(method, f"/console{path}")
        assert answer.status_code == (404 if allowed is None else 405), method
        assert answer.headers.get("allow") == allowed
        assert answer.headers["content-type"].startswith("text/html")
        assert method == "HEAD" or "<h1>" in answer.text


def test_a_file_of_the_console_is_only_read(console: Console):
    page = console.page(None, "/console/sign-in")
    (style,) = [a["href"] for tag, a in page.tags if tag == "link" and "console.css" in a["href"]]
    answer = console.post("reviewer", style)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert console.post("reviewer", "/console/static/nothing.css").status_code == 404
    assert console.call("reviewer", "PUT", "/console/static/nothing.css").status_code == 404
