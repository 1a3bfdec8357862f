"""A vacancy's page: what it asks for and how that was linked; staff confirm, correct and drop."""

from __future__ import annotations

import re
from typing import Any

from tests.api.conftest import Api
from tests.api.test_matching import WELDER, fill, matches, ranked
from tests.api.test_reviews import candidate_id, change, decide
from tests.integration.test_queries import counted
from tests.unit.services.small_taxonomy import SKILL
from tests.web.conftest import Console
from tests.web.pages import Form, Page

READ = {
    **WELDER,
    "external_id": "read",
    "title": "Post 7",
    "description": "You weld.\nRequirements:\n- MIG welding on frames\nNice to have:\n- pipe fitting\n",
    "occupation": "urn:test:occupation:welder",
    "skills": [],
}


def published(api: Api, **fields: Any) -> str:
    return str(api.published_vacancy(**{**READ, **fields})["id"])


def at(vacancy: str) -> str:
    return f"/console/vacancies/{vacancy}"


def decision_form(page: Page, label: str, settled: str) -> Form:
    """The form of a button on a requirement; its label stands beside the words of the button."""
    name = requirement(page, label)
    forms = [
        form
        for form in page.forms
        if form.action.endswith(f"/requirements/{name}") and form.fields.get("settled") == [settled]
    ]
    assert forms, (label, settled)
    return forms[0]


def requirement(page: Page, label: str) -> str:
    """The name of a requirement, as the link to change it gives it."""
    (href,) = [href for href, text in page.links if text == f"Change : {label}" or text == f"Change: {label}"]
    return href.rsplit("/", 1)[1]


def labels(page: Page) -> list[str]:
    """What is asked for, in its order."""
    return [text for level, text in page.headings if level == 3]


def live_requirements(api: Api, vacancy: str) -> dict[str, dict[str, Any]]:
    ranking = api.get("reviewer", f"/v1/vacancies/{vacancy}/ranking").json()
    return {each["label"]: each for each in ranking["requirements"]}


def test_the_page_tells_what_is_asked_for_and_where_it_stands(console: Console):
    vacancy = published(console.api, starts_on="2026-09-01", shifts=["night"])
    page = console.page("reviewer", at(vacancy))
    assert page.h1 == "Post 7"
    asked = labels(page)
    assert {"weld with MIG equipment", "fit pipes", "grind welds", "follow safety rules"} == set(asked)
    assert "read in the text" in page.text
    assert "inferred from the occupation" in page.text
    assert "Nobody has decided on 4 of 4 requirements." in page.text
    assert "English at level A2 or above a must" in page.text
    assert "Can begin on 1 Sept 2026 a must" in page.text or "Can begin on 1 Sep 2026 a must" in page.text
    assert "Accepts these working times: night" in page.text
    # Marked words of the original lead to the requirement that was read from them.
    name = requirement(page, "weld with MIG equipment")
    assert (f"#r-{name}", "MIG welding") in page.links


def test_a_requirement_takes_two_stops_until_more_is_asked_for(console: Console):
    page = console.page("reviewer", at(published(console.api)))
    n = len(labels(page))
    within = page.source[page.source.index('<ol class="tb-requirements">') :].split("</ol>")[0]
    seen = re.sub(r"</summary>.*?</details>", "</summary>", within, flags=re.DOTALL)
    assert len(re.findall(r"<(?:button|a|summary)\b", seen)) == 2 * n
    assert seen.count("data-row-focus") == within.count("data-row>") == n
    assert page.has_link("#conditions")
    assert page.has_link("#original")
    # Who only reads has nothing to open.
    reader = console.page("auditor", at(published(console.api, external_id="other")))
    assert "More" not in reader.text
    assert "ESCO entry" in reader.text


def test_words_of_the_title_lead_to_their_requirement_too(console: Console):
    vacancy = published(console.api, title="MIG welding on ships", description="", occupation="")
    page = console.page("reviewer", at(vacancy))
    name = requirement(page, "weld with MIG equipment")
    assert (f"#r-{name}", "MIG welding") in page.links
    assert "There is no description." in page.text


def test_a_vacancy_that_names_no_skill_says_whom_to_ask(console: Console):
    vacancy = published(console.api, description="", occupation="")
    page = console.page("reviewer", at(vacancy))
    assert "No skills are asked for" in page.text
    assert "Ask the employer what the work needs." in page.text
    assert not [form for form in page.forms if form.action.endswith("/confirm-all")]


