"""Organisations, keys, jobs, taxonomies and audit events as callers send and get them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from app.api.schemas.common import Country, ExternalId, Given, Label, Moment, Received, RecordId
from app.domain.actor import Role
from app.domain.transitions import JobStatus
from app.models import ApiKey, AuditEvent, Job, Organisation, OrganisationKind

ORGANISATION_EXAMPLE: dict[str, Any] = {
    "external_id": "stalmost",
    "kind": "employer",
    "name": "Stalmost sp. z o.o.",
    "country": "PL",
}


class OrganisationIn(Received):
    """An employer or a training institution."""

    model_config = ConfigDict(json_schema_extra={"examples": [ORGANISATION_EXAMPLE]})

    external_id: ExternalId
    kind: OrganisationKind
    name: Label
    country: Country | None = None


class OrganisationOut(Given):
    """An organisation as it is stored."""

    id: UUID
    external_id: str
    kind: OrganisationKind
    name: str
    country: str | None
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: Organisation) -> OrganisationOut:
        return cls.model_validate(row)


class ApiKeyIn(Received):
    """A key to issue. Employers and institutions issue keys for themselves only."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"label": "nightly import"}]})

    label: Annotated[Label, Field(description="What the key is for; not a person's name.")]
    role: Annotated[Role | None, Field(description="Your own role when left out.")] = None
    organisation_id: Annotated[
        RecordId | None, Field(description="Your own organisation when left out; staff keys have none.")
    ] = None
    expires_at: Annotated[Moment | None, Field(description="Never when left out.")] = None


class ApiKeyOut(Given):
    """A key, without its secret."""

    id: UUID
    label: str
    role: Role
    organisation_id: UUID | None
    public_id: str = Field(description="The part of the key that may be shown.")
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    @classmethod
    def of(cls, row: ApiKey) -> ApiKeyOut:
        return cls.model_validate(row)


class IssuedKey(Given):
    """A key just issued. `secret` is shown this once; a repeated request gives null."""

    key: ApiKeyOut
    secret: str | None


class JobOut(Given):
    """One piece of long work."""

    id: UUID
    kind: str
    status: JobStatus
    match_run_id: UUID | None
    attempts: int
    progress_stage: str
    progress_done: int
    progress_total: int
    error_code: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, row: Job) -> JobOut:
        return cls.model_validate(row)


class AuditEventOut(Given):
    """One thing that was done: by which key, to what; never personal data."""

    id: UUID
    at: datetime
    actor_key_id: UUID | None
    actor_role: Role
    actor_organisation_id: UUID | None
    operation: str
    subject_type: str
    subject_id: UUID
    details: dict[str, object]

    @classmethod
    def of(cls, row: AuditEvent) -> AuditEventOut:
        return cls.model_validate(row)


class ConceptOut(Given):
    """A concept found by one of its names."""

    concept_uri: str
    label: str = Field(description="Preferred label in the language asked for, else in English.")
    matched: str = Field(description="The name that was found.")
    code: str = Field(description="ISCO-08 code of an occupation; empty for a skill.")


class TaxonomyOut(Given):
    """An imported taxonomy release."""

    name: str
    checksum: str
    languages: list[str]
    n_skills: int
    n_occupations: int
    imported_at: datetime
