"""Training programmes as callers send and get them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from app.api.schemas.common import WHOLE, Claims, ExternalId, Given, GivenClaim, Label, Language, Received
from app.domain.submissions import ProgrammeRecord
from app.domain.transitions import ProgrammeStatus
from app.models import TrainingProgramme

EXAMPLE: dict[str, Any] = {
    "external_id": "soudage-2026",
    "title": "Technicien spécialisé en soudage",
    "lang": "fr",
    "isced_f": "0715",
    "eqf_level": 4,
    "skills": [{"skill": "souder des pièces métalliques", "evidence": "assessed", "level": 3}],
}


class ProgrammeIn(Received):
    """What an institution teaches; `skills` are the learning outcomes."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    external_id: ExternalId
    title: Label
    lang: Annotated[Language | None, Field(description="Language of the texts.")] = None
    isced_f: Annotated[
        str | None, Field(pattern=r"^[0-9]{2,4}$", description="Field of study, ISCED-F 2013.")
    ] = None
    eqf_level: Annotated[
        int | None, Field(strict=True, ge=1, le=8, description="European Qualifications Framework."), WHOLE
    ] = None
    skills: Claims = ()

    def record(self) -> ProgrammeRecord:
        return ProgrammeRecord(
            id=self.external_id,
            title=self.title.strip(),
            lang=self.lang,
            isced_f=self.isced_f,
            eqf_level=self.eqf_level,
            skills=tuple(item.record() for item in self.skills),
        )


class ProgrammeOut(Given):
    """A training programme as it is stored."""

    id: UUID
    external_id: str
    institution_id: UUID
    status: ProgrammeStatus
    title: str
    lang: str | None
    isced_f: str | None
    eqf_level: int | None
    skills: list[GivenClaim]
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: TrainingProgramme) -> ProgrammeOut:
        return cls(
            id=row.id,
            external_id=row.external_id,
            institution_id=row.institution_id,
            status=row.status,
            title=row.title,
            lang=row.lang,
            isced_f=row.isced_f,
            eqf_level=row.eqf_level,
            skills=[
                GivenClaim(skill=item.source_text, evidence=item.evidence, level=item.level)
                for item in row.claims
            ],
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
