"""The shortlist: whom to introduce, what stands in the way, what became of it, and the list as a file."""

from __future__ import annotations

import csv
import io

import pytest
from python_calamine import CalamineWorkbook

from tests.api.test_matching import WELDER
from tests.api.test_matching import ranked as rank_again
from tests.api.test_reviews import change
from tests.integration.test_queries import counted
from tests.web.conftest import Console
from tests.web.pages import Page
from tests.web.ranked import Ranked, decide, rank


def check(console: Console, ranking: Ranked, *names: str, who: str = "reviewer") -> Page:
    chosen = "&".join(f"candidate={ranking.people[name]}" for name in names)
    return console.page(who, f"{ranking.shortlist}/introduce?{chosen}")


def introduce(console: Console, ranking: Ranked, *names: str, who: str = "reviewer", **more: str) -> Page:
    form = check(console, ranking, *names, who=who).form("/introduce")
    fields = {
        name: values if name == "candidate" else values[-1] for name, values in form.fields.items() if values
    }
    return console.posted(who, form.action, {**fields, **more})


def answer(console: Console, ranking: Ranked, name: str, said: str, **more: str) -> None:
    path = f"/v1/vacancies/{ranking.vacancy_id}/introductions/{ranking.people[name]}:answer"
    console.api.made("employer", path, {"answer": said, **more})


def test_from_the_shortlist_to_the_employers_answer(any_console: Console):
    ranking = rank(any_console)
    assert "Nobody is waiting to be introduced." in any_console.page("reviewer", ranking.shortlist).text
    first, second = ranking.order[:2]
    for name in (first, second):
        decide(any_console, ranking, name, "shortlisted")
    page = introduce(any_console, ranking, first, second)
    assert "2 people are introduced." in page.text
    answer(any_console, ranking, first, "accepted")
    page = any_console.page("reviewer", ranking.shortlist)
    assert "Accepted by the employer: 1" in page.text
    assert "Introduced, the employer has to answer (1)" in page.text

    lapsing = page.form(f"/{ranking.people[second]}/lapse")
    refused = any_console.post("reviewer", lapsing.action, {"after": lapsing.fields["after"][0]})
    assert refused.status_code == 422
    assert Page.of(refused.text).has_link(f"#lapse-{ranking.people[second]}")
    fields = {"after": lapsing.fields["after"][0], "reason": "no_answer"}
    assert "The introduction has lapsed." in any_console.posted("reviewer", lapsing.action, fields).text


def test_somebody_accepted_is_a_warning_at_every_other_vacancy(console: Console):
    ranking = rank(console)
    api = console.api
    other = api.published_vacancy(external_id="v-2", title="Welder in Lyon", skills=["MIG welding"])
    run = api.made("reviewer", "/v1/match-runs", {"vacancy_ids": [other["id"]]})
    api.work()
    decide(console, ranking, "t-best", "shortlisted")
    introduce(console, ranking, "t-best")
    answer(console, ranking, "t-best", "accepted")

    there = Ranked(other["id"], ranking.people, ranking.pseudonyms, run, [])
    page = console.page("reviewer", there.address("t-best"))
    assert "Spoken for elsewhere" in page.text
    assert "Accepted by the employer" in page.text
    decide(console, there, "t-best", "shortlisted")
    assert "Spoken for elsewhere" in console.page("reviewer", there.shortlist).text
    checked = check(console, there, "t-best")
    assert "Nobody should be promised twice." in checked.text
    form = checked.form("/introduce")
    fields = {name: values[-1] for name, values in form.fields.items() if values}
    refused = console.post("reviewer", form.action, fields)
    assert refused.status_code == 422
    assert Page.of(refused.text).has_link(f"#reason-{ranking.people['t-best']}")
    reason = {f"reason_{ranking.people['t-best']}": "employer_asked"}
    assert "1 person is introduced." in introduce(console, there, "t-best", **reason).text


def test_reasons_that_were_chosen_stay_chosen_beside_a_note_that_is_missing(console: Console):
    ranking = rank(console)
    decide(console, ranking, "t-best", "shortlisted")
    form = check(console, ranking, "t-best").form("/introduce")
    fields = {name: values[-1] for name, values in form.fields.items() if values}
    reason = f"reason_{ranking.people['t-best']}"
    refused = console.post("reviewer", form.action, {**fields, reason: "other"})
    assert refused.status_code == 422
    page = Page.of(refused.text)
    assert page.has_link(f"#note-{ranking.people['t-best']}")
    assert page.form("/introduce").fields[reason] == ["other"]


