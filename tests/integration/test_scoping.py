"""What an actor may not know exists does not exist for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.domain.actor import Actor, Role
from app.domain.transitions import VacancyStatus
from app.errors import AppError, NotFound, NotPermitted
from app.models import (
    CandidateProfile,
    Cohort,
    Organisation,
    Partnership,
    SkillsNeed,
    StaffAccount,
    TrainingProgramme,
    Vacancy,
)
from app.services.api_keys import get_api_key, issue_api_key, list_api_keys, revoke_api_key
from app.services.audit import list_audit_events
from app.services.bulk import BulkMode
from app.services.candidates import (
    add_candidates,
    find_identity,
    get_candidate,
    list_candidates,
    list_rankable_candidates,
    replace_candidate,
    withdraw_candidate,
)
from app.services.cohorts import (
    commit_cohort,
    get_cohort,
    list_cohort_issues,
    list_cohorts,
    replace_cohort,
    withdraw_cohort,
)
from app.services.jobs import cancel_job, enqueue_job, get_job, list_jobs
from app.services.organisations import get_organisation, list_organisations, replace_organisation
from app.services.programmes import (
    create_programme,
    get_programme,
    list_programmes,
    replace_programme,
    withdraw_programme,
)
from app.services.skills_needs import (
    close_skills_need,
    create_skills_need,
    get_skills_need,
    list_skills_needs,
    replace_skills_need,
)
from app.services.staff_sessions import actor_of_session, open_session
from app.services.vacancies import (
    change_vacancy_status,
    get_vacancy,
    list_published_vacancies,
    list_vacancies,
    replace_vacancy,
)
from tests.factories import (
    NOW,
    make_account,
    make_candidate_record,
    make_cohort,
    make_cohort_record,
    make_employer,
    make_identity_record,
    make_institution,
    make_partnership,
    make_programme_record,
    make_skills_need_record,
    make_staff,
    make_vacancy,
    make_vacancy_record,
)


@dataclass
class World:
    """A partnership with one of everything, belonging to one employer and one institution."""

    partnership: Partnership
    employer: Actor
    institution: Actor
    draft: Vacancy
    published: Vacancy
    need: SkillsNeed
    programme: TrainingProgramme
    cohort: Cohort
    candidate: CandidateProfile
    key_ids: dict[Role, UUID]
    job_ids: dict[Role, UUID]

    def staff(self, role: Role) -> Actor:
        return make_staff(self.partnership, role=role)


def make_world(session: Session) -> World:
    partnership = make_partnership(session)
    employer = make_employer(session, partnership)
    institution = make_institution(session, partnership)
    cohort, _ = make_cohort(session, institution, record=make_cohort_record())
    record = make_candidate_record(id="T-1")
    outcomes = add_candidates(
        session,
        institution,
        cohort.id,
        [record],
        identities={"T-1": make_identity_record()},
        mode=BulkMode.ATOMIC,
        now=NOW,
    )
    candidate = outcomes[0].row
    assert candidate is not None
    return World(
        partnership=partnership,
        employer=employer,
        institution=institution,
        draft=make_vacancy(session, employer, published=False),
        published=make_vacancy(session, employer),
        need=create_skills_need(session, employer, make_skills_need_record(), now=NOW),
        programme=create_programme(session, institution, make_programme_record(), now=NOW),
        cohort=cohort,
        candidate=candidate,
        key_ids={
            actor.role: issue_api_key(session, actor, role=actor.role, label="own", now=NOW).row.id
            for actor in (employer, institution)
        },
        job_ids={
            actor.role: enqueue_job(session, actor, "export", {}, now=NOW).id
            for actor in (employer, institution)
        },
    )


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@pytest.fixture
def other(session: Session) -> World:
    return make_world(session)


Call = Callable[[Session, Actor, World], Any]

# Every service that takes the id of a record, by who owns the record.
EMPLOYERS: dict[str, Call] = {
    "get vacancy": lambda s, a, w: get_vacancy(s, a, w.published.id),
    "replace vacancy": lambda s, a, w: replace_vacancy(
        s, a, w.published.id, make_vacancy_record(id=w.published.external_id), now=NOW
    ),
    "close vacancy": lambda s, a, w: change_vacancy_status(
        s, a, w.published.id, VacancyStatus.CLOSED, now=NOW
    ),
    "pause vacancy": lambda s, a, w: change_vacancy_status(
        s, a, w.published.id, VacancyStatus.PAUSED, now=NOW
    ),
    "get need": lambda s, a, w: get_skills_need(s, a, w.need.id),
    "replace need": lambda s, a, w: replace_skills_need(
        s, a, w.need.id, make_skills_need_record(id=w.need.external_id), now=NOW
    ),
    "close need": lambda s, a, w: close_skills_need(s, a, w.need.id, now=NOW),
    "get organisation": lambda s, a, w: get_organisation(s, a, owner_id(w.employer)),
    "get key": lambda s, a, w: get_api_key(s, a, w.key_ids[Role.EMPLOYER]),
    "revoke key": lambda s, a, w: revoke_api_key(s, a, w.key_ids[Role.EMPLOYER], now=NOW),
    "get job": lambda s, a, w: get_job(s, a, w.job_ids[Role.EMPLOYER]),
    "cancel job": lambda s, a, w: cancel_job(s, a, w.job_ids[Role.EMPLOYER], now=NOW),
}
INSTITUTIONS: dict[str, Call] = {
    "get programme": lambda s, a, w: get_programme(s, a, w.programme.id),
    "replace programme": lambda s, a, w: replace_programme(
        s, a, w.programme.id, make_programme_record(id=w.programme.external_id), now=NOW
    ),
    "withdraw programme": lambda s, a, w: withdraw_programme(s, a, w.programme.id, now=NOW),
    "get cohort": lambda s, a, w: get_cohort(s, a, w.cohort.id),
    "cohort issues": lambda s, a, w: list_cohort_issues(s, a, w.cohort.id),
    "replace cohort": lambda s, a, w: replace_cohort(
        s, a, w.cohort.id, make_cohort_record(id=w.cohort.external_id), now=NOW
    ),
    "commit cohort": lambda s, a, w: commit_cohort(s, a, w.cohort.id, now=NOW),
    "withdraw cohort": lambda s, a, w: withdraw_cohort(s, a, w.cohort.id, now=NOW),
    "add candidates": lambda s, a, w: add_candidates(
        s, a, w.cohort.id, [make_candidate_record()], mode=BulkMode.ATOMIC, now=NOW
    ),
    "get candidate": lambda s, a, w: get_candidate(s, a, w.candidate.id),
    "replace candidate": lambda s, a, w: replace_candidate(
        s, a, w.candidate.id, make_candidate_record(id="T-1"), now=NOW
    ),
    "withdraw candidate": lambda s, a, w: withdraw_candidate(s, a, w.candidate.id, now=NOW),
    "get organisation": lambda s, a, w: get_organisation(s, a, owner_id(w.institution)),
    "get key": lambda s, a, w: get_api_key(s, a, w.key_ids[Role.INSTITUTION]),
    "revoke key": lambda s, a, w: revoke_api_key(s, a, w.key_ids[Role.INSTITUTION], now=NOW),
    "get job": lambda s, a, w: get_job(s, a, w.job_ids[Role.INSTITUTION]),
    "cancel job": lambda s, a, w: cancel_job(s, a, w.job_ids[Role.INSTITUTION], now=NOW),
}
LISTS: dict[str, Callable[[Session, Actor], Any]] = {
    "vacancies": lambda s, a: list_vacancies(s, a).items,
    "needs": lambda s, a: list_skills_needs(s, a).items,
    "programmes": lambda s, a: list_programmes(s, a).items,
    "cohorts": lambda s, a: list_cohorts(s, a).items,
    "candidates": lambda s, a: list_candidates(s, a).items,
    "organisations": lambda s, a: list_organisations(s, a).items,
    "keys": lambda s, a: list_api_keys(s, a).items,
    "jobs": lambda s, a: list_jobs(s, a).items,
    "audit events": lambda s, a: list_audit_events(s, a, limit=200).items,
    "published vacancies": lambda s, a: [row for row, _ in list_published_vacancies(s, a)],
    "rankable candidates": lambda s, a: [row for row, _ in list_rankable_candidates(s, a)],
}


def owner_id(actor: Actor) -> UUID:
    assert actor.organisation_id is not None
    return actor.organisation_id


def test_another_employer_of_the_partnership_sees_nothing_of_the_first(session: Session, world: World):
    rival = make_employer(session, world.partnership)

    for name, call in EMPLOYERS.items():
        assert refused(call, session, rival, world) is NotFound, name
    own = {"organisations": [get_organisation(session, rival, owner_id(rival))]}
    for name, listing in LISTS.items():
        assert seen(listing, session, rival) == own.get(name, []), name


def test_another_institution_of_the_partnership_sees_nothing_of_the_first(session: Session, world: World):
    rival = make_institution(session, world.partnership)

    for name, call in INSTITUTIONS.items():
        assert refused(call, session, rival, world) is NotFound, name
    assert find_identity(session, rival, world.candidate.id) is None
    own = {
        "organisations": [get_organisation(session, rival, owner_id(rival))],
        "vacancies": [world.published],
        "published vacancies": [world.published],
    }
    for name, listing in LISTS.items():
        assert seen(listing, session, rival) == own.get(name, []), name


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMIN, Role.AUDITOR])
def test_staff_sees_nothing_of_another_partnership(session: Session, world: World, other: World, role: Role):
    stranger = other.staff(role)

    for name, call in {**EMPLOYERS, **INSTITUTIONS}.items():
        assert refused(call, session, stranger, world) in (NotFound, NotPermitted), name
    ids = partnership_ids(session, stranger)
    assert ids == {other.partnership.id}


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMIN, Role.AUDITOR])
def test_an_account_reaches_nothing_outside_its_partnership(
    session: Session, world: World, other: World, role: Role
):
    account = make_account(session, other.partnership, role=role)
    opened = open_session(session, session.get_one(StaffAccount, account.account_id), now=NOW)
    stranger = actor_of_session(session, opened.token, now=NOW)

    for name, call in {**EMPLOYERS, **INSTITUTIONS}.items():
        assert refused(call, session, stranger, world) in (NotFound, NotPermitted), name
    assert partnership_ids(session, stranger) == {other.partnership.id}


def refused(call: Call, session: Session, actor: Actor, world: World) -> type[AppError] | None:
    """Give the error that the call raises."""
    try:
        call(session, actor, world)
    except AppError as error:
        return type(error)
    return None


def partnership_ids(session: Session, actor: Actor) -> set[UUID]:
    return {row.partnership_id for listing in LISTS.values() for row in seen(listing, session, actor)}


def seen(listing: Callable[[Session, Actor], Any], session: Session, actor: Actor) -> list[Any]:
    try:
        return list(listing(session, actor))
    except NotPermitted:
        return []


def test_the_owner_reaches_all_of_its_own(session: Session, world: World):
    for name in ("get vacancy", "get need", "get organisation", "get key", "get job"):
        EMPLOYERS[name](session, world.employer, world)
    for name in ("get programme", "get cohort", "get candidate", "get organisation", "get key", "get job"):
        INSTITUTIONS[name](session, world.institution, world)
    assert [v.id for v in list_vacancies(session, world.employer).items] == [
        world.draft.id,
        world.published.id,
    ]


def test_an_institution_reads_published_vacancies_only(session: Session, world: World):
    assert get_vacancy(session, world.institution, world.published.id) is world.published
    with pytest.raises(NotFound):
        get_vacancy(session, world.institution, world.draft.id)
    with pytest.raises(NotPermitted):
        get_skills_need(session, world.institution, world.need.id)


def test_an_admin_may_close_but_not_change_a_vacancy(session: Session, world: World):
    admin = world.staff(Role.ADMIN)

    with pytest.raises(NotPermitted):
        change_vacancy_status(session, admin, world.published.id, VacancyStatus.PAUSED, now=NOW)
    closed = change_vacancy_status(session, admin, world.published.id, VacancyStatus.CLOSED, now=NOW)

    assert closed.status is VacancyStatus.CLOSED


def test_identity_is_for_the_institution_and_staff_who_handle_people(session: Session, world: World):
    for actor in (world.institution, world.staff(Role.REVIEWER), world.staff(Role.ADMIN)):
        identity = find_identity(session, actor, world.candidate.id)
        assert identity is not None
        assert identity.family_name == "Invented"
    for actor in (world.employer, world.staff(Role.AUDITOR)):
        with pytest.raises(NotPermitted):
            find_identity(session, actor, world.candidate.id)


def test_an_organisation_cannot_be_changed_from_another_partnership(
    session: Session, world: World, other: World
):
    organisation: Organisation = get_organisation(session, world.employer, owner_id(world.employer))

    with pytest.raises(NotFound):
        replace_organisation(
            session, other.staff(Role.ADMIN), organisation.id, name="Taken over", country=None, now=NOW
        )

    assert organisation.name == "Invented Ltd"
