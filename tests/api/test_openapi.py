"""The description of the interface: current, complete, and true to its own rules."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema_rs import Draft202012Validator
from sqlalchemy import create_engine

from app.api.openapi import operations
from app.api.schemas.conditions import (
    CircumstancesIn,
    ConditionsIn,
    GivenCircumstances,
    GivenConditions,
    NeedsItem,
)
from app.api.schemas.vacancies import VacancyPatch
from app.domain.conditions import Circumstances, Conditions
from app.intake.conditions import NEGOTIABLE
from app.main import create_app

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    engine = create_engine("sqlite://")
    app: FastAPI = create_app(engine=engine, start_worker=False)
    written: dict[str, Any] = app.openapi()
    engine.dispose()
    return written


def test_the_committed_description_is_current(document: dict[str, Any]) -> None:
    expected = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    hint = "write it again: talentbridge openapi -o docs/openapi.json"
    assert COMMITTED.read_text(encoding="utf-8") == expected, hint


def test_operations_have_names_tags_and_words(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    known_tags = {tag["name"] for tag in document["tags"]}
    names = []
    for path, method, operation in operations(document):
        assert operation["description"], (path, method)
        assert set(operation["tags"]) <= known_tags
        names.append(operation["operationId"])
    assert len(names) == len(set(names)) >= 55


def test_every_protected_operation_documents_its_problems(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        statuses = set(operation["responses"])
        assert {"400", "422", "500"} <= statuses
        if path.startswith(("/v1/", "/reconcile")):
            assert operation["security"] == [{"api_key": []}]
            assert {"401", "403", "404", "503"} <= statuses, (path, method)
        else:
            assert "security" not in operation
        if method in ("post", "put", "patch"):
            assert {"409", "413", "415"} <= statuses
        if method in ("put", "patch"):
            assert {"412", "428"} <= statuses
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert response == {"$ref": f"#/components/responses/Problem{status}"}
            else:
                assert response["headers"]["X-Request-ID"]
    for response in document["components"]["responses"].values():
        assert response["headers"]["X-Request-ID"]
        assert list(response["content"]) == ["application/problem+json"]


def test_the_framework_left_no_errors_of_its_own(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    assert "HTTPValidationError" not in text
    referred = {tuple(part.split('"')[0].split("/")) for part in text.split("#/components/")[1:]}
    for kind, name in referred:
        assert name in document["components"][kind]


def test_examples_follow_their_schemas(document: dict[str, Any]) -> None:
    n_checked = 0
    for name, schema in document["components"]["schemas"].items():
        for example in schema.get("examples", ()):
            whole = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
            assert Draft202012Validator(whole).is_valid(example), name
            n_checked += 1
    assert n_checked >= 8


def test_the_rules_whose_need_may_change_are_those_of_files() -> None:
    assert tuple(NeedsItem.model_fields) == tuple(rule.value for rule in NEGOTIABLE)


def test_conditions_and_circumstances_have_the_names_of_the_records() -> None:
    for kind, models in (
        (Conditions, (ConditionsIn, GivenConditions, VacancyPatch)),
        (Circumstances, (CircumstancesIn, GivenCircumstances)),
    ):
        names = {field.name for field in dataclasses.fields(kind)} - {"consent"}
        assert all(names <= set(model.model_fields) for model in models)
        assert all("consent" not in model.model_fields for model in models)
