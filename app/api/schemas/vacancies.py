"""Vacancies as callers send and get them."""

from __future__ import annotations

from dataclasses import replace
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
    GivenLanguage,
    GivenRequirement,
    Label,
    Language,
    Languages,
    OptionalLabel,
    Received,
    Requirements,
)
from app.domain.records import LanguageRequirement, VacancyRecord
from app.domain.transitions import VacancyStatus
from app.errors import FieldIssue, InvalidInput
from app.models import Vacancy

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
    "languages": [{"lang": "en", "cefr": "A2"}],
    "openings": 4,
}


class VacancyIn(Received):
    """An open post. Anything left out has its default."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    external_id: ExternalId
    title: Label
    description: FreeText = ""
    lang: Annotated[Language | None, Field(description="Language of title and description.")] = None
    country: Annotated[Country | None, Field(description="Country of work.")] = None
    occupation: OccupationText = ""
    skills: Requirements = ()
    languages: Languages = ()
    openings: Openings = 1

    def record(self) -> VacancyRecord:
        return VacancyRecord(
            id=self.external_id,
            title=self.title.strip(),
            description=self.description.strip(),
            lang=self.lang,
            country=self.country,
            occupation=self.occupation.strip(),
            skills=tuple(item.record() for item in self.skills),
            languages=tuple(LanguageRequirement(item.lang, item.cefr) for item in self.languages),
            openings=self.openings,
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
    languages: Languages | None = None
    openings: Openings | None = None

    def applied_to(self, record: VacancyRecord) -> VacancyRecord:
        """Give the record with this patch applied.

        Raises
        ------
        InvalidInput
            A field that a vacancy cannot do without is null.
        """
        if "title" in self.model_fields_set and self.title is None:
            raise InvalidInput(
                "The title cannot be removed.",
                issues=[FieldIssue("/title", "missing", "This field is required.")],
            )
        whole = VacancyIn(
            external_id=record.id,
            **{"title": record.title}
            | {
                name: getattr(self, name) for name in self.model_fields_set if getattr(self, name) is not None
            },
        ).record()
        return replace(record, **{name: getattr(whole, name) for name in self.model_fields_set})


class VacancyOut(Given):
    """A vacancy as it is stored.

    `version` counts every change; `requirements_version` counts those that ranking
    reads, and makes earlier matches stale.
    """

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
    languages: list[GivenLanguage]
    openings: int
    version: int
    requirements_version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: Vacancy) -> VacancyOut:
        return cls(
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
            languages=[GivenLanguage(lang=item.lang, cefr=item.cefr) for item in row.languages],
            openings=row.openings,
            version=row.version,
            requirements_version=row.requirements_version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
