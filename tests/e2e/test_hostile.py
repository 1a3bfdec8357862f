"""Text that is meant to run as a script, stored wherever people can write: none of it runs on any page."""

from __future__ import annotations

from typing import Any

from tests.e2e.serving import Demo
from tests.e2e.states import STATES
from tests.e2e.surfaces import ids_of, signed_in, surfaces

MARK = "hostile"
HOSTILE = (
    f"{MARK}<script>window.ran=1</script><img src=x onerror='window.ran=1'>"
    "<svg onload='window.ran=1'>\"'><a href='javascript:window.ran=1'>x</a></textarea></title>{{7*7}}${7*7}"
)

WHAT_RAN = """selector => [
  window.ran !== undefined, document.querySelectorAll(selector).length, document.title,
]"""


def store(demo: Demo) -> dict[str, str]:
    """Write hostile text into every field that takes text, and rank it."""
    vacancy = demo.post(
        "employer",
        "/v1/vacancies",
        {
            "external_id": "hostile",
            "title": HOSTILE,
            "description": f"{HOSTILE}\nYou weld with MIG/MAG equipment.",
            "occupation": HOSTILE,
            "region": HOSTILE,
            "skills": [HOSTILE, "weld with MIG/MAG equipment"],
            "licences": [HOSTILE],
        },
    )["id"]
    demo.post("employer", f"/v1/vacancies/{vacancy}:publish")
    cohort = demo.post("institution", "/v1/cohorts", {"external_id": "hostile", "title": HOSTILE})["id"]
    candidate = {
        "external_id": "hostile",
        "text": HOSTILE,
        "skills": [HOSTILE, "weld with MIG/MAG equipment"],
        "occupations": [HOSTILE, "MIG/MAG welder"],
        "education": [HOSTILE],
        "experience": [{"occupation": HOSTILE, "text": HOSTILE, "months": 12}],
        "identity": {"given_name": HOSTILE, "family_name": HOSTILE},
    }
    made = demo.post("institution", f"/v1/cohorts/{cohort}/candidates", candidate)
    demo.post("institution", f"/v1/cohorts/{cohort}:commit")
    return {"vacancy_id": vacancy, "cohort_id": cohort, "candidate_id": made["id"]}


def ranked(page: Any, demo: Demo) -> str:
    run = demo.post("reviewer", "/v1/match-runs", {})
    for _ in range(240):
        job = demo.get("reviewer", f"/v1/jobs/{run['job_id']}")
        if job["status"] == "succeeded":
            return str(run["id"])
        page.wait_for_timeout(500)
    raise AssertionError(job)


def decided(demo: Demo, ids: dict[str, str]) -> None:
    """Leave hostile notes and reasons behind."""
    review = {
        "candidate_id": ids["candidate_id"],
        "decision": "info_requested",
        "reason": "other",
        "note": HOSTILE,
    }
    demo.post("reviewer", f"/v1/vacancies/{ids['vacancy_id']}/reviews", review)
    alias = {"phrase": HOSTILE[:60], "lang": "en", "kind": "skill", "concept_uri": None}
    demo.post("reviewer", "/v1/aliases", alias)
    weights = {"name": "hostile", "values": {"title": 3.0}, "reason": HOSTILE}
    ids["row_id"] = demo.post("admin", "/v1/weight-profiles", weights)["id"]
    organisation = {"external_id": "hostile", "kind": "employer", "name": HOSTILE}
    ids["organisation_id"] = demo.post("admin", "/v1/organisations", organisation)["id"]


def test_no_text_that_people_store_runs_on_any_page(browser: Any, demo: Demo):
    ids = {**ids_of(demo, browser), **store(demo)}
    faults: list[str] = []
    n_shown = 0
    with signed_in(browser, demo, "admin") as admin, signed_in(browser, demo, "reviewer") as reviewer:
        ids["run_id"] = ranked(reviewer, demo)
        ranking = demo.get("reviewer", f"/v1/vacancies/{ids['vacancy_id']}/matches")
        listed = [each["candidate"]["id"] for each in ranking["items"]]
        assert ids["candidate_id"] in listed
        ids["second_id"] = next(each for each in listed if each != ids["candidate_id"])
        decided(demo, ids)
        reviewer.goto(f"{demo.url}/console/vacancies/{ids['vacancy_id']}")
        link = reviewer.locator("a[href*='/requirements/']").first.get_attribute("href")
        ids["requirement"] = link.rpartition("/")[2]
        people = {"admin": admin, "reviewer": reviewer, "": reviewer}
        for page in (admin, reviewer):
            page.on("dialog", lambda each: faults.append(f"dialog {each.message}"))
        for surface in surfaces(ids):
            page = people[surface.who]
            page.goto(f"{demo.url}{surface.address}")
            faults += _ran(page, surface.name)
            n_shown += MARK in page.content()
        for state in STATES:
            if state.who:
                state.reach(people[state.who], demo.url, ids)
                faults += _ran(people[state.who], state.name)
    assert not faults, faults
    # The text is there to be read; it is not that nothing was shown.
    assert n_shown > 15


def _ran(page: Any, name: str) -> list[str]:
    """What ran on a page, or came into it as more than text."""
    ran, n_elements, title = page.evaluate(WHAT_RAN, "img[src='x'], svg[onload], a[href^='javascript']")
    found = ["a script ran"] if ran else []
    if n_elements:
        found.append("markup came through")
    if "49" in title:
        found.append("a template ran")
    return [f"{name}: {each}" for each in found]
