"""Vacancies as callers send and get them."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from app.api.schemas.common import (
    WHOLE,
    Country,
    ExternalId,
    FreeText,
    Given,
    GivenLanguageRequirement,
    GivenRequirement,
    Label,
    Language,
    LanguageRequirements,
    OptionalLabel,
    Received,
    Requirements,
)
from app.api.schemas.conditions import (
    ConditionsIn,
    EqfLevel,
    GivenConditions,
    LeastMonths,
    LicencesAsked,
    NeedsItem,
    PayPatch,
    Region,
    Roles,
    Seniorities,
    Shifts,
    StartsOn,
    merged_needs,
)
from app.domain.conditions import Conditions
from app.domain.enums import Contract
from app.domain.records import VacancyRecord
from app.domain.transitions import VacancyStatus
from app.errors import FieldIssue, InvalidInput
from app.models import Vacancy
from app.services.conversion import vacancy_record

MAX_OPENINGS = 100_000

Openings = Annotated[
    int, Field(strict=True, ge=1, le=MAX_OPENINGS, description="How many people are wanted."), WHOLE
]
OccupationText = Annotated[
    OptionalLabel, Field(description="A concept URI, an ISCO-08 code, or the occupation in any language.")
]

EXAMPLE: dict[str, Any] = {
    "external_id": "weld-opole-7",
    "title": "MAG welder (m/f/d)",
    "description": "Weld steel frames to drawing. Two shifts, training on site.",
    "lang": "en",
    "country": "PL",
    "occupation": "7212",
    "skills": ["weld metal parts", {"skill": "read welding drawings", "importance": "optional", "level": 2}],
    "languages": [
        {"lang": "en", "cefr": "A2", "listening": "B1"},
        {"lang": "pl", "cefr": "A1", "need": "desired"},
    ],
    "openings": 4,
    "starts_on": "2027-03-01",
    "region": "PL524",
    "licences": ["EN ISO 9606-1", {"name": "forklift", "need": "desired"}],
    "experience_months": 12,
    "shifts": ["day", "evening"],
    "contract": "permanent",
    "pay": {"amount": 1900, "currency": "EUR", "period": "month"},
    "needs": {"start_date": "must"},
}
# Objects, which a merge patch merges field by field.
_MERGED = frozenset({"pay", "needs"})
_CONDITIONS = frozenset(field.name for field in fields(Conditions))


class _VacancyFields(Received):
    """What a vacancy is; what it demands beside skills and languages follows it in ``VacancyIn``."""

    external_id: ExternalId
    title: Label
    description: FreeText = ""
    lang: Annotated[Language | None, Field(description="Language of title and description.")] = None
    country: Annotated[Country | None, Field(description="Country of work.")] = None
    occupation: OccupationText = ""
    skills: Requirements = ()
    languages: LanguageRequirements = ()
    openings: Openings = 1


class VacancyIn(ConditionsIn, _VacancyFields):
    """An open post. Anything left out has its default."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    def record(self) -> VacancyRecord:
        return VacancyRecord(
            id=self.external_id,
            title=self.title.strip(),
            description=self.description.strip(),
            lang=self.lang,
            country=self.country,
            occupation=self.occupation.strip(),
            skills=tuple(item.record() for item in self.skills),
            languages=tuple(item.record() for item in self.languages),
            openings=self.openings,
            conditions=self.conditions(),
        )


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


class VacancyPatch(Received):
    """A JSON merge patch (RFC 7396): only what changes; null takes a field back to its default."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"openings": 6, "country": None}]})

    # Described as not nullable, yet read as if it were: the refusal below then says what is wrong.
    title: Annotated[Label | SkipJsonSchema[None], Field(json_schema_extra=_without_default)] = None
    description: FreeText | None = None
    lang: Language | None = None
    country: Country | None = None
    occupation: OccupationText | None = None
    skills: Requirements | None = None
    languages: LanguageRequirements | None = None
    openings: Openings | None = None
    starts_on: StartsOn | None = None
    region: Region | None = None
    eqf_level: EqfLevel | None = None
    licences: LicencesAsked | None = None
    experience_months: LeastMonths | None = None
    roles: Roles | None = None
    seniorities: Seniorities | None = None
    shifts: Shifts | None = None
    contract: Contract | None = None
    pay: PayPatch | None = None
    needs: NeedsItem | None = None

    def applied_to(self, record: VacancyRecord) -> VacancyRecord:
        """Give the record with this patch applied.

        Raises
        ------
        InvalidInput
            A field that a vacancy, or its rate of pay, cannot do without is null.
        """
        named = self.model_fields_set
        if "title" in named and self.title is None:
            raise InvalidInput(
                "The title cannot be removed.",
                issues=[FieldIssue("/title", "missing", "This field is required.")],
            )
        # What is null has its default, and what is not was checked when the patch was read.
        values = {name: value for name in named - _MERGED if (value := getattr(self, name)) is not None}
        whole = VacancyIn.model_construct(
            external_id=record.id, **({"title": record.title} | values)
        ).record()
        conditions = {name: getattr(whole.conditions, name) for name in named & _CONDITIONS}
        if self.pay is not None:
            conditions["pay"] = self.pay.applied_to(record.conditions.pay)
        if "needs" in named:
            conditions["needs"] = merged_needs(record.conditions.needs, self.needs)
        return replace(
            record,
            **{name: getattr(whole, name) for name in named - _CONDITIONS},
            conditions=replace(record.conditions, **conditions),
        )


class _GivenVacancy(Given):
    """What a vacancy is; what it demands beside skills and languages follows it in ``VacancyOut``."""

    id: UUID
    external_id: str
    employer_id: UUID
    status: VacancyStatus
    title: str
    description: str
    lang: str | None
    country: str | None
    occupation: str
    skills: list[GivenRequirement]
    languages: list[GivenLanguageRequirement]
    openings: int
    version: int
    requirements_version: int
    created_at: datetime
    updated_at: datetime


class VacancyOut(GivenConditions, _GivenVacancy):
    """A vacancy as it is stored.

    `version` counts every change; `requirements_version` counts those that ranking
    reads, and makes earlier matches stale.
    """

    @classmethod
    def of(cls, row: Vacancy) -> VacancyOut:
        record = vacancy_record(row)
        return cls(
            **dict(GivenConditions.model_validate(record.conditions)),
            id=row.id,
            external_id=row.external_id,
            employer_id=row.employer_id,
            status=row.status,
            title=row.title,
            description=row.description,
            lang=row.lang,
            country=row.country,
            occupation=row.occupation,
            skills=[
                GivenRequirement(skill=item.source_text, importance=item.importance, level=item.level)
                for item in row.requirements
            ],
            languages=[GivenLanguageRequirement.model_validate(item) for item in record.languages],
            openings=row.openings,
            version=row.version,
            requirements_version=row.requirements_version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
