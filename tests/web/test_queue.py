"""The work queue: what waits for staff, who has it, and the views of it that people keep."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from app.db import session_scope
from app.domain.actor import Actor
from app.domain.transitions import ReviewState
from app.domain.work_queue import QueueFilter, QueueOrder, QueueTab
from app.models import StaffAccount
from app.services.review_work import give_opinion
from app.services.reviews import record_review
from app.services.work_queue import list_work
from tests.api.conftest import Api
from tests.api.test_matching import FITTER, WELDER, fill, matches, ranked
from tests.api.test_reviews import candidate_id, change, decide
from tests.factories import NOW
from tests.integration.test_queries import counted
from tests.web.conftest import Console
from tests.web.pages import Page

ALL = "/console/queue?tab=all"


def titles(page: Page) -> list[str]:
    known = {f"/console/vacancies/{row}" for row in _vacancy_ids(page)}
    return [text for href, text in page.links if href in known]


def _vacancy_ids(page: Page) -> list[str]:
    return [
        href.rsplit("/", 1)[1]
        for href, _ in page.links
        if href.startswith("/console/vacancies/") and href.count("/") == 3
    ]


def actor_of(console: Console, who: str = "reviewer") -> Actor:
    console.token(who)
    with session_scope(console.api.factory, write=False) as session:
        account = session.get_one(StaffAccount, console.accounts[who])
        return Actor(None, account.role, account.partnership_id, account_id=account.id)


def test_a_row_says_what_is_to_be_done(any_console: Console):
    api = any_console.api
    vacancy = fill(api)["weld"]
    ranked(api, k=3)
    decide(api, vacancy, candidate_id(api), "shortlisted")
    decide(api, vacancy, matches(api, vacancy)[1]["candidate"]["id"], "shortlisted")
    decide(api, vacancy, candidate_id(api), "introduced")
    page = any_console.page("reviewer", f"{ALL}&q=Welder")
    assert titles(page) == ["Welder"]
    # Three are listed, and two of them decided on; five are wanted for the one opening.
    assert "1 match to decide on: Welder" in page.text
    assert "2 of 5" in page.text
    assert "0 of 1 accepted 1 waits for an answer" in page.text


def test_who_is_accepted_is_counted_as_introduced_too(console: Console):
    api = console.api
    vacancy, candidate = fill(api)["weld"], candidate_id(api)
    ranked(api, k=3)
    decide(api, vacancy, candidate, "shortlisted")
    decide(api, vacancy, candidate, "introduced")
    api.made("employer", f"/v1/vacancies/{vacancy}/introductions/{candidate}:answer", {"answer": "accepted"})
    page = console.page("reviewer", f"{ALL}&q=Welder")
    assert "1 of 5" in page.text
    assert "1 of 1 accepted" in page.text
    assert "waits for an answer" not in page.text


def test_changed_requirements_and_decisions_on_them_are_flagged(any_console: Console):
    api = any_console.api
    vacancy = fill(api)["weld"]
    ranked(api, k=3)
    decide(api, vacancy, candidate_id(api), "shortlisted")
    assert "to look at again" not in any_console.page("reviewer", ALL).text
    change(api, "vacancies", vacancy, "employer", **{**WELDER, "country": "DE"})
    page = any_console.page("reviewer", f"{ALL}&need=stale")
    assert titles(page) == ["Welder"]
    assert "Requirements changed: rank again" in page.text
    assert "1 decision to look at again" in page.text


def test_candidates_on_whom_reviewers_differ_are_counted(console: Console):
    api = console.api
    vacancy, candidate = fill(api)["weld"], candidate_id(api)
    ranked(api, k=3)
    with session_scope(api.factory) as session:
        pair = UUID(vacancy), UUID(candidate)
        decided = record_review(
            session, actor_of(console), *pair, ReviewState.SHORTLISTED, now=api.clock()
        ).id
    assert "Reviewers differ" not in console.page("reviewer", ALL).text
    with session_scope(api.factory) as session:
        other = actor_of(console, "reviewer 2")
        give_opinion(session, other, *pair, ReviewState.DEFERRED, after=decided, now=api.clock())
    assert "Reviewers differ on 1 candidate" in console.page("reviewer", ALL).text


def test_what_was_never_ranked_waits_for_a_ranking(console: Console):
    fill(console.api)
    page = console.page("reviewer", f"{ALL}&need=stale")
    assert titles(page) == ["Welder", "Tuyauteur", "Helper"]
    assert "not ranked" in page.text
    assert titles(console.page("reviewer", f"{ALL}&need=pending")) == []


def test_only_what_has_somebody_to_decide_on_waits_for_decisions(any_console: Console):
    api = any_console.api
    ids = fill(api)
    ranked(api, k=1)
    assert titles(any_console.page("reviewer", f"{ALL}&need=pending")) == ["Welder", "Tuyauteur", "Helper"]
    decide(api, ids["weld"], candidate_id(api), "deferred")
    assert titles(any_console.page("reviewer", f"{ALL}&need=pending")) == ["Tuyauteur", "Helper"]


def test_a_claimed_vacancy_is_mine_and_no_longer_nobodys(any_console: Console):
    vacancy = fill(any_console.api)["weld"]
    address = "/console/queue?tab=unassigned"
    page = any_console.posted("reviewer", f"/console/vacancies/{vacancy}/claim", {"next": address})
    assert "Welder\u2069: you look after it now." in page.text
    assert titles(page) == ["Tuyauteur", "Helper"]
    mine = any_console.page("reviewer", "/console/queue")
    assert titles(mine) == ["Welder"]
    # Whose it is stands in the list of everybody.
    with session_scope(any_console.api.factory, write=False) as session:
        rows = list_work(
            session, actor_of(any_console, "reviewer 2"), QueueFilter(tab=QueueTab.ALL), now=NOW
        ).rows
        assert [row.vacancy.holder for row in rows] == ["Reviewer", None, None]
    page = any_console.posted("reviewer", f"/console/vacancies/{vacancy}/release", {"next": "/console/queue"})
    assert "You have no vacancy yet" in page.text


def test_without_a_tab_the_first_that_lists_anything_opens(console: Console):
    assert chosen_tab(console.page("reviewer", "/console/queue")) == "Mine 0"
    vacancy = fill(console.api)["weld"]
    page = console.page("reviewer", "/console/queue")
    assert chosen_tab(page) == "Nobody's 3"
    assert "You have no vacancy yet. Claim one that nobody has" in page.text
    assert chosen_tab(console.page("reviewer", "/console/queue?tab=mine")) == "Mine 0"
    console.posted("reviewer", f"/console/vacancies/{vacancy}/claim")
    assert chosen_tab(console.page("reviewer", "/console/queue")) == "Mine 1"
    page = console.page("reviewer", "/console/queue?tab=unassigned")
    assert "You have no vacancy yet" not in page.text


def chosen_tab(page: Page) -> str:
    tabs = {given["href"] for tag, given in page.tags if given.get("aria-current") == "page"}
    return next(text for href, text in page.links if href in tabs and "tab=" in href)


def test_whose_a_vacancy_is_stands_in_its_row_and_nobodys_tab_is_empty_then(console: Console):
    vacancy = console.api.published_vacancy(**{**WELDER, "starts_on": "2026-02-01"})["id"]
    console.posted("reviewer", f"/console/vacancies/{vacancy}/claim")
    page = console.page("reviewer 2", ALL)
    assert "0 of 1 accepted Reviewer" in page.text
    assert not [form for form in page.forms if form.action.endswith(("/claim", "/release"))]
    assert "1 Feb 2026 has passed" in page.text
    nobodys = console.page("reviewer 2", "/console/queue?tab=unassigned")
    assert "Every open vacancy is with somebody" in nobodys.text
    assert nobodys.has_link("/console/queue?tab=all")


def test_the_tabs_count_what_they_list(any_console: Console):
    vacancy = fill(any_console.api)["weld"]
    any_console.post("reviewer", f"/console/vacancies/{vacancy}/claim")
    actor = actor_of(any_console)
    with session_scope(any_console.api.factory, write=False) as session:
        counts = list_work(session, actor, QueueFilter(), now=NOW).n_by_tab
        assert counts == {QueueTab.MINE: 1, QueueTab.UNASSIGNED: 2, QueueTab.ALL: 3}
        for tab, n_rows in counts.items():
            assert len(list_work(session, actor, QueueFilter(tab=tab), now=NOW).rows) == n_rows


def test_a_page_goes_on_where_the_one_before_ended_in_every_order(any_console: Console):
    api = any_console.api
    starts = [None, "2026-09-01", "2026-05-01", None, "2026-09-01"]
    for number, start in enumerate(starts):
        conditions = {} if start is None else {"starts_on": start}
        api.published_vacancy(**{**FITTER, "external_id": f"v-{number}", **conditions})
    actor, expected = (
        actor_of(any_console),
        {
            QueueOrder.OLDEST: ["v-0", "v-1", "v-2", "v-3", "v-4"],
            QueueOrder.NEWEST: ["v-4", "v-3", "v-2", "v-1", "v-0"],
            QueueOrder.START: ["v-2", "v-1", "v-4", "v-0", "v-3"],
        },
    )
    for order, ids in expected.items():
        wanted, after, seen = QueueFilter(tab=QueueTab.ALL, order=order), "", []
        with session_scope(api.factory, write=False) as session:
            while True:
                page = list_work(session, actor, wanted, after=after, limit=2, now=NOW)
                seen += [row.vacancy.external_id for row in page.rows]
                after = page.next_after
                if not after:
                    break
        assert seen == ids, order


def test_filters_stand_in_the_address(console: Console):
    api = console.api
    api.published_vacancy(**{**WELDER, "external_id": "de", "title": "Welder in Kiel", "country": "DE"})
    api.published_vacancy(**{**WELDER, "external_id": "pl", "title": "100% Welder", "country": "PL"})
    api.made("employer", "/v1/vacancies", {"external_id": "draft", "title": "Draft"})
    assert titles(console.page("reviewer", f"{ALL}&country=DE")) == ["Welder in Kiel"]
    assert titles(console.page("reviewer", f"{ALL}&q=0%25")) == ["100% Welder"]
    assert titles(console.page("reviewer", f"{ALL}&q=KIEL")) == ["Welder in Kiel"]
    assert titles(console.page("reviewer", f"{ALL}&status=draft")) == ["Draft"]
    assert titles(console.page("reviewer", f"{ALL}&order=newest")) == ["100% Welder", "Welder in Kiel"]
    shown = console.page("reviewer", f"{ALL}&country=DE&q=kiel&order=newest").form("/queue")
    assert (shown.fields["country"], shown.fields["q"], shown.fields["order"]) == (
        ["DE"],
        ["kiel"],
        ["newest"],
    )
    # What is not known in an address is as if it were left out.
    assert len(titles(console.page("reviewer", f"{ALL}&status=x&need=y&order=z&country=DEU"))) == 2
    assert console.get("reviewer", f"{ALL}&after=nonsense").status_code == 422


def test_a_view_is_kept_under_a_name_and_deleted(console: Console):
    fill(console.api)
    page = console.posted(
        "reviewer", "/console/queue/views", {"name": "Urgent <b>", "query": "tab=all&need=stale&x=1"}
    )
    assert "The view was saved." in page.text
    (href,) = [href for href, text in page.links if text == "Urgent <b>"]
    assert parse_qs(urlsplit(href).query) == {"tab": ["all"], "need": ["stale"]}
    assert "Urgent" not in console.page("reviewer 2", "/console/queue").text
    console.posted("reviewer", "/console/queue/views", {"name": "Urgent <b>", "query": "tab=unassigned"})
    page = console.page("reviewer", "/console/queue")
    assert [href for href, text in page.links if text == "Urgent <b>"] == ["/console/queue?tab=unassigned"]
    page = console.posted("reviewer", "/console/queue/views/delete", {"name": "Urgent <b>", "query": ""})
    assert "Urgent" not in page.text


def test_a_view_without_a_name_is_refused_with_what_was_typed(console: Console):
    answer = console.post("reviewer", "/console/queue/views", {"name": " " * 3, "query": "tab=all"})
    assert answer.status_code == 422
    page = Page.of(answer.text)
    assert page.title.startswith("Error:")
    assert page.has_link("#view-name")
    assert page.form("/queue/views").fields["query"] == ["tab=all"]
    too_long = console.post("reviewer", "/console/queue/views", {"name": "x" * 61, "query": ""})
    assert Page.of(too_long.text).form("/queue/views").fields["name"] == ["x" * 61]


@pytest.mark.parametrize("who", ["reviewer", "admin", "auditor"])
def test_staff_see_the_queue_and_only_reviewers_claim(console: Console, who: str):
    vacancy = fill(console.api)["weld"]
    page = console.page(who, ALL)
    assert ("Claim" in page.text) == (who == "reviewer")
    claimed = console.post(who, f"/console/vacancies/{vacancy}/claim")
    assert claimed.status_code == (303 if who == "reviewer" else 403)


def test_a_colleague_is_asked_before_a_vacancy_is_taken_over(any_console: Console):
    vacancy = fill(any_console.api)["weld"]
    at = f"/console/vacancies/{vacancy}"
    any_console.post("reviewer", f"{at}/claim")
    refused = any_console.post("reviewer 2", f"{at}/claim")
    assert refused.status_code == 409
    assert any_console.page("reviewer 2", at).has_link(f"{at}/take-over")
    form = any_console.page("reviewer 2", f"{at}/take-over").form("/claim")
    assert form.fields == {"instead_of": [str(any_console.accounts["reviewer"])]}
    page = any_console.posted("reviewer 2", form.action, form.fields)
    assert "You look after it" in page.text
    # Letting go of what somebody else has by now changes nothing.
    any_console.post("reviewer", f"{at}/release")
    assert "Reviewer 2 looks after it" in any_console.page("reviewer", at).text
    events = any_console.api.get("admin", "/v1/audit-events", params={"subject_id": vacancy}).json()["items"]
    assert [each["operation"] for each in events][:2] == ["vacancy.claimed", "vacancy.claimed"]
    assert events[0]["details"] == {"taken_from": str(any_console.accounts["reviewer"])}


def test_claiming_again_what_one_has_changes_nothing(console: Console):
    vacancy = fill(console.api)["weld"]
    for _ in range(2):
        assert console.post("reviewer", f"/console/vacancies/{vacancy}/claim").status_code == 303
    events = console.api.get("admin", "/v1/audit-events", params={"subject_id": vacancy}).json()["items"]
    assert [each["operation"] for each in events].count("vacancy.claimed") == 1


def test_a_reviewer_of_another_partnership_sees_and_claims_nothing(console: Console):
    console.api.add_partnership("b:")
    vacancy = fill(console.api)["weld"]
    assert "There is no open vacancy" in console.page("b:reviewer", ALL).text
    for path in ("claim", "release", "rank"):
        assert console.post("b:reviewer", f"/console/vacancies/{vacancy}/{path}").status_code == 404
    assert console.get("b:reviewer", f"/console/vacancies/{vacancy}/take-over").status_code == 404


def test_hostile_titles_are_shown_as_text(console: Console):
    console.api.published_vacancy(**{**WELDER, "title": '<script>alert(1)</script>"><img src=x>'})
    answer = console.get("reviewer", ALL)
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


def statements(console: Console, path: str) -> int:
    with counted(console.api.engine) as seen:
        assert console.get("reviewer", path).status_code == 200
    return len(seen)


def test_the_queue_takes_as_many_queries_for_one_vacancy_as_for_many(any_console: Console):
    api: Api = any_console.api
    fill(api)
    ranked(api, k=3)
    any_console.get("reviewer", ALL)
    few = statements(any_console, ALL)
    for number in range(8):
        api.published_vacancy(**{**FITTER, "external_id": f"more-{number}"})
    ranked(api, k=3)
    assert statements(any_console, ALL) == few
    assert few <= 10


def test_somebody_deferred_waits_again_once_the_day_has_come(any_console: Console):
    api = any_console.api
    ids = fill(api)
    ranked(api, k=1)
    due = NOW.date() + timedelta(days=2)
    decide(api, ids["weld"], candidate_id(api), "deferred", deferred_until=due.isoformat())
    assert "Welder" not in titles(any_console.page("reviewer", f"{ALL}&need=pending"))
    api.clock.advance(days=2)
    any_console.tokens.clear()
    assert "Welder" in titles(any_console.page("reviewer 2", f"{ALL}&need=pending"))
    assert "1 match to decide on: Welder" in any_console.page("reviewer 2", f"{ALL}&q=Welder").text
