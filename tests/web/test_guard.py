from __future__ import annotations

import base64
import re

import pytest

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
