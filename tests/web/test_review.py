"""The review of a match: what it says, what is decided on it, and what it never shows."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.db import session_scope
from app.domain.actor import Actor, Role
from app.models import StaffAccount
from app.services.accounts import set_preferences
from tests.api.test_matching import ranked as rank_again
from tests.api.test_reviews import introduce
from tests.integration.test_queries import counted
from tests.web.conftest import Console
from tests.web.pages import Page
from tests.web.ranked import Ranked, decide, rank


def explanation(console: Console, ranking: Ranked, name: str) -> dict[str, Any]:
    items = console.api.get("reviewer", f"/v1/vacancies/{ranking.vacancy_id}/matches").json()["items"]
    [match] = [each for each in items if each["candidate"]["external_id"] == name]
    found: dict[str, Any] = console.api.get("reviewer", f"/v1/matches/{match['id']}/explanation").json()
    return found


def make_blind(console: Console, who: str) -> None:
    set_preference(console, who, "blind", True)


def set_preference(console: Console, who: str, name: str, value: bool) -> None:
    console.token(who)
    with session_scope(console.api.factory) as session:
        row = session.get_one(StaffAccount, console.accounts[who])
        actor = Actor(key_id=None, role=Role.REVIEWER, partnership_id=row.partnership_id, account_id=row.id)
        set_preferences(session, actor, {name: value}, now=console.api.clock())


def test_page_waterfall_and_api_give_the_same_numbers_to_the_last_digit(any_console: Console):
    ranking = rank(any_console)
    for name in ranking.order[:2]:
        told = explanation(any_console, ranking, name)
        page = any_console.page("reviewer", ranking.address(name))
        shares = [repr(share["value"]) for share in told["contributions"]]
        steps = [repr(step[part]) for step in told["waterfall"] for part in ("value", "end")]
        score = repr(told["match"]["score"])
        head, table = page.numbers[0], page.numbers[1 : 1 + len(shares)]
        assert head == score
        assert sorted(map(float, table)) == sorted(map(float, shares))
        assert [float(each) for each in page.numbers[1 + len(shares) : -1]] == [float(e) for e in steps]
        assert float(page.numbers[-1]) == told["match"]["score"] == told["waterfall"][-1]["end"]


def test_each_requirement_stands_beside_its_evidence_in_words(console: Console):
    ranking = rank(console, description="We look for MIG welding of steel frames.")
    page = console.page("reviewer", ranking.address("t-best"))
    assert page.h1 == f"{ranking.pseudonyms['t-best']} for Welder"
    for words in ("Alternative label", "certified", "Missing", "Eligibility", "Nobody has decided yet."):
        assert words in page.text
    assert "cosine" not in page.text.lower()
    quotes = re.findall(r">([^<]*)<mark>(.*?)</mark>([^<]*)<", page.source)
    assert ("We look for ", "MIG welding", " of steel frames.") in quotes


def test_a_skill_read_in_the_profile_is_quoted_in_its_language(console: Console):
    text = "Deux ans de lecture de plans en chaudronnerie."
    ranking = rank(console, people=[{"id": "t-text", "lang": "fr", "text": text}])
    page = console.page("reviewer", ranking.address("t-text"))
    quote = re.search(r'<bdi dir="auto" lang="fr">([^<]*)<mark>(.*?)</mark>([^<]*)</bdi></span>', page.source)
    assert quote is not None
    assert "".join(quote.groups()) == text
    assert quote[2] == "lecture de plans"


def test_somebody_listed_apart_is_reviewed_with_the_rule_and_the_way_on(console: Console):
    ranking = rank(console)
    page = console.page("reviewer", ranking.address("t-out"))
    assert "Listed apart; would have rank" in page.text
    assert "Way on:" in page.text
    assert "This goes against the ranking: a must rules this candidate out." in page.text


def test_after_a_decision_comes_the_next_candidate_with_an_undo(any_console: Console):
    ranking = rank(any_console)
    first, second = ranking.order[:2]
    page = decide(any_console, ranking, first, "shortlisted")
    assert page.h1.startswith(ranking.pseudonyms[second])
    assert f"{ranking.pseudonyms[first]}: Shortlisted. This is the next candidate." in page.text
    heading = next(given for tag, given in page.tags if tag == "h1")
    assert "data-autofocus" in heading
    assert heading["aria-describedby"] == "tb-notice"
    # Once, and below the heading that has focus: Tab comes to Undo.
    assert page.source.count('id="tb-notice"') == 1
    assert page.source.index("<h1") < page.source.index('id="tb-notice"')

    undo = next(form for form in page.forms if "/undo" in form.action)
    back = any_console.posted("reviewer", undo.action)
    assert back.h1.startswith(ranking.pseudonyms[first])
    assert "The state is now: Not decided." in back.text


def test_a_decision_shows_who_made_it_and_is_the_same_in_the_api(console: Console):
    ranking = rank(console)
    decide(console, ranking, "t-best", "shortlisted", note="Spoke with her school.")
    page = console.page("reviewer 2", ranking.address("t-best"))
    assert "Shortlisted Reviewer · 1 Mar 2026, 09:00" in page.text
    assert "Spoke with her school." in page.text
    [row] = console.api.get("reviewer", f"/v1/vacancies/{ranking.vacancy_id}/reviews").json()["items"]
    assert (row["decision"], row["note"], row["rank"]) == ("shortlisted", "Spoke with her school.", 1)
    assert row["decided_by_account_id"] == str(console.accounts["reviewer"])


def test_a_rejection_without_a_reason_is_shown_again_with_what_was_typed(console: Console):
    ranking = rank(console)
    form = console.page("reviewer", ranking.address("t-best")).form("/decision")
    fields = {"decision": "rejected", "note": "Speaks too little.", "run": form.fields["run"][0]}
    answer = console.post("reviewer", form.action, fields)
    assert answer.status_code == 422
    page = Page.of(answer.text)
    assert page.title.startswith("Error: ")
    assert page.has_link("#reason-rejected")
    assert "Choose a reason. It is needed for this decision." in page.text
    assert "Speaks too little." in page.source
    chosen = [given for tag, given in page.tags if given.get("name") == "decision" and "checked" in given]
    assert [given["value"] for given in chosen] == ["rejected"]
    assert console.api.get("reviewer", f"/v1/vacancies/{ranking.vacancy_id}/reviews").json()["items"] == []
    [field] = [given for _, given in page.tags if given.get("id") == "reason-rejected"]
    assert field["aria-invalid"] == "true"
    assert field["aria-describedby"] == "override-rejected reason-rejected-fault"
    # The address of the page with the fault leads back to the match: another language is chosen by it.
    again = console.get("reviewer", form.action)
    assert again.headers["location"] == ranking.address("t-best")


def test_buttons_show_and_tell_their_keys_unless_they_are_off(console: Console):
    ranking = rank(console)
    page = decide(console, ranking, ranking.order[0], "shortlisted")
    told = {
        given["data-hotkey"]: given.get("aria-keyshortcuts")
        for _, given in page.tags
        if given.get("data-hotkey")
    }
    assert told == {
        "undo": "u",
        "previous": "k",
        "next": "j",
        "shortlist": "s",
        "reject": "r",
        "ask": "n",
        "defer": "d",
    }
    assert "Undo u" in page.text
    set_preference(console, "reviewer", "hotkeys_on", False)
    page = console.page("reviewer", ranking.address(ranking.order[1]))
    assert not [given for _, given in page.tags if "aria-keyshortcuts" in given or "data-shows-keys" in given]
    assert "kbd" not in page.source


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({}, "#decide"),
        ({"decision": "rejected", "reason_rejected": "other"}, "#note"),
        ({"decision": "deferred", "deferred_until": "2026-03-01"}, "#deferred-until"),
        ({"decision": "deferred", "deferred_until": "soon"}, "#deferred-until"),
    ],
    ids=["nothing chosen", "other without a note", "today", "no day"],
)
def test_a_fault_links_to_its_field(console: Console, fields: dict[str, str], place: str):
    ranking = rank(console)
    answer = console.post("reviewer", f"{ranking.address('t-best')}/decision", fields)
    assert answer.status_code == 422
    assert Page.of(answer.text).has_link(place)


def test_who_decided_meanwhile_is_not_written_over(console: Console):
    ranking = rank(console)
    form = console.page("reviewer", ranking.address("t-best")).form("/decision")
    decide(console, ranking, "t-best", "shortlisted", who="reviewer 2")
    stale = {key: values[-1] for key, values in form.fields.items() if values}
    answer = console.post("reviewer", form.action, {**stale, "decision": "deferred"})
    assert answer.status_code == 409
    assert "Nothing was saved, because something changed meanwhile." in Page.of(answer.text).text


def test_opening_writes_nothing_and_claiming_shows_to_the_other_reviewer(any_console: Console):
    ranking = rank(any_console)
    address = ranking.address("t-best")
    any_console.page("reviewer", address)
    assert "is reviewing until" not in any_console.page("reviewer 2", address).text

    page = any_console.posted("reviewer", f"{address}/claim")
    assert "You are reviewing this candidate" in page.text
    other = any_console.page("reviewer 2", address)
    assert "Reviewer is reviewing until" in other.text
    fields = {"decision": "shortlisted", "run": other.form("/decision").fields["run"][0]}
    refused = any_console.post("reviewer 2", f"{address}/decision", fields)
    assert refused.status_code == 409
    assert Page.of(refused.text).has_link("#despite-claim")
    any_console.posted("reviewer 2", f"{address}/decision", {**fields, "despite_claim": "yes"})
    assert "is reviewing until" not in any_console.page("reviewer", address).text


def test_a_claim_that_was_set_aside_stays_so_beside_a_reason_that_is_missing(console: Console):
    ranking = rank(console)
    address = ranking.address("t-best")
    console.posted("reviewer", f"{address}/claim")
    fields = {"decision": "rejected", "despite_claim": "yes"}
    answer = console.post("reviewer 2", f"{address}/decision", fields)
    assert answer.status_code == 422
    page = Page.of(answer.text)
    assert page.has_link("#reason-rejected")
    assert page.form("/decision").fields["despite_claim"] == ["yes"]


def test_the_page_asks_for_its_claim_as_a_fragment(console: Console):
    ranking = rank(console)
    address = f"{ranking.address('t-best')}/claim"
    first = console.post("reviewer", address, headers={"HX-Request": "true"})
    assert first.status_code == 200
    assert "<html" not in first.text
    assert "You are reviewing this candidate" in first.text
    second = console.post("reviewer 2", address, headers={"HX-Request": "true"})
    assert "is reviewing until" in second.text
    # It is read out where it changes what to do, and not for each candidate that one opens.
    assert "data-announce" in second.text
    assert "data-announce" not in first.text


def test_two_reviewers_who_differ_are_shown_until_they_agree(console: Console):
    ranking = rank(console)
    address = ranking.address("t-best")
    decide(console, ranking, "t-best", "shortlisted")
    form = console.page("reviewer 2", address).form("/opinion")
    given = {"after": form.fields["after"][0], "opinion": "rejected:profile_doubtful", "opinion_note": "?"}
    page = console.posted("reviewer 2", form.action, given)
    assert "Reviewers differ" in page.text
    assert "Reviewers differ" in console.page("reviewer", ranking.shortlist).text
    assert "Give a second opinion" not in console.page("reviewer", address).text

    settled = console.posted("reviewer 2", f"{address}/opinion/withdraw")
    assert "Reviewers differ" not in settled.text


@pytest.mark.parametrize(
    ("opinion", "is_late", "place"),
    [("rejected:other", False, "#opinion-note"), ("deferred", True, ""), ("", False, "#opinion")],
    ids=["other without a note", "decided anew meanwhile", "nothing chosen"],
)
def test_an_opinion_with_a_fault_is_shown_again_as_it_was(
    console: Console, opinion: str, is_late: bool, place: str
):
    ranking = rank(console)
    address = ranking.address("t-best")
    decide(console, ranking, "t-best", "shortlisted")
    form = console.page("reviewer 2", address).form("/opinion")
    if is_late:
        decide(console, ranking, "t-best", "deferred")
    fields = {"after": form.fields["after"][0], "opinion": opinion}
    answer = console.post("reviewer 2", form.action, fields)
    assert answer.status_code == (409 if is_late else 422)
    page = Page.of(answer.text)
    assert page.form("/opinion").fields.get("opinion", [""]) == [opinion]
    assert "open" in next(given for tag, given in page.tags if tag == "details")
    faulty = [f"#{given['id']}" for _, given in page.tags if given.get("aria-invalid") == "true"]
    assert faulty == [place] * bool(place)
    assert not place or page.has_link(place)


def test_whom_the_employer_has_to_answer_for_is_closed_and_leads_to_the_shortlist(console: Console):
    ranking = rank(console)
    introduce(console.api, ranking.vacancy_id, ranking.people["t-best"])
    page = console.page("reviewer", ranking.address("t-best"))
    assert "has to answer now" in page.text
    assert (ranking.shortlist, "See the shortlist") in page.links
    assert not [form for form in page.forms if form.action.endswith("/decision")]


def test_nearly_the_same_profiles_lead_to_each_other(console: Console):
    text = "I have kept the tools of four benches in order, and trained two apprentices from Sousse to weld."
    twins = [{"id": "t-twin", "text": text}, {"id": "t-other", "text": text.replace("four", "five")}]
    ranking = rank(console, people=[{**each, "lang": "en"} for each in twins])
    page = console.page("reviewer", ranking.address("t-twin"))
    assert "These profiles of the same ranking say nearly the same:" in page.text
    assert (ranking.address("t-other"), ranking.pseudonyms["t-other"]) in page.links
    auditor = console.page("auditor", ranking.address("t-twin"))
    assert (ranking.address("t-other"), ranking.pseudonyms["t-other"]) in auditor.links


def test_until_they_rate_a_blind_reviewer_is_told_no_decision(console: Console):
    ranking = rank(console)
    decide(console, ranking, "t-best", "shortlisted", who="reviewer 2", note="Strong.")
    make_blind(console, "reviewer")
    page = console.page("reviewer", ranking.address("t-best"))
    assert "Hidden until you have rated the candidate." in page.text
    assert "Strong." not in page.source


def test_until_they_rate_a_blind_reviewer_is_served_no_number(console: Console):
    ranking = rank(console)
    address = ranking.address("t-best")
    told = explanation(console, ranking, "t-best")
    make_blind(console, "reviewer")
    page = console.page("reviewer", address)
    assert page.numbers == []
    numbers = {told["match"]["score"], *(share["value"] for share in told["contributions"])} - {0.0}
    for number in numbers:
        assert repr(number) not in page.source
        assert f"{number:.3f}" not in page.source
    for words in ("Rank ", "waterfall", "essential skills met", "/decision"):
        assert words not in page.source

    unrated = console.post("reviewer", f"{address}/rating", {})
    assert unrated.status_code == 422
    assert Page.of(unrated.text).numbers == []
    rated = console.posted("reviewer", f"{address}/rating", {"rating": "good"})
    assert rated.numbers[0] == repr(told["match"]["score"])
    assert "You rated: Good" in rated.text


def test_a_newer_ranking_leaves_the_decision_and_says_what_changed(console: Console):
    ranking = rank(console)
    decide(console, ranking, "t-best", "shortlisted")
    body = {**CHANGED, "external_id": "t-best"}
    path = f"/v1/candidates/{ranking.people['t-best']}"
    before = console.api.get("institution", path)
    changed = console.api.call(
        "institution", "PUT", path, json=body, headers={"If-Match": before.headers["etag"]}
    )
    assert changed.status_code == 200, changed.text
    page = console.page("reviewer", ranking.address("t-best"))
    assert "The candidate's profile has changed since this ranking" in page.text
    rank_again(console.api)
    page = console.page("reviewer", ranking.address("t-best"))
    assert "Evidence changed since" in page.text
    assert "is met less well now" in page.text
    assert "Shortlisted" in page.text


CHANGED: dict[str, Any] = {
    "lang": "en",
    "skills": ["grind welds"],
    "languages": [{"lang": "en", "cefr": "B1"}],
}


@pytest.mark.parametrize("name", ["t-best", "t-out"])
def test_the_number_of_queries_is_fixed(console: Console, name: str):
    long = [f"skill number {at}" for at in range(15)]
    ranking = rank(console, skills=["MIG welding", *long])
    console.page("reviewer", ranking.address(name))
    with counted(console.api.engine) as statements:
        console.page("reviewer", ranking.address(name))
    assert len(statements) <= 27, len(statements)


def test_what_people_wrote_is_text_and_nothing_else(console: Console):
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    ranking = rank(console, title=f"Welder {hostile}", skills=[hostile, "MIG welding"])
    decide(console, ranking, "t-best", "deferred", note=hostile)
    for address in (ranking.address("t-best"), ranking.shortlist):
        page = console.page("reviewer", address)
        assert not [tag for tag, given in page.tags if tag == "img" or "onerror" in given]
        assert all(given.get("nonce") for tag, given in page.tags if tag == "script")
    assert hostile in console.page("reviewer", ranking.address("t-best")).text


def test_readers_see_no_forms_and_auditors_no_profile_and_no_notes(console: Console):
    ranking = rank(console)
    decide(console, ranking, "t-best", "shortlisted", note="Between us.")
    for who in ("admin", "auditor"):
        page = console.page(who, ranking.address("t-best"))
        assert "Reviewers decide; you can read." in page.text
        assert not [form for form in page.forms if "/matches/" in form.action]
        assert console.post(who, f"{ranking.address('t-best')}/decision", {}).status_code == 403
    auditor = console.page("auditor", ranking.address("t-best"))
    assert "Between us." not in auditor.source
    assert "Profile text" not in auditor.text
    assert "/candidates/" not in auditor.source


def test_reviewers_of_another_partnership_find_nothing(console: Console):
    ranking = rank(console)
    console.api.add_partnership("b:")
    address = ranking.address("t-best")
    console.page("b:reviewer", address, status=404)
    console.page("b:reviewer", f"{address}?run={ranking.run['id']}", status=404)
    for action in ("decision", "claim", "opinion", "opinion/withdraw", "rating", "release"):
        body = {"decision": "shortlisted", "rating": "good", "opinion": "shortlisted", "after": address[-36:]}
        assert console.post("b:reviewer", f"{address}/{action}", body).status_code == 404, action
    undo = f"{address}/undo?after={address[-36:]}"
    assert console.post("b:reviewer", undo).status_code in (404, 409)
    console.page("reviewer", f"{address[:-36]}{ranking.vacancy_id}", status=404)
