"""The input gate: sizes, media types, encodings and JSON rules, before any route."""

import asyncio
import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from app.api.gate import MAX_BATCH_BODY, MAX_BODY
from tests.api.conftest import Api

VACANCY = {"external_id": "v", "title": "Welder"}


def send(
    api: Api, content: bytes | Iterable[bytes], media_type: str = "application/json", **rest: Any
) -> Any:
    headers = {"Content-Type": media_type, **rest.pop("headers", {})}
    path = rest.pop("path", "/v1/vacancies")
    return api.call("employer", "POST", path, content=content, headers=headers, **rest)


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        (b"{", 400, "malformed-json"),
        (b"\xff\xfe", 400, "malformed-json"),
        (b'{"openings": NaN}', 400, "malformed-json"),
        (b"[" * 40 + b"]" * 40, 400, "malformed-json"),
        (b'{"title": "a\\u0000b"}', 422, "invalid-input"),
        (b'{"title": "\\ud800"}', 422, "invalid-input"),
        (b'{"openings": 99999999999999999999}', 422, "invalid-input"),
        (b'{"title": "a", "title": "b"}', 422, "invalid-input"),
        (b"null", 422, "invalid-input"),
        (b"[]", 422, "invalid-input"),
    ],
)
def test_bad_json_is_refused_with_a_problem(sqlite_api: Api, body: bytes, status: int, problem: str) -> None:
    response = send(sqlite_api, body)
    assert response.status_code == status, response.text
    assert response.json()["type"] == f"/problems/{problem}"


def test_a_refused_value_is_not_repeated(sqlite_api: Api) -> None:
    response = send(sqlite_api, b'{"title": "Salma Invented\\u0000"}')
    assert response.json()["errors"][0]["pointer"] == "/title"
    assert "Salma" not in response.text


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/xml",
        "application/x-ndjson",
        "garbage",
        "",
        "application/json; charset=utf-16",
    ],
)
def test_other_media_types_are_refused(sqlite_api: Api, media_type: str) -> None:
    response = send(sqlite_api, json.dumps(VACANCY).encode(), media_type)
    assert response.status_code == 415
    assert response.json()["type"] == "/problems/unsupported-media-type"


def test_a_compressed_body_is_refused(sqlite_api: Api) -> None:
    response = send(sqlite_api, b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    assert response.status_code == 415


def test_utf8_may_be_named(sqlite_api: Api) -> None:
    response = send(sqlite_api, json.dumps(VACANCY).encode(), 'application/json; charset="UTF-8"')
    assert response.status_code == 201


def test_a_missing_body_is_a_fault_of_the_whole(sqlite_api: Api) -> None:
    response = sqlite_api.post("employer", "/v1/vacancies")
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == ""


def test_a_declared_size_is_refused_without_reading(sqlite_api: Api) -> None:
    def never() -> Iterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    response = send(sqlite_api, never(), headers={"Content-Length": str(MAX_BODY + 1)})
    assert response.status_code == 413
    assert response.json()["type"] == "/problems/payload-too-large"


def test_a_streamed_body_is_cut_off_at_the_limit(sqlite_api: Api) -> None:
    response = send(sqlite_api, (b" " * 65_536 for _ in range(MAX_BODY // 65_536 + 2)))
    assert response.status_code == 413


def test_a_batch_may_be_larger_but_not_without_end(sqlite_api: Api) -> None:
    path = "/v1/vacancies:batch"
    lines = (json.dumps({"id": f"v{n}", "title": "x" * 500}).encode() + b"\n" for n in range(3000))
    allowed = send(sqlite_api, b"".join(lines), "application/x-ndjson", path=path)
    assert allowed.status_code == 200
    assert allowed.json()["n_created"] == 3000
    refused = send(sqlite_api, b"", path=path, headers={"Content-Length": str(MAX_BATCH_BODY + 1)})
    assert refused.status_code == 413


@pytest.mark.parametrize(
    "path",
    ["/v1/skills?q=%00", "/v1/skills?q=%ff", "/v1/vacancies/%00", "/v1/vacancies/%ff", "/v1/skills?%00=1"],
)
def test_an_unreadable_address_is_refused(sqlite_api: Api, path: str) -> None:
    response = sqlite_api.get("reviewer", path)
    assert response.status_code == 400
    assert response.json()["type"] == "/problems/malformed-request"


def test_a_body_on_get_is_not_read(sqlite_api: Api) -> None:
    response = sqlite_api.call("employer", "GET", "/v1/vacancies", content=b"\xff")
    assert response.status_code == 200


def test_unknown_and_repeated_query_parameters_are_refused(sqlite_api: Api) -> None:
    mistyped = sqlite_api.get("employer", "/v1/vacancies?updated_sicne=2026-01-01T00:00:00Z")
    assert mistyped.status_code == 422
    [error] = mistyped.json()["errors"]
    assert (error["parameter"], error["code"]) == ("updated_sicne", "unknown-parameter")
    assert "updated_since" in error["hint"]
    repeated = sqlite_api.get("employer", "/v1/vacancies?limit=1&limit=2")
    assert repeated.json()["errors"][0]["code"] == "repeated-parameter"


def asgi_status(api: Api, scope: dict[str, Any], messages: list[dict[str, Any]]) -> int | None:
    """Send raw ASGI messages and give the status, None when nothing was answered."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send_message(message: Any) -> None:
        sent.append(message)

    whole = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "server": ("test", 80),
        "client": ("test", 1),
        "root_path": "",
        "query_string": b"",
        **scope,
    }
    whole.setdefault("raw_path", whole["path"].encode())
    asyncio.run(api.app(whole, receive, send_message))
    return next((m["status"] for m in sent if m["type"] == "http.response.start"), None)


def test_a_caller_that_hangs_up_gets_no_answer_and_leaves_no_record(sqlite_api: Api) -> None:
    key = sqlite_api.keys["employer"].encode()
    scope = {
        "method": "POST",
        "path": "/v1/vacancies",
        "headers": [
            (b"authorization", b"Bearer " + key),
            (b"content-type", b"application/json"),
            (b"transfer-encoding", b"chunked"),
        ],
    }
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": b'{"external_id": "v"', "more_body": True},
        {"type": "http.disconnect"},
    ]
    assert asgi_status(sqlite_api, scope, messages) is None
    assert sqlite_api.get("employer", "/v1/vacancies").json()["items"] == []


def test_without_a_key_no_byte_of_the_body_is_read(sqlite_api: Api) -> None:
    for authorization in ([], [(b"authorization", b"Bearer tp_test_wrong")]):
        scope = {
            "method": "POST",
            "path": "/v1/vacancies",
            "headers": [*authorization, (b"content-length", b"5")],
        }
        # An empty list of messages: receiving anything would raise IndexError.
        assert asgi_status(sqlite_api, scope, []) == 401
