"""Batches: the lines callers send, and what became of each."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from app.api.schemas.cohorts import CANDIDATE_EXAMPLE, IdentityIn, ProfileIn
from app.api.schemas.problems import ProblemIssue
from app.api.schemas.vacancies import EXAMPLE, VacancyIn

MAX_BATCH_ITEMS = 5_000


class BatchStatus(StrEnum):
    """What became of one item."""

    CREATED = "created"
    VALID = "valid"  # a dry run: it would be created
    FAILED = "failed"


class BatchWarning(BaseModel):
    """Something odd about an item that did not stop it, such as a key that is not read."""

    code: str
    key: str
    detail: str


class BatchItemOut(BaseModel):
    """One item, at the place it had in the request."""

    index: int
    status: BatchStatus
    id: UUID | None
    external_id: str | None
    errors: list[ProblemIssue]
    warnings: list[BatchWarning]


class BatchOut(BaseModel):
    """What became of each item, in the order of the request."""

    dry_run: bool
    n_created: int = Field(description="Items created; in a dry run, those that would be.")
    n_failed: int
    items: list[BatchItemOut]


def line_schema(
    model: type[BaseModel], example: dict[str, Any], more: type[BaseModel] | None = None
) -> dict[str, Any]:
    """Describe an item of a batch: the fields of ``model`` in the format of files.

    The caller's id may be called ``id`` as in files or ``external_id`` as elsewhere,
    and other keys are allowed: they are reported and not read.
    """
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    if more is not None:
        extra = more.model_json_schema(ref_template="#/components/schemas/{model}")
        schema["properties"].update(extra["properties"])
    own_id = schema["properties"].pop("external_id")
    schema["properties"] = {"id": own_id, "external_id": own_id, **schema["properties"]}
    required = [name for name in schema.pop("required") if name != "external_id"]
    schema["anyOf"] = [{"required": ["id", *required]}, {"required": ["external_id", *required]}]
    schema["additionalProperties"] = True
    schema["examples"] = [{("id" if key == "external_id" else key): value for key, value in example.items()}]
    return schema


def line_schemas() -> dict[str, dict[str, Any]]:
    """Give the descriptions of all kinds of items, by the name they are referred to."""
    vacancy = line_schema(VacancyIn, EXAMPLE)
    vacancy |= {"title": "VacancyLine", "description": "A vacancy, as in a file of vacancies."}
    candidate = line_schema(ProfileIn, CANDIDATE_EXAMPLE, IdentityIn)
    candidate |= {
        "title": "CandidateLine",
        "description": "A candidate, as in a file of candidates. Identity (names, e-mail, phone, birth date, "
        "sex, nationality) is taken, kept apart, and never given back.",
    }
    return {"VacancyLine": vacancy, "CandidateLine": candidate}
