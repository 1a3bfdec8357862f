from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from app.log import configure_logging, log_context

log = logging.getLogger("app.somewhere")


class Person(BaseModel):
    age: int


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_an_event_with_its_fields(capsys: pytest.CaptureFixture[str]):
    configure_logging(json=True)

    with log_context(request_id="r-1"):
        log.info("job_started", extra={"job_id": "j-1"})
    log.warning("outside")

    first, second = lines(capsys)
    assert {key: first[key] for key in ("event", "level", "logger", "request_id", "job_id")} == {
        "event": "job_started",
        "level": "info",
        "logger": "app.somewhere",
        "request_id": "r-1",
        "job_id": "j-1",
    }
    assert str(first["timestamp"]).endswith("Z")
    assert "request_id" not in second


def test_levels_below_the_chosen_one_are_left_out(capsys: pytest.CaptureFixture[str]):
    configure_logging(level="WARNING", json=True)

    log.info("quiet")
    log.error("loud")

    assert [line["event"] for line in lines(capsys)] == ["loud"]


@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_shows_neither_variables_nor_quoted_input(
    capsys: pytest.CaptureFixture[str], as_json: bool
):
    configure_logging(json=as_json)
    family_name = "Invented" + "-Name"

    try:
        try:
            Person.model_validate({"age": family_name})
        except ValueError as error:
            raise RuntimeError("the roster could not be read") from error
    except RuntimeError:
        log.exception("import_failed")

    text = capsys.readouterr().err
    assert family_name not in text
    assert "pydantic_core._pydantic_core.ValidationError" in text
    assert "RuntimeError: the roster could not be read" in text
    assert "test_log.py" in text


def test_the_console_format_is_for_reading(capsys: pytest.CaptureFixture[str]):
    configure_logging(json=False)

    log.info("job_started", extra={"job_id": "j-1"})

    assert "job_started" in (text := capsys.readouterr().err)
    assert "job_id=j-1" in text


def test_an_unexpected_fault_is_logged_for_people_too(capsys: pytest.CaptureFixture[str]) -> None:
    from app.services.faults import fault_fields

    configure_logging(level="INFO", json=False)
    try:
        raise ValueError("never told")
    except ValueError as error:
        logging.getLogger("app.test").error("job_crashed", extra=fault_fields(error))
    told = capsys.readouterr().err
    assert "job_crashed" in told
    assert "test_log.py" in told
    assert "never told" not in told
    assert "Logging error" not in told
