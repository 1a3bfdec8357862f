"""A vacancy's ranking: the list, near misses, comparison, and what changed since the run before."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.test_matching import WELDER, fill, matches, ranked
from tests.api.test_reviews import candidate_id, change, decide, introduce, reject
from tests.integration.test_queries import counted
from tests.unit.services.small_taxonomy import SKILL
from tests.web.conftest import Console
from tests.web.pages import Page
from tests.web.test_review import make_blind

CLERK = {**WELDER, "external_id": "other", "title": "Second welder"}


def at(vacancy: str, path: str = "matches") -> str:
    return f"/console/vacancies/{vacancy}/{path}"


def pseudonyms(page: Page, vacancy: str) -> list[str]:
    """Those whose review page is linked, in order."""
    links = [text for href, text in page.links if href.startswith(at(vacancy) + "/")]
    return [text for text in links if text.startswith("C-")]


def filled(api: Api) -> tuple[str, list[dict[str, Any]]]:
    """A ranked vacancy, and its matches as the API gives them."""
    vacancy = fill(api)["weld"]
    ranked(api)
    return vacancy, matches(api, vacancy)


def pseudonym(match: dict[str, Any]) -> str:
    return str(match["candidate"]["pseudonym"])


def test_the_list_gives_the_numbers_of_the_api_to_the_last_digit(any_console: Console):
    vacancy, listed = filled(any_console.api)
    page = any_console.page("reviewer", at(vacancy))
    assert pseudonyms(page, vacancy)[: len(listed)] == [pseudonym(each) for each in listed]
    for match in listed:
        assert repr(match["score"]) in page.numbers
        for part in match["parts"].values():
            assert repr(part) in page.numbers


def test_essentials_are_counted_as_in_the_explanation(console: Console):
    vacancy, listed = filled(console.api)
    shares = console.api.get("reviewer", f"/v1/matches/{listed[0]['id']}/explanation").json()["contributions"]
    essential = [s for s in shares if s["part"] == "skills" and s["importance"] == "essential"]
    met = sum(s["relation"] in ("same", "narrower") for s in essential)
    assert essential
    assert f"{met} of {len(essential)}" in console.page("reviewer", at(vacancy)).text


def test_equal_scores_share_a_rank(console: Console):
    api = console.api
    vacancy = api.published_vacancy(**{**WELDER, "languages": []})["id"]
    api.committed_cohort([{"id": f"t-{n}", "skills": ["MIG welding"], "lang": "en"} for n in range(3)])
    ranked(api)
    page = console.page("reviewer", at(vacancy))
    assert page.text.count("= 1 C-") >= 3
    assert "= 2" not in page.text


def test_a_vacancy_that_was_never_ranked_says_so(console: Console):
    vacancy = fill(console.api)["weld"]
    page = console.page("reviewer", at(vacancy))
    assert "Nobody has been ranked for this vacancy yet" in page.text
    assert (
        "Nobody has been ranked for this vacancy yet" in console.page("reviewer", at(vacancy, "changes")).text
    )


def test_near_misses_have_what_would_mend_them_soonest(any_console: Console):
    api = any_console.api
    vacancy = api.published_vacancy(**{**WELDER, "languages": [{"lang": "en", "cefr": "C1"}]})["id"]
    api.committed_cohort([{"id": "t", "skills": ["MIG welding"], "languages": ["en B1"]}])
    ranked(api)
    page = any_console.page("reviewer", at(vacancy))
    assert "Near misses: listed apart" in page.text
    assert "Does not meet a must English C1 is asked for; the candidate states B1." in page.text
    assert "A course in English up to C1." in page.text
    assert "Nobody is listed" in page.text


def test_whom_a_person_rejected_is_apart_with_the_decision(console: Console):
    api = console.api
    vacancy, listed = filled(api)
    reject(api, vacancy, candidate_id(api))
    page = console.page("reviewer", at(vacancy))
    assert pseudonyms(page, vacancy)[: len(listed) - 1] == [pseudonym(each) for each in listed[1:]]
    assert f"{pseudonym(listed[0])} " in page.text.split("Near misses")[1]
    assert "Rejected · 1 Mar 2026" in page.text


def test_the_list_is_filtered_by_decision_and_essentials(any_console: Console):
    api = any_console.api
    vacancy, listed = filled(api)
    decide(api, vacancy, candidate_id(api), "shortlisted")
    best = pseudonym(listed[0])
    assert pseudonyms(any_console.page("reviewer", at(vacancy) + "?state=shortlisted"), vacancy)[0] == best
    others = any_console.page("reviewer", at(vacancy) + "?state=proposed")
    assert best not in pseudonyms(others, vacancy)
    assert f"{len(listed) - 1} candidates fit the filters" in others.text
    skilled = any_console.page("reviewer", at(vacancy) + "?essentials=1")
    assert pseudonyms(skilled, vacancy)[0] == best
    assert "1 candidate fits the filters" in skilled.text
    nobody = any_console.page("reviewer", at(vacancy) + "?country=JP")
    assert "Nobody fits these filters" in nobody.text
    assert any_console.get("reviewer", at(vacancy) + "?state=x&essentials=y&eligible=z").status_code == 200


def test_what_the_list_is_filtered_by_stays_chosen(console: Console):
    api = console.api
    trained_in(api, "TN")
    vacancy, listed = filled(api)
    page = console.page("reviewer", at(vacancy) + "?country=TN&eligible=unknown")
    fields = page.form("/matches").fields
    assert (fields["country"], fields["eligible"]) == (["TN"], ["unknown"])
    assert f"{pseudonym(listed[0])} Tunisia" in page.text
    certain = console.page("reviewer", at(vacancy) + "?eligible=yes")
    assert certain.form("/matches").fields["eligible"] == ["yes"]
    assert "Nobody fits these filters" in certain.text


def test_where_no_skill_is_essential_none_is_counted(console: Console):
    api = console.api
    skills = [{"skill": "MIG welding", "importance": "optional"}]
    vacancy = api.published_vacancy(title="Post 7", skills=skills)["id"]
    api.committed_cohort([{"id": "t", "skills": ["MIG welding"]}])
    ranked(api)
    page = console.page("reviewer", at(vacancy))
    assert "none asked" in page.text
    assert not [given for tag, given in page.tags if given.get("id") == "essentials"]


def trained_in(api: Api, country: str) -> None:
    """Say where the institution is."""
    fields = {"name": "Invented Institute", "country": country}
    change(api, "organisations", api.ids["institution"], "admin", **fields)


def test_a_decision_on_what_has_changed_since_is_to_be_looked_at_again(console: Console):
    vacancy, _ = filled(console.api)
    decide(console.api, vacancy, candidate_id(console.api), "shortlisted")
    assert "look again" not in console.page("reviewer", at(vacancy)).text
    change(console.api, "vacancies", vacancy, "employer", **{**WELDER, "skills": ["MIG welding"]})
    assert "Shortlisted look again" in console.page("reviewer", at(vacancy)).text


def test_of_many_apart_the_first_are_shown_each_with_the_first_reason(console: Console):
    api = console.api
    trained_in(api, "TN")
    asked = [{"lang": "en", "cefr": "C1"}, {"lang": "fr", "cefr": "C1"}]
    vacancy = api.published_vacancy(**{**WELDER, "languages": asked})["id"]
    stated = {"skills": ["MIG welding"], "languages": ["en A1", "fr A1"]}
    api.committed_cohort([{"id": f"t-{n}", **stated} for n in range(12)])
    ranked(api)
    page = console.page("reviewer", at(vacancy))
    assert len(pseudonyms(page, vacancy)) == 10
    assert "Tunisia" in page.text
    assert "and 1 more" in page.text
    (href,) = [href for href, text in page.links if text == "Show all 12"]
    assert len(pseudonyms(console.page("reviewer", href.partition("#")[0]), vacancy)) == 12
    ids = [candidate_id(api, f"t-{n}") for n in (0, 1)]
    compared = console.page("reviewer", f"{at(vacancy, 'compare')}?candidate={ids[0]}&candidate={ids[1]}")
    assert "Tunisia" in compared.text


def test_the_list_leads_to_the_first_on_whom_nobody_has_decided(console: Console):
    vacancy, listed = filled(console.api)
    decide(console.api, vacancy, listed[0]["candidate"]["id"], "shortlisted")
    page = console.page("reviewer", at(vacancy))
    (href,) = [href for href, text in page.links if text == "Review those not decided"]
    assert href == at(vacancy, f"matches/{listed[1]['candidate']['id']}")
    assert "Review those not decided" not in console.page("admin", at(vacancy)).text
    assert "Review those not decided" not in console.page("reviewer", f"{at(vacancy)}?state=shortlisted").text


def test_who_was_introduced_elsewhere_is_flagged(any_console: Console):
    api = any_console.api
    other = api.published_vacancy(**CLERK)["id"]
    vacancy, _ = filled(api)
    introduce(api, vacancy, candidate_id(api))
    assert "Introduced to 1 other vacancy" in any_console.page("reviewer", at(other)).text
    assert "Introduced to" not in any_console.page("reviewer", at(vacancy)).text


def test_changed_requirements_are_told_with_a_way_on(console: Console):
    vacancy, _ = filled(console.api)
    change(console.api, "vacancies", vacancy, "employer", **{**WELDER, "skills": ["MIG welding"]})
    page = console.page("reviewer", at(vacancy))
    assert "The requirements have changed since this ranking" in page.text
    assert page.form("/rank").method == "post"
    assert "The requirements have changed" in console.page("auditor", at(vacancy)).text
    assert not [form for form in console.page("auditor", at(vacancy)).forms if form.action.endswith("/rank")]


def test_an_earlier_run_can_be_looked_at(console: Console):
    api = console.api
    vacancy, _ = filled(api)
    first = api.get("reviewer", "/v1/match-runs").json()["items"][0]["id"]
    ranked(api, k=1)
    page = console.page("reviewer", f"{at(vacancy)}?run={first}")
    assert "an earlier ranking" in page.text
    assert all(href.endswith(f"?run={first}") for href, _ in page.links if href.startswith(at(vacancy) + "/"))
    filtered = console.page("reviewer", f"{at(vacancy)}?run={first}&state=proposed")
    assert filtered.has_link(f"{at(vacancy)}?run={first}")
    newest = api.get("reviewer", f"/v1/vacancies/{vacancy}/matches").json()["run_id"]
    # Of a run that is named, the changes are those up to it.
    assert console.page("reviewer", f"{at(vacancy)}?run={newest}").has_link(
        f"{at(vacancy, 'changes')}?run={newest}"
    )
    assert console.get("reviewer", f"{at(vacancy)}?run=nonsense").status_code == 422
    assert console.get("reviewer", f"{at(vacancy)}?run={'0' * 32}").status_code == 404


def test_candidates_are_compared_requirement_by_requirement(any_console: Console):
    api = any_console.api
    vacancy, listed = filled(api)
    ids = [each["candidate"]["id"] for each in listed[:2]]
    page = any_console.page("reviewer", f"{at(vacancy, 'compare')}?candidate={ids[0]}&candidate={ids[1]}")
    assert pseudonyms(page, vacancy) == [pseudonym(each) for each in listed[:2]]
    assert "weld with MIG equipment" in page.text
    shares = api.get("reviewer", f"/v1/matches/{listed[0]['id']}/explanation").json()["contributions"]
    for share in shares:
        if share["value"] and share["part"] != "text":
            assert repr(share["value"]) in page.numbers
    assert repr(listed[0]["score"]) in page.numbers


def test_somebody_apart_can_be_compared_too(any_console: Console):
    api = any_console.api
    vacancy = api.published_vacancy(**{**WELDER, "languages": [{"lang": "en", "cefr": "C1"}]})["id"]
    api.committed_cohort(
        [
            {"id": "t-1", "skills": ["MIG welding"], "languages": ["en B1"]},
            {"id": "t-2", "skills": ["MIG welding"], "languages": ["en C1"]},
        ]
    )
    ranked(api)
    ids = [candidate_id(api, each) for each in ("t-1", "t-2")]
    page = any_console.page("reviewer", f"{at(vacancy, 'compare')}?candidate={ids[0]}&candidate={ids[1]}")
    assert "A course in English up to C1." in page.text
    assert "the same skill" in page.text


@pytest.mark.parametrize("n", [0, 1, 5])
def test_two_to_four_are_compared(console: Console, n: int):
    vacancy, listed = filled(console.api)
    query = "&".join(f"candidate={each['candidate']['id']}" for each in listed[:n])
    answer = console.get("reviewer", f"{at(vacancy, 'compare')}?{query}")
    assert answer.status_code == 422
    page = Page.of(answer.text)
    assert page.title.startswith("Error:")
    assert "Choose two to four candidates to compare." in page.text
    # What was ticked stays ticked.
    assert sum("checked" in tag for _, tag in page.tags) == n


def test_somebody_who_is_not_in_the_ranking_is_not_compared(console: Console):
    vacancy, listed = filled(console.api)
    query = f"candidate={listed[0]['candidate']['id']}&candidate={vacancy}"
    assert console.get("reviewer", f"{at(vacancy, 'compare')}?{query}").status_code == 404


def test_what_changed_since_the_run_before_is_told_with_its_causes(any_console: Console):
    api = any_console.api
    vacancy, _ = filled(api)
    alone = any_console.page("reviewer", at(vacancy, "changes"))
    assert "There is only one ranking" in alone.text
    name = any_console.page("reviewer", f"/console/vacancies/{vacancy}")
    form = name.form("/requirements/confirm-all")
    any_console.post("reviewer", form.action, form.fields)
    api.committed_cohort(
        [{"id": "t-new", "skills": [f"{SKILL}mig-welding"], "languages": ["en B1"]}], external_id="c-2"
    )
    ranked(api)
    page = any_console.page("reviewer", at(vacancy, "changes"))
    assert "The requirements of the vacancy have changed." in page.text
    assert "1 candidate is new" in page.text
    assert "Other weights" not in page.text
    assert any_console.page("reviewer", at(vacancy)).has_link(at(vacancy, "changes"))


def test_who_is_gone_had_a_score_before_and_has_none_now(console: Console):
    vacancy, listed = filled(console.api)
    ranked(console.api, k=1)
    page = console.page("reviewer", at(vacancy, "changes"))
    assert f"{len(listed) - 1} candidates are gone" in page.text
    assert repr(listed[1]["score"]) in page.numbers
    assert f"{pseudonym(listed[1])} 2 – {listed[1]['score']:.3f} –" in page.text


def test_a_profile_that_changed_is_named_as_a_reason(console: Console):
    api = console.api
    vacancy, _ = filled(api)
    better = {
        "external_id": "t-tie-1",
        "skills": [{"skill": "MIG welding"}],
        "lang": "en",
        "languages": [{"lang": "en", "cefr": "B1"}],
    }
    change(api, "candidates", candidate_id(api, "t-tie-1"), "institution", **better)
    ranked(api)
    page = console.page("reviewer", at(vacancy, "changes"))
    assert "The profile has changed" in page.text
    assert "Requirements, weights and taxonomy are the same." in page.text


def test_a_reviewer_of_another_partnership_finds_no_ranking(console: Console):
    console.api.add_partnership("b:")
    vacancy, listed = filled(console.api)
    ids = [each["candidate"]["id"] for each in listed[:2]]
    for path in ("matches", "changes", "compare", f"compare?candidate={ids[0]}&candidate={ids[1]}"):
        assert console.get("b:reviewer", at(vacancy, path)).status_code == 404


def test_hostile_claims_are_shown_as_text(console: Console):
    api = console.api
    vacancy = api.published_vacancy(**{**WELDER, "title": "<b onclick=alert(1)>Welder", "languages": []})[
        "id"
    ]
    claims = ["MIG welding", "<script>alert(2)</script>"]
    api.committed_cohort([{"id": f"t-{n}", "skills": claims, "occupations": ["<i>welder"]} for n in range(2)])
    ranked(api)
    ids = [each["candidate"]["id"] for each in matches(api, vacancy)]
    for path in ("matches", "changes", f"compare?candidate={ids[0]}&candidate={ids[1]}"):
        answer = console.get("reviewer", at(vacancy, path))
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "<b onclick" not in answer.text
        assert "<i>welder" not in answer.text


def test_a_ranking_takes_as_many_queries_for_few_as_for_many(any_console: Console):
    api = any_console.api

    def n_statements(vacancy: str, path: str = "matches") -> int:
        with counted(api.engine) as seen:
            assert any_console.get("reviewer", at(vacancy, path)).status_code == 200
        return len(seen)

    vacancy, _ = filled(api)
    n_statements(vacancy)
    few = n_statements(vacancy), n_statements(vacancy, "changes")
    many = [{"id": f"m-{n}", "skills": ["MIG welding"], "languages": ["en B1"]} for n in range(30)]
    api.committed_cohort(many, external_id="c-2")
    ranked(api, k=40)
    for row in matches(api, vacancy)[:4]:
        decide(api, vacancy, row["candidate"]["id"], "shortlisted")
    assert n_statements(vacancy) == few[0]
    assert few[0] <= 14
    assert n_statements(vacancy, "changes") <= 17


def test_who_decides_blind_is_told_no_rank_and_no_score(console: Console):
    vacancy, listed = filled(console.api)
    ranked(console.api)
    make_blind(console, "reviewer")
    page = console.page("reviewer", at(vacancy))
    names = sorted(pseudonym(each) for each in listed)
    assert pseudonyms(page, vacancy)[: len(names)] == names
    ids = [each["candidate"]["id"] for each in listed[:2]]
    compared = console.get("reviewer", f"{at(vacancy, 'compare')}?candidate={ids[0]}&candidate={ids[1]}").text
    changes = console.get("reviewer", at(vacancy, "changes")).text
    for source in (page.source, compared, changes):
        assert "<data" not in source
        assert "tb-score" not in source
        for match in listed:
            assert repr(match["score"]) not in source
            assert f"{match['score']:.3f}" not in source
    assert "Hidden in blind mode" in changes
    # Whoever decides nothing is shown what there is.
    assert repr(listed[0]["score"]) in console.page("admin", at(vacancy)).numbers


def test_more_essential_skills_than_a_number_holds_are_more_than_anybody_has(console: Console):
    vacancy, _ = filled(console.api)
    page = console.page("reviewer", at(vacancy, "matches?essentials=" + "9" * 5_000))
    assert "Nobody fits these filters" in page.text
