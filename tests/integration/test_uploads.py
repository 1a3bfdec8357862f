"""Files of cohorts on their way in: what is kept, what is stored, and what is forgotten."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.db import SessionFactory
from app.domain.actor import Role
from app.domain.submissions import CohortRecord
from app.domain.transitions import CandidateStatus, CohortStatus, JobStatus, UploadState
from app.errors import Conflict, FieldIssue, InvalidInput, NotFound, NotPermitted, WrongTransition
from app.intake.mapped import read_head
from app.intake.source import Format
from app.models import (
    AuditEvent,
    CandidateIdentity,
    CandidateProfile,
    Cohort,
    CohortIssue,
    CohortUpload,
    CohortUploadContent,
    Job,
    Partnership,
)
from app.services import upload_commits
from app.services.candidates import withdraw_candidate
from app.services.cohort_uploads import (
    KEPT_FOR,
    UploadTarget,
    begin_check,
    begin_commit,
    discard_expired,
    discard_upload,
    find_job,
    get_upload,
    open_upload,
    receive_upload,
    unsure_phrases,
)
from app.services.cohorts import list_cohort_issues, withdraw_cohort
from app.services.jobs import claim_next_job
from app.services.upload_checks import check_upload
from app.services.upload_columns import set_columns
from app.services.upload_commits import commit_upload
from app.services.upload_files import values_of_rows, write_refused
from app.services.upload_mending import mend_rows, mend_values
from app.services.upload_reports import UploadReport
from tests.api.conftest import INDEXES
from tests.factories import NOW, make_account, make_employer, make_institution, make_partnership
from tests.integration.uploads import GOOD, MIXED, Sending, make_sending

TITLES = {"source_row": "Row", "what_is_wrong": "What is wrong", "how_to_mend": "How to mend"}


@pytest.fixture
def sending(session_factory: SessionFactory) -> Sending:
    return make_sending(session_factory)


def say(issue: FieldIssue) -> tuple[str, str]:
    return issue.message, issue.hint


def refused_file(sending: Sending, upload_id: UUID, kind: Format = Format.CSV) -> bytes:
    target = io.BytesIO()
    with sending.transaction(write=False) as session:
        found = open_upload(session, sending.reviewer, upload_id)
        write_refused(target, found, kind=kind, titles=TITLES, say=say)
    return target.getvalue()


def count(sending: Sending, table: Any) -> int:
    with sending.transaction(write=False) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def everything_kept(session: Session) -> str:
    """Every text that the tables of uploads, issues, jobs and the audit log hold."""
    tables = (CohortUpload, CohortIssue, AuditEvent, Job)
    rows = [row for table in tables for row in session.execute(select(table.__table__)).all()]
    return json.dumps([[str(value) for value in row] for row in rows])


def test_staff_send_a_file_in_for_an_institution(sending: Sending):
    upload_id = sending.send(GOOD, title="Spring welders")
    checked = sending.check(upload_id)
    assert (checked.state, checked.n_rows, checked.n_refused, checked.n_new) == (UploadState.READY, 2, 0, 2)
    assert count(sending, CandidateProfile) == 0

    committed = sending.commit(upload_id)

    assert (committed.state, committed.n_created, committed.n_replaced) == (UploadState.COMMITTED, 2, 0)
    with sending.transaction(write=False) as session:
        cohort = session.scalars(select(Cohort)).one()
        assert (cohort.status, cohort.title, cohort.id) == (
            CohortStatus.COMMITTED, "Spring welders", committed.cohort_id,
        )  # fmt: skip
        assert cohort.institution_id == sending.institution_id
        names = session.scalars(select(CandidateIdentity.given_name).order_by(CandidateIdentity.given_name))
        assert list(names) == ["Omar", "Salma"]
        events = session.execute(
            select(AuditEvent.operation, AuditEvent.actor_account_id, AuditEvent.details)
            .where(AuditEvent.subject_type == "cohort_upload")
            .order_by(AuditEvent.id)
        ).all()
    assert [event.operation.partition(".")[2] for event in events] == [
        "received", "validating", "ready", "committed",
    ]  # fmt: skip
    assert {event.actor_account_id for event in events} == {sending.reviewer.account_id}
    assert {event.details["on_behalf_of"] for event in events} == {str(sending.institution_id)}


def test_an_institution_sends_its_own_file_in(sending: Sending):
    upload_id = sending.send(GOOD, actor=sending.institution)

    with sending.transaction(write=False) as session:
        upload = open_upload(session, sending.institution, upload_id).upload
        assert upload.institution_id == sending.institution_id


def test_refused_rows_stay_listed_and_the_good_ones_are_taken(sending: Sending):
    upload_id = sending.send(MIXED)
    checked = sending.check(upload_id)
    assert (checked.state, checked.n_rows, checked.n_refused) == (UploadState.NEEDS_ATTENTION, 3, 2)

    committed = sending.commit(upload_id)

    assert committed.n_created == 1
    with sending.transaction(write=False) as session:
        assert committed.cohort_id is not None
        issues = list_cohort_issues(session, sending.reviewer, committed.cohort_id)
        assert [(issue.row, issue.code, issue.column) for issue in issues] == [
            (3, "required", "id"),
            (4, "invalid-evidence", "evidence"),
        ]
        groups = UploadReport.from_dict(get_upload(session, sending.reviewer, upload_id).report).groups
        assert [(group.code, group.field, group.places) for group in groups] == [
            ("required", "id", ((3, "/id"),)),
            ("invalid-evidence", "evidence", ((4, "/evidence"),)),
        ]


@pytest.mark.parametrize("ending", ["commit", "discard", "expire", "fail"])
def test_what_people_wrote_is_gone_with_the_last_step(sending: Sending, ending: str):
    secret = "Zoubida-Unmistakable"
    data = MIXED.replace(b"Ines", secret.encode()).replace(b"certifed", secret.encode())
    if ending == "fail":
        data += b"x" * 10 + b"\n" * 10 + b"y,z\n" * 50_001
    upload_id = sending.send(data)
    with sending.transaction(write=False) as session:
        # What is kept while it is open is kept in one place only.
        content = session.get_one(CohortUploadContent, upload_id)
        assert secret.encode() in content.content
        assert secret not in everything_kept(session)
    sending.check(upload_id)
    with sending.transaction() as session:
        assert secret not in everything_kept(session)
        if ending == "discard":
            discard_upload(session, sending.reviewer, upload_id, now=NOW)
        if ending == "expire":
            assert discard_expired(session, now=NOW + KEPT_FOR - timedelta(seconds=1)) == 0
            assert discard_expired(session, now=NOW + KEPT_FOR) == 1
    if ending == "commit":
        sending.commit(upload_id)

    upload = sending.get(upload_id)

    states = {"commit": "committed", "fail": "failed"}
    assert upload.state == states.get(ending, "discarded")
    assert (upload.problem is not None) is (ending == "fail")
    with sending.transaction(write=False) as session:
        assert session.get(CohortUploadContent, upload_id) is None
        assert secret not in everything_kept(session)
        with pytest.raises(Conflict, match="no longer kept"):
            open_upload(session, sending.reviewer, upload_id)
    assert count(sending, CandidateProfile) == (1 if ending == "commit" else 0)


def test_a_value_is_mended_in_place_and_checked_again(sending: Sending):
    upload_id = sending.send(MIXED)
    sending.check(upload_id)

    with sending.transaction() as session:
        mended = {3: {"id": "A-2"}, 4: {"evidence": "certified"}}
        mend_values(session, sending.reviewer, upload_id, mended, now=NOW)
    checked = sending.check(upload_id)

    assert (checked.state, checked.n_new) == (UploadState.READY, 3)
    with sending.transaction(write=False) as session:
        values = values_of_rows(open_upload(session, sending.reviewer, upload_id), {3})
    expected = {"id": "A-2", "given_name": "Omar", "email": "", "evidence": "taught", "skills": "sewing"}
    assert values == {3: expected}


@pytest.mark.parametrize("kind", [Format.CSV, Format.XLSX])
def test_of_refused_rows_that_come_back_only_the_mended_ones_are_taken(sending: Sending, kind: Format):
    upload_id = sending.send(MIXED)
    sending.check(upload_id)
    sent_back = refused_file(sending, upload_id, kind)
    head = read_head(io.BytesIO(sent_back), f"file.{kind.value}")
    columns = ("id", "given_name", "email", "evidence", "skills")
    assert head.columns == ("Row", *columns, "What is wrong", "How to mend")
    if kind is Format.CSV:
        sent_back = sent_back.replace(b"certifed", b"certified")
        assert b"3,,Omar" in sent_back
        # Somebody adds a row of their own: it mends nothing.
        sent_back += b",A-9,Nobody,,,welding,,\r\n"

    with sending.transaction() as session:
        name = f"back.{kind.value}"
        n_rows = mend_rows(session, sending.reviewer, upload_id, sent_back, name=name, now=NOW)
    checked = sending.check(upload_id)

    assert n_rows == 2
    still_refused = 1 if kind is Format.CSV else 2
    assert (checked.n_rows, checked.n_refused) == (3, still_refused)


def test_rows_beyond_the_faults_that_are_listed_are_in_the_file_all_the_same(
    sending: Sending, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.intake.read.MAX_ISSUES", 2)
    upload_id = sending.send(b"id,evidence\nA,bad\nB,taught\nC,bad\nD,bad\n")
    sending.check(upload_id)

    lines = refused_file(sending, upload_id).decode().splitlines()

    assert [line.split(",")[0] for line in lines] == ["Row", "2", "4", "5"]
    assert "too many faults" in lines[3]


def test_json_comes_back_as_json_lines(sending: Sending):
    people = [{"id": "A", "languages": [{"lang": "fr", "cefr": "B9"}]}, {"id": "B"}]
    upload_id = sending.send(json.dumps(people).encode(), name="people.json")
    sending.check(upload_id)
    [line] = refused_file(sending, upload_id, Format.JSONL).decode().splitlines()
    refused = json.loads(line)
    assert refused["Row"] == 1
    assert refused["languages"] == [{"lang": "fr", "cefr": "B9"}]
    refused["languages"][0]["cefr"] = "B1"

    with sending.transaction() as session:
        mend_rows(session, sending.reviewer, upload_id, json.dumps(refused).encode(), name="x.jsonl", now=NOW)

    assert sending.check(upload_id).state is UploadState.READY


def test_formulas_in_refused_rows_are_neutralised_and_come_back_as_sent(sending: Sending):
    formula = '=HYPERLINK("http://x.invalid")'
    data = f'id,given_name,evidence\nA,"{formula.replace(chr(34), chr(34) * 2)}",bad\nB,@SUM(1),bad\n'
    upload_id = sending.send(data.encode())
    sending.check(upload_id)

    refused = refused_file(sending, upload_id)

    assert b"'=HYPERLINK" in refused
    assert b"'@SUM(1)" in refused
    assert b",=HYPERLINK" not in refused.replace(b'"', b"")
    mended = refused.replace(b",bad,", b",taught,")
    with sending.transaction() as session:
        mend_rows(session, sending.reviewer, upload_id, mended, name="x.csv", now=NOW)
        found = open_upload(session, sending.reviewer, upload_id)
        assert values_of_rows(found, {2})[2]["given_name"] == formula


def test_a_second_file_adds_changes_and_leaves_alone(sending: Sending):
    first = sending.send(GOOD)
    sending.check(first)
    cohort_id = sending.commit(first).cohort_id
    again = b"id,given_name,skills\nA-1,Salma,welding\nA-2,Omar,cooking\nA-3,Ines,welding\nA-4,,\n"
    second = sending.send(again, cohort_id=cohort_id)

    checked = sending.check(second)
    assert (checked.n_new, checked.n_changed, checked.n_unchanged) == (2, 1, 1)
    committed = sending.commit(second)

    assert (committed.n_created, committed.n_replaced) == (2, 1)
    assert count(sending, CandidateProfile) == 4
    third = sending.send(again, cohort_id=cohort_id)
    unchanged = sending.check(third)
    assert (unchanged.n_new, unchanged.n_changed, unchanged.n_unchanged) == (0, 0, 4)
    assert (sending.commit(third).n_created, sending.get(third).n_replaced) == (0, 0)


def test_a_new_file_says_more_of_a_person_and_takes_nothing_away(sending: Sending):
    first = sending.send(b"id,given_name,phone\nA,Salma,+212 600\n")
    sending.check(first)
    cohort_id = sending.commit(first).cohort_id
    second = sending.send(b"id,given_name,email\nA,Salma,s@example.org\n", cohort_id=cohort_id)

    assert sending.check(second).n_changed == 1
    sending.commit(second)

    with sending.transaction(write=False) as session:
        held = session.scalars(select(CandidateIdentity)).one()
        assert (held.given_name, held.phone, held.email) == ("Salma", "+212 600", "s@example.org")


def test_nobody_who_withdrew_comes_back_with_a_file(sending: Sending):
    first = sending.send(GOOD)
    sending.check(first)
    cohort_id = sending.commit(first).cohort_id
    with sending.transaction() as session:
        person = session.scalars(select(CandidateProfile).where(CandidateProfile.external_id == "A-1")).one()
        withdraw_candidate(session, sending.reviewer, person.id, now=NOW)
    second = sending.send(GOOD.replace(b"welding", b"cooking"), cohort_id=cohort_id)

    checked = sending.check(second)
    assert (checked.state, checked.n_refused) == (UploadState.NEEDS_ATTENTION, 1)
    sending.commit(second)

    with sending.transaction(write=False) as session:
        row = session.get_one(CandidateProfile, person.id)
        assert row.status is CandidateStatus.WITHDRAWN
        assert cohort_id is not None
        assert [issue.code for issue in list_cohort_issues(session, sending.reviewer, cohort_id)] == [
            "candidate-withdrawn"
        ]


def test_columns_are_remembered_for_the_institution(sending: Sending):
    data = b"Nummer,Koennen,given_name\nA,welding,Salma\n"
    first = sending.send(data)
    assert sending.get(first).fields == [None, None, "given_name"]
    with sending.transaction() as session:
        set_columns(session, sending.reviewer, first, ["id", "skills", ""], now=NOW)
    assert sending.check(first).n_new == 1

    second = sending.send(data, external_id="autumn")

    assert sending.get(second).fields == ["id", "skills", None]
    with sending.transaction() as session:
        other = make_institution(session, session.get_one(Partnership, sending.reviewer.partnership_id))
        target = UploadTarget(other.organisation_id, None, CohortRecord("autumn"))
        elsewhere = receive_upload(session, sending.reviewer, target, data, name="f.csv", now=NOW)
        assert elsewhere.fields == [None, None, "given_name"]


def test_the_first_row_of_a_file_without_headers_is_not_remembered(sending: Sending):
    upload_id = sending.send(b"A-1,Zoubida Unmistakable,welding\nA-2,Omar,sewing\n")
    with sending.transaction() as session:
        set_columns(session, sending.reviewer, upload_id, ["id", "", "skills"], now=NOW)
        discard_upload(session, sending.reviewer, upload_id, now=NOW)

    with sending.transaction(write=False) as session:
        kept = session.execute(text("SELECT header FROM remembered_column ORDER BY header")).scalars().all()
    assert kept == ["a_1", "welding"]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [(["", "skills"], "/columns/0"), (["id", "id"], "/columns/1")],
    ids=["no id", "twice"],
)
def test_columns_have_to_hold_one_id(sending: Sending, fields: list[str], pointer: str):
    upload_id = sending.send(b"id,skills\nA,welding\n")

    with sending.transaction() as session, pytest.raises(InvalidInput) as caught:
        set_columns(session, sending.reviewer, upload_id, fields, now=NOW)

    assert [issue.pointer for issue in caught.value.issues] == [pointer]


def test_skills_that_do_not_link_are_told_before_anything_is_stored(sending: Sending):
    rows = b"A,arc welding; basketry of moonlight,en\nB,basketry of moonlight,en\n"
    upload_id = sending.send(b"id,skills,lang\n" + rows)
    sending.check(upload_id)

    with sending.transaction(write=False) as session:
        upload = get_upload(session, sending.reviewer, upload_id)
        phrases = unsure_phrases(session, sending.reviewer, upload)

    assert [(phrase["wording"], phrase["reason"], phrase["n_people"]) for phrase in phrases] == [
        ("basketry of moonlight", "unlinked", 2)
    ]


def test_a_large_file_is_checked_and_stored_by_jobs(sending: Sending):
    rows = b"".join(b"A-%d,Salma,welding,%s\n" % (n, b"text " * 50) for n in range(1, 1_202))
    upload_id = sending.send(b"id,given_name,skills,text\n" + rows)

    checked = sending.check(upload_id)
    assert checked.job_id is not None
    assert (checked.state, checked.n_new) == (UploadState.READY, 1_201)
    committed = sending.commit(upload_id)

    assert committed.job_id not in (None, checked.job_id)
    assert (committed.state, committed.n_created) == (UploadState.COMMITTED, 1_201)
    assert count(sending, CandidateProfile) == 1_201
    with sending.transaction(write=False) as session:
        assert set(session.scalars(select(Job.status))) == {JobStatus.SUCCEEDED}
        assert set(session.scalars(select(Job.progress_stage))) == {"linking skills", "storing people"}


def test_storing_goes_on_where_a_crash_stopped_it(sending: Sending, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(upload_commits, "_PART", 1)
    upload_id = sending.send(GOOD)
    sending.check(upload_id)

    class Crash(Exception):
        pass

    def crash(_stage: str, done: int, _total: int) -> None:
        if done == 1:
            raise Crash

    with pytest.raises(Crash):
        commit_upload(sending.transaction, sending.reviewer, upload_id, now=sending.now, report=crash)
    assert count(sending, CandidateProfile) == 1
    assert sending.get(upload_id).state is UploadState.READY

    committed = sending.commit(upload_id)

    assert (committed.state, committed.n_created, committed.n_replaced) == (UploadState.COMMITTED, 2, 0)
    assert count(sending, CandidateProfile) == 2


def test_a_check_whose_worker_was_lost_is_taken_up_again(sending: Sending):
    upload_id = sending.send(b"id,text\n" + b"A,x\n" + b"B," + b"y" * 300_000 + b"\n")
    with sending.transaction() as session:
        begin_check(session, sending.reviewer, upload_id, now=NOW)
    with sending.transaction() as session:
        assert claim_next_job(session, "lost", lease=timedelta(minutes=1), now=NOW) is not None
    with sending.transaction() as session, pytest.raises(Conflict, match="being worked on"):
        begin_check(session, sending.reviewer, upload_id, now=NOW)

    sending.at = NOW + timedelta(minutes=2)
    sending.work()

    upload = sending.get(upload_id)
    assert (upload.state, upload.n_refused) == (UploadState.NEEDS_ATTENTION, 1)
    with sending.transaction(write=False) as session:
        job = find_job(session, sending.reviewer, upload)
        assert job is not None
        assert (job.status, job.attempts) == (JobStatus.SUCCEEDED, 2)


def test_what_was_discarded_while_it_was_checked_stays_discarded(sending: Sending):
    upload_id = sending.send(GOOD)
    with sending.transaction() as session:
        begin_check(session, sending.reviewer, upload_id, now=NOW)

    def discard(stage: str, _done: int, _total: int) -> None:
        if stage == "linking skills":
            with sending.transaction() as session:
                discard_upload(session, sending.reviewer, upload_id, now=NOW)

    check_upload(sending.transaction, sending.reviewer, upload_id, INDEXES, now=sending.now, report=discard)

    assert sending.get(upload_id).state is UploadState.DISCARDED


def test_an_upload_is_committed_once(sending: Sending):
    upload_id = sending.send(GOOD)
    sending.check(upload_id)
    sending.commit(upload_id)

    with sending.transaction() as session:
        with pytest.raises(Conflict):
            begin_commit(session, sending.reviewer, upload_id, now=NOW)
        with pytest.raises(WrongTransition):
            discard_upload(session, sending.reviewer, upload_id, now=NOW)


def test_a_file_of_bad_rows_only_cannot_be_committed(sending: Sending):
    upload_id = sending.send(b"id,evidence\nA,bad\n")
    sending.check(upload_id)

    with sending.transaction() as session, pytest.raises(Conflict, match="No row"):
        begin_commit(session, sending.reviewer, upload_id, now=NOW)


def test_a_cohort_that_takes_nobody_takes_no_file(sending: Sending):
    upload_id = sending.send(GOOD)
    sending.check(upload_id)
    cohort_id = sending.commit(upload_id).cohort_id
    assert cohort_id is not None
    with pytest.raises(Conflict, match="a cohort with this id"):
        sending.send(GOOD, external_id="spring")
    with sending.transaction() as session:
        admin = make_account(
            session, session.get_one(Partnership, sending.reviewer.partnership_id), role=Role.ADMIN
        )
        withdraw_cohort(session, admin, cohort_id, now=NOW)

    with pytest.raises(Conflict, match="withdrawn"):
        sending.send(GOOD, cohort_id=cohort_id)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.EMPLOYER])
def test_who_may_not_send_cohorts_in_may_not(sending: Sending, role: Role):
    with sending.transaction() as session:
        partnership = session.get_one(Partnership, sending.reviewer.partnership_id)
        if role is Role.EMPLOYER:
            actor = make_employer(session, partnership)
        else:
            actor = make_account(session, partnership, role=role)
    upload_id = sending.send(GOOD)

    with pytest.raises(NotPermitted):
        sending.send(GOOD, actor=actor, external_id="other")
    with sending.transaction(write=False) as session, pytest.raises(NotPermitted):
        open_upload(session, actor, upload_id)


def test_another_partnership_knows_of_no_upload_and_no_institution(sending: Sending):
    upload_id = sending.send(GOOD)
    with sending.transaction() as session:
        stranger = make_account(session, make_partnership(session), role=Role.REVIEWER)

    with pytest.raises(NotFound):
        sending.send(GOOD, actor=stranger)
    with sending.transaction(write=False) as session, pytest.raises(NotFound):
        open_upload(session, stranger, upload_id)
