"""Batches: every item judged alone, with the format and leniency of files."""

import json
from typing import Any

import pytest

from app.api.schemas.batch import MAX_BATCH_ITEMS
from tests.api.conftest import Api

BATCH = "/v1/vacancies:batch"


def lines(*items: Any) -> bytes:
    return b"\n".join(item if isinstance(item, bytes) else json.dumps(item).encode() for item in items)


def send_lines(api: Api, content: bytes, path: str = BATCH, key: str = "employer", **rest: Any) -> Any:
    return api.call(
        key, "POST", path, content=content, headers={"Content-Type": "application/x-ndjson"}, **rest
    )


def titles(api: Api) -> list[str]:
    return [item["external_id"] for item in api.get("employer", "/v1/vacancies").json()["items"]]


def test_good_lines_around_bad_ones_are_created(api: Api) -> None:
    body = lines(
        {"id": "v1", "title": "Welder"},
        b"not json",
        {"id": "v2", "title": "Cook\x00"},
        {"id": "v3"},
        b"\xff",
        [],
        {"id": "v1", "title": "Again"},
        b"",
        {"external_id": "v4", "title": "Plumber", "wage": 5},
    )
    response = send_lines(api, body)
    assert response.status_code == 200
    answer = response.json()
    assert (answer["n_created"], answer["n_failed"], answer["dry_run"]) == (2, 6, False)
    found = [
        (item["status"], [(error["pointer"], error["code"]) for error in item["errors"]])
        for item in answer["items"]
    ]
    assert found == [
        ("created", []),
        ("failed", [("", "malformed-json")]),
        ("failed", [("/title", "nul-character")]),
        ("failed", [("/title", "required")]),
        ("failed", [("", "malformed-json")]),
        ("failed", [("", "wrong-type")]),
        ("failed", [("", "conflict")]),
        ("created", []),
    ]
    assert [item["index"] for item in answer["items"]] == list(range(8))
    assert [item["errors"][0]["row"] for item in answer["items"][1:3]] == [2, 3]
    assert [warning["key"] for warning in answer["items"][7]["warnings"]] == ["wage"]
    assert titles(api) == ["v1", "v4"]
    made = api.get("employer", f"/v1/vacancies/{answer['items'][7]['id']}").json()
    assert (made["external_id"], made["title"], made["status"]) == ("v4", "Plumber", "draft")


def test_in_a_json_array_only_the_bad_item_fails(api: Api) -> None:
    body = (
        b'[{"id": "v1", "title": "Welder"}, {"id": "v2", "title": "\\ud800"}, {"id": "v3", "title": "Cook"}]'
    )
    response = api.call("employer", "POST", BATCH, content=body, headers={"Content-Type": "application/json"})
    assert [item["status"] for item in response.json()["items"]] == ["created", "failed", "created"]
    assert response.json()["items"][1]["errors"][0]["pointer"] == "/title"


def test_one_bad_item_leaves_nothing_of_an_atomic_batch(api: Api) -> None:
    items = [{"id": "v1", "title": "Welder"}, {"id": "v2", "openings": 0}]
    response = api.post("employer", f"{BATCH}?mode=atomic", items)
    assert response.status_code == 422
    assert {(error["pointer"], error["code"]) for error in response.json()["errors"]} == {
        ("/1/title", "required"),
        ("/1/openings", "invalid-number"),
    }
    assert titles(api) == []
    whole = api.post("employer", f"{BATCH}?mode=atomic", [items[0], {"id": "v2", "title": "Cook"}])
    assert whole.json()["n_created"] == 2
    assert titles(api) == ["v1", "v2"]


def test_a_used_id_makes_an_atomic_batch_a_conflict(api: Api) -> None:
    api.made("employer", "/v1/vacancies", {"external_id": "v1", "title": "Welder"})
    items = [{"id": "v0", "title": "Cook"}, {"id": "v1", "title": "Welder"}]
    response = api.post("employer", f"{BATCH}?mode=atomic", items)
    assert response.status_code == 409
    assert response.json()["errors"][0]["pointer"] == "/1"
    assert titles(api) == ["v1"]


