"""Errors: one shape for all of them, and nothing in it that should not be."""

import logging
from dataclasses import replace
from typing import Any

import pytest

from app.api.problems import (
    OF_THE_CONSOLE,
    STATUSES,
    MethodNotAllowed,
    describe,
    every_error,
    parameter_issue,
    problem_document,
    problem_response,
    validation_issues,
)
from app.errors import AppError, FieldIssue, NotFound
from app.services.sign_in import TooManyAttempts
from tests.api.conftest import Api

SCOPE: dict[str, Any] = {"type": "http", "raw_path": b"/v1/x?q=secret", "state": {"request_id": "r-1"}}


def make_error(kind: type[AppError]) -> AppError:
    if issubclass(kind, MethodNotAllowed):
        return kind("Detail.", allowed=["GET"])
    return kind("Detail.")


def code_of(kind: type[AppError]) -> str:
    return kind.code


KINDS = sorted((kind for kind in every_error() if kind.__module__.startswith("app.")), key=code_of)


@pytest.mark.parametrize("kind", KINDS, ids=code_of)
def test_every_error_has_a_status_a_code_of_its_own_and_the_problem_shape(kind: type[AppError]) -> None:
    assert kind in STATUSES, "say which status this error has"
    same_code = [other for other in KINDS if other.code == kind.code]
    assert same_code == [kind], "two errors share a code, so callers cannot tell them apart"
    document = problem_document(make_error(kind), SCOPE)
    assert document == {
        "type": f"/problems/{kind.code}",
        "title": kind.title,
        "status": int(STATUSES[kind]),
        "detail": "Detail.",
        "instance": "/v1/x",
        "request_id": "r-1",
    }
    response = problem_response(make_error(kind), SCOPE)
    assert response.status_code == document["status"]
    assert response.media_type == "application/problem+json"
    assert describe(kind)["description"]


def test_too_many_attempts_say_when_to_come_again() -> None:
    response = problem_response(TooManyAttempts("Later.", retry_after_s=120), SCOPE)

    assert (response.status_code, response.headers["Retry-After"]) == (429, "120")


def test_issues_name_a_pointer_or_a_parameter() -> None:
    issues = [
        FieldIssue("/a", "blank", "Text is needed.", "Write some.", row=3, column="a"),
        parameter_issue("limit", "too-large", "The greatest value is 200."),
    ]
    assert problem_document(NotFound("x", issues=issues), SCOPE)["errors"] == [
        {
            "code": "blank",
            "detail": "Text is needed.",
            "pointer": "/a",
            "hint": "Write some.",
            "row": 3,
            "column": "a",
        },
        {"code": "too-large", "detail": "The greatest value is 200.", "parameter": "limit"},
    ]


def test_an_unknown_kind_of_validation_error_says_nothing_of_the_value() -> None:
    error = {"type": "new_kind", "loc": ("a", 0), "msg": "secret", "input": "secret"}
    assert validation_issues([error]) == [FieldIssue("/a/0", "new-kind", "The value is not valid.")]


def test_every_problem_type_is_explained(sqlite_api: Api) -> None:
    for kind in [each for each in KINDS if each not in OF_THE_CONSOLE]:
        response = sqlite_api.get(None, f"/problems/{kind.code}")
        assert response.json()["status"] == int(STATUSES[kind])
        assert response.json()["title"] == kind.title
    assert sqlite_api.get(None, "/problems/no-such").status_code == 422


def test_an_unknown_address_is_a_problem(sqlite_api: Api) -> None:
    for path in ("/nothing", "/v1/nothing", "/v1/vacancies/"):
        response = sqlite_api.get("admin", path)
        assert response.status_code == 404
        assert response.json()["type"] == "/problems/unknown-address"
        assert response.json()["instance"] == path


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/v1/vacancies", "GET, POST"),
        ("POST", "/v1/vacancies/x", "DELETE, GET, PATCH, PUT"),
        ("GET", "/v1/vacancies/x:publish", "POST"),
        ("GET", "/v1/vacancies:batch", "POST"),
        ("OPTIONS", "/v1/match-runs", "GET, POST"),
        ("POST", "/healthz", "GET"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(sqlite_api: Api, method: str, path: str, allow: str) -> None:
    response = sqlite_api.call("admin", method, path)
    assert response.status_code == 405
    assert response.headers["allow"] == allow
    assert response.json()["type"] == "/problems/method-not-allowed"


def test_a_malformed_id_is_named_as_a_parameter(sqlite_api: Api) -> None:
    response = sqlite_api.get("employer", "/v1/vacancies/not-an-id")
    assert response.status_code == 422
    assert response.json()["errors"] == [
        {
            "code": "invalid-id",
            "detail": "An id is expected, as responses show it.",
            "parameter": "vacancy_id",
        }
    ]


def test_a_fault_of_ours_gives_the_request_id_and_nothing_else(
    sqlite_api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    def boom() -> list[str]:
        raise RuntimeError("Salma Invented, +212 600 000 000")

    sqlite_api.app.state.runtime = replace(sqlite_api.app.state.runtime, unmet=boom)
    with caplog.at_level(logging.INFO):
        response = sqlite_api.get(None, "/readyz", headers={"X-Request-ID": "caller-chose-this-1"})
    assert response.status_code == 500
    assert response.headers["x-request-id"] == "caller-chose-this-1"
    assert response.headers["x-content-type-options"] == "nosniff"
    document = response.json()
    assert (document["type"], document["request_id"]) == ("/problems/internal-error", "caller-chose-this-1")
    assert "Salma" not in response.text
    records = [record for record in caplog.records if record.name == "app.api.middleware"]
    assert [record.message for record in records] == ["request_failed", "request"]
    assert vars(records[0])["error"] == "builtins.RuntimeError"
    assert any("test_problems.py" in line for line in vars(records[0])["frames"])
    assert "Salma" not in "".join(str(vars(record)) for record in records)


def test_the_access_line_holds_the_route_and_no_values(
    sqlite_api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="app.api.middleware"):
        sqlite_api.get("reviewer", "/v1/skills?q=Salma")
    [record] = caplog.records
    line = vars(record)
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/skills", 200)
    assert line["key_id"] == sqlite_api.ids["reviewer key"]
    assert "Salma" not in str(line)


@pytest.mark.parametrize("given", ["", "x", "two words", "a" * 65, "<script>"])
def test_a_request_id_that_is_no_id_is_replaced(sqlite_api: Api, given: str) -> None:
    response = sqlite_api.get(None, "/healthz", headers={"X-Request-ID": given})
    assert response.headers["x-request-id"] != given
    assert len(response.headers["x-request-id"]) == 36


def test_every_answer_carries_the_security_headers(sqlite_api: Api) -> None:
    for path in ("/healthz", "/v1/vacancies", "/nothing", "/problems/x"):
        headers = sqlite_api.get(None, path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["cache-control"] == "private, no-cache"


def test_what_only_the_console_meets_is_no_problem_of_the_api(sqlite_api: Api) -> None:
    document = sqlite_api.get(None, "/openapi.json").json()
    described = set(document["components"]["schemas"]["ProblemCode"]["enum"])
    of_the_console = {code_of(kind) for kind in OF_THE_CONSOLE}
    assert described == {code_of(kind) for kind in KINDS} - of_the_console
    assert "cross-site-request" in of_the_console
    assert sqlite_api.get(None, "/problems/cross-site-request").status_code == 422
