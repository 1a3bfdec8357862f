"""Weights in the console: propose, see what would move, and let a second person approve."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from app.db import session_scope
from app.domain.transitions import WeightsState
from app.matching.weights import DEFAULT_WEIGHTS
from app.models import StoredWeights
from app.services.weight_profiles import propose_weights
from app.services.weight_proposals import fit_proposal
from app.web.views.weights import entry_names, nested
from tests.decided import decide_by_occupation
from tests.factories import NOW, make_staff
from tests.integration.test_queries import counted
from tests.web.conftest import Console, partnership_of
from tests.web.pages import Page

HOSTILE = "<script>alert(1)</script>"


def proposed(console: Console, who: str = "admin", **changes: str) -> str:
    """Send the form as it stands, with some changes, and give the address of the proposal."""
    response = console.post(who, "/console/weights", sent(console, who, **changes))
    assert response.status_code == 303, response.text
    address: str = response.headers["location"]
    return address


def sent(console: Console, who: str, **changes: str) -> dict[str, Any]:
    form = console.page(who, "/console/weights/new").form("/weights")
    values = {name: found[0] for name, found in form.fields.items() if found}
    return {**values, "name": "own", "reason": f"to try {HOSTILE}", "title": "2,5", **changes}


def number(page: Page, field: str) -> dict[str, str]:
    [given] = [given for tag, given in page.tags if tag == "input" and given.get("id") == field]
    return given


def test_the_form_holds_every_weight_and_starts_from_those_in_force(console: Console):
    page = console.page("admin", "/console/weights/new")
    assert set(entry_names()) < set(page.form("/weights").fields)
    assert number(page, "w-parts-skills")["value"] == "0.65"
    assert nested({"isco.0": 0.1, "isco.1": 0.2, "parts.text": 0.3, "title": 2.0}) == {
        "isco": [0.1, 0.2],
        "parts": {"text": 0.3},
        "title": 2.0,
    }


def test_weights_are_proposed_by_one_and_approved_by_another(console: Console):
    console.api.published_vacancy(skills=[{"skill": "arc welding"}])
    address = proposed(console)

    own = console.page("admin", address)
    assert "another administrator approves them" in own.text
    assert not any(form.action.endswith("/approve") for form in own.forms)
    version = own.form("/withdraw").fields["version"][0]
    assert console.post("admin", f"{address}/approve", {"version": version}).status_code == 409
    assert "<script>alert" not in own.source

    assert console.api.work() == 1
    other = console.page("admin 2", address)
    assert "In a sample of 1 vacancy, compared with standard-5" in other.text
    assert "now 3" in other.text
    approved = console.posted("admin 2", f"{address}/approve", other.form("/approve").fields)
    assert "own-1 is in force from the next ranking on." in approved.text
    assert "In force: own-1" in console.page("auditor", "/console/weights").text


def test_a_proposal_is_withdrawn(console: Console):
    address = proposed(console)
    version = console.page("admin", address).form("/withdraw").fields
    assert "The proposal is withdrawn." in console.posted("admin", f"{address}/withdraw", version).text
    with session_scope(console.api.factory) as session:
        row = session.scalars(select(StoredWeights)).one()
        assert row.state is WeightsState.WITHDRAWN
        assert row.weights["title"] == 2.5


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "Own!"}, "name"),
        ({"reason": " "}, "reason"),
        ({"title": "many"}, "w-title"),
        ({"title": "11"}, "w-title"),
        ({"title": "nan"}, "w-title"),
        ({"parts.text": "-0.1"}, "w-parts-text"),
        ({"evidence.taught": "0"}, "w-parts-skills"),
        ({"title": "2"}, "name"),
    ],
)
def test_what_is_wrong_is_said_linked_and_kept(console: Console, changes: dict[str, str], field: str):
    response = console.post("admin", "/console/weights", sent(console, "admin", **changes))
    assert response.status_code in (409, 422)
    page = Page.of(response.text)
    assert page.title.startswith("Error:")
    assert page.has_link(f"#{field}")
    [(name, value)] = changes.items()
    if name.startswith(("title", "parts", "evidence")):
        kept = number(page, "w-" + name.replace(".", "-"))
        assert kept["value"] == value
    assert console.page("admin", "/console/weights").text.count("own-1") == 0


def test_reviewers_have_no_part_in_weights_and_auditors_only_read(console: Console):
    address = proposed(console)
    console.page("reviewer", "/console/weights", 403)
    console.page("auditor", address)
    assert console.post("auditor", f"{address}/withdraw", {"version": "1"}).status_code == 403
    console.page("auditor", "/console/weights/new", 403)


def test_another_partnership_sees_none_of_it(console: Console):
    address = proposed(console)
    console.api.add_partnership("b:")
    console.page("b:admin", address, 404)
    assert console.post("b:admin", f"{address}/approve", {"version": "1"}).status_code == 404
    assert "own-1" not in console.page("b:admin", "/console/weights").text


def test_the_list_costs_the_same_however_many_there_are(console: Console):
    counts = []
    for round_ in range(2):
        for each in range(3):
            proposed(console, name=f"own-{round_}-{each}")
        with counted(console.api.engine) as statements:
            console.page("admin", "/console/weights")
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 8


def test_every_weight_is_shown(console: Console):
    page = console.page("admin", "/console/weights")
    assert f"{DEFAULT_WEIGHTS.name}-{DEFAULT_WEIGHTS.version}" in page.text
    assert "words of the text" in page.text
    assert "proven at work" in page.text


def test_everything_that_is_wrong_is_said_at_once(console: Console):
    response = console.post("admin", "/console/weights", sent(console, "admin", name="Own!", title="11"))
    page = Page.of(response.text)
    assert page.has_link("#name")
    assert page.has_link("#w-title")
    assert number(page, "w-title")["aria-describedby"].split()[0] == "w-title-fault"
    assert 'id="w-title-fault"' in page.source


def test_a_proposal_says_who_would_come_up_and_who_would_go_down(console: Console):
    console.api.published_vacancy(
        skills=[{"skill": "arc welding"}], description="patience and a steady hand", lang="en"
    )
    skilled = [{"external_id": f"s-{at}", "skills": [{"skill": "arc welding"}]} for at in range(10)]
    fitting = [
        {"external_id": f"t-{at}", "lang": "en", "text": "patience and a steady hand"} for at in range(10)
    ]
    console.api.committed_cohort([*skilled, *fitting])
    parts = {f"parts.{name}": "0" for name in DEFAULT_WEIGHTS.parts}
    address = proposed(console, **{**parts, "parts.text": "1"})
    console.api.work()

    page = console.page("admin", address)

    assert "10 candidates would come into the first ten of a list." in page.text
    assert "Of each hundred pairs of candidates" in page.text
    table = page.text.partition("Out of the first ten")[2].partition("Work it out again")[0]
    assert len(re.findall(r"\bC-\w{5}-\w{5}\b", table)) == 20, table


def test_fitted_weights_say_what_they_rest_on(console: Console):
    indexes = console.api.app.state.runtime.indexes
    with session_scope(console.api.factory, write=False) as session:
        partnership = partnership_of(session, console.api, "")
        session.expunge(partnership)
    decide_by_occupation(partial(session_scope, console.api.factory), indexes, partnership)
    admin = make_staff(partnership)
    with session_scope(console.api.factory) as session:
        index, _ = indexes.get_for(session, admin)
        fitted = fit_proposal(session, admin, index, now=NOW)
        row = propose_weights(
            session, admin, "own", fitted.values, reason="spring", evidence=fitted.evidence, now=NOW
        )
        address = f"/console/weights/{row.id}"

    assert "fitted to decisions" in console.page("admin", "/console/weights").text
    page = console.page("admin", address)
    assert "Fitted to 96 decisions on 12 vacancies" in page.text
    assert "Agreement with decisions it has not seen" in page.text


def test_weights_that_this_version_cannot_read_are_shown_and_taken_out_of_force(console: Console):
    address = proposed(console)
    console.posted("admin 2", f"{address}/approve", console.page("admin 2", address).form("/approve").fields)
    with session_scope(console.api.factory) as session:
        row = session.scalars(select(StoredWeights)).one()
        row.weights = {**row.weights, "title": 11.0}
    assert "of another version" in console.page("admin", "/console/weights").text
    page = console.page("admin", address)
    assert "of another version" in page.text
    console.posted("admin", f"{address}/withdraw", page.form("/withdraw").fields)
    assert "In force: standard-5" in console.page("admin", "/console/weights").text
