"""Decisions on pairs over HTTP, and rankings that honour them in every path."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.test_matching import fill, ranked


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
