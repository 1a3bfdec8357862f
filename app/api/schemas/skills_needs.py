"""Skills needs as callers send and get them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from app.api.problems import Issue
from app.api.schemas.common import (
    WHOLE,
    Country,
    Day,
    ExternalId,
    Given,
    GivenRequirement,
    Label,
    Language,
    OptionalLabel,
    Received,
    Requirements,
)
from app.domain.submissions import SkillsNeedRecord
from app.domain.transitions import SkillsNeedStatus
from app.models import SkillsNeed

MAX_HEADCOUNT = 1_000_000

EXAMPLE: dict[str, Any] = {
    "external_id": "forecast-2027-weld",
    "occupation": "7212",
    "headcount": 40,
    "skills": ["weld metal parts"],
    "country": "PL",
    "region": "PL524",
    "needed_from": "2027-01-01",
    "needed_until": "2027-12-31",
}


class SkillsNeedIn(Received):
    """A dated forecast of demand: how many people of which occupation, where and when."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    external_id: ExternalId
    occupation: Annotated[
        Label, Field(description="A concept URI, an ISCO-08 code, or the occupation in any language.")
    ]
    headcount: Annotated[int, Field(strict=True, ge=1, le=MAX_HEADCOUNT), WHOLE]
    skills: Requirements = ()
    lang: Annotated[Language | None, Field(description="Language of the texts.")] = None
    country: Country | None = None
    region: Annotated[OptionalLabel, Field(description="A NUTS code or a name.")] = ""
    needed_from: Annotated[Day | None, Field(description="First day; no later than `needed_until`.")] = None
    needed_until: Annotated[Day | None, Field(description="Last day; no earlier than `needed_from`.")] = None

    @model_validator(mode="after")
    def _period_runs_forwards(self) -> SkillsNeedIn:
        if self.needed_from and self.needed_until and self.needed_until < self.needed_from:
            raise Issue("period-backwards", "needed_until lies before needed_from.", "Exchange the two.")
        return self

    def record(self) -> SkillsNeedRecord:
        return SkillsNeedRecord(
            id=self.external_id,
            occupation=self.occupation.strip(),
            headcount=self.headcount,
            skills=tuple(item.record() for item in self.skills),
            lang=self.lang,
            country=self.country,
            region=self.region.strip(),
            needed_from=self.needed_from,
            needed_until=self.needed_until,
        )


class SkillsNeedOut(Given):
    """A skills need as it is stored."""

    id: UUID
    external_id: str
    employer_id: UUID
    status: SkillsNeedStatus
    occupation: str
    headcount: int
    skills: list[GivenRequirement]
    lang: str | None
    country: str | None
    region: str
    needed_from: date | None
    needed_until: date | None
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: SkillsNeed) -> SkillsNeedOut:
        return cls(
            id=row.id,
            external_id=row.external_id,
            employer_id=row.employer_id,
            status=row.status,
            occupation=row.occupation,
            headcount=row.headcount,
            skills=[
                GivenRequirement(skill=item.source_text, importance=item.importance, level=item.level)
                for item in row.requirements
            ],
            lang=row.lang,
            country=row.country,
            region=row.region,
            needed_from=row.needed_from,
            needed_until=row.needed_until,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
