"""What was answered as done is done: the commit comes before the response."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.api.conftest import Api

VACANCY = {"external_id": "v", "title": "Welder"}


@contextmanager
def failing_commits() -> Iterator[None]:
    def fail(session: Session) -> None:
        if session.info.get("wrote"):
            raise RuntimeError("the disk is full")

    def note(session: Session, *_: Any) -> None:
        # Claims of Idempotency-Keys are transactions of their own and may commit.
        if any(type(row).__name__ == "Vacancy" for row in session.new):
            session.info["wrote"] = True

    event.listen(Session, "before_flush", note)
    event.listen(Session, "before_commit", fail)
    try:
        yield
    finally:
        event.remove(Session, "before_flush", note)
        event.remove(Session, "before_commit", fail)


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k"}])
def test_a_failed_commit_is_not_answered_as_success(api: Api, headers: dict[str, str]) -> None:
    with failing_commits():
        response = api.post("employer", "/v1/vacancies", VACANCY, headers=headers)
    assert response.status_code == 500
    assert response.json()["type"] == "/problems/internal-error"
    assert api.get("employer", "/v1/vacancies").json()["items"] == []
    # The key was given back with everything else.
    assert api.post("employer", "/v1/vacancies", VACANCY, headers=headers).status_code == 201


def test_a_failed_request_gives_its_connection_back(api: Api) -> None:
    for _ in range(30):
        assert api.post("employer", "/v1/vacancies", {"external_id": "v"}).status_code == 422
        assert api.get("employer", "/v1/vacancies/018f0000-0000-7000-8000-000000000000").status_code == 404
    assert api.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # a QueuePool
