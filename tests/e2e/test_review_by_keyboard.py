"""Five reviews in a row without a mouse, as a new reviewer would."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from tests.e2e.serving import Demo

# A rejection among the first ranks goes against the ranking, so it has a reason: one step down the list.
STEPS = (
    (("s", "Enter"), "Shortlisted"),
    (("r", "ArrowDown", "Enter"), "Rejected"),
    (("n", "Enter"), "Information asked for"),
    (("d", "Enter"), "Deferred"),
    (("s", "Escape", "r", "ArrowDown", "Enter"), "Rejected"),
)


def ranking_of(demo: Demo) -> tuple[str, list[dict[str, Any]]]:
    """The first vacancy, and its matches, best first."""

    def get(path: str) -> Any:
        request = urllib.request.Request(  # the server of this test
            f"{demo.url}{path}", headers={"Authorization": f"Bearer {demo.keys['reviewer']}"}
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    vacancy_id = get("/v1/vacancies?status=published")["items"][0]["id"]
    return vacancy_id, get(f"/v1/vacancies/{vacancy_id}/matches")["items"]


def test_five_reviews_in_a_row_by_keyboard_alone(demo: Demo, browser: Any):
    vacancy_id, matches = ranking_of(demo)
    names = [match["candidate"]["pseudonym"] for match in matches]
    page = browser.new_page()
    page.goto(f"{demo.url}/console/sign-in")
    page.get_by_role("button", name="Start as a reviewer").press("Enter")
    page.wait_for_url("**/console/**")
    page.goto(f"{demo.url}/console/vacancies/{vacancy_id}/matches/{matches[0]['candidate']['id']}")
    page.get_by_text("You are reviewing this candidate until").wait_for()
    for at, (keys, state) in enumerate(STEPS):
        assert names[at] in page.inner_text("h1")
        for key in keys[:-1]:
            page.keyboard.press(key)
        focused = page.evaluate("document.activeElement.id")
        assert focused.startswith("reason-"), (keys, focused)
        bar = page.locator(".tb-decide").bounding_box()
        assert bar is not None
        assert page.locator(f"#{focused}").bounding_box()["y"] >= bar["y"]
        with page.expect_navigation():
            page.keyboard.press(keys[-1])
        # The heading takes focus and is described by what was done, so both are read out.
        heading = page.evaluate(
            "[document.activeElement.tagName, document.activeElement.getAttribute('aria-describedby')]"
        )
        assert heading == ["H1", "tb-notice"]
        assert f"{names[at]}: {state}." in page.inner_text("#tb-notice")
    assert names[len(STEPS)] in page.inner_text("h1")

    with page.expect_navigation():
        page.keyboard.press("u")
    assert names[len(STEPS) - 1] in page.inner_text("h1")
    assert "The state is now: Not decided." in page.inner_text("#tb-notice")
    with page.expect_navigation():
        page.keyboard.press("j")
    assert names[len(STEPS)] in page.inner_text("h1")
    with page.expect_navigation():
        page.keyboard.press("k")
    page.keyboard.press("?")
    assert page.locator("#tb-keys").is_visible()
    page.close()
