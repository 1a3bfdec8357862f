"""Organisations, keys, jobs, taxonomies and audit events as callers send and get them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from app.api.problems import Issue
from app.api.schemas.common import Country, ExternalId, Given, Label, Moment, Received, RecordId
from app.domain.actor import Role
from app.domain.transitions import JobStatus
from app.models import ApiKey, AuditEvent, Job, Organisation, OrganisationKind
from app.services.taxonomy import ConceptHit

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


class OrganisationUpdate(Received):
    """What may change about an organisation."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Stalmost S.A.", "country": "PL"}]})

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


class MeOut(Given):
    """What a key stands for; `organisation` is null for staff, who act for the partnership."""

    key_id: UUID | None
    role: Role
    organisation: OrganisationOut | None


# A key for an organisation names it; a key for staff names none.
_KEY_CHOICES: list[Any] = [
    {
        "properties": {
            "role": {"enum": [*(role.value for role in Role if not role.is_organisation), None]},
            "organisation_id": {"type": "null"},
        }
    },
    {
        "properties": {
            "role": {"enum": [role.value for role in Role if role.is_organisation]},
            "organisation_id": {"type": "string"},
        },
        "required": ["role", "organisation_id"],
    },
]


class ApiKeyIn(Received):
    """A key to issue: without role and organisation one like your own, else one of the role named.

    Employers and institutions issue keys for themselves only. A key for either names
    its organisation; a key for staff names none.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"label": "nightly import"}], "anyOf": _KEY_CHOICES}
    )

    label: Annotated[Label, Field(description="What the key is for; not a person's name.")]
    role: Role | None = None
    organisation_id: RecordId | None = None
    expires_at: Annotated[Moment | None, Field(description="Never when left out.")] = None

    @model_validator(mode="after")
    def _role_goes_with_organisation(self) -> ApiKeyIn:
        for_organisation = self.role is not None and self.role.is_organisation
        if for_organisation != (self.organisation_id is not None):
            raise Issue(
                "role-and-organisation",
                "The role and the organisation do not go together.",
                "Name an organisation with the roles employer and institution, and only with them.",
            )
        return self


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


class IssuedKeyOut(Given):
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
    """One thing that was done: by which key or account, to what; never personal data."""

    id: UUID
    at: datetime
    actor_key_id: UUID | None
    actor_account_id: UUID | None
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
    matched_label: str = Field(description="The name that was found.")

    @classmethod
    def of(cls, hit: ConceptHit) -> ConceptOut:
        return cls(concept_uri=hit.uri, label=hit.label, matched_label=hit.matched_label)


class ConceptsOut(Given):
    """Concepts, the best hit first."""

    items: list[ConceptOut]


class TaxonomyOut(Given):
    """An imported taxonomy release; `n_labels` counts by language."""

    name: str
    checksum: str
    is_default: bool
    imported_at: datetime
    n_skills: int
    n_occupations: int
    n_groups: int
    n_relations: int
    n_labels: dict[str, int]
    source_note: str


class TaxonomiesOut(Given):
    """Every imported release, by name."""

    items: list[TaxonomyOut]
