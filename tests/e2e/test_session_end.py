"""Before a session ends, the page says so and offers to go on."""

from __future__ import annotations

from typing import Any

from app.web.options import PREFIX
from tests.e2e.serving import Demo
from tests.e2e.surfaces import signed_in, speak


def test_who_is_warned_stays_signed_in_by_one_key(browser: Any, shared_demo: Demo):
    with signed_in(browser, shared_demo, "reviewer") as page:
        # Newcomers share one account, and another test may have changed its language.
        speak(page, "en")
        page.clock.install()
        page.goto(f"{shared_demo.url}{PREFIX}/settings")
        warning = page.locator("#tb-session")
        page.locator("#name").focus()
        page.clock.fast_forward("53:00")
        assert not warning.is_visible()

        page.clock.fast_forward("02:30")
        assert warning.is_visible()
        assert page.evaluate("document.activeElement.closest('dialog').id") == "tb-session"
        with page.expect_response("**/stay") as answer:
            page.keyboard.press("Enter")
        assert answer.value.ok
        page.wait_for_function("!document.getElementById('tb-session').open")
        assert page.evaluate("document.activeElement.id") == "name"

        page.clock.fast_forward("53:00")
        assert not warning.is_visible()


def test_who_does_not_answer_is_told_that_the_session_is_over(browser: Any, shared_demo: Demo):
    with signed_in(browser, shared_demo, "reviewer") as page:
        # Newcomers share one account, and another test may have changed its language.
        speak(page, "en")
        page.clock.install()
        page.goto(f"{shared_demo.url}{PREFIX}/settings")
        page.clock.fast_forward("55:30")
        page.keyboard.press("Escape")
        assert not page.locator("#tb-session").is_visible()

        page.clock.fast_forward("06:00")
        assert page.locator("#tb-session").is_visible()
        assert page.get_by_role("link", name="Sign in again").is_visible()
