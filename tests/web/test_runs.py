"""Runs and jobs in the console: ask, follow, cancel, repeat, compare."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from app.db import session_scope
from app.domain.transitions import JobStatus
from app.models import Job, MatchRun, Partnership
from app.services.jobs import claim_next_job, fail_job, report_progress
from tests.api.test_reviews import change
from tests.factories import make_employer, make_vacancy, make_vacancy_record
from tests.integration.test_queries import counted
from tests.web.conftest import Console, partnership_of
from tests.web.pages import Page

HOSTILE = "<script>alert(1)</script>"
PEOPLE: list[dict[str, Any]] = [
    {"external_id": "a", "skills": [{"skill": "arc welding"}]},
    {"external_id": "b", "skills": [{"skill": "weld grinding"}]},
]


@pytest.fixture
def ranked(console: Console) -> Console:
    """A published vacancy, two people, and nothing ranked yet."""
    skills = [{"skill": "arc welding"}]
    console.api.published_vacancy(title=f"Welder {HOSTILE}", skills=skills)
    console.api.committed_cohort(PEOPLE)
    return console


def ask(console: Console, **form: Any) -> str:
    """Ask for a ranking and give the address of its page."""
    response = console.post("reviewer", "/console/runs", {"k": "5", "scope": "all", **form})
    assert response.status_code == 303, response.text
    address: str = response.headers["location"]
    return address


def test_a_ranking_is_asked_for_followed_and_read(ranked: Console):
    assert "Nothing was ranked yet" in ranked.page("reviewer", "/console/runs").text
    address = ask(ranked)
    waiting = ranked.page("reviewer", address)
    assert "Waiting to start" in waiting.text
    assert any(given.get("hx-trigger") == "every 2s" for _, given in waiting.tags)

    assert ranked.api.work() == 1

    done = ranked.page("reviewer", address)
    assert "Complete" in done.text
    assert "2 candidates" in done.text
    assert "standard-5" in done.text
    assert not any("hx-trigger" in given for _, given in done.tags)
    run_id = address.rpartition("/")[2]
    assert any(href.endswith(f"/matches?run={run_id}") for href, _ in done.links)
    assert "<script>alert" not in done.source


def test_progress_says_how_far_it_is_and_how_long_it_takes(ranked: Console):
    address = ask(ranked)
    clock = ranked.api.clock
    with session_scope(ranked.api.factory) as session:
        claimed = claim_next_job(session, "w", lease=timedelta(minutes=5), now=clock())
        assert claimed is not None
        report = partial(report_progress, session, claimed, lease=timedelta(minutes=5), total=1000)
        report(stage="ranking", done=0, now=clock())
        clock.advance(seconds=60)
        report(stage="ranking", done=312, now=clock())
    text = ranked.page("reviewer", address).text
    assert "312 of 1,000 vacancies, about 2 minutes left in this step" in text
    fragment = ranked.get("reviewer", f"/console/jobs/{claimed.id}/progress", headers={"HX-Request": "true"})
    assert fragment.text.count("<html") == 0
    assert "312 of 1,000" in fragment.text
    assert "HX-Refresh" not in fragment.headers


def test_the_last_fragment_loads_the_page_anew_and_says_so(ranked: Console):
    address = ask(ranked)
    ranked.api.work()
    with session_scope(ranked.api.factory) as session:
        job_id = session.scalars(select(Job.id)).one()
    fragment = ranked.get("reviewer", f"/console/jobs/{job_id}/progress", headers={"HX-Request": "true"})
    assert fragment.headers["HX-Refresh"] == "true"
    assert "tb_notice=" in fragment.headers["set-cookie"]
    assert "Ranking: Done" not in ranked.page("reviewer", address).text, "only with the cookie"


def test_a_failure_is_told_in_plain_words(ranked: Console):
    address = ask(ranked)
    with session_scope(ranked.api.factory) as session:
        now = ranked.api.clock()
        claimed = claim_next_job(session, "w", lease=timedelta(minutes=5), now=now)
        assert claimed is not None
        fail_job(session, claimed, "internal-error", now=now)
    page = ranked.page("reviewer", address)
    assert "Something went wrong on our side" in page.text
    page.form("/repeat")


def job_of(console: Console) -> str:
    """The address of the newest job."""
    with session_scope(console.api.factory, write=False) as session:
        newest = session.scalars(select(Job.id).order_by(Job.id.desc()).limit(1)).one()
    return f"/console/jobs/{newest}"


def test_a_job_is_followed_on_its_own_page_and_cancelled_there(ranked: Console):
    ask(ranked)
    address = job_of(ranked)
    page = ranked.page("reviewer", address)
    assert "Waiting for its turn" in page.text
    shown = ranked.posted("reviewer", page.form("/cancel").action)
    assert "The job was cancelled." in shown.text
    assert not [form for form in shown.forms if form.action.endswith("/cancel")]
    listed = ranked.page("reviewer", "/console/jobs?status=cancelled")
    assert listed.has_link(address)
    assert listed.form("/jobs").fields["status"] == ["cancelled"]


def test_a_failed_job_gives_the_code_of_its_fault_and_the_way_to_the_audit_log(ranked: Console):
    ask(ranked)
    with session_scope(ranked.api.factory) as session:
        now = ranked.api.clock()
        claimed = claim_next_job(session, "w", lease=timedelta(minutes=5), now=now)
        assert claimed is not None
        fail_job(session, claimed, "not-found", now=now)
    page = ranked.page("admin", job_of(ranked))
    assert "Something that the work needs is not there" in page.text
    assert "Code of the fault not-found" in page.text
    (log,) = [href for href, text in page.links if text == "Audit log" and "subject=" in href]
    assert log.endswith(f"subject={claimed.id}")
    ranked.page("admin", log)


def test_the_state_that_the_list_is_narrowed_to_stays_chosen(ranked: Console):
    address = ask(ranked)
    page = ranked.page("reviewer", "/console/runs?state=requested")
    assert page.has_link(address)
    assert page.form("/runs").fields["state"] == ["requested"]


def test_a_run_with_nothing_published_says_so(console: Console):
    console.api.committed_cohort(PEOPLE)
    address = ask(console)
    console.api.work()
    assert "No vacancy was published when this ran" in console.page("reviewer", address).text


def publish_many(console: Console, n: int) -> None:
    with session_scope(console.api.factory) as session:
        employer = make_employer(session, partnership_of(session, console.api, ""))
        for _ in range(n):
            make_vacancy(session, employer, record=make_vacancy_record(title="Fitter"))


def test_of_many_vacancies_a_run_lists_the_first_and_counts_the_others(ranked: Console):
    publish_many(ranked, 102)
    address = ask(ranked)
    ranked.api.work()
    page = ranked.page("reviewer", address)
    assert "And 3 more vacancies; find them in the work queue." in page.text


def test_of_many_vacancies_the_newest_are_chosen_from(ranked: Console):
    publish_many(ranked, 200)
    page = ranked.page("reviewer", "/console/runs/new")
    assert "Only the newest 200 are listed." in page.text
    assert "Welder" not in page.text


def test_a_vacancy_that_was_chosen_stays_chosen_beside_a_fault(ranked: Console):
    other = ranked.api.published_vacancy(external_id="v-2", title="Fitter")["id"]
    form = {"k": "0", "scope": "chosen", "vacancy": other}
    page = Page.of(ranked.post("reviewer", "/console/runs", form).text)
    assert page.form("/runs").fields["vacancy"] == [other]
    assert page.form("/runs").fields["scope"] == ["chosen"]


def test_a_run_is_cancelled_and_asked_for_again(ranked: Console):
    address = ask(ranked, k="7")
    shown = ranked.posted("reviewer", f"{address}/cancel")
    assert "The run was cancelled." in shown.text
    again = ranked.post("reviewer", f"{address}/repeat")
    assert again.headers["location"] != address
    with session_scope(ranked.api.factory) as session:
        runs = session.scalars(select(MatchRun).order_by(MatchRun.id)).all()
        assert [run.k for run in runs] == [7, 7]
        assert session.scalars(select(Job.status)).all() == [JobStatus.CANCELLED, JobStatus.QUEUED]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"k": "0"}, "k"),
        ({"k": "many"}, "k"),
        ({"k": "201"}, "k"),
        ({"k": "0000000209999999"}, "k"),
        ({"k": "9" * 5_000}, "k"),
        ({"scope": "chosen"}, "choices"),
    ],
)
def test_what_is_wrong_with_the_form_is_said_and_linked(ranked: Console, form: dict[str, str], field: str):
    response = ranked.post("reviewer", "/console/runs", {"k": "5", "scope": "all", **form})
    assert response.status_code == 422
    assert "<title>Error:" in response.text
    assert f'href="#{field}"' in response.text


def test_a_chosen_vacancy_is_ranked_alone(ranked: Console):
    other = ranked.api.published_vacancy(external_id="v-2", title="Fitter")
    address = ask(ranked, scope="chosen", vacancy=other["id"])
    ranked.api.work()
    page = ranked.page("reviewer", address)
    assert "1 chosen vacancy" in page.text
    assert "Fitter" in page.text
    assert "Welder" not in page.text


def test_two_rankings_are_compared(ranked: Console):
    first = ask(ranked).rpartition("/")[2]
    ranked.api.work()
    third = {"external_id": "c", "skills": [{"skill": "arc welding"}]}
    ranked.api.committed_cohort([third], external_id="c-2")
    second = ask(ranked).rpartition("/")[2]
    ranked.api.work()

    page = ranked.page("reviewer", f"/console/runs/compare?before={first}&after={second}")

    assert "The list of 1 vacancy of 1 differs." in page.text
    assert "1 came in, 0 went out" in page.text
    assert "Digest of vacancies, candidates and decisions" in page.text
    assert "Weights standard" not in page.text
    ranked.page("reviewer", f"/console/runs/{second}").form("/repeat")
    listed = ranked.page("reviewer", "/console/runs")
    assert sorted(listed.form("/compare").choices["before"]) == sorted([first, second])


def test_many_who_came_in_are_counted_beside_the_requirements_that_changed(ranked: Console):
    vacancy = ranked.api.get("employer", "/v1/vacancies").json()["items"][0]
    first = ask(ranked, k="50").rpartition("/")[2]
    ranked.api.work()
    many = [{"external_id": f"m-{n}", "skills": [{"skill": "arc welding"}]} for n in range(12)]
    ranked.api.committed_cohort(many, external_id="c-2")
    changed = {"external_id": "v-1", "title": "Welder", "skills": [{"skill": "arc welding", "level": 2}]}
    change(ranked.api, "vacancies", vacancy["id"], "employer", **changed)
    second = ask(ranked, k="50").rpartition("/")[2]
    ranked.api.work()

    page = ranked.page("reviewer", f"/console/runs/compare?before={first}&after={second}")

    assert "12 came in" in page.text
    assert "and 2 more" in page.text
    assert "Its requirements changed between the runs." in page.text


def test_comparing_nothing_leads_back_with_a_word(ranked: Console):
    response = ranked.get("reviewer", "/console/runs/compare")
    assert (response.status_code, response.headers["location"]) == (303, "/console/runs")
    assert "tb_notice=" in response.headers["set-cookie"]


def test_lists_cost_the_same_however_many_runs_there_are(ranked: Console):
    counts = []
    for _ in range(2):
        for _ in range(3):
            ask(ranked)
        with counted(ranked.api.engine) as statements:
            ranked.page("reviewer", "/console/runs")
            ranked.page("reviewer", "/console/jobs")
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert counts[0] <= 12


def test_auditors_read_and_do_not_rank(ranked: Console):
    address = ask(ranked)
    page = ranked.page("auditor", address)
    assert not any(form.action.endswith(("/cancel", "/repeat")) for form in page.forms)
    ranked.page("auditor", "/console/runs/new", 403)
    assert ranked.post("auditor", "/console/runs", {"k": "5"}).status_code == 403
    assert ranked.post("auditor", f"{address}/cancel").status_code == 403


def test_another_partnership_sees_none_of_it(ranked: Console):
    address = ask(ranked)
    with session_scope(ranked.api.factory) as session:
        job_id = session.scalars(select(Job.id)).one()
        assert len(session.scalars(select(Partnership)).all()) == 1
    ranked.api.add_partnership("b:")
    ranked.page("b:reviewer", address, 404)
    ranked.page("b:reviewer", f"/console/jobs/{job_id}", 404)
    ranked.page("b:reviewer", f"/console/jobs/{job_id}/progress", 404)
    assert ranked.post("b:reviewer", f"{address}/cancel").status_code == 404
    assert "Nothing was ranked yet" in ranked.page("b:reviewer", "/console/runs").text