@pytest.mark.parametrize("mode", ["atomic", "partial"])
def test_a_dry_run_says_what_would_happen_and_stores_nothing(api: Api, mode: str) -> None:
    api.made("employer", "/v1/vacancies", {"external_id": "used", "title": "Welder"})
    items = [{"id": "v1", "title": "Welder"}, {"id": "v2", "title": "Cook"}]
    if mode == "partial":
        items.append({"id": "used", "title": "Cook"})
    answer = api.made("employer", f"{BATCH}?mode={mode}&dry_run=true", items)
    assert [item["status"] for item in answer["items"]][:2] == ["valid", "valid"]
    assert [item["status"] for item in answer["items"]][2:] == ["failed"] * (len(items) - 2)
    assert all(item["id"] is None for item in answer["items"])
    assert answer["n_created"] == 2
    assert titles(api) == ["used"]


def test_the_number_of_items_is_bounded(sqlite_api: Api) -> None:
    response = send_lines(sqlite_api, b"{}\n" * (MAX_BATCH_ITEMS + 1))
    assert response.status_code == 422
    [error] = response.json()["errors"]
    assert error["code"] == "too-many-items"
    assert f"{MAX_BATCH_ITEMS + 1:,}" in error["detail"]


def test_a_batch_is_a_list(sqlite_api: Api) -> None:
    for body in ({"id": "v1", "title": "Welder"}, "text", 3, None):
        response = sqlite_api.call("employer", "POST", BATCH, json=body)
        assert response.status_code == 422, body
    assert sqlite_api.post("employer", BATCH).status_code == 422
    assert sqlite_api.made("employer", BATCH, []) == {
        "dry_run": False,
        "n_created": 0,
        "n_failed": 0,
        "items": [],
    }
    assert send_lines(sqlite_api, b"").json()["items"] == []


def test_candidates_come_in_the_format_of_files(api: Api) -> None:
    cohort = api.made("institution", "/v1/cohorts", {"external_id": "c-1"})
    path = f"/v1/cohorts/{cohort['id']}/candidates"
    body = lines(
        {
            "id": "t-1",
            "text": "Two years in a workshop.",
            "lang": "fr-FR",
            "occupations": "welder",
            "skills": ["MIG welding", {"skill": "grinding", "evidence": "Assessed", "level": "advanced"}],
            "languages": [{"lang": "ara"}, "fr B1"],
            "education": "Technician",
            "experience": [{"occupation": "welder", "months": 24, "started": "2024-03"}],
            "licences": "B",
            "pay": "1500 EUR/month",
            "given_name": "Salma",
            "email": "salma@invented.example",
        },
        {"id": "t-2", "skills": [{"skill": "x", "evidence": "rumour"}]},
    )
    answer = send_lines(api, body, path=f"{path}:batch", key="institution").json()
    assert [item["status"] for item in answer["items"]] == ["created", "failed"]
    assert answer["items"][1]["errors"][0]["pointer"] == "/skills/0/evidence"
    [candidate] = api.get("institution", path).json()["items"]
    assert candidate["occupations"] == ["welder"]
    assert candidate["skills"] == [
        {"skill": "MIG welding", "evidence": "self_stated", "level": None},
        {"skill": "grinding", "evidence": "assessed", "level": 3},
    ]
    assert [(each["lang"], each["cefr"]) for each in candidate["languages"]] == [("ar", None), ("fr", "B1")]
    assert candidate["lang"] == "fr"
    assert (candidate["education"], candidate["experience"]) == (
        ["Technician"],
        [{"occupation": "welder", "text": "", "months": 24, "started": "2024-03-01", "ended": None}],
    )
    assert candidate["licences"] == [{"name": "B", "valid_until": None}]
    assert candidate["pay"] == {"amount": 1500, "currency": "EUR", "period": "month"}


def test_consent_is_not_stated_in_a_batch(sqlite_api: Api) -> None:
    cohort = sqlite_api.made("institution", "/v1/cohorts", {"external_id": "c-1"})
    body = lines({"id": "t-1", "consent": False}, {"id": "t-2", "consent": None})
    path = f"/v1/cohorts/{cohort['id']}/candidates:batch"
    refused, made = send_lines(sqlite_api, body, path=path, key="institution").json()["items"]
    assert (refused["status"], made["status"]) == ("failed", "created")
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [("/consent", "not-taken")]


def test_a_batch_for_an_unknown_cohort_is_not_found(sqlite_api: Api) -> None:
    path = "/v1/cohorts/018f0000-0000-7000-8000-000000000000/candidates:batch"
    assert sqlite_api.post("institution", path, [{"id": "t"}]).status_code == 404