def test_labels_are_in_the_readers_language_with_the_original_beneath(console: Console):
    vacancy = published(console.api)
    console.post("reviewer", "/console/language", {"locale": "fr"})
    page = console.page("reviewer", at(vacancy))
    assert "souder au MIG weld with MIG equipment" in labels(page)


def test_a_confirmed_requirement_counts_as_stated_everywhere(any_console: Console):
    api = any_console.api
    vacancy = published(api)
    api.committed_cohort([{"id": "t", "skills": ["MIG welding"], "languages": ["en B1"]}])
    ranked(api)
    before = live_requirements(api, vacancy)["weld with MIG equipment"]
    assert (before["provenance"], before["decision"]) == ("extracted", None)
    page = any_console.page("reviewer", at(vacancy))
    form = decision_form(page, "weld with MIG equipment", "confirmed")
    page = any_console.posted("reviewer", form.action, form.fields)
    assert "The requirement was confirmed." in page.text
    assert "✓ Confirmed · Reviewer" in page.text
    assert "Nobody has decided on 3 of 4" in page.text
    assert "The requirements have changed since the ranking" in page.text
    after = live_requirements(api, vacancy)["weld with MIG equipment"]
    assert (after["provenance"], after["decision"]) == ("stated", "confirmed")
    assert api.get("reviewer", f"/v1/vacancies/{vacancy}").json()["requirements_version"] == 2
    assert api.get("reviewer", f"/v1/vacancies/{vacancy}/matches").json()["stale"] is True
    ranked(api)
    (match,) = matches(api, vacancy)
    shares = api.get("reviewer", f"/v1/matches/{match['id']}/explanation").json()["contributions"]
    assert {s["requirement"]: s["provenance"] for s in shares if s["part"] == "skills"} == {
        "weld with MIG equipment": "stated",
        "fit pipes": "extracted",
        "grind welds": "inferred",
        "follow safety rules": "inferred",
    }
    assert "have changed since the ranking" not in any_console.page("reviewer", at(vacancy)).text


def test_a_stored_run_and_a_live_ranking_agree_on_what_is_decided(any_console: Console):
    api = any_console.api
    vacancy = published(api)
    api.committed_cohort([{"id": "t", "skills": ["MIG welding", "sourdough"], "languages": ["en B1"]}])
    page = any_console.page("reviewer", at(vacancy))
    name = requirement(page, "fit pipes")
    sent = {"settled": "corrected", "decided_uri": f"{SKILL}unused-skill"}
    any_console.posted("reviewer", f"{at(vacancy)}/requirements/{name}", sent)
    dropped = decision_form(page, "grind welds", "dropped")
    any_console.posted("reviewer", dropped.action, {"settled": "dropped"})
    ranked(api)
    live = api.get("reviewer", f"/v1/vacancies/{vacancy}/ranking").json()
    (stored,) = matches(api, vacancy)
    assert stored["score"] == live["matches"][0]["score"]
    assert set(live_requirements(api, vacancy)) == {
        "weld with MIG equipment",
        "bake sourdough bread",
        "follow safety rules",
    }


