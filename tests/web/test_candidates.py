"""Candidates by pseudonym, and who they are only for a reason that is kept."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.db import session_scope
from app.models import AuditEvent, CandidateIdentity, IdentityLook
from tests.api.test_reviews import change, introduce
from tests.integration.test_queries import counted
from tests.web.conftest import Console
from tests.web.pages import Page
from tests.web.ranked import Ranked, decide, rank

NAME = "Salma Invented"


def give_identity(console: Console, ranking: Ranked, name: str) -> str:
    """Store who somebody is; gives the address of their page."""
    from uuid import UUID

    with session_scope(console.api.factory) as session:
        row = CandidateIdentity(candidate_id=UUID(ranking.people[name]), given_name="Salma")
        row.family_name = "Invented"
        session.add(row)
    return f"/console/candidates/{ranking.people[name]}"


def test_the_list_finds_by_pseudonym_id_status_and_cohort(any_console: Console):
    ranking = rank(any_console)
    everybody = any_console.page("reviewer", "/console/candidates")
    assert all(name in everybody.text for name in ranking.pseudonyms.values())
    for find in (ranking.pseudonyms["t-best"], ranking.pseudonyms["t-best"].lower(), "t-best"):
        page = any_console.page("reviewer", f"/console/candidates?find={find}")
        assert ranking.pseudonyms["t-best"] in page.text
        assert ranking.pseudonyms["t-out"] not in page.text
    none = any_console.page("reviewer", "/console/candidates?find=Salma")
    assert "No candidate is found" in none.text
    assert "No candidate is found" in any_console.page("reviewer", "/console/candidates?status=placed").text


def test_the_list_says_to_whom_somebody_was_introduced(console: Console):
    ranking = rank(console)
    introduce(console.api, ranking.vacancy_id, ranking.people["t-best"])
    page = console.page("reviewer", "/console/candidates?status=registered")
    assert page.form("/candidates").fields["status"] == ["registered"]
    assert (ranking.shortlist, "Welder") in page.links
    assert "Welder · Introduced" in page.text


def test_many_candidates_come_in_pages_that_keep_the_filter(console: Console):
    rank(console)
    people: list[dict[str, Any]] = [{"id": f"m-{at}"} for at in range(60)]
    cohort = console.api.committed_cohort(people, external_id="c-many")
    page = console.page("reviewer", f"/console/candidates?cohort={cohort['id']}")
    [later] = [href for href, _ in page.links if "after=" in href]
    assert f"cohort={cohort['id']}" in later
    rest = console.page("reviewer", later)
    assert len([1 for tag, given in rest.tags if tag == "tr" and "data-row" in given]) == 10
    with counted(console.api.engine) as statements:
        console.page("reviewer", "/console/candidates")
    assert len(statements) <= 14


def test_a_candidates_page_tells_everything_but_who_they_are(any_console: Console):
    ranking = rank(any_console)
    address = give_identity(any_console, ranking, "t-best")
    decide(any_console, ranking, "t-best", "shortlisted")
    page = any_console.page("reviewer", address)
    for words in ("MIG welding", "certified", "Welder", "Shortlisted", "B1 in all five", "Matches", "welder"):
        assert words in page.text, words
    assert "Salma" not in page.source
    assert page.has_link(ranking.address("t-best"))
    with counted(any_console.api.engine) as statements:
        any_console.page("reviewer", address)
    assert len(statements) <= 26


def test_a_thin_profile_says_what_is_not_stated(console: Console):
    api = console.api
    languages = [{"lang": "en"}, {"lang": "fr", "cefr": "B2", "writing": "B1"}]
    thin = {"external_id": "t-thin", "languages": languages}
    cohort = api.made("institution", "/v1/cohorts", {"external_id": "c-2", "finishes_on": "2026-06-30"})
    added = api.made("institution", f"/v1/cohorts/{cohort['id']}/candidates:batch", [thin])
    page = console.page("reviewer", f"/console/candidates/{added['items'][0]['id']}")
    for words in (
        "ends 30 Jun 2026",
        "No skill is stated",
        "Nothing is stated.",
        "English level not stated",
        "listening: B2",
        "writing: B1",
        "No ranking lists this candidate",
    ):
        assert words in page.text, words


def test_a_level_is_told_with_its_skill_and_a_rank_apart_as_what_it_would_be(console: Console):
    skilled = {"id": "t-level", "skills": [{"skill": "MIG welding", "level": 3}], "languages": ["en A1"]}
    ranking = rank(console, people=[skilled])
    page = console.page("reviewer", f"/console/candidates/{ranking.people['t-level']}")
    assert "level 3 of 4" in page.text
    assert "apart, would be" in page.text


def test_a_decision_on_what_has_changed_since_is_marked(console: Console):
    ranking = rank(console)
    decide(console, ranking, "t-best", "shortlisted")
    address = f"/console/candidates/{ranking.people['t-best']}"
    assert "Evidence changed since" not in console.page("reviewer", address).text
    changed = {"external_id": "t-best", "skills": ["grind welds"], "languages": [{"lang": "en"}]}
    change(console.api, "candidates", ranking.people["t-best"], "institution", **changed)
    assert "Evidence changed since" in console.page("reviewer", address).text


def test_a_reason_that_was_chosen_stays_chosen_beside_a_note_that_is_missing(console: Console):
    ranking = rank(console)
    address = f"/console/candidates/{ranking.people['t-best']}/identity"
    answer = console.post("reviewer", address, {"reason": "other"})
    assert answer.status_code == 422
    page = Page.of(answer.text)
    assert page.has_link("#identity-note")
    assert page.form("/identity").fields["reason"] == ["other"]


def test_somebody_whose_identity_was_never_sent_in_has_none_to_show(console: Console):
    ranking = rank(console)
    address = f"/console/candidates/{ranking.people['t-fr']}/identity"
    shown = Page.of(console.post("reviewer", address, {"reason": "contact"}).text)
    assert "The institution has submitted no identity" in shown.text


def test_identity_is_shown_once_for_a_reason_that_is_kept_without_it(any_console: Console):
    ranking = rank(any_console)
    address = give_identity(any_console, ranking, "t-best")
    unreasoned = any_console.post("reviewer", f"{address}/identity", {})
    assert unreasoned.status_code == 422
    assert "Salma" not in unreasoned.text
    assert Page.of(unreasoned.text).has_link("#identity-reason")

    shown = any_console.post("reviewer", f"{address}/identity", {"reason": "contact", "note": "Rang today."})
    assert shown.status_code == 200
    assert "Salma" in shown.text
    assert "no-store" in shown.headers["cache-control"]
    assert any_console.get("reviewer", f"{address}/identity").status_code == 405
    after = any_console.page("admin", address)
    assert "Salma" not in after.source
    assert "Shown 1 time" in after.text
    assert "To speak with the candidate" in after.text
    with session_scope(any_console.api.factory, write=False) as session:
        [event] = session.scalars(select(AuditEvent).where(AuditEvent.operation == "identity.shown"))
        assert set(event.details) == {"reason", "look_id"}
        assert session.scalars(select(IdentityLook.note)).one() == "Rang today."


@pytest.mark.parametrize(("who", "status"), [("auditor", 403), ("b:reviewer", 404)])
def test_auditors_and_strangers_see_no_candidate(console: Console, who: str, status: int):
    ranking = rank(console)
    console.api.add_partnership("b:")
    address = give_identity(console, ranking, "t-best")
    assert console.get(who, address).status_code == status
    assert console.post(who, f"{address}/identity", {"reason": "contact"}).status_code == status
    listed = console.get(who, "/console/candidates")
    assert ranking.pseudonyms["t-best"] not in listed.text


def test_hostile_profiles_show_as_text(console: Console):
    hostile = "<img src=x onerror=alert(1)>"
    console.api.committed_cohort(
        [{"id": "h", "text": hostile, "skills": [hostile], "education": [hostile], "occupations": [hostile]}],
        external_id="c-h",
    )
    listed = console.page("reviewer", "/console/candidates")
    [address] = [href for href, text in listed.links if text.startswith("C-")]
    page = console.page("reviewer", address)
    assert not [tag for tag, given in page.tags if tag == "img" or "onerror" in given]
    assert page.text.count(hostile) >= 4


def test_who_wants_to_rate_first_is_told_no_scores_on_a_candidates_page(console: Console):
    from tests.web.test_review import make_blind

    ranking = rank(console)
    address = f"/console/candidates/{ranking.people['t-best']}"
    assert console.page("reviewer", address).numbers
    make_blind(console, "reviewer")
    assert console.page("reviewer", address).numbers == []
