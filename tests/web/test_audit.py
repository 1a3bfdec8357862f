"""The audit log in the console: filters in the address, names, and a file without formulas."""

from __future__ import annotations

import ast
import csv
import io
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

import app.services
from app.db import session_scope
from app.domain.actor import Role
from app.domain.transitions import TRANSITIONS
from app.models import AuditEvent, Job
from app.services.accounts import get_account, set_display_name
from app.services.api_keys import issue_api_key
from app.services.audit import record_event
from app.services.staff_sessions import actor_of
from app.web.views.audit_words import DEEDS, SUBJECTS
from tests.factories import NOW, make_staff
from tests.integration.test_queries import counted
from tests.web.conftest import Console, partnership_of


def test_who_did_what_is_listed_newest_first_and_narrowed(console: Console):
    run = console.post("reviewer", "/console/runs", {"k": "5", "scope": "all"}).headers["location"]
    console.posted("reviewer", f"{run}/cancel")
    run_id = run.rpartition("/")[2]

    page = console.page("auditor", f"/console/audit?subject={run_id}")
    assert page.text.index("Ranking: cancelled") < page.text.index("Ranking: asked for")
    assert "Reviewer" in page.text
    assert page.has_link(f"/console/runs/{run_id}")

    doer = console.accounts["reviewer"]
    assert "Job: cancelled" in console.page("auditor", f"/console/audit?doer={doer}&type=job").text
    other = console.accounts["auditor"]
    assert "Ranking" not in rows(console, f"doer={other}")
    assert "Ranking: asked for" in rows(console, "operation=match_run.requested")
    today = console.api.clock().date().isoformat()
    assert "Ranking: asked for" in rows(console, f"since={today}&until={today}")
    assert "Nothing fits these filters" in console.page("auditor", "/console/audit?until=2020-01-01").text


def rows(console: Console, query: str) -> str:
    page = console.page("auditor", f"/console/audit?{query}")
    return page.text.partition("Times are in UTC")[2]


def test_filters_that_cannot_be_read_are_said(console: Console):
    page = console.page("auditor", "/console/audit?since=yesterday&until=tomorrow&subject=nobody", 422)
    assert page.title.startswith("Error:")
    for field in ("since", "until", "subject"):
        assert page.has_link(f"#{field}")
    assert page.form("/audit").fields["until"] == ["tomorrow"]
    assert console.get("auditor", "/console/audit/export?since=yesterday").status_code == 422


def test_the_file_has_the_same_events_and_no_formula(console: Console):
    console.token("reviewer")
    with session_scope(console.api.factory) as session:
        admin = make_staff(partnership_of(session, console.api, ""))
        account = get_account(session, admin, console.accounts["reviewer"])
        set_display_name(session, actor_of(account), "=cmd|'/c calc'!A1", now=NOW)
    console.post("reviewer", "/console/runs", {"k": "5", "scope": "all"})

    response = console.get("auditor", "/console/audit/export?operation=match_run.requested")

    assert response.headers["content-type"].startswith("text/csv")
    assert "attachment" in response.headers["content-disposition"]
    [line] = list(csv.DictReader(io.StringIO(response.text)))
    assert (line["operation"], line["details"]) == ("match_run.requested", "k=5")
    assert line["who"].startswith("'=")


def test_a_key_is_named_by_its_label_escaped(console: Console):
    with session_scope(console.api.factory) as session:
        admin = make_staff(partnership_of(session, console.api, ""))
        label = "<script>alert(1)</script>"
        key = issue_api_key(session, admin, role=Role.ADMIN, label=label, now=NOW)
        acting = make_staff(partnership_of(session, console.api, ""))
        by_key = type(acting)(key_id=key.row.id, role=Role.ADMIN, partnership_id=acting.partnership_id)
        record_event(session, by_key, "vacancy.closed", "vacancy", key.row.id, now=NOW)
    page = console.page("admin", "/console/audit")
    assert "<script>alert" not in page.source
    assert "API key “<script>alert(1)</script>”" in page.text
    own = console.page("admin", f"/console/audit?doer={key.row.id}")
    assert own.form("/audit").fields["doer"] == [str(key.row.id)]
    assert "Vacancy: closed" in own.text
    assert "API key: issued" not in own.text.partition("Times are in UTC")[2]


def test_reviewers_have_no_part_in_it(console: Console):
    console.page("reviewer", "/console/audit", 403)
    assert console.get("reviewer", "/console/audit/export").status_code == 403


def test_another_partnership_sees_none_of_it(console: Console):
    run = console.post("reviewer", "/console/runs", {"k": "5", "scope": "all"}).headers["location"]
    console.api.add_partnership("b:")
    run_id = run.rpartition("/")[2]
    assert "Nothing fits" in console.page("b:admin", f"/console/audit?subject={run_id}").text
    export = console.get("b:auditor", f"/console/audit/export?subject={run_id}").text
    assert len(export.splitlines()) == 1
    assert "Reviewer" not in console.page("b:admin", "/console/audit").form("/audit").choices["doer"]


def test_pages_follow_each_other_at_the_same_cost(console: Console):
    for _ in range(30):
        console.post("reviewer", "/console/runs", {"k": "5", "scope": "all"})
    with session_scope(console.api.factory) as session:
        n_events = len(session.scalars(select(AuditEvent.id)).all())
        assert len(session.scalars(select(Job.id)).all()) == 30
    seen: list[str] = []
    address, costs = "/console/audit", set()
    while address:
        with counted(console.api.engine) as statements:
            page = console.page("admin", address)
        costs.add(len(statements))
        seen += [given["href"] for tag, given in page.tags if tag == "a" and "aria-label" in given]
        following = [href for href, text in page.links if text == "Next page"]
        address = following[0] if following else ""
    assert len(seen) >= n_events
    assert max(costs) <= 8
    assert all(UUID(each.rpartition("=")[2]) for each in seen)


def test_everything_that_services_record_has_words():
    recorded: set[str] = set()
    for path in (Path(app.services.__file__).parent).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("record_event", "audit_event"):
                recorded |= {str(each.value) for each in node.args if isinstance(each, ast.Constant)}
    operations = {each for each in recorded if "." in each}
    assert len(operations) > 20
    assert {each.partition(".")[2] for each in operations} <= set(DEEDS)
    assert {each.partition(".")[0] for each in operations} <= set(SUBJECTS)
    # The others are made of the state that something came to.
    reached = {state.value for machine in TRANSITIONS for state in machine}
    assert reached <= set(DEEDS)
