"""Lists: pages, filters, links, and what they cost."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.api.conftest import Api


@contextmanager
def counted_statements(engine: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", count)


LISTS = {
    "/v1/vacancies": "employer",
    "/v1/skills-needs": "employer",
    "/v1/programmes": "institution",
    "/v1/cohorts": "institution",
    "/v1/cohorts/{cohort}/candidates": "institution",
    "/v1/match-runs": "reviewer",
    "/v1/vacancies/{vacancy}/matches": "reviewer",
    "/v1/vacancies/{vacancy}/reviews": "reviewer",
    "/v1/vacancies/{vacancy}/introductions": "employer",
    "/v1/candidates/{candidate}/reviews": "reviewer",
    "/v1/aliases": "reviewer",
    "/v1/normalisation-queue": "reviewer",
    "/v1/weight-profiles": "admin",
    "/v1/jobs": "reviewer",
    "/v1/organisations": "admin",
    "/v1/api-keys": "admin",
    "/v1/audit-events": "admin",
}


def fill(api: Api) -> dict[str, str]:
    skills = [{"skill": f"skill {n}"} for n in range(3)]
    for n in range(6):
        api.made("employer", "/v1/vacancies", {"external_id": f"v{n}", "title": "Welder", "skills": skills})
        api.made(
            "employer",
            "/v1/skills-needs",
            {"external_id": f"n{n}", "occupation": "welder", "headcount": 1, "skills": skills},
        )
        api.made("institution", "/v1/programmes", {"external_id": f"p{n}", "title": "X", "skills": skills})
        api.made("institution", "/v1/cohorts", {"external_id": f"c{n}", "programme": f"p{n}"})
    candidates = [
        {"id": f"t{n}", "skills": skills, "occupations": ["welder"], "languages": ["fr"]} for n in range(6)
    ]
    cohort = api.committed_cohort(candidates, external_id="full")
    vacancy = api.published_vacancy(external_id="ranked", skills=skills)
    for n in range(3):
        alias = {"phrase": f"words {n}", "lang": "en", "kind": "skill", "concept_uri": None}
        api.made("reviewer", "/v1/aliases", alias)
        weights = {"name": f"w{n}", "values": {"title": 3.0}, "reason": "to try"}
        api.made("admin", "/v1/weight-profiles", weights)
        api.made("reviewer", "/v1/match-runs", {})
    assert api.work() == 3
    listed = api.get("reviewer", f"/v1/vacancies/{vacancy['id']}/matches").json()["items"]
    people = [match["candidate"]["id"] for match in listed[:3]]
    other = api.published_vacancy(external_id="other", skills=skills)
    for vacancy_id, candidate_id in [(vacancy["id"], each) for each in people] + [(other["id"], people[0])]:
        after = None
        for decision in ("shortlisted", "introduced") if vacancy_id == vacancy["id"] else ("deferred",):
            body = {"candidate_id": candidate_id, "decision": decision, "after": after}
            after = api.made("reviewer", f"/v1/vacancies/{vacancy_id}/reviews", body)["id"]
    return {"vacancy": vacancy["id"], "cohort": cohort["id"], "candidate": people[0]}


def test_a_list_costs_the_same_number_of_queries_whatever_its_length(api: Api) -> None:
    ids = fill(api)
    for template, key in LISTS.items():
        path = template.format(**ids)
        counts = []
        for limit in (2, 200):
            with counted_statements(api.engine) as statements:
                response = api.get(key, f"{path}?limit={limit}")
            assert response.status_code == 200
            assert len(response.json()["items"]) >= 2, path
            counts.append(len([each for each in statements if each.lstrip().startswith("SELECT")]))
        assert counts[0] == counts[1] <= 11, (path, counts)


def test_every_list_is_counted(api: Api) -> None:
    document = api.get(None, "/openapi.json").json()
    paged = {
        path
        for path, item in document["paths"].items()
        if any(parameter["name"] == "cursor" for parameter in item.get("get", {}).get("parameters", ()))
        # Suggestions come from memory; their protocol calls the number to skip a cursor.
        and not path.startswith("/reconcile")
    }
    named = {path.replace("}", "_id}") for path in LISTS}
    assert paged == named


@pytest.mark.parametrize("limit", [1, 4])
def test_pages_join_to_the_whole_list(api: Api, limit: int) -> None:
    fill(api)
    whole = [item["external_id"] for item in api.get("employer", "/v1/vacancies?limit=200").json()["items"]]
    assert whole == ["v0", "v1", "v2", "v3", "v4", "v5", "ranked", "other"]
    joined: list[str] = []
    path: str | None = f"/v1/vacancies?limit={limit}&status=draft"
    while path is not None:
        response = api.get("employer", path)
        joined += [item["external_id"] for item in response.json()["items"]]
        links = {link["rel"]: link["url"] for link in response.links.values()}
        assert links["first"].startswith("/v1/vacancies?")
        assert ("next" in links) == (response.json()["next_cursor"] is not None)
        path = links.get("next")
    assert joined == whole[:-2]


def test_filters_choose(api: Api) -> None:
    api.made("employer", "/v1/vacancies", {"external_id": "a", "title": "Welder", "country": "PL"})
    api.clock.advance(days=1)
    api.made("employer", "/v1/vacancies", {"external_id": "b", "title": "Welder", "country": "DE"})

    def found(query: str) -> list[str]:
        items = api.get("employer", f"/v1/vacancies?{query}").json()["items"]
        return [item["external_id"] for item in items]

    assert found("country=PL") == ["a"]
    assert found("country=pl") == ["a"]
    assert found("external_id=b") == ["b"]
    assert found("status=published") == []
    assert found("updated_since=2026-03-02T09:00:00Z") == ["b"]
    assert found("updated_since=2026-03-02T10:00:00%2B01:00") == ["b"]
    assert found(f"employer_id={api.ids['employer']}") == ["a", "b"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("cursor=x", "cursor"),
        ("status=lost", "status"),
        ("updated_since=2026-03-02", "updated_since"),
        ("updated_since=1772355600", "updated_since"),
        ("employer_id=1", "employer_id"),
        ("country=XX", "country"),
    ],
)
def test_a_bad_parameter_is_named(sqlite_api: Api, query: str, parameter: str) -> None:
    response = sqlite_api.get("employer", f"/v1/vacancies?{query}")
    assert response.status_code == 422
    assert [error["parameter"] for error in response.json()["errors"]] == [parameter]


def test_any_cursor_of_the_right_form_is_a_place_in_the_list(api: Api) -> None:
    fill_id = api.published_vacancy()["id"]
    for cursor in ("A" * 22, "_" * 22, "-_09azAZ-_09azAZ-_09az"):
        assert api.get("employer", f"/v1/vacancies?cursor={cursor}").status_code == 200
        assert api.get("reviewer", f"/v1/vacancies/{fill_id}/matches?cursor={cursor}").status_code == 200
