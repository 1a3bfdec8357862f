"""Decisions on pairs over HTTP, and rankings that honour them in every path."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import select

from app.db import session_scope
from app.domain.actor import Role
from app.domain.transitions import CandidateStatus
from app.intake.lines import match_header, match_rows, ranking_line
from app.matching.weights import DEFAULT_WEIGHTS
from app.models import CandidateProfile, Partnership
from app.repositories.candidate_pool import CandidatePoolRepository
from app.services.file_exports import iter_rankings
from app.services.match_runs import request_match_run
from tests.api.conftest import Api
from tests.api.test_matching import CANDIDATES, WELDER, fill, ranked
from tests.factories import NOW, make_staff
from tests.integration.test_queries import counted


def candidate_id(api: Api, external_id: str = "t-best") -> str:
    cohort = api.get("institution", "/v1/cohorts").json()["items"][0]["id"]
    path = f"/v1/cohorts/{cohort}/candidates"
    return str(api.get("institution", path, params={"external_id": external_id}).json()["items"][0]["id"])


def decide(api: Api, vacancy: str, candidate: str, decision: str, **given: Any) -> dict[str, Any]:
    """Decide after whatever was decided last."""
    path = f"/v1/vacancies/{vacancy}/reviews"
    newest = api.get("reviewer", path, params={"candidate_id": candidate}).json()["items"]
    body = {"candidate_id": candidate, "decision": decision, "after": newest[0]["id"] if newest else None}
    return api.made("reviewer", path, {**body, **given})


def reject(api: Api, vacancy: str, candidate: str) -> dict[str, Any]:
    return decide(api, vacancy, candidate, "rejected", reason="not_available", note="Said so by phone.")


def introduce(api: Api, vacancy: str, candidate: str) -> None:
    decide(api, vacancy, candidate, "shortlisted")
    decide(api, vacancy, candidate, "introduced")


def test_a_decision_is_given_back_with_what_it_was_made_on(api: Api) -> None:
    vacancy, candidate = fill(api)["weld"], candidate_id(api)
    run = ranked(api)
    made = reject(api, vacancy, candidate)
    assert (made["candidate"]["id"], made["candidate"]["external_id"]) == (candidate, "t-best")
    assert (made["run_id"], made["rank"], made["number"]) == (run["id"], 1, 1)
    assert made["is_override"]
    assert not made["is_stale"]
    listed = api.get("reviewer", f"/v1/vacancies/{vacancy}/reviews").json()["items"]
    assert listed == [made] == api.get("admin", f"/v1/candidates/{candidate}/reviews").json()["items"]
    for_auditor = api.get("auditor", f"/v1/vacancies/{vacancy}/reviews").json()["items"]
    assert for_auditor == [{**made, "note": None, "candidate": {**made["candidate"], "external_id": None}}]


def test_a_repeated_decision_is_made_once(api: Api) -> None:
    vacancy, candidate = fill(api)["weld"], candidate_id(api)
    body = {"candidate_id": candidate, "decision": "deferred"}
    path, headers = f"/v1/vacancies/{vacancy}/reviews", {"Idempotency-Key": "once"}
    first = api.post("reviewer", path, body, headers=headers)
    again = api.post("reviewer", path, body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert api.get("reviewer", first.headers["location"]).json()["items"] == [first.json()]


def test_a_conflict_names_what_may_follow(api: Api) -> None:
    vacancy, candidate = fill(api)["weld"], candidate_id(api)
    newest = reject(api, vacancy, candidate)["id"]
    path = f"/v1/vacancies/{vacancy}/reviews"
    for body, kind in (
        ({"decision": "deferred"}, "conflict"),
        ({"decision": "deferred", "after": newest}, "wrong-transition"),
    ):
        response = api.post("reviewer", path, {"candidate_id": candidate, **body})
        assert response.status_code == 409
        assert response.json()["type"] == f"/problems/{kind}"
        assert "Allowed next: proposed." in response.json()["detail"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"decision": "accepted"}, "/decision"),
        ({"decision": "rejected"}, "/reason"),
        ({"decision": "rejected", "reason": "dislike"}, "/reason"),
        ({"decision": "deferred", "note": "x" * 1001}, "/note"),
    ],
    ids=lambda given: str(given)[:45],
)
def test_a_bad_decision_is_refused_at_its_field(sqlite_api: Api, body: dict[str, Any], pointer: str) -> None:
    vacancy, candidate = fill(sqlite_api)["weld"], candidate_id(sqlite_api)
    response = sqlite_api.post(
        "reviewer", f"/v1/vacancies/{vacancy}/reviews", {"candidate_id": candidate, **body}
    )
    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


def test_an_employer_answers_and_sees_no_more_than_the_introduction(api: Api) -> None:
    vacancy, candidate = fill(api)["weld"], candidate_id(api)
    ranked(api)
    path = f"/v1/vacancies/{vacancy}/introductions"
    assert api.get("employer", path).json()["items"] == []
    assert api.post("employer", f"{path}/{candidate}:answer", {"answer": "accepted"}).status_code == 404
    introduce(api, vacancy, candidate)
    [shown] = api.get("employer", path).json()["items"]
    assert set(shown) == {"vacancy_id", "candidate", "state", "reason", "note", "at"}
    assert (shown["state"], shown["candidate"]["id"]) == ("introduced", candidate)
    assert shown["candidate"]["external_id"] is None
    answer = {"answer": "declined", "reason": "others_fit_better", "note": "Two others start on Monday."}
    answered = api.made("employer", f"{path}/{candidate}:answer", answer)
    assert (answered["state"], answered["note"]) == ("declined", answer["note"])
    assert api.post("employer", f"{path}/{candidate}:answer", {"answer": "accepted"}).status_code == 409
    newest = api.get("reviewer", f"/v1/vacancies/{vacancy}/reviews").json()["items"][0]
    assert (newest["decision"], newest["decided_by_role"]) == ("declined", "employer")


def test_each_role_does_its_own_part(sqlite_api: Api) -> None:
    vacancy, candidate = fill(sqlite_api)["weld"], candidate_id(sqlite_api)
    body = {"candidate_id": candidate, "decision": "deferred"}
    for key in ("employer", "institution", "admin", "auditor"):
        assert sqlite_api.post(key, f"/v1/vacancies/{vacancy}/reviews", body).status_code == 403, key
    for key in ("employer", "institution"):
        for path in (f"/v1/vacancies/{vacancy}/reviews", f"/v1/candidates/{candidate}/reviews"):
            assert sqlite_api.get(key, path).status_code == 403, (key, path)
    answer = f"/v1/vacancies/{vacancy}/introductions/{candidate}:answer"
    for key in ("institution", "reviewer", "admin", "auditor"):
        assert sqlite_api.post(key, answer, {"answer": "accepted"}).status_code == 403, key
    assert sqlite_api.get("institution", f"/v1/vacancies/{vacancy}/introductions").status_code == 403


def test_a_candidate_of_another_partnership_is_absent(sqlite_api: Api) -> None:
    vacancy = fill(sqlite_api)["weld"]
    sqlite_api.add_partnership("other ")
    cohort = sqlite_api.made("other institution", "/v1/cohorts", {"external_id": "c"})
    other = sqlite_api.made(
        "other institution", f"/v1/cohorts/{cohort['id']}/candidates", {"external_id": "x"}
    )
    body = {"candidate_id": other["id"], "decision": "deferred"}
    assert sqlite_api.post("reviewer", f"/v1/vacancies/{vacancy}/reviews", body).status_code == 404
    assert sqlite_api.get("reviewer", f"/v1/candidates/{other['id']}/reviews").status_code == 404


def listed(api: Api, vacancy: str, path: str = "ranking", **query: Any) -> tuple[list[str], dict[str, Any]]:
    """Who is in a ranking, by their own ids, and who is apart with what is shown of them."""
    response = api.get("reviewer", f"/v1/vacancies/{vacancy}/{path}", params=query)
    assert response.status_code == 200, response.text
    body = response.json()
    items = [match["candidate"]["external_id"] for match in body.get("matches", body.get("items"))]
    return items, {each["candidate"]["external_id"]: each for each in body["apart"]}


def exported(api: Api, run_id: str, vacancy: str = "weld") -> tuple[list[str], dict[str, Any]]:
    """The same, from an export."""
    with session_scope(api.factory, write=False) as session:
        actor = make_staff(session.scalars(select(Partnership)).one(), role=Role.REVIEWER)
        rankings = list(iter_rankings(session, actor, UUID(run_id), name_of=lambda row: row.external_id))
    lines = [ranking_line(ranking, explain=False) for ranking in rankings]
    [line] = [line for line in lines if line["vacancy_id"] == vacancy]
    rows = [row for row in match_rows(rankings, explain=False) if row["vacancy_id"] == vacancy]
    matches, apart = cast(Any, line["matches"]), cast(Any, line.get("apart", []))
    assert [row["candidate_id"] for row in rows if "rank" in row] == [
        each["candidate_id"] for each in matches
    ]
    return [each["candidate_id"] for each in matches], {each["candidate_id"]: each for each in apart}


def change(api: Api, kind: str, record: str, key: str, **fields: Any) -> None:
    path = f"/v1/{kind}/{record}"
    etag = api.get(key, path).headers["etag"]
    response = api.call(key, "PUT", path, json=fields, headers={"If-Match": etag})
    assert response.status_code == 200, response.text


EVERYBODY = {each["id"] for each in CANDIDATES}


def test_rejected_stays_rejected_in_every_path(api: Api) -> None:
    vacancies, candidate = fill(api), candidate_id(api)
    vacancy = vacancies["weld"]
    before = ranked(api)
    assert listed(api, vacancy, "matches")[0][0] == "t-best"
    made = reject(api, vacancy, candidate)

    def check(found: tuple[list[str], dict[str, Any]], *, stale: bool, n: int = 4) -> None:
        matches, apart = found
        assert "t-best" not in matches
        assert len(matches) == n
        decision = apart["t-best"]["decision"]
        assert (decision["decision"], decision["reason"]) == ("rejected", "not_available")
        assert decision["is_stale"] is stale
        assert not {"note", "decided_by_key_id"} & set(decision)

    # The run from before it, and its export.
    check(listed(api, vacancy, "matches", run=before["id"]), stale=False)
    check(exported(api, before["id"]), stale=False)
    check(listed(api, vacancy), stale=False)

    profile = {"external_id": "t-best", "skills": [{"skill": "MIG welding", "evidence": "proven_at_work"}]}
    change(api, "candidates", candidate, "institution", **profile)
    with session_scope(api.factory) as session:
        reviewer = make_staff(session.scalars(select(Partnership)).one(), role=Role.REVIEWER)
        words = {part: 0.7 if part == "text" else 0.1 for part in DEFAULT_WEIGHTS.parts}
        weights = replace(DEFAULT_WEIGHTS, name="other", parts=words)
        request_match_run(session, reviewer, k=10, weights=weights, now=NOW)
    assert api.work() == 1
    reweighted = api.get("reviewer", "/v1/match-runs").json()["items"][0]
    assert reweighted["weight_profile_name"].startswith("other")
    for run in (reweighted, ranked(api, k=1), ranked(api, vacancy_ids=[vacancy], k=3)):
        n = min(run["k"], 4)
        check(listed(api, vacancy, "matches", run=run["id"]), stale=True, n=n)
        check(exported(api, run["id"]), stale=True, n=n)
    for k in (1, 3, 20):
        check(listed(api, vacancy, k=k), stale=True, n=min(k, 4))

    suited = api.get("reviewer", f"/v1/candidates/{candidate}/ranking").json()
    assert {each["vacancy_id"] for each in suited["vacancies"]} == {vacancies["fit"], vacancies["thin"]}
    assert [(each["vacancy_id"], each["decision"]["decision"]) for each in suited["apart"]] == [
        (vacancy, "rejected")
    ]
    cohort = api.get("institution", "/v1/cohorts").json()["items"][0]["id"]
    by_cohort = api.get("reviewer", f"/v1/cohorts/{cohort}/ranking").json()["vacancies"]
    [seats] = [each for each in by_cohort if each["vacancy_id"] == vacancy]
    assert "t-best" not in {match["candidate"]["external_id"] for match in seats["matches"]}
    assert [each["candidate"]["external_id"] for each in seats["apart"]] == ["t-best"]

    change(api, "vacancies", vacancy, "employer", **{**WELDER, "title": "Pipe welder"})
    check(listed(api, vacancy), stale=True)
    assert api.get("reviewer", f"/v1/vacancies/{vacancy}/reviews").json()["items"][0]["id"] == made["id"]


def test_a_rejection_that_is_taken_back_brings_the_candidate_back(api: Api) -> None:
    vacancy, candidate = fill(api)["weld"], candidate_id(api)
    reject(api, vacancy, candidate)
    run = ranked(api)
    decide(api, vacancy, candidate, "proposed", reason="decided_by_mistake")
    assert listed(api, vacancy)[0][0] == "t-best"
    # The run keeps its list; what is shown beside is the decision as of now.
    matches, apart = listed(api, vacancy, "matches", run=run["id"])
    assert "t-best" not in matches
    assert apart["t-best"]["decision"]["decision"] == "proposed"
    again = ranked(api)
    assert listed(api, vacancy, "matches")[0][0] == "t-best"
    assert again["input_digest"] != run["input_digest"]


def test_whom_the_employer_declined_is_not_proposed_again(api: Api) -> None:
    vacancy, candidate = fill(api)["weld"], candidate_id(api)
    ranked(api)
    introduce(api, vacancy, candidate)
    assert listed(api, vacancy)[0][0] == "t-best"
    answer = {"answer": "declined", "reason": "others_fit_better"}
    api.made("employer", f"/v1/vacancies/{vacancy}/introductions/{candidate}:answer", answer)
    for path in ("ranking", "matches"):
        matches, apart = listed(api, vacancy, path)
        assert "t-best" not in matches
        assert apart["t-best"]["decision"]["decision"] == "declined"


def test_who_was_introduced_elsewhere_stays_and_is_flagged(api: Api) -> None:
    vacancies, candidate = fill(api), candidate_id(api)
    run = ranked(api)
    introduce(api, vacancies["weld"], candidate)
    for vacancy, expected in ((vacancies["fit"], [vacancies["weld"]]), (vacancies["weld"], [])):
        live = api.get("reviewer", f"/v1/vacancies/{vacancy}/ranking").json()["matches"]
        stored = api.get("reviewer", f"/v1/vacancies/{vacancy}/matches").json()["items"]
        for found in (live, stored):
            [match] = [each for each in found if each["candidate"]["id"] == candidate]
            assert match["introduced_elsewhere"] == expected
        [match] = [each for each in stored if each["candidate"]["id"] == candidate]
        assert api.get("reviewer", f"/v1/matches/{match['id']}").json() == match
    suited = api.get("reviewer", f"/v1/candidates/{candidate}/ranking").json()["vacancies"]
    flagged = {each["vacancy_id"]: each["introduced_elsewhere"] for each in suited}
    assert flagged == {
        each: [] if name == "weld" else [vacancies["weld"]] for name, each in vacancies.items()
    }
    with session_scope(api.factory, write=False) as session:
        actor = make_staff(session.scalars(select(Partnership)).one(), role=Role.REVIEWER)
        rankings = list(iter_rankings(session, actor, UUID(run["id"])))
    assert "introduced_elsewhere" in match_header(rankings, explain=False)
    assert {
        (row["vacancy_id"], row["introduced_elsewhere"])
        for row in match_rows(rankings, explain=False)
        if row.get("introduced_elsewhere")
    } == {("fit", "weld"), ("thin", "weld")}


def test_who_is_placed_is_not_ranked(api: Api) -> None:
    vacancy, candidate = fill(api)["weld"], candidate_id(api)
    with session_scope(api.factory) as session:
        row = session.get_one(CandidateProfile, UUID(candidate))
        row.status = CandidateStatus.PLACED
        CandidatePoolRepository(session, row.partnership_id).note_changes(ids=[row.id])
    ranked(api)
    for path in ("ranking", "matches"):
        matches, apart = listed(api, vacancy, path)
        assert set(matches) | set(apart) == EVERYBODY - {"t-best"}


def test_decisions_are_looked_up_once_for_a_ranking(api: Api) -> None:
    vacancy, candidate = fill(api)["weld"], candidate_id(api)
    reject(api, vacancy, candidate)
    with counted(api.engine) as statements:
        listed(api, vacancy)
    assert sum("FROM review" in statement for statement in statements) == 1


def test_a_list_is_read_on_past_many_rejections(api: Api) -> None:
    vacancy = api.published_vacancy(**WELDER)["id"]
    cohort = api.committed_cohort([{"id": f"p{n:02}", "skills": ["MIG welding"]} for n in range(40)])
    people = api.get("institution", f"/v1/cohorts/{cohort['id']}/candidates?limit=200").json()["items"]
    assert listed(api, vacancy, k=3)[0] == ["p00", "p01", "p02"]
    for person in sorted(people, key=lambda each: str(each["external_id"]))[:35]:
        reject(api, vacancy, person["id"])
    matches, _ = listed(api, vacancy, k=3)
    assert matches == ["p35", "p36", "p37"]
    ranked(api, k=3)
    assert listed(api, vacancy, "matches")[0] == matches
