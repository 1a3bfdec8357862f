"""Every page in both directions: accessible, small, silent to the outside, without a script error.

What the server sends is held against the rules of axe by ``tests.e2e.every_state``, state by state and in
both directions; here that is done with every page from right to left, as it stands with the sample data,
and with what scripts make of a page: what they fetch into it, and dialogs.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from app.web.options import PREFIX
from tests.e2e.every_state import broken_rules
from tests.e2e.serving import Demo
from tests.e2e.states import STATES
from tests.e2e.surfaces import Surface, ids_of, sign_in, speak, surfaces

MAX_BYTES = 150_000
DIRECTIONS = {"en": "ltr", "ar": "rtl"}
# Where something comes by itself, and dialogs that opened.
MADE_BY_SCRIPTS = "[hx-trigger], dialog[open]"
COUNTS = "selectors => selectors.map(each => document.querySelectorAll(each).length)"


@pytest.fixture(scope="module", params=list(DIRECTIONS))
def staff(request: pytest.FixtureRequest, browser: Any, shared_demo: Demo) -> Iterator[dict[str, Any]]:
    """Signed-in people in one language, each in a browser of their own, and the page of nobody."""
    from playwright.sync_api import Page

    people: dict[str, Any] = {"locale": request.param}
    contexts = []
    for who in ("reviewer", "admin", ""):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
        contexts.append(context)
        page: Page = context.new_page()
        if who:
            sign_in(page, shared_demo, who)
        else:
            page.goto(f"{shared_demo.url}{PREFIX}/sign-in")
        speak(page, request.param)
        people[who] = page
    yield people
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def ids(browser: Any, shared_demo: Demo) -> dict[str, str]:
    return ids_of(shared_demo, browser)


@pytest.fixture(scope="session")
def every_surface(ids: dict[str, str]) -> list[Surface]:
    return list(surfaces(ids))


@dataclass
class Faults:
    """What is wrong with pages, and how many of them were held against the rules of axe.

    Those that scripts changed always are, others where ``with_all``.
    """

    with_all: bool = False
    found: list[str] = field(default_factory=list)
    n_by_rules: int = 0

    def look(self, name: str, page: Any, seen: Sequence[str]) -> None:
        """Take what was ``seen`` on the way to the page that is open, and look at that."""
        found = list(seen)
        n_made_by_scripts, n_headings = page.evaluate(COUNTS, [MADE_BY_SCRIPTS, "h1"])
        if self.with_all or n_made_by_scripts:
            self.n_by_rules += 1
            found += broken_rules(page)
        if n_headings != 1:
            found.append(f"{n_headings} main headings")
        self.found += [f"{name}: {each}" for each in found]


def test_no_page_breaks_a_rule_of_accessibility_or_reaches_another_server(
    staff: dict[str, Any], every_surface: list[Surface], shared_demo: Demo
):
    faults = Faults(with_all=DIRECTIONS[staff["locale"]] == "rtl")
    for surface in every_surface:
        page = staff[surface.who]
        with listening(page) as seen:
            page.goto(f"{shared_demo.url}{surface.address}")
            assert page.evaluate("document.documentElement.dir") == DIRECTIONS[staff["locale"]]
            faults.look(surface.name, page, seen)
    assert not faults.found, "\n".join(faults.found)
    assert faults.n_by_rules == len(every_surface) or not faults.with_all
    assert faults.n_by_rules
    assert len(every_surface) > 50


def test_no_state_of_a_page_does_either(staff: dict[str, Any], ids: dict[str, str], shared_demo: Demo):
    faults = Faults()
    for state in STATES:
        page = staff[state.who]
        with listening(page) as seen:
            state.reach(page, shared_demo.url, ids)
            faults.look(state.name, page, seen)
    assert not faults.found, "\n".join(faults.found)
    assert faults.n_by_rules


def test_no_page_is_larger_than_a_slow_line_bears(
    staff: dict[str, Any], every_surface: list[Surface], shared_demo: Demo
):
    """Everything a first visit transfers: the page and each of its files, compressed."""
    largest = 0
    of_files: dict[str, int] = {}  # the same on every page, under names that change with what is in them
    for surface in every_surface:
        page = staff[surface.who]
        cookies = {each["name"]: each["value"] for each in page.context.cookies()}
        with httpx.Client(base_url=shared_demo.url, cookies=cookies) as client:
            answer = client.get(surface.address)
            files = page.evaluate("performance.getEntriesByType('resource').map(each => each.name)")
            assert answer.headers.get("content-encoding") == "gzip" or len(answer.content) < 1000
            size = len(gzip.compress(answer.content, 6))
            for each in set(files):
                if f"{PREFIX}/static/" not in each:
                    size += _transferred(client, each)
                else:
                    of_files[each] = of_files.get(each) or _transferred(client, each)
                    size += of_files[each]
            assert size < MAX_BYTES, (surface, size)
            largest = max(largest, size)
    assert largest > 10_000


@contextmanager
def listening(page: Any) -> Iterator[list[str]]:
    """Note what a page should not do: ask another server, fail in a script, go against its policy."""
    seen: list[str] = []

    def on_request(request: Any) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "about:")):
            seen.append(f"asks {request.url}")

    def on_console(message: Any) -> None:
        if "Content Security Policy" in message.text or "Refused to" in message.text:
            seen.append(message.text)

    def on_error(error: Any) -> None:
        seen.append(f"script error: {error}")

    listeners = {"request": on_request, "console": on_console, "pageerror": on_error}
    for event, listener in listeners.items():
        page.on(event, listener)
    yield seen
    for event, listener in listeners.items():
        page.remove_listener(event, listener)


def _transferred(client: httpx.Client, address: str) -> int:
    answer = client.get(address)
    assert answer.headers.get("content-encoding") == "gzip" or len(answer.content) < 1000, address
    return len(gzip.compress(answer.content, 6))
