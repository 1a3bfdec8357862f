"""Pages of cohorts."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from app.db import session_scope
from app.services.cohorts import record_validation
from tests.api.test_lists import counted_statements
from tests.web.conftest import Console
from tests.web.sending import checked, sent
from tests.web.test_queue import actor_of

HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)>"'


@pytest.fixture
def cohort(console: Console) -> str:
    people = [{"external_id": f"own-{n}", "skills": [{"skill": "arc welding"}]} for n in range(3)]
    made: str = console.api.committed_cohort(people)["id"]
    return made


def test_the_list_says_whose_a_cohort_is_and_how_many_people_it_has(console: Console, cohort: str):
    page = console.page("reviewer", "/console/cohorts")

    assert page.has_link(f"/console/cohorts/{cohort}")
    assert "Invented Ltd" in page.text
    assert "Committed" in page.text
    assert page.has_link("/console/cohorts/upload")


@pytest.mark.parametrize(
    ("query", "is_there"), [("status=committed", True), ("status=ready", False), ("institution=no", True)]
)
def test_the_address_narrows_the_list(console: Console, cohort: str, query: str, is_there: bool):
    page = console.page("reviewer", f"/console/cohorts?{query}")

    assert page.has_link(f"/console/cohorts/{cohort}") is is_there
    assert ("No cohort is like this" in page.text) is not is_there


def test_the_institution_that_the_list_is_narrowed_to_stays_chosen(console: Console, cohort: str):
    institution = console.api.ids["institution"]
    page = console.page("reviewer", f"/console/cohorts?institution={institution}")

    assert page.has_link(f"/console/cohorts/{cohort}")
    assert page.form("/cohorts").fields["institution"] == [institution]


def test_a_cohort_that_waits_is_committed_with_the_people_in_it(console: Console):
    api = console.api
    api.made("institution", "/v1/programmes", {"external_id": "weld", "title": "Metal construction"})
    given = {"external_id": "c-2", "programme": "weld", "finishes_on": "2026-06-30"}
    made = api.made("institution", "/v1/cohorts", given)
    address = f"/console/cohorts/{made['id']}"
    empty = console.page("reviewer", address)
    assert "Nobody is in this cohort yet" in empty.text
    assert "Programme Metal construction" in empty.text
    assert "Finishes 30 Jun 2026" in empty.text
    assert not [form for form in empty.forms if form.action.endswith("/commit")]

    api.made("institution", f"/v1/cohorts/{made['id']}/candidates:batch", [{"external_id": "own"}])
    with session_scope(api.factory) as session:  # as the import of a file on the server leaves it
        record_validation(session, actor_of(console), UUID(made["id"]), (), now=api.clock())
    form = console.page("reviewer", address).form("/commit")
    page = console.posted("reviewer", form.action)

    assert "Its people are ranked from now on." in page.text
    assert "Committed" in page.text


def test_the_list_takes_the_same_number_of_queries_whatever_there_is(console: Console, cohort: str):
    def opened() -> int:
        with counted_statements(console.api.engine) as statements:
            console.page("reviewer", "/console/cohorts")
        return len(statements)

    console.token("reviewer")
    before = opened()
    for number in range(5):
        console.api.committed_cohort([{"external_id": "x"}], external_id=f"more-{number}")
    assert opened() == before


def test_people_are_shown_by_pseudonym(console: Console, cohort: str):
    page = console.page("reviewer", f"/console/cohorts/{cohort}")

    assert len(set(re.findall(r"C-\w{5}-\w{5}", page.text))) == 3
    assert "own-1" not in page.text


def test_an_auditor_sees_how_many_and_not_who(console: Console, cohort: str):
    page = console.page("auditor", f"/console/cohorts/{cohort}")

    assert "C-" not in page.text
    assert "Your role sees how many people there are" in page.text
    assert not any(form.action.endswith(("/withdraw", "/commit")) for form in page.forms)
    assert console.get("auditor", "/console/cohorts/upload").status_code == 403


def test_only_an_administrator_withdraws_a_cohort(console: Console, cohort: str):
    assert console.post("reviewer", f"/console/cohorts/{cohort}/withdraw").status_code == 403

    form = console.page("admin", f"/console/cohorts/{cohort}").form("/withdraw")
    page = console.posted("admin", form.action)

    assert "no longer ranked" in page.text
    assert "Withdrawn" in page.text
    assert console.post("admin", f"/console/cohorts/{cohort}/withdraw").status_code == 409


def test_refused_rows_stay_listed_by_what_mends_them(console: Console):
    address = checked(console)
    console.post("reviewer", f"{address}/commit")

    links = [href for href, _ in console.page("reviewer", f"{address}/receipt").links]
    [href] = {each for each in links if re.fullmatch("/console/cohorts/[0-9a-f-]{36}", each)}
    page = console.page("reviewer", href)

    assert "1 row · Candidate ID: A value is missing. Fill it in. In row 3" in page.text
    assert "1 row · Evidence: This is not a kind of evidence." in page.text


@pytest.mark.parametrize("path", ["", "/commit", "/withdraw"])
def test_another_partnership_has_no_such_cohort(console: Console, cohort: str, path: str):
    console.api.add_partnership("b:")
    method = "POST" if path else "GET"

    assert console.call("b:admin", method, f"/console/cohorts/{cohort}{path}").status_code == 404


@pytest.mark.parametrize("step", ["", "/columns", "/progress", "/preview", "/receipt", "/refused.csv"])
def test_another_partnership_has_no_such_upload(console: Console, step: str):
    address = sent(console)
    console.api.add_partnership("b:")

    assert console.get("b:reviewer", f"{address}{step}").status_code == 404


@pytest.mark.parametrize("step", ["columns", "check", "values", "refused", "commit", "discard"])
def test_another_partnership_changes_no_upload(console: Console, step: str):
    address = checked(console)
    console.api.add_partnership("b:")
    form: dict[str, Any] = {"column": ["id", "", "", "", ""]} if step == "columns" else {}
    if step == "values":
        form = {"v-3-id": "A-2"}
    files = {"file": ("x.csv", b"row,id\n3,A-2")} if step == "refused" else None

    response = console.post("b:reviewer", f"{address}/{step}", form, files=files)

    assert response.status_code == 404
    assert "2 good rows" not in console.page("reviewer", f"{address}/preview").text


def test_hostile_text_is_shown_and_never_run(console: Console):
    quoted = '"' + HOSTILE.replace('"', '""') + '"'
    data = f"id,skills,evidence,{quoted}\n{quoted},x,{quoted},1\n"
    address = sent(console, data.encode(), external_id="spring", title=HOSTILE)
    pages = [console.page("reviewer", f"{address}/columns")]
    console.post("reviewer", f"{address}/columns", {"column": ["id", "skills", "evidence", ""]})
    pages += [console.page("reviewer", f"{address}/preview"), console.page("reviewer", "/console/cohorts")]

    for page in pages:
        assert "alert(1)" in page.text
        assert not any(tag == "img" or "onerror" in attributes for tag, attributes in page.tags)
        assert all(attributes.get("src") for tag, attributes in page.tags if tag == "script")
