"""Makers of test data: keyword-only, with minimal valid defaults. All people and firms are invented."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import count

from sqlalchemy.orm import Session

from app.domain.actor import Actor, Role
from app.domain.conditions import NO_CIRCUMSTANCES, NO_CONDITIONS, Circumstances, Conditions
from app.domain.ids import new_id
from app.domain.records import (
    CandidateRecord,
    ClaimRecord,
    ExperienceRecord,
    LanguageLevel,
    LanguageRequirement,
    RequirementRecord,
    VacancyRecord,
)
from app.domain.submissions import CohortRecord, IdentityRecord, ProgrammeRecord, SkillsNeedRecord
from app.domain.transitions import VacancyStatus
from app.models import CandidateProfile, Cohort, Organisation, OrganisationKind, Partnership, Vacancy
from app.services.accounts import create_account
from app.services.bulk import BulkMode
from app.services.candidates import add_candidates
from app.services.cohorts import commit_cohort, create_cohort
from app.services.organisations import create_organisation, create_partnership
from app.services.staff_sessions import actor_of
from app.services.vacancies import change_vacancy_status, create_vacancy

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TODAY = NOW.date()

_numbers = count(1)


def _unique(prefix: str) -> str:
    return f"{prefix}-{next(_numbers)}"


def make_vacancy_record(
    *,
    id: str | None = None,
    title: str = "Welder",
    description: str = "",
    lang: str | None = "en",
    country: str | None = None,
    occupation: str = "",
    skills: Sequence[RequirementRecord | str] = (),
    languages: Sequence[LanguageRequirement] = (),
    openings: int = 1,
    conditions: Conditions = NO_CONDITIONS,
) -> VacancyRecord:
    return VacancyRecord(
        id=id or _unique("vacancy"),
        title=title,
        description=description,
        lang=lang,
        country=country,
        occupation=occupation,
        skills=tuple(RequirementRecord(s) if isinstance(s, str) else s for s in skills),
        languages=tuple(languages),
        openings=openings,
        conditions=conditions,
    )


def make_candidate_record(
    *,
    id: str | None = None,
    text: str = "",
    lang: str | None = "en",
    occupations: Sequence[str] = (),
    skills: Sequence[ClaimRecord | str] = (),
    languages: Sequence[LanguageLevel] = (),
    education: Sequence[str] = (),
    experience: Sequence[ExperienceRecord] = (),
    circumstances: Circumstances = NO_CIRCUMSTANCES,
) -> CandidateRecord:
    return CandidateRecord(
        id=id or _unique("candidate"),
        text=text,
        lang=lang,
        occupations=tuple(occupations),
        skills=tuple(ClaimRecord(s) if isinstance(s, str) else s for s in skills),
        languages=tuple(languages),
        education=tuple(education),
        experience=tuple(experience),
        circumstances=circumstances,
    )


def make_skills_need_record(
    *,
    id: str | None = None,
    occupation: str = "welder",
    headcount: int = 40,
    skills: Sequence[RequirementRecord | str] = (),
    lang: str | None = None,
    country: str | None = None,
    region: str = "",
    needed_from: date | None = None,
    needed_until: date | None = None,
) -> SkillsNeedRecord:
    return SkillsNeedRecord(
        id=id or _unique("need"),
        occupation=occupation,
        headcount=headcount,
        skills=tuple(RequirementRecord(s) if isinstance(s, str) else s for s in skills),
        lang=lang,
        country=country,
        region=region,
        needed_from=needed_from,
        needed_until=needed_until,
    )


def make_programme_record(
    *,
    id: str | None = None,
    title: str = "Metal construction",
    lang: str | None = "en",
    isced_f: str | None = None,
    eqf_level: int | None = None,
    skills: Sequence[ClaimRecord | str] = (),
) -> ProgrammeRecord:
    return ProgrammeRecord(
        id=id or _unique("programme"),
        title=title,
        lang=lang,
        isced_f=isced_f,
        eqf_level=eqf_level,
        skills=tuple(ClaimRecord(s) if isinstance(s, str) else s for s in skills),
    )


def make_cohort_record(
    *,
    id: str | None = None,
    title: str = "Spring cohort",
    programme: str | None = None,
    finishes_on: date | None = None,
) -> CohortRecord:
    return CohortRecord(id=id or _unique("cohort"), title=title, programme=programme, finishes_on=finishes_on)


def make_identity_record(
    *,
    given_name: str | None = "Salma",
    family_name: str | None = "Invented",
    email: str | None = None,
    birth_date: date | None = None,
) -> IdentityRecord:
    return IdentityRecord(given_name=given_name, family_name=family_name, email=email, birth_date=birth_date)


def make_partnership(
    session: Session, *, name: str | None = None, is_test: bool = True, now: datetime = NOW
) -> Partnership:
    return create_partnership(session, name or _unique("Partnership"), is_test=is_test, now=now)


def make_staff(partnership: Partnership, *, role: Role = Role.ADMIN) -> Actor:
    """Make a staff actor, without a key, as at the command line."""
    return Actor(key_id=None, role=role, partnership_id=partnership.id)


def make_account(
    session: Session,
    partnership: Partnership,
    *,
    role: Role = Role.REVIEWER,
    email: str | None = None,
    display_name: str = "Invented Person",
    password: str | None = None,
    now: datetime = NOW,
) -> Actor:
    """Give somebody a staff account, and give the actor that acts with it."""
    account = create_account(
        session,
        make_staff(partnership),
        email=email or f"{_unique('person')}@invented.example",
        display_name=display_name,
        role=role,
        password=password,
        now=now,
    )
    return actor_of(account)


def make_organisation(
    session: Session,
    partnership: Partnership,
    *,
    kind: OrganisationKind = OrganisationKind.EMPLOYER,
    external_id: str | None = None,
    name: str = "Invented Ltd",
    country: str | None = None,
    now: datetime = NOW,
) -> Organisation:
    return create_organisation(
        session,
        make_staff(partnership),
        external_id or _unique(kind.value),
        kind=kind,
        name=name,
        country=country,
        now=now,
    )


def make_employer(session: Session, partnership: Partnership, *, external_id: str | None = None) -> Actor:
    """Make an employer and give the actor that acts for it."""
    organisation = make_organisation(session, partnership, external_id=external_id)
    return Actor(
        key_id=None, role=Role.EMPLOYER, partnership_id=partnership.id, organisation_id=organisation.id
    )


def make_institution(session: Session, partnership: Partnership, *, external_id: str | None = None) -> Actor:
    """Make a training institution and give the actor that acts for it."""
    organisation = make_organisation(
        session, partnership, kind=OrganisationKind.INSTITUTION, external_id=external_id
    )
    return Actor(
        key_id=None, role=Role.INSTITUTION, partnership_id=partnership.id, organisation_id=organisation.id
    )


def make_vacancy(
    session: Session,
    employer: Actor,
    *,
    record: VacancyRecord | None = None,
    published: bool = True,
    now: datetime = NOW,
) -> Vacancy:
    vacancy = create_vacancy(session, employer, record or make_vacancy_record(), now=now)
    if published:
        change_vacancy_status(session, employer, vacancy.id, VacancyStatus.PUBLISHED, now=now)
    return vacancy


def make_cohort(
    session: Session,
    institution: Actor,
    *,
    record: CohortRecord | None = None,
    candidates: Sequence[CandidateRecord] = (),
    committed: bool = True,
    now: datetime = NOW,
) -> tuple[Cohort, list[CandidateProfile]]:
    """Make a cohort with its candidates, committed so that they are ranked."""
    cohort = create_cohort(session, institution, record or make_cohort_record(), now=now)
    outcomes = add_candidates(session, institution, cohort.id, candidates, mode=BulkMode.ATOMIC, now=now)
    rows = [outcome.row for outcome in outcomes if outcome.row is not None]
    if committed:
        cohort = commit_cohort(session, institution, cohort.id, now=now)
    return cohort, rows


def make_unsaved_actor(*, role: Role = Role.ADMIN) -> Actor:
    """Make an actor that no database knows, for tests without one."""
    return Actor(
        key_id=new_id(),
        role=role,
        partnership_id=new_id(),
        organisation_id=new_id() if role.is_organisation else None,
    )
