"""The whole way on the sample data: from a vacancy sent in by an employer to an introduction accepted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.web.options import PREFIX
from tests.e2e.serving import Demo
from tests.e2e.surfaces import COHORT_FILE, sign_in

VACANCY = {
    "external_id": "flow-welder",
    "title": "Welder for ship sections",
    "lang": "en",
    "country": "PL",
    "occupation": "welder",
    "description": "You weld ship sections with MIG/MAG equipment and read technical drawings.",
    "skills": ["weld with MIG/MAG equipment", "read technical drawings"],
    "openings": 2,
}
OTHER = {**VACANCY, "external_id": "flow-second", "title": "Welder for bridges"}


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def reviewer(request: pytest.FixtureRequest, browser: Any, demo: Demo) -> Iterator[Any]:
    """The page of a reviewer, in a browser with and without JavaScript."""
    scripts = request.param == "with JavaScript"
    context = browser.new_context(java_script_enabled=scripts, locale="en-GB", accept_downloads=True)
    page = context.new_page()
    page.has_scripts = scripts
    sign_in(page, demo, "reviewer")
    yield page
    context.close()


def published(demo: Demo, vacancy: dict[str, Any]) -> str:
    made = demo.post("employer", "/v1/vacancies", vacancy)
    demo.post("employer", f"/v1/vacancies/{made['id']}:publish")
    return str(made["id"])


def press(page: Any, name: str | re.Pattern[str]) -> None:
    """Press a button and wait for the page that it leads to."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).first.click()


def wait_until(page: Any, text: str, *, seconds: int = 90) -> None:
    """Wait for a page to say something; without JavaScript by asking again, as its link offers."""
    for _ in range(seconds * 2):
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(500)
        if not page.has_scripts:
            page.reload()
    raise AssertionError(f"{page.url} never says {text!r}:\n{page.locator('main').inner_text()[:1500]}")


def test_from_a_vacancy_to_an_accepted_introduction(reviewer: Any, demo: Demo):
    page = reviewer
    vacancy, other = published(demo, VACANCY), published(demo, OTHER)
    settle_requirements(page, demo, vacancy)
    add_cohort(page, demo)
    rank(page, demo)
    candidate, pseudonym = shortlist_best(page, demo, vacancy)
    introduce(page, demo, vacancy, pseudonym)
    answer = {"answer": "accepted"}
    introductions = demo.get("employer", f"/v1/vacancies/{vacancy}/introductions")["items"]
    assert [each["candidate"]["id"] for each in introductions] == [candidate]
    demo.post("employer", f"/v1/vacancies/{vacancy}/introductions/{candidate}:answer", answer)
    page.goto(f"{demo.url}{PREFIX}/vacancies/{vacancy}/shortlist")
    assert page.get_by_text("Accepted by the employer").count()
    # Nobody is promised twice: every other vacancy that ranks them says so.
    page.goto(f"{demo.url}{PREFIX}/vacancies/{other}/matches/{candidate}")
    assert page.get_by_text(re.compile("elsewhere", re.IGNORECASE)).first.is_visible()
    page.goto(f"{demo.url}{PREFIX}/vacancies/{other}/matches")
    row = page.get_by_role("row").filter(has_text=pseudonym)
    assert row.get_by_text(re.compile("elsewhere|introduced|accepted", re.IGNORECASE)).count()
    page.goto(f"{demo.url}{PREFIX}/candidates/{candidate}")
    assert page.get_by_text("Accepted by the employer").count()


def settle_requirements(page: Any, demo: Demo, vacancy: str) -> None:
    """Confirm what the vacancy asks for."""
    page.goto(f"{demo.url}{PREFIX}/queue?tab=all&q=ship+sections")
    page.get_by_role("link", name=str(VACANCY["title"])).click()
    assert page.url.endswith(f"/vacancies/{vacancy}")
    press(page, re.compile("^Confirm (all|the)"))
    assert page.get_by_text("All requirements are decided on.").count()


def add_cohort(page: Any, demo: Demo) -> None:
    """Send in a file with faults, mend one, take the good rows, and see the rest listed."""
    page.goto(f"{demo.url}{PREFIX}/cohorts/upload")
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": COHORT_FILE.encode()}
    page.locator("#file").set_input_files(file)
    page.get_by_label("Code of the cohort").fill("flow-2026")
    press(page, "Go on to the columns")
    press(page, "Check the file")
    wait_until(page, "Rows to be mended")
    assert page.get_by_text("rows refused").count()
    assert page.get_by_role("link", name="XLSX").count()
    fault = page.get_by_label(re.compile("^Row 3: write instead"))
    fault.first.fill("fr:B1")
    with page.expect_navigation():
        page.locator("form", has=fault.first).get_by_role("button", name="Save and check again").click()
    wait_until(page, "Take the")
    press(page, re.compile("^Take the"))
    wait_until(page, "People added")


def rank(page: Any, demo: Demo) -> None:
    """Rank every published vacancy, and follow it until it is done."""
    page.goto(f"{demo.url}{PREFIX}/runs/new")
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()
    wait_until(page, "Vacancies ranked")


def shortlist_best(page: Any, demo: Demo, vacancy: str) -> tuple[str, str]:
    """Shortlist the best match: by keyboard alone where there are scripts."""
    page.goto(f"{demo.url}{PREFIX}/vacancies/{vacancy}/matches")
    first = page.locator("tr[data-row] a").first
    pseudonym = first.inner_text().strip()
    if page.has_scripts:
        page.keyboard.press("j")
        with page.expect_navigation():
            page.keyboard.press("o")
        candidate = page.url.rpartition("/")[2].partition("?")[0]
        page.keyboard.press("s")
        page.wait_for_function("document.activeElement.id === 'reason-shortlisted'")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.tagName === 'H1'")
    else:
        first.click()
        candidate = page.url.rpartition("/")[2].partition("?")[0]
        page.locator("#decide-shortlisted").check(force=True)
        press(page, "Save and go on")
    assert page.locator("#tb-notice").get_by_role("button", name="Undo").count()
    assert pseudonym not in page.locator("h1").inner_text()
    return candidate, pseudonym


def introduce(page: Any, demo: Demo, vacancy: str, pseudonym: str) -> None:
    page.goto(f"{demo.url}{PREFIX}/vacancies/{vacancy}/shortlist")
    page.get_by_label(f"Choose {pseudonym}").check()
    press(page, "Check and introduce those chosen")
    press(page, re.compile("^Introduce 1 person"))
    assert page.locator("#tb-notice").count()
