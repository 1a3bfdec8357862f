"""Cohorts and their candidates as callers send and get them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from app.api.problems import Issue
from app.api.schemas.common import (
    Claims,
    Country,
    Day,
    ExternalId,
    FreeText,
    Given,
    GivenClaim,
    GivenLanguage,
    Label,
    Language,
    Languages,
    OptionalLabel,
    Received,
)
from app.api.schemas.conditions import CircumstancesIn, GivenCircumstances, Months
from app.domain.records import CandidateRecord, ExperienceRecord
from app.domain.submissions import CohortRecord, IdentityRecord
from app.domain.transitions import CandidateStatus, CohortStatus
from app.models import CandidateProfile, Cohort
from app.services.conversion import candidate_record

MAX_ENTRIES = 100

COHORT_EXAMPLE: dict[str, Any] = {
    "external_id": "soudage-2026-a",
    "title": "Soudage, promotion A",
    "programme": "soudage-2026",
    "finishes_on": "2026-06-30",
}
CANDIDATE_EXAMPLE: dict[str, Any] = {
    "external_id": "T-014",
    "text": "Deux ans d'atelier, lecture de plans, soudage semi-automatique.",
    "lang": "fr",
    "occupations": ["7212"],
    "skills": ["soudage MAG", {"skill": "lire des plans", "evidence": "assessed", "level": 3}],
    "languages": [{"lang": "fr", "cefr": "B2", "writing": "B1"}, {"lang": "ar"}],
    "education": ["Technicien spécialisé"],
    "experience": [{"occupation": "soudeur", "months": 24, "started": "2024-03-01", "ended": "2026-02-28"}],
    "eqf_level": 4,
    "licences": [{"name": "B", "valid_until": "2030-01-31"}],
    "available_from": "2027-01-15",
    "countries": ["PL", "DE"],
    "shifts": ["day", "evening"],
    "pay": {"amount": 1500, "currency": "EUR", "period": "month"},
}


class CohortIn(Received):
    """Learners finishing together; `programme` is your own id of their programme."""

    model_config = ConfigDict(json_schema_extra={"examples": [COHORT_EXAMPLE]})

    external_id: ExternalId
    title: OptionalLabel = ""
    programme: ExternalId | None = None
    finishes_on: Day | None = None

    def record(self) -> CohortRecord:
        return CohortRecord(
            id=self.external_id,
            title=self.title.strip(),
            programme=self.programme,
            finishes_on=self.finishes_on,
        )


class CohortOut(Given):
    """A cohort as it is stored."""

    id: UUID
    external_id: str
    institution_id: UUID
    programme_id: UUID | None
    status: CohortStatus
    title: str
    finishes_on: date | None
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: Cohort) -> CohortOut:
        return cls.model_validate(row)


class CohortIssueOut(Given):
    """One fault in a cohort's file: where, which rule, how to mend."""

    pointer: str
    code: str
    message: str
    hint: str
    row: int | None
    column: str | None


class CohortIssuesOut(Given):
    """The faults of a cohort's file, in its order."""

    items: list[CohortIssueOut]


class ExperienceItem(Received):
    """One period of work: as what, what was done, for how long, from when to when.

    A month that is given as `started` is its first day, as `ended` its last. Without `ended` it goes on,
    or its end is not stated.
    """

    occupation: OptionalLabel = ""
    text: FreeText = ""
    months: Months | None = None
    started: Day | None = None
    ended: Annotated[Day | None, Field(description="No earlier than `started`.")] = None

    @field_validator("ended")
    @classmethod
    def _runs_forwards(cls, ended: date | None, info: ValidationInfo) -> date | None:
        started = info.data.get("started")
        if ended and started and ended < started:
            raise Issue("period-backwards", "ended lies before started.", "Exchange the two.")
        return ended

    def record(self) -> ExperienceRecord:
        return ExperienceRecord(
            self.occupation.strip(), self.text.strip(), self.months, self.started, self.ended
        )


