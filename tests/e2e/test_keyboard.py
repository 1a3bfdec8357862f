"""A new reviewer without a mouse: signs in, decides on five in a row, introduces one; by keys alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from app.web.options import PREFIX
from tests.e2e.serving import Demo

# A rejection among the first ranks goes against the ranking, so it has a reason: one step down the list.
STEPS = (
    (("s", "Enter"), "Shortlisted"),
    (("r", "ArrowDown", "Enter"), "Rejected"),
    (("n", "Enter"), "Information asked for"),
    (("d", "Enter"), "Deferred"),
    (("s", "Escape", "r", "ArrowDown", "Enter"), "Rejected"),
)
# What is seen of the element that has focus: a button stands for its hidden choice, a label.
FOCUSED = """() => {
  const held = document.activeElement;
  const shown = (held.matches(".btn-check") && held.labels[0]) || held;
  const box = shown.getBoundingClientRect();
  const style = getComputedStyle(shown);
  const x = box.x + box.width / 2, y = box.y + box.height / 2;
  const above = document.elementFromPoint(x, y);
  return {
    id: held.id,
    tag: held.tagName,
    name: (held.getAttribute("aria-label") || shown.innerText || "").trim(),
    about: held.getAttribute("aria-describedby"),
    isOutlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    isInView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    isCovered: box.height < innerHeight / 2 && !(above && (shown.contains(above) || above.contains(shown))),
  };
}"""


@dataclass
class Keyboard:
    """The only way to a page here."""

    page: Any

    @property
    def focused(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(FOCUSED)
        return found

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def follow(self, *keys: str) -> None:
        """Press keys of which the last opens another page."""
        self.press(*keys[:-1])
        with self.page.expect_navigation():
            self.press(keys[-1])

    def tab_to(self, name: str, within: int) -> None:
        """Go on with Tab to what is called so; wherever focus comes by it is seen."""
        for _ in range(within):
            self.press("Tab")
            focused = self.focused
            assert focused["isOutlined"], focused
            assert focused["isInView"], focused
            assert not focused["isCovered"], focused
            if focused["name"].startswith(name):
                return
        raise AssertionError(f"{name}: not within {within} stops")

    def to_main(self) -> None:
        self.press("Tab", "Enter")
        assert self.focused["id"] == "main"

    @property
    def said(self) -> str:
        text: str = self.page.inner_text("#tb-notice p")
        return text

    @property
    def heading(self) -> str:
        text: str = self.page.inner_text("h1")
        return text


@pytest.fixture
def keyboard(browser: Any, demo: Demo) -> Iterator[Keyboard]:
    """Signed in, on the first page."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    page = context.new_page()
    page.goto(f"{demo.url}{PREFIX}/")
    hands = Keyboard(page)
    hands.tab_to("Start as a reviewer", within=6)
    hands.follow("Enter")
    yield hands
    context.close()


def test_from_the_first_page_to_an_introduction(keyboard: Keyboard, demo: Demo):
    vacancy = demo.get("reviewer", "/v1/vacancies?status=published")["items"][0]
    matches = demo.get("reviewer", f"/v1/vacancies/{vacancy['id']}/matches")["items"]
    names = [match["candidate"]["pseudonym"] for match in matches]

    claim(keyboard, vacancy["title"])
    to_the_first_match(keyboard, vacancy["title"])
    five_reviews(keyboard, names)
    take_back_and_decide_anew(keyboard, names)
    introduce(keyboard, names)
    reviews = demo.get("reviewer", f"/v1/vacancies/{vacancy['id']}/reviews")["items"]
    newest = {each["candidate"]["pseudonym"]: each["decision"] for each in reversed(reviews)}
    assert [newest[name] for name in names[:5]] == [
        "introduced",
        "rejected",
        "info_requested",
        "deferred",
        "shortlisted",
    ]


def claim(keyboard: Keyboard, title: str) -> None:
    keyboard.to_main()
    keyboard.press("j")
    assert keyboard.focused["name"] == title
    keyboard.tab_to("Claim", within=2)
    keyboard.follow("Enter")
    # What was done has focus, so it is read out, and Tab goes on from there.
    assert keyboard.focused["id"] == "tb-notice"
    assert f"{title}\u2069: you look after it now." in keyboard.said
    keyboard.tab_to("Undo", within=1)


def to_the_first_match(keyboard: Keyboard, title: str) -> None:
    keyboard.tab_to("Mine 1", within=1)
    keyboard.follow("Enter")
    keyboard.press("j")
    assert keyboard.focused["name"] == title
    keyboard.follow("o")
    keyboard.to_main()
    keyboard.tab_to("See matches", within=2)
    keyboard.follow("Enter")
    keyboard.to_main()
    keyboard.tab_to("Review those not decided", within=3)
    keyboard.follow("Enter")
    keyboard.page.get_by_text("You are reviewing this candidate until").wait_for()


def five_reviews(keyboard: Keyboard, names: list[str]) -> None:
    page = keyboard.page
    for at, (keys, state) in enumerate(STEPS):
        assert names[at] in keyboard.heading
        page.wait_for_load_state("networkidle")  # the claim, which moves the page when it comes
        before = page.evaluate("scrollY")
        keyboard.press(*keys[:-1])
        focused = keyboard.focused
        assert focused["id"].startswith("reason-"), (keys, focused)
        assert focused["isOutlined"]
        assert focused["isInView"]
        assert not focused["isCovered"]
        # What is being read stays where it is.
        assert page.evaluate("scrollY") == before
        keyboard.follow(keys[-1])
        # The heading takes focus and is described by what was done, so both are read out.
        focused = keyboard.focused
        assert (focused["tag"], focused["about"]) == ("H1", "tb-notice")
        assert keyboard.said.startswith(f"{names[at]}: {state}.")
    assert names[len(STEPS)] in keyboard.heading


def take_back_and_decide_anew(keyboard: Keyboard, names: list[str]) -> None:
    keyboard.follow("u")
    assert names[4] in keyboard.heading
    assert "The state is now: Not decided." in keyboard.said
    keyboard.follow("j")
    assert names[5] in keyboard.heading
    keyboard.follow("k")
    keyboard.press("?")
    assert keyboard.page.locator("#tb-keys").is_visible()
    assert keyboard.focused["name"] == "Close"
    keyboard.press("Escape", "s")
    keyboard.follow("Enter")
    assert keyboard.said.startswith(f"{names[4]}: Shortlisted.")


def introduce(keyboard: Keyboard, names: list[str]) -> None:
    keyboard.press("Shift+Tab")
    assert keyboard.focused["name"] == "Ranked matches"
    keyboard.follow("Enter")
    keyboard.to_main()
    keyboard.tab_to("Shortlist", within=4)
    keyboard.follow("Enter")
    keyboard.to_main()
    keyboard.tab_to(f"Choose {names[0]}", within=12)
    keyboard.press("Space")
    keyboard.tab_to("Check and introduce those chosen", within=6)
    keyboard.follow("Enter")
    assert keyboard.heading.startswith("Check before introducing")
    keyboard.to_main()
    keyboard.tab_to("Introduce 1 person", within=8)
    keyboard.follow("Enter")
    assert keyboard.focused["id"] == "tb-notice"
    assert "introduced" in keyboard.said.lower()
