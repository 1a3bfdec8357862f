"""Between stored rows and the domain's records: what goes in comes out equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from app.domain.conditions import Circumstances, Conditions
from app.domain.enums import Cefr, SkillLevel
from app.domain.records import (
    CandidateRecord,
    ClaimRecord,
    ExperienceRecord,
    LanguageLevel,
    LanguageRequirement,
    RequirementDecision,
    RequirementRecord,
    VacancyRecord,
)
from app.domain.submissions import CohortRecord, IdentityRecord, ProgrammeRecord, SkillsNeedRecord
from app.models import (
    CandidateIdentity,
    CandidateLanguage,
    CandidateOccupation,
    CandidateProfile,
    Cohort,
    ProgrammeSkillClaim,
    SkillClaim,
    SkillRequirement,
    SkillsNeed,
    SkillsNeedRequirement,
    TrainingProgramme,
    Vacancy,
    VacancyLanguage,
)


def vacancy_record(vacancy: Vacancy, *, record_id: str | None = None) -> VacancyRecord:
    """Give a vacancy, loaded with its children, as the caller sent it; under another id if told."""
    return VacancyRecord(
        id=vacancy.external_id if record_id is None else record_id,
        title=vacancy.title,
        description=vacancy.description,
        lang=vacancy.lang,
        country=vacancy.country,
        occupation=vacancy.occupation,
        skills=_requirement_records(vacancy.requirements),
        languages=tuple(
            LanguageRequirement(row.lang, row.cefr, **_own_levels(row), need=row.need)
            for row in vacancy.languages
        ),
        openings=vacancy.openings,
        conditions=Conditions.from_dict(vacancy.conditions),
    )


def ranked_record(
    vacancy: Vacancy, decisions: Sequence[RequirementDecision], *, record_id: str | None = None
) -> VacancyRecord:
    """Give a vacancy as rankings read it: as the caller sent it, and what staff decided on it."""
    return replace(vacancy_record(vacancy, record_id=record_id), decisions=tuple(decisions))


def fill_vacancy(vacancy: Vacancy, record: VacancyRecord) -> None:
    """Write all that a caller sends into a row."""
    vacancy.external_id = record.id
    vacancy.title = record.title
    vacancy.description = record.description
    vacancy.lang = record.lang
    vacancy.country = record.country
    vacancy.occupation = record.occupation
    vacancy.openings = record.openings
    vacancy.conditions = record.conditions.as_dict()
    vacancy.requirements = [
        SkillRequirement(**_requirement_columns(position, requirement))
        for position, requirement in enumerate(record.skills)
    ]
    vacancy.languages = [
        VacancyLanguage(**_language_columns(position, language), need=language.need)
        for position, language in enumerate(record.languages)
    ]


def skills_need_record(need: SkillsNeed) -> SkillsNeedRecord:
    """Give a skills need, loaded with its requirements, as the caller sent it."""
    return SkillsNeedRecord(
        id=need.external_id,
        occupation=need.occupation,
        headcount=need.headcount,
        skills=_requirement_records(need.requirements),
        lang=need.lang,
        country=need.country,
        region=need.region,
        needed_from=need.needed_from,
        needed_until=need.needed_until,
    )


def fill_skills_need(need: SkillsNeed, record: SkillsNeedRecord) -> None:
    """Write all of a record's fields into a row."""
    need.external_id = record.id
    need.occupation = record.occupation
    need.headcount = record.headcount
    need.lang = record.lang
    need.country = record.country
    need.region = record.region
    need.needed_from = record.needed_from
    need.needed_until = record.needed_until
    need.requirements = [
        SkillsNeedRequirement(**_requirement_columns(position, requirement))
        for position, requirement in enumerate(record.skills)
    ]


def programme_record(programme: TrainingProgramme) -> ProgrammeRecord:
    """Give a programme, loaded with its claims, as the caller sent it."""
    return ProgrammeRecord(
        id=programme.external_id,
        title=programme.title,
        lang=programme.lang,
        isced_f=programme.isced_f,
        eqf_level=programme.eqf_level,
        skills=_claim_records(programme.claims),
    )


def fill_programme(programme: TrainingProgramme, record: ProgrammeRecord) -> None:
    """Write all of a record's fields into a row."""
    programme.external_id = record.id
    programme.title = record.title
    programme.lang = record.lang
    programme.isced_f = record.isced_f
    programme.eqf_level = record.eqf_level
    programme.claims = [
        ProgrammeSkillClaim(**_claim_columns(position, claim)) for position, claim in enumerate(record.skills)
    ]