def test_what_has_changed_and_who_differs_is_told_before_anybody_is_introduced(console: Console):
    ranking = rank(console)
    address = ranking.address("t-best")
    decide(console, ranking, "t-best", "shortlisted")
    form = console.page("reviewer 2", address).form("/opinion")
    given = {"after": form.fields["after"][0], "opinion": "deferred"}
    console.posted("reviewer 2", form.action, given)
    changed = {**WELDER, "skills": ["MIG welding"]}
    change(console.api, "vacancies", ranking.vacancy_id, "employer", **changed)
    for page in (console.page("reviewer", ranking.shortlist), check(console, ranking, "t-best")):
        assert "Evidence changed since" in page.text
        assert "Reviewers differ" in page.text
        assert page.has_link(address)


def test_who_is_listed_no_more_stays_on_the_shortlist_without_a_rank(console: Console):
    ranking = rank(console)
    last = ranking.order[1]
    decide(console, ranking, last, "shortlisted")
    rank_again(console.api, k=1)
    page = console.page("reviewer", ranking.shortlist)
    assert ranking.pseudonyms[last] in page.text
    assert "Not listed any more" in page.text
    # There is no match left to open.
    assert not page.has_link(ranking.address(last))


def test_of_doubtful_people_another_reviewer_makes_the_introduction(console: Console):
    ranking = rank(console)
    decide(console, ranking, "t-out", "shortlisted", reason_shortlisted="fix_agreed")
    page = console.page("reviewer", ranking.shortlist)
    assert "Somebody else has to introduce this candidate" in page.text
    [box] = [given for tag, given in page.tags if given.get("name") == "candidate"]
    assert "disabled" in box
    reason = {f"reason_{ranking.people['t-out']}": "fix_agreed"}
    assert "1 person is introduced." in introduce(console, ranking, "t-out", who="reviewer 2", **reason).text


@pytest.mark.parametrize("query", ["", "?candidate=no-id"])
def test_choosing_nobody_is_told_and_nonsense_refused(console: Console, query: str):
    ranking = rank(console)
    answer = console.get("reviewer", f"{ranking.shortlist}/introduce{query}")
    assert answer.status_code == 422


def test_the_list_is_taken_along_by_pseudonym_and_runs_no_formula(console: Console):
    ranking = rank(console, title="=HYPERLINK(1)")
    decide(console, ranking, "t-best", "shortlisted")
    answer = console.get("auditor", f"{ranking.shortlist}.csv")
    assert answer.headers["content-disposition"].startswith('attachment; filename="shortlist-')
    [row] = csv.DictReader(io.StringIO(answer.content.decode("utf-8")))
    assert row["title"] == "'=HYPERLINK(1)"
    assert (row["candidate"], row["decision"], row["rank"]) == (
        ranking.pseudonyms["t-best"],
        "shortlisted",
        "1",
    )
    assert "t-best" not in answer.text
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(console.get("reviewer", f"{ranking.shortlist}.xlsx").content)
    )
    header, cells = book.get_sheet_by_name("shortlist").to_python()
    assert cells[header.index("title")] == "'=HYPERLINK(1)"
    assert console.get("reviewer", f"{ranking.shortlist}.exe").status_code == 404


def test_the_number_of_queries_does_not_grow(console: Console):
    ranking = rank(console)
    counts = []
    for name in ranking.order[:3]:
        decide(console, ranking, name, "shortlisted")
        with counted(console.api.engine) as statements:
            console.page("reviewer", ranking.shortlist)
        counts.append(len(statements))
    assert counts[0] == counts[2] <= 18


def test_readers_choose_nobody_and_strangers_find_nothing(console: Console):
    ranking = rank(console)
    decide(console, ranking, "t-best", "shortlisted", note="Between us.")
    for who in ("admin", "auditor"):
        page = console.page(who, ranking.shortlist)
        assert not [given for tag, given in page.tags if given.get("name") == "candidate"]
        assert console.post(who, f"{ranking.shortlist}/introduce", {}).status_code == 403
    assert "Between us." not in console.page("auditor", ranking.shortlist).source
    console.api.add_partnership("b:")
    for path in (ranking.shortlist, f"{ranking.shortlist}.csv", f"{ranking.shortlist}.xlsx"):
        assert console.get("b:reviewer", path).status_code == 404
    candidate = ranking.people["t-best"]
    checked = console.get("b:reviewer", f"{ranking.shortlist}/introduce?candidate={candidate}")
    assert checked.status_code == 404
    lapsed = console.post("b:reviewer", f"{ranking.shortlist}/{candidate}/lapse", {"reason": "no_answer"})
    assert lapsed.status_code == 404
