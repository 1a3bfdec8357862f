"""Cohorts, their candidates, and who is ranked."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import SessionFactory, session_scope
from app.domain.actor import Actor, Role
from app.domain.conditions import Circumstances, LicenceHeld, Pay
from app.domain.enums import Cefr, Contract, EvidenceGrade, Seniority, Shift, SkillLevel
from app.domain.ids import joined_id
from app.domain.records import ClaimRecord, ExperienceRecord, LanguageLevel
from app.domain.transitions import CandidateStatus, CohortStatus
from app.errors import Conflict, FieldIssue, InvalidInput, WrongTransition
from app.models import AuditEvent, CandidateIdentity, Partnership
from app.services.bulk import BulkMode
from app.services.candidates import (
    add_candidates,
    get_candidate,
    list_candidates,
    list_rankable_candidates,
    replace_candidate,
    withdraw_candidate,
)
from app.services.cohorts import (
    commit_cohort,
    create_cohort,
    get_cohort,
    list_cohort_issues,
    put_cohort,
    record_validation,
    withdraw_cohort,
)
from app.services.conversion import candidate_record, cohort_record
from app.services.programmes import create_programme
from tests.factories import (
    NOW,
    make_candidate_record,
    make_cohort,
    make_cohort_record,
    make_identity_record,
    make_institution,
    make_partnership,
    make_programme_record,
    make_staff,
)

FULL_CANDIDATE = make_candidate_record(
    id="T-1",
    text="Je soude depuis deux ans.",
    lang="fr",
    occupations=["soudeur", "7212"],
    skills=[ClaimRecord("souder", EvidenceGrade.CERTIFIED, SkillLevel.ADVANCED), "C#"],
    languages=[LanguageLevel("fr", Cefr.C1, reading=Cefr.C2, writing=Cefr.B2), LanguageLevel("ar")],
    education=["Baccalauréat", "BTS"],
    experience=[
        ExperienceRecord("soudeur", "Atelier", 24, date(2023, 9, 1), date(2025, 9, 1)),
        ExperienceRecord(text="Chantier", started=date(2025, 10, 15)),
        ExperienceRecord(text="Moissons"),
    ],
    circumstances=Circumstances(
        eqf_level=5,
        licences=(LicenceHeld("B", date(2030, 1, 31)), LicenceHeld("cariste")),
        licences_complete=True,
        languages_complete=True,
        recognised_in=("FR",),
        available_from=date(2027, 1, 1),
        countries=("FR", "DE"),
        roles=("soudeur", "tuyauteur"),
        seniority=Seniority.MID,
        shifts=(Shift.DAY,),
        contracts=(Contract.PERMANENT,),
        pay=Pay(24_000),
        consent=False,
    ),
)


@pytest.fixture
def partnership(session: Session) -> Partnership:
    return make_partnership(session)


@pytest.fixture
def institution(session: Session, partnership: Partnership) -> Actor:
    return make_institution(session, partnership)


def test_a_cohort_and_a_candidate_read_back_as_they_were_sent(session_factory: SessionFactory):
    with session_scope(session_factory) as session:
        institution = make_institution(session, make_partnership(session))
        create_programme(session, institution, make_programme_record(id="P-1"), now=NOW)
        record = make_cohort_record(id="C-1", programme="P-1", finishes_on=date(2026, 6, 30))
        cohort, candidates = make_cohort(session, institution, record=record, candidates=[FULL_CANDIDATE])
        cohort_id, candidate_id = cohort.id, candidates[0].id
        assert cohort_record(cohort) == record

    with session_scope(session_factory, write=False) as session:
        assert cohort_record(get_cohort(session, institution, cohort_id)) == record
        candidate = get_candidate(session, institution, candidate_id)
        assert candidate_record(candidate) == FULL_CANDIDATE
        assert candidate.status is CandidateStatus.REGISTERED
        assert candidate.pseudonym.startswith("C-")


def test_a_cohort_changes_its_programme(session: Session, institution: Actor):
    for programme in ("P-1", "P-2"):
        create_programme(session, institution, make_programme_record(id=programme), now=NOW)
    put_cohort(session, institution, make_cohort_record(id="C", programme="P-1"), now=NOW)

    changed = make_cohort_record(id="C", programme="P-2")
    cohort, created = put_cohort(session, institution, changed, now=NOW)

    assert not created
    assert cohort_record(cohort) == changed
    assert cohort.version == 2


def test_a_programme_of_another_institution_is_unknown(
    session: Session, partnership: Partnership, institution: Actor
):
    create_programme(
        session, make_institution(session, partnership), make_programme_record(id="P-1"), now=NOW
    )

    with pytest.raises(InvalidInput) as caught:
        create_cohort(session, institution, make_cohort_record(programme="P-1"), now=NOW)

    assert [issue.pointer for issue in caught.value.issues] == ["/programme"]


def test_committing_walks_through_every_state(session: Session, institution: Actor):
    cohort = create_cohort(session, institution, make_cohort_record(), now=NOW)

    commit_cohort(session, institution, cohort.id, now=NOW)

    assert cohort.status is CohortStatus.COMMITTED
    query = select(AuditEvent.operation).where(AuditEvent.subject_id == cohort.id).order_by(AuditEvent.id)
    assert list(session.scalars(query)) == [
        "cohort.created",
        "cohort.validating",
        "cohort.ready",
        "cohort.committed",
    ]


def test_row_errors_are_kept_until_the_next_validation(session: Session, institution: Actor):
    cohort = create_cohort(session, institution, make_cohort_record(), now=NOW)
    issues = [
        FieldIssue("/2/languages", "bad-level", "No such level.", "Use A1 to C2.", row=4, column="languages"),
        FieldIssue("/5/id", "bad-id", "The id is empty."),
    ]

    record_validation(session, institution, cohort.id, issues, now=NOW)
    session.expire_all()

    stored = list_cohort_issues(session, institution, cohort.id)
    assert [
        FieldIssue(i.pointer, i.code, i.message, i.hint, row=i.row, column=i.column) for i in stored
    ] == issues
    assert get_cohort(session, institution, cohort.id).status is CohortStatus.NEEDS_ATTENTION

    record_validation(session, institution, cohort.id, [], now=NOW)
    session.expire_all()

    assert list_cohort_issues(session, institution, cohort.id) == []
    assert get_cohort(session, institution, cohort.id).status is CohortStatus.READY


def test_a_cohort_that_needs_attention_is_committed_with_its_good_rows(session: Session, institution: Actor):
    cohort = create_cohort(session, institution, make_cohort_record(), now=NOW)
    record_validation(session, institution, cohort.id, [FieldIssue("/1", "bad", "Bad row.")], now=NOW)

    commit_cohort(session, institution, cohort.id, now=NOW)

    assert cohort.status is CohortStatus.COMMITTED
    with pytest.raises(WrongTransition, match="Allowed next: withdrawn"):
        commit_cohort(session, institution, cohort.id, now=NOW)


def test_identity_is_stored_apart(session: Session, institution: Actor):
    cohort, _ = make_cohort(session, institution)

    outcomes = add_candidates(
        session,
        institution,
        cohort.id,
        [make_candidate_record(id="T-1"), make_candidate_record(id="T-2")],
        identities={"T-2": make_identity_record(family_name="Invented")},
        mode=BulkMode.PARTIAL,
        now=NOW,
    )

    rows = [outcome.row for outcome in outcomes if outcome.row is not None]
    assert [row.id for row in rows if session.get(CandidateIdentity, row.id)] == [rows[1].id]
    assert "Invented" not in repr(session.get(CandidateIdentity, rows[1].id))
    assert "Invented" not in repr(make_identity_record())


def test_a_withdrawn_cohort_takes_no_more_candidates(session: Session, institution: Actor):
    cohort, _ = make_cohort(session, institution)
    withdraw_cohort(session, institution, cohort.id, now=NOW)

    with pytest.raises(Conflict, match="withdrawn"):
        add_candidates(
            session, institution, cohort.id, [make_candidate_record()], mode=BulkMode.PARTIAL, now=NOW
        )


def test_a_profile_is_replaced_as_a_whole(session: Session, institution: Actor):
    _, (candidate,) = make_cohort(session, institution, candidates=[FULL_CANDIDATE])
    changed = make_candidate_record(id="T-1", skills=["C#"], education=["BTS"])

    replace_candidate(session, institution, candidate.id, changed, now=NOW)
    session.expire_all()

    again = get_candidate(session, institution, candidate.id)
    assert candidate_record(again) == changed
    assert again.version == 2
    replace_candidate(session, institution, candidate.id, changed, now=NOW)
    assert again.version == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"circumstances": Circumstances(available_from=date(2027, 2, 1))},
        {"languages": [LanguageLevel("fr", Cefr.B1, writing=Cefr.A2)]},
        {"experience": [ExperienceRecord("soudeur", started=date(2025, 1, 1))]},
    ],
    ids=["circumstances", "own level", "dates of work"],
)
def test_what_eligibility_reads_is_a_change_of_the_profile(
    session: Session, institution: Actor, changes: dict[str, Any]
):
    before: dict[str, Any] = {
        "languages": [LanguageLevel("fr", Cefr.B1)],
        "experience": [ExperienceRecord("soudeur")],
    }
    _, (candidate,) = make_cohort(
        session, institution, candidates=[make_candidate_record(id="T-1", **before)]
    )
    session.refresh(candidate)
    counted = candidate.pool_change

    record = make_candidate_record(id="T-1", **(before | changes))
    replace_candidate(session, institution, candidate.id, record, now=NOW)
    session.refresh(candidate)

    assert (candidate.version, candidate.pool_change) == (2, counted + 1)


def test_a_withdrawn_candidate_cannot_be_changed(session: Session, institution: Actor):
    _, (candidate,) = make_cohort(session, institution, candidates=[FULL_CANDIDATE])
    withdraw_candidate(session, institution, candidate.id, now=NOW)

    with pytest.raises(Conflict, match="withdrawn"):
        replace_candidate(session, institution, candidate.id, make_candidate_record(id="T-1"), now=NOW)


def test_only_candidates_of_committed_cohorts_are_ranked(
    session: Session, partnership: Partnership, institution: Actor
):
    reviewer = make_staff(partnership, role=Role.REVIEWER)
    make_cohort(session, institution, candidates=[make_candidate_record()], committed=False)
    gone, _ = make_cohort(session, institution, candidates=[make_candidate_record()])
    withdraw_cohort(session, institution, gone.id, now=NOW)
    _, (kept, dropped) = make_cohort(
        session, institution, candidates=[make_candidate_record(), make_candidate_record()]
    )
    withdraw_candidate(session, institution, dropped.id, now=NOW)

    assert [candidate.id for candidate, _ in list_rankable_candidates(session, reviewer)] == [kept.id]


def test_ranked_ids_come_from_the_callers_ids_and_are_sorted(session: Session, partnership: Partnership):
    """Equal scores are ordered by this id, so it must not depend on the database."""
    reviewer = make_staff(partnership, role=Role.REVIEWER)
    for institution_id, cohort_id in (("i2", "c1"), ("i1", "c2"), ("i1-a", "c1")):
        institution = make_institution(session, partnership, external_id=institution_id)
        make_cohort(
            session,
            institution,
            record=make_cohort_record(id=cohort_id),
            candidates=[make_candidate_record(id=i) for i in ("b", "Z", "a")],
        )

    ranked = list_rankable_candidates(session, reviewer)

    assert [record.id for _, record in ranked] == [
        joined_id(institution_id, cohort_id, candidate_id)
        for institution_id, cohort_id in (("i1", "c2"), ("i1-a", "c1"), ("i2", "c1"))
        for candidate_id in ("Z", "a", "b")
    ]


def test_pages_follow_each_other_without_gap_or_repeat(session: Session, institution: Actor):
    cohort, rows = make_cohort(session, institution, candidates=[make_candidate_record() for _ in range(7)])
    pages, after = [], None
    while True:
        page = list_candidates(session, institution, cohort_id=cohort.id, after=after, limit=3)
        pages.append([row.id for row in page.items])
        after = page.next_after
        if after is None:
            break

    assert pages == [[row.id for row in rows[start : start + 3]] for start in (0, 3, 6)]


def test_candidates_of_a_thousand_are_added_at_once(session: Session, institution: Actor):
    cohort, _ = make_cohort(session, institution)
    records = [make_candidate_record(skills=["a"]) for _ in range(1200)]

    outcomes = add_candidates(session, institution, cohort.id, records, mode=BulkMode.PARTIAL, now=NOW)

    assert all(outcome.row is not None for outcome in outcomes)
    assert session.scalar(select(func.count()).where(AuditEvent.operation == "candidate.created")) == 1200
