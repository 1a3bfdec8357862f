"""Every page of the console on the sample data, and states that pages can be in.

A page is found by its route: one that nobody gave values for fails the test that walks them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from app.web.application import PAGES
from app.web.options import PREFIX
from tests.e2e.serving import Demo

# Files to download, fragments, and pages that only lead on.
NOT_PAGES = {
    "/",
    "/audit/export",
    "/cohorts/template.{extension}",
    "/cohorts/uploads/{upload_id}",
    "/cohorts/uploads/{upload_id}/refused.{extension}",
    "/jobs/{job_id}/progress",
    "/vacancies/{vacancy_id}/matches/{candidate_id}/decision",
    "/vacancies/{vacancy_id}/matches/{candidate_id}/opinion",
    "/vacancies/{vacancy_id}/matches/{candidate_id}/rating",
    "/vacancies/{vacancy_id}/shortlist.{kind}",
}

# A file with one good row and three faults, of invented people.
COHORT_FILE = """id,given_name,family_name,skills,occupations,languages,consent
S-1,Nadia,Invented,weld with MIG/MAG equipment; read technical drawings,welder,fr:B2; en:A2,yes
S-2,Karim,Invented,plaster walls,plasterer,fr:Z9,yes
S-2,Salma,Invented,lay bricks,bricklayer,fr:B1,yes
,Omar,Invented,sew garments,sewing machine operator,ar:C2,yes
"""


@dataclass(frozen=True)
class Surface:
    """One page in one state.

    ``who`` is ``reviewer``, ``admin`` or empty for nobody. ``name`` is that of its screenshot.
    """

    name: str
    address: str
    who: str = "reviewer"


def page_routes() -> list[str]:
    """The paths of all pages, sorted."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for module in PAGES:
        app.include_router(module.router)
    found = {
        each.path
        for each in iter_route_contexts(app.routes)
        if each.path is not None and "GET" in (each.methods or ())
    }
    return sorted(found - NOT_PAGES)


def ids_of(demo: Demo, browser: Any) -> dict[str, str]:
    """What the sample data has to fill into addresses; some is made."""
    vacancy = demo.get("reviewer", "/v1/vacancies?limit=1")["items"][0]["id"]
    ranking = demo.get("reviewer", f"/v1/vacancies/{vacancy}/matches")
    run = demo.get("reviewer", "/v1/match-runs")["items"][0]
    weights = {"name": "title-counts-more", "values": {"title": 3.0}, "reason": "Trial"}
    with signed_in(browser, demo, "admin") as page:
        account = _linked(page, f"{demo.url}{PREFIX}/settings/users", "/settings/users/")
    with signed_in(browser, demo, "reviewer") as page:
        upload = send_file(page, demo, "surfaces").rpartition("/")[2]
        requirement = _linked(page, f"{demo.url}{PREFIX}/vacancies/{vacancy}", "/requirements/")
    return {
        "vacancy_id": vacancy,
        "candidate_id": ranking["items"][0]["candidate"]["id"],
        "second_id": ranking["items"][1]["candidate"]["id"],
        "run_id": run["id"],
        "job_id": run["job_id"],
        "cohort_id": demo.get("reviewer", "/v1/cohorts")["items"][0]["id"],
        "entry_id": demo.get("reviewer", "/v1/normalisation-queue")["items"][0]["id"],
        "organisation_id": demo.get("admin", "/v1/organisations")["items"][0]["id"],
        "row_id": demo.post("admin", "/v1/weight-profiles", weights)["id"],
        "concept": demo.get("reviewer", "/v1/skills?q=weld")["items"][0]["concept_uri"],
        "upload_id": upload,
        "account_id": account,
        "requirement": requirement,
    }


def _linked(page: Any, address: str, below: str) -> str:
    """The last part of the first address below some path that a page links to."""
    page.goto(address)
    link = page.locator(f"a[href*='{below}']:not([href$='/new'])").first
    return str(link.get_attribute("href")).rpartition("/")[2]


def surfaces(ids: dict[str, str]) -> Iterator[Surface]:
    """Every page, with the queries that give it something to show, and further states."""
    queries = {
        "/queue": "?tab=all",
        "/vacancies/{vacancy_id}/compare": f"?candidate={ids['candidate_id']}&candidate={ids['second_id']}",
        "/vacancies/{vacancy_id}/shortlist/introduce": f"?candidate={ids['candidate_id']}",
        "/runs/compare": f"?before={ids['run_id']}&after={ids['run_id']}",
        "/taxonomy/search": "?q=weld",
        "/taxonomy/concept": f"?uri={ids['concept']}",
        "/normalisation/{entry_id}/preview": f"?kind=skill&concept_uri={ids['concept']}",
    }
    for path in page_routes():
        who = "" if path == "/sign-in" else "admin" if path.startswith(_OF_ADMINS) else "reviewer"
        name = re.sub(r"[^a-z]+", "-", re.sub(r"\{\w+\}", "one", path)).strip("-")
        filled = re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], path)
        yield Surface(name, f"{PREFIX}{filled}{queries.get(path, '')}", who)
    yield Surface("state-nothing-found", f"{PREFIX}/queue?tab=all&q=nothing-is-called-so")
    yield Surface("state-unknown-address", f"{PREFIX}/nothing")
    yield Surface("state-no-permission", f"{PREFIX}/weights")
    yield Surface("state-compare-one", f"{PREFIX}/vacancies/{ids['vacancy_id']}/compare")


_OF_ADMINS = ("/weights", "/audit", "/settings/users", "/settings/api-keys", "/settings/organisations")


@contextmanager
def signed_in(browser: Any, demo: Demo, who: str, **context: Any) -> Iterator[Any]:
    """A page of somebody who is signed in, in a browser of their own."""
    own = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", **context)
    page = own.new_page()
    sign_in(page, demo, who)
    yield page
    own.close()


def sign_in(page: Any, demo: Demo, who: str) -> None:
    """Sign in as somebody, by the page that everybody uses."""
    page.goto(f"{demo.url}{PREFIX}/sign-in")
    if who == "reviewer":
        page.get_by_role("button", name="Start as a reviewer").click()
    else:
        page.get_by_label("E-mail address").fill(demo.admin_email)
        page.get_by_label("Password").fill(demo.admin_password)
        page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{demo.url}{PREFIX}/queue*")


def speak(page: Any, locale: str) -> None:
    """Change the language of the interface."""
    page.locator("#tb-language").select_option(locale)
    page.locator("form.tb-language button").click()
    page.wait_for_function(f"document.documentElement.lang === '{locale}'")


def send_file(page: Any, demo: Demo, code: str) -> str:
    """Send a file with faults in, as far as its preview, and give the address of its steps."""
    page.goto(f"{demo.url}{PREFIX}/cohorts/upload")
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": COHORT_FILE.encode()}
    page.locator("#file").set_input_files(file)
    page.locator("#external_id").fill(code)
    page.locator("form[enctype] button[type=submit]").click()
    page.wait_for_url("**/columns")
    page.locator("form[action$='/columns'] button[type=submit]").click()
    page.wait_for_url("**/preview")
    return str(page.url).removesuffix("/preview").removeprefix(demo.url)
