"""Pictures of every page in both directions: ``python -m tests.e2e.screenshots docs/screenshots``.

Serves the sample data, decides a little so that pages have something to show, and takes each page
and each state in English (left to right) and Arabic (right to left).
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from app.web.options import PREFIX
from tests.e2e.serving import CHROMIUM_ARGUMENTS, Demo, find_chromium, serving_demo
from tests.e2e.states import STATES
from tests.e2e.surfaces import ids_of, sign_in, speak, surfaces

LOCALES = ("en", "ar")
_QUALITY = 50
_WIDTH = 1180
_TALLEST = 2200


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS)
        with serving_demo(Path(scratch), Path(scratch)) as demo:
            ids = ids_of(demo, browser)
            decide_a_little(demo, ids["vacancy_id"])
            for locale in LOCALES:
                n_taken = take_all(browser, demo, ids, locale, options.folder / locale)
                print(f"{n_taken} pictures in {options.folder / locale}")
        browser.close()


def decide_a_little(demo: Demo, vacancy_id: str) -> None:
    """Give the shortlist, the queue and the history something to show."""
    path = f"/v1/vacancies/{vacancy_id}"
    people = [each["candidate"]["id"] for each in demo.get("reviewer", f"{path}/matches")["items"]]
    decisions = [
        (people[1], "shortlisted", None),
        (people[2], "info_requested", "facts_missing"),
        (people[3], "rejected", "skills_missing"),
        (people[4], "deferred", "not_available"),
    ]
    for candidate, decision, reason in decisions:
        body = {"candidate_id": candidate, "decision": decision, "reason": reason}
        demo.post("reviewer", f"{path}/reviews", {name: each for name, each in body.items() if each})


def take_all(browser: Any, demo: Demo, ids: dict[str, str], locale: str, folder: Path) -> int:
    """Take every page and state in one language."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pages = {who: _page(browser, demo, who, locale) for who in ("reviewer", "admin", "")}
    n_taken = 0
    for surface in surfaces(ids):
        pages[surface.who].goto(f"{demo.url}{surface.address}")
        n_taken += _take(pages[surface.who], folder / f"{surface.name}.jpg")
    for state in STATES:
        state.reach(pages[state.who], demo.url, ids)
        n_taken += _take(pages[state.who], folder / f"{state.name}.jpg")
    for page in pages.values():
        page.context.close()
    return n_taken


def _page(browser: Any, demo: Demo, who: str, locale: str) -> Any:
    page = browser.new_context(viewport={"width": _WIDTH, "height": 900}, locale="en-GB").new_page()
    if who:
        sign_in(page, demo, who)
    else:
        page.goto(f"{demo.url}{PREFIX}/sign-in")
    speak(page, locale)
    return page


def _take(page: Any, path: Path) -> int:
    page.wait_for_load_state("networkidle")
    height = page.evaluate("document.documentElement.scrollHeight")
    # Long lists repeat themselves; what is cut off looks like what is shown.
    clip = {"x": 0, "y": 0, "width": _WIDTH, "height": min(height, _TALLEST)}
    page.screenshot(path=path, full_page=True, clip=clip, type="jpeg", quality=_QUALITY)
    return 1


if __name__ == "__main__":
    main()
