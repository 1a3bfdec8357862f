"""Vacancies, skills needs and programmes: what goes in comes out, and every change is guarded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import SessionFactory, session_scope
from app.domain.actor import Actor
from app.domain.conditions import Conditions, LicenceRequirement, Pay
from app.domain.enums import (
    Cefr,
    Contract,
    EvidenceGrade,
    Importance,
    Need,
    PayPeriod,
    Rule,
    Seniority,
    Shift,
    SkillLevel,
)
from app.domain.records import ClaimRecord, LanguageRequirement, RequirementRecord
from app.domain.transitions import ProgrammeStatus, SkillsNeedStatus, VacancyStatus
from app.errors import Conflict, InvalidInput, VersionMismatch, WrongTransition
from app.models import AuditEvent, Partnership
from app.services.changes import flush, touch
from app.services.conversion import programme_record, skills_need_record, vacancy_record
from app.services.programmes import create_programme, get_programme, put_programme, withdraw_programme
from app.services.skills_needs import (
    close_skills_need,
    create_skills_need,
    get_skills_need,
    put_skills_need,
)
from app.services.vacancies import (
    change_vacancy_status,
    create_vacancy,
    get_vacancy,
    put_vacancy,
    replace_vacancy,
)
from tests.factories import (
    NOW,
    make_employer,
    make_institution,
    make_partnership,
    make_programme_record,
    make_skills_need_record,
    make_vacancy,
    make_vacancy_record,
)

LATER = NOW + timedelta(hours=1)

FULL_VACANCY = make_vacancy_record(
    id="V-1/a",
    title="Soudeur à l'arc",
    description="لحام",
    lang="fr",
    country="BE",
    occupation="7212",
    skills=[
        RequirementRecord("souder", Importance.ESSENTIAL, SkillLevel.ADVANCED),
        RequirementRecord("C++", Importance.OPTIONAL),
    ],
    languages=[
        LanguageRequirement("fr", Cefr.B1, listening=Cefr.B2, spoken_production=Cefr.A2),
        LanguageRequirement("nl", need=Need.DESIRED),
    ],
    openings=3,
    conditions=Conditions(
        starts_on=date(2027, 3, 1),
        region="BE2",
        eqf_level=4,
        licences=(LicenceRequirement("EN ISO 9606-1"), LicenceRequirement("B", Need.DESIRED)),
        experience_months=24,
        roles=("soudeur",),
        seniorities=(Seniority.JUNIOR, Seniority.MID),
        shifts=(Shift.DAY, Shift.NIGHT),
        contract=Contract.SEASONAL,
        pay=Pay(1900, "EUR", PayPeriod.MONTH),
        needs=((Rule.CONTRACT, Need.MUST), (Rule.EDUCATION, Need.DESIRED)),
    ),
)


@pytest.fixture
def partnership(session: Session) -> Partnership:
    return make_partnership(session)


@pytest.fixture
def employer(session: Session, partnership: Partnership) -> Actor:
    return make_employer(session, partnership)


@pytest.fixture
def institution(session: Session, partnership: Partnership) -> Actor:
    return make_institution(session, partnership)


def operations(session: Session, subject_id: object) -> list[tuple[str, dict[str, Any]]]:
    query = select(AuditEvent).where(AuditEvent.subject_id == subject_id).order_by(AuditEvent.id)
    return [(event.operation, event.details) for event in session.scalars(query)]


def test_a_vacancy_reads_back_as_it_was_sent(session_factory: SessionFactory):
    with session_scope(session_factory) as session:
        employer = make_employer(session, make_partnership(session))
        vacancy_id = create_vacancy(session, employer, FULL_VACANCY, now=NOW).id

    with session_scope(session_factory, write=False) as session:
        vacancy = get_vacancy(session, employer, vacancy_id)

        assert vacancy_record(vacancy) == FULL_VACANCY
        assert vacancy.status is VacancyStatus.DRAFT
        assert (vacancy.version, vacancy.requirements_version) == (1, 1)
        assert vacancy.created_at == vacancy.updated_at == NOW
        assert vacancy.created_at.tzinfo is not None


def test_a_skills_need_reads_back_as_it_was_sent(session_factory: SessionFactory):
    record = make_skills_need_record(
        id="N-1",
        occupation="welder",
        headcount=40,
        skills=["weld aluminium", RequirementRecord("read drawings", Importance.OPTIONAL, SkillLevel.BASIC)],
        lang="en",
        country="PL",
        region="Opole",
        needed_from=date(2027, 1, 1),
        needed_until=date(2027, 12, 31),
    )
    with session_scope(session_factory) as session:
        employer = make_employer(session, make_partnership(session))
        need_id = create_skills_need(session, employer, record, now=NOW).id

    with session_scope(session_factory, write=False) as session:
        assert skills_need_record(get_skills_need(session, employer, need_id)) == record


def test_a_programme_reads_back_as_it_was_sent(session_factory: SessionFactory):
    record = make_programme_record(
        id="P-1",
        title="Construction métallique",
        lang="fr",
        isced_f="0715",
        eqf_level=4,
        skills=[ClaimRecord("souder", EvidenceGrade.TAUGHT, SkillLevel.INTERMEDIATE)],
    )
    with session_scope(session_factory) as session:
        institution = make_institution(session, make_partnership(session))
        programme_id = create_programme(session, institution, record, now=NOW).id

    with session_scope(session_factory, write=False) as session:
        assert programme_record(get_programme(session, institution, programme_id)) == record


def test_changed_requirements_make_a_new_requirements_version(session: Session, employer: Actor):
    vacancy = create_vacancy(session, employer, make_vacancy_record(id="V", skills=["a", "b", "c"]), now=NOW)
    changed = make_vacancy_record(id="V", skills=["b", "d"], languages=[LanguageRequirement("de", Cefr.A2)])

    replace_vacancy(session, employer, vacancy.id, changed, now=LATER)
    session.expire_all()

    again = get_vacancy(session, employer, vacancy.id)
    assert vacancy_record(again) == changed
    assert (again.version, again.requirements_version) == (2, 2)
    assert again.updated_at == LATER
    assert operations(session, vacancy.id) == [
        ("vacancy.created", {}),
        ("vacancy.changed", {"requirements_version": 2}),
    ]


def test_what_ranking_does_not_read_keeps_the_requirements_version(session: Session, employer: Actor):
    vacancy = create_vacancy(session, employer, make_vacancy_record(id="V", openings=1), now=NOW)

    replace_vacancy(session, employer, vacancy.id, make_vacancy_record(id="V", openings=8), now=NOW)

    assert (vacancy.version, vacancy.requirements_version) == (2, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"conditions": Conditions(shifts=(Shift.NIGHT,))},
        {"country": "BE"},
        {"languages": [LanguageRequirement("fr", Cefr.B1, need=Need.DESIRED)]},
        {"languages": [LanguageRequirement("fr", Cefr.B1, writing=Cefr.A2)]},
    ],
    ids=["conditions", "country", "need", "own level"],
)
def test_what_eligibility_reads_makes_a_new_requirements_version(
    session: Session, employer: Actor, changes: dict[str, Any]
):
    before = make_vacancy_record(id="V", languages=[LanguageRequirement("fr", Cefr.B1)])
    vacancy = create_vacancy(session, employer, before, now=NOW)
    unchanged = {"languages": before.languages}

    replace_vacancy(
        session, employer, vacancy.id, make_vacancy_record(id="V", **(unchanged | changes)), now=NOW
    )

    assert (vacancy.version, vacancy.requirements_version) == (2, 2)


def test_an_equal_record_changes_nothing(session: Session, employer: Actor):
    vacancy = create_vacancy(session, employer, FULL_VACANCY, now=NOW)

    again, created = put_vacancy(session, employer, FULL_VACANCY, now=LATER)

    assert again is vacancy
    assert not created
    assert vacancy.version == 1
    assert vacancy.updated_at == NOW
    assert [operation for operation, _ in operations(session, vacancy.id)] == ["vacancy.created"]


def test_put_creates_and_then_replaces(session: Session, employer: Actor, institution: Actor):
    _, first = put_vacancy(session, employer, make_vacancy_record(id="V", title="One"), now=NOW)
    vacancy, second = put_vacancy(session, employer, make_vacancy_record(id="V", title="Two"), now=NOW)
    assert (first, second, vacancy.title, vacancy.version) == (True, False, "Two", 2)

    put_skills_need(session, employer, make_skills_need_record(id="N", headcount=1), now=NOW)
    need, created = put_skills_need(session, employer, make_skills_need_record(id="N", headcount=2), now=NOW)
    assert (created, need.headcount, need.version) == (False, 2, 2)

    put_programme(session, institution, make_programme_record(id="P", eqf_level=3), now=NOW)
    programme, created = put_programme(
        session, institution, make_programme_record(id="P", eqf_level=4), now=NOW
    )
    assert (created, programme.eqf_level, programme.version) == (False, 4, 2)


def test_a_change_of_an_outdated_version_is_refused(session: Session, employer: Actor):
    vacancy = make_vacancy(session, employer)

    with pytest.raises(VersionMismatch, match="version 2"):
        change_vacancy_status(
            session, employer, vacancy.id, VacancyStatus.CLOSED, expected_version=1, now=NOW
        )


def test_an_update_that_raced_with_another_is_refused(session_factory: SessionFactory):
    """The constraint behind If-Match: even code that forgets to lock cannot lose an update."""
    with session_scope(session_factory) as session:
        employer = make_employer(session, make_partnership(session))
        vacancy_id = make_vacancy(session, employer, record=make_vacancy_record(id="V")).id
    with session_factory() as stale:
        vacancy = get_vacancy(stale, employer, vacancy_id)
        stale.commit()
        with session_scope(session_factory) as other:
            change_vacancy_status(other, employer, vacancy_id, VacancyStatus.PAUSED, now=NOW)

        vacancy.title = "Lost update"
        touch(vacancy, LATER)
        with pytest.raises(VersionMismatch):
            flush(stale)


def test_a_second_record_with_the_same_id_is_refused(session: Session, employer: Actor, institution: Actor):
    attempts: list[Callable[[], object]] = [
        lambda: create_vacancy(session, employer, make_vacancy_record(id="X"), now=NOW),
        lambda: create_skills_need(session, employer, make_skills_need_record(id="X"), now=NOW),
        lambda: create_programme(session, institution, make_programme_record(id="X"), now=NOW),
    ]
    for attempt in attempts:
        attempt()
        with pytest.raises(Conflict, match="with this id already"):
            attempt()


def test_two_employers_may_use_the_same_id(session: Session, partnership: Partnership, employer: Actor):
    other = make_employer(session, partnership)
    make_vacancy(session, employer, record=make_vacancy_record(id="V"))

    make_vacancy(session, other, record=make_vacancy_record(id="V"))


def test_an_id_that_cannot_be_kept_is_refused(session: Session, employer: Actor):
    with pytest.raises(InvalidInput) as caught:
        create_vacancy(session, employer, make_vacancy_record(id="a\nb"), now=NOW)

    assert [(issue.pointer, issue.code) for issue in caught.value.issues] == [("/id", "bad-id")]


def test_a_value_that_does_not_fit_is_refused(session: Session, employer: Actor):
    with pytest.raises((Conflict, InvalidInput)):
        create_vacancy(session, employer, make_vacancy_record(openings=0), now=NOW)


def test_every_change_of_state_writes_its_audit_event(session: Session, employer: Actor):
    vacancy = create_vacancy(session, employer, make_vacancy_record(), now=NOW)

    for target in (
        VacancyStatus.PUBLISHED,
        VacancyStatus.PAUSED,
        VacancyStatus.PUBLISHED,
        VacancyStatus.FILLED,
    ):
        change_vacancy_status(session, employer, vacancy.id, target, now=NOW)

    assert vacancy.version == 5
    assert operations(session, vacancy.id) == [
        ("vacancy.created", {}),
        ("vacancy.published", {"before": "draft"}),
        ("vacancy.paused", {"before": "published"}),
        ("vacancy.published", {"before": "paused"}),
        ("vacancy.filled", {"before": "published"}),
    ]


def test_a_wrong_change_of_state_leaves_no_trace(session: Session, employer: Actor):
    vacancy = create_vacancy(session, employer, make_vacancy_record(), now=NOW)

    with pytest.raises(WrongTransition, match="Allowed next: published, closed"):
        change_vacancy_status(session, employer, vacancy.id, VacancyStatus.PAUSED, now=NOW)

    assert vacancy.status is VacancyStatus.DRAFT
    assert [operation for operation, _ in operations(session, vacancy.id)] == ["vacancy.created"]


def test_what_has_ended_can_no_longer_be_changed(session: Session, employer: Actor, institution: Actor):
    vacancy = make_vacancy(session, employer, record=make_vacancy_record(id="V"))
    change_vacancy_status(session, employer, vacancy.id, VacancyStatus.CLOSED, now=NOW)
    need = create_skills_need(session, employer, make_skills_need_record(id="N"), now=NOW)
    close_skills_need(session, employer, need.id, now=NOW)
    programme = create_programme(session, institution, make_programme_record(id="P"), now=NOW)
    withdraw_programme(session, institution, programme.id, now=NOW)

    assert need.status is SkillsNeedStatus.CLOSED
    assert programme.status is ProgrammeStatus.WITHDRAWN
    with pytest.raises(Conflict, match="closed"):
        put_vacancy(session, employer, make_vacancy_record(id="V", title="New"), now=NOW)
    with pytest.raises(Conflict, match="closed"):
        put_skills_need(session, employer, make_skills_need_record(id="N", headcount=1), now=NOW)
    with pytest.raises(Conflict, match="withdrawn"):
        put_programme(session, institution, make_programme_record(id="P", title="New"), now=NOW)


def test_the_id_of_a_record_cannot_change(session: Session, employer: Actor):
    vacancy = make_vacancy(session, employer, record=make_vacancy_record(id="V"))

    with pytest.raises(Conflict, match="cannot change"):
        replace_vacancy(session, employer, vacancy.id, make_vacancy_record(id="W"), now=NOW)