def cohort_record(cohort: Cohort) -> CohortRecord:
    """Give a cohort, loaded with its programme, as the caller sent it."""
    return CohortRecord(
        id=cohort.external_id,
        title=cohort.title,
        programme=None if cohort.programme is None else cohort.programme.external_id,
        finishes_on=cohort.finishes_on,
    )


def candidate_record(candidate: CandidateProfile, *, record_id: str | None = None) -> CandidateRecord:
    """Give a candidate, loaded with its children, as the caller sent it; under another id if told."""
    return CandidateRecord(
        id=candidate.external_id if record_id is None else record_id,
        text=candidate.text,
        lang=candidate.lang,
        occupations=tuple(occupation.source_text for occupation in candidate.occupations),
        skills=_claim_records(candidate.claims),
        languages=tuple(LanguageLevel(row.lang, row.cefr, **_own_levels(row)) for row in candidate.languages),
        education=tuple(candidate.education),
        experience=tuple(map(_experience_record, candidate.experience)),
        circumstances=Circumstances.from_dict(candidate.circumstances),
    )


def rankable_record(candidate: CandidateProfile, *, record_id: str) -> CandidateRecord:
    """As ``candidate_record``, of a candidate whose status says that they agreed to be put forward.

    What a file said on consent stands.
    """
    record = candidate_record(candidate, record_id=record_id)
    if record.circumstances.consent is not None:
        return record
    return replace(record, circumstances=replace(record.circumstances, consent=True))


def fill_candidate(candidate: CandidateProfile, record: CandidateRecord) -> None:
    """Write all of a record's fields into a row."""
    candidate.external_id = record.id
    candidate.text = record.text
    candidate.lang = record.lang
    candidate.education = list(record.education)
    candidate.experience = list(map(_experience_entry, record.experience))
    candidate.circumstances = record.circumstances.as_dict()
    candidate.occupations = [
        CandidateOccupation(position=position, source_text=text)
        for position, text in enumerate(record.occupations)
    ]
    candidate.claims = [
        SkillClaim(**_claim_columns(position, claim)) for position, claim in enumerate(record.skills)
    ]
    candidate.languages = [
        CandidateLanguage(**_language_columns(position, language))
        for position, language in enumerate(record.languages)
    ]


def identity_row(candidate: CandidateProfile, record: IdentityRecord) -> CandidateIdentity:
    """Make the identity row of a candidate that has an id."""
    return CandidateIdentity(
        candidate_id=candidate.id,
        given_name=record.given_name,
        family_name=record.family_name,
        email=record.email,
        phone=record.phone,
        birth_date=record.birth_date,
        sex=record.sex,
        nationality=record.nationality,
    )


def _level(value: int | None) -> SkillLevel | None:
    return None if value is None else SkillLevel(value)


def _number(level: SkillLevel | None) -> int | None:
    return None if level is None else int(level)


def _requirement_records(
    rows: Sequence[SkillRequirement] | Sequence[SkillsNeedRequirement],
) -> tuple[RequirementRecord, ...]:
    return tuple(RequirementRecord(row.source_text, row.importance, _level(row.level)) for row in rows)


def _requirement_columns(position: int, record: RequirementRecord) -> dict[str, Any]:
    return {
        "position": position,
        "source_text": record.skill,
        "importance": record.importance,
        "level": _number(record.level),
    }


def _claim_records(rows: Sequence[SkillClaim] | Sequence[ProgrammeSkillClaim]) -> tuple[ClaimRecord, ...]:
    return tuple(ClaimRecord(row.source_text, row.evidence, _level(row.level)) for row in rows)


def _claim_columns(position: int, record: ClaimRecord) -> dict[str, Any]:
    return {
        "position": position,
        "source_text": record.skill,
        "evidence": record.evidence,
        "level": _number(record.level),
    }


def _experience_record(entry: Mapping[str, Any]) -> ExperienceRecord:
    """Give a stored period of work; entries older than its dates do not have them."""
    return ExperienceRecord(
        occupation=entry["occupation"],
        text=entry["text"],
        months=entry["months"],
        started=_day(entry.get("started")),
        ended=_day(entry.get("ended")),
    )


def _experience_entry(record: ExperienceRecord) -> dict[str, Any]:
    return {
        "occupation": record.occupation,
        "text": record.text,
        "months": record.months,
        "started": _iso(record.started),
        "ended": _iso(record.ended),
    }


def _own_levels(row: CandidateLanguage | VacancyLanguage) -> dict[str, Cefr]:
    return {skill: Cefr(level) for skill, level in row.own_levels.items()}


def _language_columns(position: int, record: LanguageLevel) -> dict[str, Any]:
    return {
        "position": position,
        "lang": record.lang,
        "cefr": record.cefr,
        "own_levels": {skill: level.value for skill, level in record.own_levels.items()},
    }


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