class _ProfileFields(Received):
    """What a candidate offers; what they state beside it follows it in ``ProfileIn``."""

    external_id: ExternalId
    text: FreeText = ""
    lang: Annotated[Language | None, Field(description="Language of the texts.")] = None
    occupations: Annotated[
        tuple[Label, ...],
        Field(max_length=MAX_ENTRIES, description="Concept URIs, ISCO-08 codes, or text in any language."),
    ] = ()
    skills: Claims = ()
    languages: Languages = ()
    education: Annotated[tuple[Label, ...], Field(max_length=MAX_ENTRIES)] = ()
    experience: Annotated[tuple[ExperienceItem, ...], Field(max_length=MAX_ENTRIES)] = ()


class ProfileIn(CircumstancesIn, _ProfileFields):
    """What a candidate offers and states, without direct identifiers."""

    model_config = ConfigDict(json_schema_extra={"examples": [CANDIDATE_EXAMPLE]})

    def record(self, *, consent: bool | None = None) -> CandidateRecord:
        """Give the record; ``consent`` is what the candidate stated elsewhere, no body states it."""
        return CandidateRecord(
            id=self.external_id,
            text=self.text.strip(),
            lang=self.lang,
            occupations=tuple(item.strip() for item in self.occupations),
            skills=tuple(item.record() for item in self.skills),
            languages=tuple(item.record() for item in self.languages),
            education=tuple(item.strip() for item in self.education),
            experience=tuple(item.record() for item in self.experience),
            circumstances=self.circumstances(consent=consent),
        )


class IdentityIn(Received):
    """Who the candidate is. Taken, kept apart, never read by the ranking and never given back here."""

    given_name: Label | None = None
    family_name: Label | None = None
    email: Annotated[str | None, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$")] = None
    phone: Label | None = None
    birth_date: Day | None = None
    sex: Label | None = None
    nationality: Country | None = None

    def record(self) -> IdentityRecord:
        return IdentityRecord(
            given_name=self.given_name,
            family_name=self.family_name,
            email=self.email,
            phone=self.phone,
            birth_date=self.birth_date,
            sex=self.sex,
            nationality=self.nationality,
        )


class CandidateIn(ProfileIn):
    """A candidate: the profile, and identity beside it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**CANDIDATE_EXAMPLE, "identity": {"given_name": "Salma"}}]}
    )

    identity: Annotated[
        IdentityIn | None, Field(description="Write only: no answer of this service holds it.")
    ] = None


class GivenExperience(Given):
    """One period of work."""

    occupation: str
    text: str
    months: int | None
    started: date | None
    ended: date | None


class _GivenCandidate(Given):
    """What a candidate offers; what they state beside it follows it in ``CandidateOut``."""

    id: UUID
    external_id: str
    pseudonym: str
    cohort_id: UUID
    institution_id: UUID
    status: CandidateStatus
    text: str
    lang: str | None
    occupations: list[str]
    skills: list[GivenClaim]
    languages: list[GivenLanguage]
    education: list[str]
    experience: list[GivenExperience]
    version: int
    created_at: datetime
    updated_at: datetime


class CandidateOut(GivenCircumstances, _GivenCandidate):
    """A candidate's profile as it is stored, without identity."""

    @classmethod
    def of(cls, row: CandidateProfile) -> CandidateOut:
        record = candidate_record(row)
        return cls(
            **dict(GivenCircumstances.model_validate(record.circumstances)),
            id=row.id,
            external_id=row.external_id,
            pseudonym=row.pseudonym,
            cohort_id=row.cohort_id,
            institution_id=row.institution_id,
            status=row.status,
            text=row.text,
            lang=row.lang,
            occupations=[item.source_text for item in row.occupations],
            skills=[
                GivenClaim(skill=item.source_text, evidence=item.evidence, level=item.level)
                for item in row.claims
            ],
            languages=[GivenLanguage.model_validate(item) for item in record.languages],
            education=row.education,
            experience=[GivenExperience.model_validate(item) for item in record.experience],
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
