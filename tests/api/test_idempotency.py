"""Repeated requests: one effect, one answer."""

import threading
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.services import vacancies
from app.services.changes import flush
from tests.api.conftest import Api

VACANCY = {"external_id": "v", "title": "Welder"}
KEY = {"Idempotency-Key": "import-2026-03-01/7"}


def n_vacancies(api: Api) -> int:
    return len(api.get("employer", "/v1/vacancies").json()["items"])


def test_a_repeated_request_gets_the_first_answer(api: Api) -> None:
    first = api.post("employer", "/v1/vacancies", VACANCY, headers=KEY)
    again = api.post("employer", "/v1/vacancies", VACANCY, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for name in ("location", "etag", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert n_vacancies(api) == 1


def test_a_key_belongs_to_one_request(api: Api) -> None:
    api.post("employer", "/v1/vacancies", VACANCY, headers=KEY)
    for path, body in (
        ("/v1/vacancies", {**VACANCY, "title": "Cook"}),
        ("/v1/vacancies:batch", VACANCY),
        ("/v1/skills-needs", VACANCY),
    ):
        response = api.post("employer", path, body, headers=KEY)
        assert response.status_code == 422
        assert response.json()["type"] in ("/problems/idempotency-key-reused", "/problems/invalid-input")
    other = api.post("employer", "/v1/vacancies", {**VACANCY, "external_id": "w"}, headers=KEY)
    assert other.json()["type"] == "/problems/idempotency-key-reused"


def test_two_callers_may_use_one_key(api: Api) -> None:
    api.post("employer", "/v1/vacancies", VACANCY, headers=KEY)
    cohort = api.post("institution", "/v1/cohorts", {"external_id": "c"}, headers=KEY)
    assert cohort.status_code == 201


@pytest.mark.parametrize("body", [{"external_id": "v"}, {"external_id": " ", "title": "x"}])
def test_a_failed_request_may_be_mended_under_its_key(api: Api, body: dict[str, Any]) -> None:
    assert api.post("employer", "/v1/vacancies", body, headers=KEY).status_code == 422
    assert api.post("employer", "/v1/vacancies", VACANCY, headers=KEY).status_code == 201


def test_a_conflict_gives_the_key_back(api: Api) -> None:
    api.post("employer", "/v1/vacancies", VACANCY)
    assert api.post("employer", "/v1/vacancies", VACANCY, headers=KEY).status_code == 409
    body = {**VACANCY, "external_id": "other"}
    assert api.post("employer", "/v1/vacancies", body, headers=KEY).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "ключ".encode()])
def test_an_unusable_key_is_refused(sqlite_api: Api, key: str | bytes) -> None:
    headers: Any = {"Idempotency-Key": key}
    response = sqlite_api.post("employer", "/v1/vacancies", VACANCY, headers=headers)
    assert response.status_code == 422
    assert response.json()["errors"][0]["parameter"] == "Idempotency-Key"


def test_an_answer_is_kept_for_a_day(sqlite_api: Api) -> None:
    sqlite_api.post("employer", "/v1/vacancies", VACANCY, headers=KEY)
    sqlite_api.clock.advance(hours=23)
    assert sqlite_api.post("employer", "/v1/vacancies", VACANCY, headers=KEY).status_code == 201
    sqlite_api.clock.advance(hours=2)
    assert sqlite_api.post("employer", "/v1/vacancies", VACANCY, headers=KEY).status_code == 409


def test_while_the_first_request_is_at_work_a_second_is_told_so(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def slow_flush(session: Session) -> None:
        entered.set()
        assert go_on.wait(30)
        flush(session)

    monkeypatch.setattr(vacancies, "flush", slow_flush)
    statuses: list[int] = []

    def first() -> None:
        statuses.append(api.post("employer", "/v1/vacancies", VACANCY, headers=KEY).status_code)

    thread = threading.Thread(target=first)
    thread.start()
    assert entered.wait(30)
    # The first has not written yet, so on SQLite too the second can look.
    second = api.post("employer", "/v1/vacancies", VACANCY, headers=KEY)
    go_on.set()
    thread.join()
    assert second.status_code == 409
    assert second.json()["type"] == "/problems/idempotency-key-in-flight"
    assert second.headers["retry-after"] == "1"
    assert statuses == [201]
    assert n_vacancies(api) == 1


def test_many_equal_requests_at_once_have_one_effect(api: Api) -> None:
    barrier = threading.Barrier(8)
    answers: list[tuple[int, str]] = []

    def send() -> None:
        barrier.wait(30)
        response = api.post("employer", "/v1/vacancies", VACANCY, headers=KEY)
        answers.append((response.status_code, response.json().get("id", "")))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {status for status, _ in answers} <= {201, 409}
    assert len({made for status, made in answers if status == 201}) == 1
    assert n_vacancies(api) == 1
    repeated = api.post("employer", "/v1/vacancies", VACANCY, headers=KEY)
    assert repeated.headers["idempotency-replayed"] == "true"


def test_a_lost_request_is_taken_over_and_cannot_commit_any_more(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, go_on = threading.Event(), threading.Event()
    first_only = threading.Lock()

    def stuck_flush(session: Session) -> None:
        if first_only.acquire(blocking=False):
            entered.set()
            # Nothing is written yet: a writer that waits here would hold up SQLite for all.
            session.rollback()
            assert go_on.wait(30)
        flush(session)

    monkeypatch.setattr(vacancies, "flush", stuck_flush)
    statuses: list[int] = []

    def first() -> None:
        statuses.append(api.post("employer", "/v1/vacancies", VACANCY, headers=KEY).status_code)

    thread = threading.Thread(target=first)
    thread.start()
    assert entered.wait(30)
    api.clock.advance(minutes=6)
    second = api.post("employer", "/v1/vacancies", VACANCY, headers=KEY)
    go_on.set()
    thread.join()
    assert second.status_code == 201
    assert statuses != [201]
    assert n_vacancies(api) == 1


def test_a_repeated_status_change_is_answered_once(api: Api) -> None:
    vacancy = api.made("employer", "/v1/vacancies", VACANCY)
    path = f"/v1/vacancies/{vacancy['id']}:publish"
    first = api.post("employer", path, headers=KEY)
    again = api.post("employer", path, headers=KEY)
    assert first.json() == again.json()
    assert api.post("employer", path).status_code == 409