def test_a_correction_is_chosen_from_the_taxonomy(console: Console):
    vacancy = published(console.api)
    page = console.page("reviewer", at(vacancy))
    link = f"{at(vacancy)}/requirements/{requirement(page, 'fit pipes')}"
    assert page.has_link(link)
    assert "linked now" in console.page("reviewer", link).text
    found = console.page("reviewer", f"{link}?q=levain")
    assert "bake sourdough bread" in found.text
    (form,) = [form for form in found.forms if form.fields.get("decided_uri") == [f"{SKILL}unused-skill"]]
    page = console.posted("reviewer", form.action, form.fields)
    assert "The requirement was corrected." in page.text
    assert "bake sourdough bread" in labels(page)
    assert "Decided for this vacancy" in page.text
    # The words are still those that the decision is on.
    assert requirement(page, "bake sourdough bread") == link.rsplit("/", 1)[1]
    part = console.get("reviewer", f"{link}?q=levain", headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert 'id="found"' in part.text
    assert "No skill has such a name" in console.page("reviewer", f"{link}?q=%D8%B5%D8%B5").text


def test_two_decisions_for_the_same_skill_stay_in_sight_each_with_its_words(any_console: Console):
    vacancy = published(any_console.api)
    page = any_console.page("reviewer", at(vacancy))
    pipes, welding = requirement(page, "fit pipes"), requirement(page, "weld with MIG equipment")
    uri = live_requirements(any_console.api, vacancy)["weld with MIG equipment"]["concept_uri"]
    any_console.posted("reviewer", f"{at(vacancy)}/requirements/{welding}", {"settled": "confirmed"})
    corrected = {"settled": "corrected", "decided_uri": uri}
    page = any_console.posted("reviewer", f"{at(vacancy)}/requirements/{pipes}", corrected)
    assert labels(page).count("weld with MIG equipment") == 2
    assert "counted with another" in page.text
    assert "pipe fitting" in page.text
    # In rankings they are one.
    assert list(live_requirements(any_console.api, vacancy)).count("weld with MIG equipment") == 1
    ids = [given["id"] for tag, given in page.tags if tag == "li" and given.get("id", "").startswith("r-")]
    assert len(ids) == len(set(ids)) == 4
    for name in (welding, pipes):
        any_console.page("reviewer", f"{at(vacancy)}/requirements/{name}")
    page = any_console.posted("reviewer", f"{at(vacancy)}/requirements/{pipes}", {"settled": "taken_back"})
    assert "fit pipes" in labels(page)
    assert "weld with MIG equipment" in labels(page)
    assert "counted with another" not in page.text


def test_two_phrases_for_one_skill_are_both_confirmed_and_dropped_one_by_one(console: Console):
    fields = [{"skill": "MIG welding"}, {"skill": "weld with MIG equipment", "importance": "optional"}]
    vacancy = published(console.api, skills=fields)
    page = console.page("reviewer", at(vacancy))
    assert "Nobody has decided on 2 of 2" in page.text
    page = console.posted("reviewer", page.form("/requirements/confirm-all").action)
    assert "2 requirements were confirmed." in page.text
    name = "weld with MIG equipment (weld with MIG equipment)"
    dropped = decision_form(page, name, "dropped")
    page = console.posted("reviewer", dropped.action, dropped.fields)
    assert labels(page) == ["weld with MIG equipment"]
    assert "weld with MIG equipment" in live_requirements(console.api, vacancy)


def test_what_the_occupation_asks_for_is_decided_once_the_words_for_it_mean_something_else(
    console: Console,
):
    vacancy = published(console.api)
    asked = live_requirements(console.api, vacancy)
    inferred = next(label for label, each in asked.items() if each["provenance"] == "inferred")
    page = console.page("reviewer", at(vacancy))
    pipes = requirement(page, "fit pipes")
    confirmed = decision_form(page, inferred, "confirmed")
    page = console.posted("reviewer", confirmed.action, confirmed.fields)
    corrected = {"settled": "corrected", "decided_uri": asked[inferred]["concept_uri"]}
    page = console.posted("reviewer", f"{at(vacancy)}/requirements/{pipes}", corrected)
    assert labels(page).count(inferred) == 2
    page = console.posted("reviewer", confirmed.action, {"settled": "taken_back"})
    assert labels(page).count(inferred) == 1


def test_a_phrase_that_no_skill_stands_for_is_compared_as_text(console: Console):
    vacancy = published(console.api)
    name = requirement(console.page("reviewer", at(vacancy)), "fit pipes")
    page = console.posted("reviewer", f"{at(vacancy)}/requirements/{name}", {"settled": "corrected"})
    assert "pipe fitting" in labels(page)
    assert "not linked" in page.text
    assert live_requirements(console.api, vacancy)["pipe fitting"]["concept_uri"] is None


def test_the_importance_is_set_with_a_confirmation(console: Console):
    vacancy = published(console.api)
    name = requirement(console.page("reviewer", at(vacancy)), "fit pipes")
    assert live_requirements(console.api, vacancy)["fit pipes"]["importance"] == "optional"
    form = console.page("reviewer", f"{at(vacancy)}/requirements/{name}").forms[2]
    assert form.fields["settled"] == ["confirmed"]
    console.posted("reviewer", form.action, {**form.fields, "importance": "essential"})
    assert live_requirements(console.api, vacancy)["fit pipes"]["importance"] == "essential"


def test_what_is_dropped_is_kept_in_sight_and_can_come_back(any_console: Console):
    vacancy = published(any_console.api)
    page = any_console.page("reviewer", at(vacancy))
    form = decision_form(page, "fit pipes", "dropped")
    page = any_console.posted("reviewer", form.action, form.fields)
    assert "fit pipes" not in labels(page)
    assert "1 that is not asked for" in page.text
    back = [
        each
        for each in page.forms
        if each.action == form.action and each.fields.get("settled") == ["confirmed"]
    ]
    page = any_console.posted("reviewer", back[0].action, back[0].fields)
    assert "fit pipes" in labels(page)


def test_a_decision_is_undone_to_what_counted_before(any_console: Console):
    vacancy = published(any_console.api)
    page = any_console.page("reviewer", at(vacancy))
    confirmed = decision_form(page, "fit pipes", "confirmed")
    page = any_console.posted("reviewer", confirmed.action, confirmed.fields)
    first_undo = page.form("/requirements/undo/2").action
    dropped = decision_form(page, "fit pipes", "dropped")
    page = any_console.posted("reviewer", dropped.action, dropped.fields)
    # What was decided anew since is not taken back by an old page.
    assert any_console.post("reviewer", first_undo).status_code == 409
    page = any_console.posted("reviewer", page.form("/requirements/undo/3").action)
    assert "✓ Confirmed" in page.text
    assert "fit pipes" in labels(page)
    version = any_console.api.get("reviewer", f"/v1/vacancies/{vacancy}").json()["requirements_version"]
    assert version == 4


def test_a_decision_on_one_requirement_is_taken_back_alone(any_console: Console):
    vacancy = published(any_console.api)
    form = any_console.page("reviewer", at(vacancy)).form("/requirements/confirm-all")
    page = any_console.posted("reviewer", form.action, form.fields)
    taken_back = decision_form(page, "fit pipes", "taken_back")
    page = any_console.posted("reviewer", taken_back.action, taken_back.fields)
    assert "Nobody has decided on 1 of 4" in page.text
    assert live_requirements(any_console.api, vacancy)["fit pipes"]["provenance"] == "extracted"
    assert any_console.post("reviewer", taken_back.action, {"settled": "else"}).status_code == 422


def test_after_a_decision_the_next_open_requirement_is_at_hand(console: Console):
    vacancy = published(console.api)
    page = console.page("reviewer", at(vacancy))
    names = [requirement(page, label) for label in labels(page)]
    for done, following in zip(names, [*names[1:], None], strict=True):
        answer = console.post("reviewer", f"{at(vacancy)}/requirements/{done}", {"settled": "confirmed"})
        anchor = answer.headers["location"].partition("#")[2]
        assert anchor == ("requirements" if following is None else f"r-{following}")


def test_all_that_is_open_is_confirmed_at_once_and_undone_at_once(any_console: Console):
    vacancy = published(any_console.api)
    page = any_console.page("reviewer", at(vacancy))
    dropped = decision_form(page, "grind welds", "dropped")
    page = any_console.posted("reviewer", dropped.action, dropped.fields)
    form = page.form("/requirements/confirm-all")
    page = any_console.posted("reviewer", form.action, form.fields)
    assert "3 requirements were confirmed." in page.text
    assert "All requirements are decided on." in page.text
    assert "grind welds" not in labels(page)
    page = any_console.posted("reviewer", page.form("/requirements/undo/3").action)
    assert "Nobody has decided on 3 of 3" in page.text
    assert "grind welds" not in labels(page)


def test_an_old_page_decides_nothing(console: Console):
    vacancy = published(console.api)
    page = console.page("reviewer", at(vacancy))
    form = decision_form(page, "fit pipes", "confirmed")
    change(console.api, "vacancies", vacancy, "employer", **{**READ, "country": "DE"})
    assert console.post("reviewer", form.action, form.fields).status_code == 412
    gone = console.post("reviewer", f"{at(vacancy)}/requirements/{'0' * 16}", {"settled": "confirmed"})
    assert gone.status_code == 404


def test_decisions_outlive_a_change_by_the_employer(console: Console):
    vacancy = published(console.api)
    page = console.page("reviewer", at(vacancy))
    form = decision_form(page, "fit pipes", "dropped")
    console.posted("reviewer", form.action, form.fields)
    changed = {**READ, "description": READ["description"] + "- blueprint reading\n"}
    change(console.api, "vacancies", vacancy, "employer", **changed)
    assert labels(console.page("reviewer", at(vacancy))).count("fit pipes") == 0
    # The employer's own record is as they sent it.
    given = console.api.get("employer", f"/v1/vacancies/{vacancy}").json()
    assert given["description"].strip() == changed["description"].strip()


def test_an_unknown_skill_is_refused(console: Console):
    vacancy = published(console.api)
    name = requirement(console.page("reviewer", at(vacancy)), "fit pipes")
    sent = {"settled": "corrected", "decided_uri": "urn:test:skill:none"}
    assert console.post("reviewer", f"{at(vacancy)}/requirements/{name}", sent).status_code == 422


def test_a_closed_vacancy_is_read_only(console: Console):
    vacancy = published(console.api)
    form = decision_form(console.page("reviewer", at(vacancy)), "fit pipes", "confirmed")
    console.api.made("employer", f"/v1/vacancies/{vacancy}:close", None)
    page = console.page("reviewer", at(vacancy))
    assert "Closed" in page.text
    assert not [
        each for each in page.forms if "/requirements/" in each.action or each.action.endswith("/rank")
    ]
    assert console.post("reviewer", form.action, {"settled": "confirmed"}).status_code == 409


def test_only_reviewers_decide_and_every_staff_role_reads(console: Console):
    vacancy = published(console.api)
    form = decision_form(console.page("reviewer", at(vacancy)), "fit pipes", "confirmed")
    for who in ("admin", "auditor"):
        page = console.page(who, at(vacancy))
        assert not [each for each in page.forms if "/requirements/" in each.action]
        assert console.post(who, form.action, form.fields).status_code == 403
        assert console.post(who, f"{at(vacancy)}/requirements/confirm-all").status_code == 403


def test_a_reviewer_of_another_partnership_finds_nothing(console: Console):
    console.api.add_partnership("b:")
    vacancy = published(console.api)
    name = requirement(console.page("reviewer", at(vacancy)), "fit pipes")
    for path in ("", f"/requirements/{name}"):
        assert console.get("b:reviewer", at(vacancy) + path).status_code == 404
    for path in (f"/requirements/{name}", "/requirements/confirm-all", "/requirements/undo/2"):
        assert console.post("b:reviewer", at(vacancy) + path, {"settled": "dropped"}).status_code == 404


def test_ranking_now_asks_for_a_run_of_this_vacancy_alone(console: Console):
    vacancy = published(console.api, openings=7)
    fill(console.api)
    answer = console.post("reviewer", f"{at(vacancy)}/rank")
    assert answer.status_code == 303
    run = console.api.get("reviewer", "/v1/match-runs").json()["items"][0]
    assert answer.headers["location"] == f"/console/runs/{run['id']}"
    assert (run["vacancy_ids"], run["k"]) == ([vacancy], 70)


def test_the_history_says_who_did_what(console: Console):
    vacancy = published(console.api)
    form = decision_form(console.page("reviewer", at(vacancy)), "fit pipes", "confirmed")
    console.posted("reviewer", form.action, form.fields)
    page = console.page("auditor", at(vacancy))
    assert "Requirements decided on (Confirmed: 1) Reviewer version 2" in page.text
    assert "Published Employer" in page.text


def test_a_decision_on_a_pair_turns_stale_with_the_requirements(console: Console):
    api = console.api
    vacancy = fill(api)["weld"]
    ranked(api)
    decide(api, vacancy, candidate_id(api), "shortlisted")
    form = console.page("reviewer", at(vacancy)).form("/requirements/confirm-all")
    console.posted("reviewer", form.action, form.fields)
    newest = api.get("reviewer", f"/v1/vacancies/{vacancy}/reviews").json()["items"][0]
    assert newest["is_stale"] is True
    assert newest["decision"] == "shortlisted"


def test_hostile_text_is_shown_as_text(console: Console):
    vacancy = published(
        console.api,
        title="<script>alert(1)</script>",
        description="Requirements:\n- MIG welding <img src=x onerror=alert(1)>\n",
        skills=['"><svg onload=alert(1)>', "MIG welding"],
    )
    for path in ("", "/take-over"):
        answer = console.get("reviewer", at(vacancy) + path)
        assert "<script>alert" not in answer.text
        assert "<img" not in answer.text
        assert "<svg onload" not in answer.text
        assert "&lt;script&gt;alert(1)" in answer.text


def test_a_vacancy_takes_as_many_queries_with_one_decision_as_with_many(any_console: Console):
    vacancy = published(any_console.api)

    def n_statements() -> int:
        with counted(any_console.api.engine) as seen:
            any_console.get("reviewer", at(vacancy))
        return len(seen)

    page = any_console.page("reviewer", at(vacancy))
    form = decision_form(page, "fit pipes", "confirmed")
    any_console.post("reviewer", form.action, form.fields)
    n_statements()
    few = n_statements()
    form = any_console.page("reviewer", at(vacancy)).form("/requirements/confirm-all")
    any_console.post("reviewer", form.action, form.fields)
    assert n_statements() == few
    assert few <= 18
