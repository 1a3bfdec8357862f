"""The steps of sending a file in, as a person without scripts takes them."""

from __future__ import annotations

import ast
import csv
import gzip
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.db import session_scope
from app.domain.transitions import CohortStatus
from app.intake.source import Format
from app.intake.write import write_workbook
from app.models import CandidateProfile, Cohort, CohortUploadContent, OrganisationKind, StaffAccount
from app.services.jobs import claim_next_job, fail_job, report_progress
from app.services.staff_sessions import open_session
from app.web.repairs import REPAIRS
from tests.api.test_lists import counted_statements
from tests.factories import make_account, make_organisation, make_partnership
from tests.web.conftest import Console, partnership_of
from tests.web.sending import MIXED, checked, post_file, sent

INTAKE = Path(__file__).parents[2] / "app" / "intake"
# Faults of files that hold no candidates.
OTHER_FILES = {
    "duplicate-{}", "invalid-importance", "invalid-kind", "unknown-kind", "invalid-decision",
    "invalid-reason", "invalid-need", "invalid-rule", "invalid-uri", "invalid-email",
}  # fmt: skip


# Of so many people that a job checks and stores them.
LARGE = b"id,skills,text\n" + b"".join(
    b"A-%d,arc welding,%s\n" % (number, b"text " * 60) for number in range(1_100)
)


def n_people(console: Console) -> int:
    with session_scope(console.api.factory, write=False) as session:
        return session.scalar(select(func.count()).select_from(CandidateProfile)) or 0


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_a_file_is_sent_matched_checked_and_committed(any_console: Console, kind: str):
    console = any_console
    people = [{"Matricule": "A-1", "Compétences": "arc welding"}, {"Matricule": "A-2", "Compétences": ""}]
    if kind == "csv":
        data = "Matricule;Compétences\nA-1;arc welding\nA-2;\n".encode()
    elif kind == "json":
        data = b'[{"id": "A-1", "skills": [{"skill": "arc welding"}]}, {"id": "A-2"}]'
    else:
        target = io.BytesIO()
        write_workbook(target, list(people[0]), people, sheet="people")
        data = target.getvalue()

    address = checked(console, data, name=f"people.{kind}", title="Spring welders")
    preview = console.page("reviewer", f"{address}/preview")
    assert "2 new people" in preview.text
    assert "Every row is good" in preview.text
    assert n_people(console) == 0
    receipt = console.posted("reviewer", f"{address}/commit")

    assert "People added 2" in receipt.text
    assert "The file was deleted" in receipt.text
    with session_scope(console.api.factory, write=False) as session:
        assert session.scalars(select(Cohort.status)).one() is CohortStatus.COMMITTED
        assert session.scalars(select(CohortUploadContent)).all() == []


def test_what_was_typed_stays_when_the_form_has_errors(console: Console):
    response = console.post(
        "reviewer",
        "/console/cohorts/upload",
        {"title": "Spring & summer", "external_id": " ", "institution": ""},
    )

    assert response.status_code == 422
    assert response.text.count("Spring &amp; summer") == 1
    assert re.search(r"<title>\s*Error:", response.text)
    for field in ("institution", "external_id", "file"):
        assert f'href="#{field}"' in response.text
        assert f'id="{field}"' in response.text


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (b"", "people.csv", "is empty"),
        (b"\x00\x01\x02", "people.csv", "neither UTF-8 text nor a workbook"),
        (b"PK\x03\x04" + b"x" * 50, "people.xlsx", "damaged"),
        (b"id\n1\n", "people.xlsx", "not an XLSX workbook"),
        (b'[{"id": 1},', "people.json", "not JSON from character"),
        (b"id,skills\n", "Zoubida.csv", "no rows below"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_once(console: Console, data: bytes, name: str, told: str):
    response = post_file(console, data, name=name)

    assert response.status_code == 422
    assert told in response.text
    assert "Zoubida" not in response.text
    with session_scope(console.api.factory, write=False) as session:
        assert session.scalars(select(CohortUploadContent)).all() == []


def test_columns_without_an_id_are_told_with_the_column(console: Console):
    address = sent(console, b"who,skills\nA,arc welding\n")

    response = console.post("reviewer", f"{address}/columns", {"column": ["", "skills"]})

    assert response.status_code == 422
    assert 'href="#column-0"' in response.text
    assert '<option value="skills" selected>' in response.text


def test_a_column_without_a_name_is_told_by_its_number(console: Console):
    address = sent(console, b"id,,skills\nA-1,Salma,arc welding\n")

    page = console.page("reviewer", f"{address}/columns")

    assert "Column 2 (without a name) Salma" in page.text
    assert page.form("/columns").fields["column"] == ["id", "skills"]


def test_the_form_offers_the_cohorts_and_institutions_that_there_are(console: Console):
    receipt = console.posted("reviewer", f"{checked(console, title='Spring welders')}/commit")
    [another] = [href for href, text in receipt.links if text == "Send in another file"]
    with session_scope(console.api.factory) as session:
        partnership = partnership_of(session, console.api, "")
        make_organisation(session, partnership, kind=OrganisationKind.INSTITUTION, name="Second school")

    page = console.page("reviewer", another)

    assert "Spring welders (spring)" in page.text
    form = page.form("/upload")
    assert form.fields["cohort"] == [another.partition("=")[2]]
    assert form.choices["institution"][0] == ""
    assert "Second school" in page.text


def test_without_an_institution_it_says_who_adds_one(console: Console):
    with session_scope(console.api.factory) as session:
        reviewer = make_account(session, make_partnership(session))
        account = session.get_one(StaffAccount, reviewer.account_id)
        console.tokens["first reviewer"] = open_session(session, account, now=console.api.clock()).token

    page = console.page("first reviewer", "/console/cohorts/upload")

    assert "There is no training institution yet" in page.text
    assert not any(form.action.endswith("/upload") for form in page.forms)


def test_a_long_list_of_faults_is_cut_and_says_so(console: Console):
    header = b"id,evidence,email,skills\n"
    good = [b"G-%d,taught,nowhere,invented skill %d\n" % (number, number) for number in range(21)]
    bad = [b"A-%d,seen,,\n" % number for number in range(201)]
    address = checked(console, header + b"".join(good + bad))

    page = console.page("reviewer", f"{address}/preview")
    assert "Only the 20 most frequent are shown." in page.text
    assert "This is no e-mail address; it is left out, and the row is kept. (21 times)" in page.text
    whole = console.page("reviewer", f"{address}/preview?repair=1")
    assert len(whole.form("/values").fields) == 200
    assert "and 1 more" in whole.text
    receipt = console.posted("reviewer", f"{address}/commit")
    assert "201 rows · Evidence: This is not a kind of evidence." in receipt.text
    assert "221, 222 and 1 more" in receipt.text


def test_faults_are_grouped_by_repair_with_place_value_and_fix(console: Console):
    data = b"id,evidence\n" + b"".join(b"A-%d,seen\n" % number for number in range(8))
    address = checked(console, data)

    page = console.page("reviewer", f"{address}/preview")

    assert "8 rows · Evidence: This is not a kind of evidence." in page.text
    assert "Use self_stated, taught, assessed, certified or proven_at_work." in page.text
    shown = [form for form in page.forms if form.action.endswith("/values")]
    assert list(shown[0].fields) == [f"v-{row}-evidence" for row in range(2, 7)]
    assert shown[0].fields["v-2-evidence"] == ["seen"]
    whole = console.page("reviewer", f"{address}/preview?repair=1")
    assert len(whole.form("/values").fields) == 8


def test_a_value_is_mended_on_the_page_and_the_file_checked_again(console: Console):
    address = checked(console)

    page = console.posted("reviewer", f"{address}/values", {"v-3-id": "A-2", "v-4-evidence": "certified"})

    assert "2 rows were mended and checked again." in page.text
    assert "3 new people" in page.text
    unchanged = console.posted("reviewer", f"{address}/values", {"v-3-id": "A-2", "v-9-nonsense!": "x"})
    assert "Nothing was changed." in unchanged.text


def test_a_field_that_the_file_does_not_have_is_not_mended(console: Console):
    address = checked(console)

    assert console.post("reviewer", f"{address}/values", {"v-3-phone": "1"}).status_code == 422


@pytest.mark.parametrize("locale", ["en", "fr", "ar"])
@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_refused_rows_are_downloaded_mended_and_sent_back(console: Console, extension: str, locale: str):
    address = checked(console)
    console.post("reviewer", "/console/language", {"locale": locale})
    response = console.get("reviewer", f"{address}/refused.{extension}")
    assert response.headers["content-disposition"] == f'attachment; filename="refused-rows.{extension}"'
    assert response.headers["cache-control"] == "no-store"
    data = response.content
    if extension == "csv":
        rows = list(csv.reader(io.StringIO(data.decode())))
        assert [row[0] for row in rows[1:]] == ["3", "4"]
        assert all(row[-1] and row[-2] for row in rows[1:])
        rows[1][1], rows[2][4] = "A-2", "certified"
        again = io.StringIO()
        csv.writer(again).writerows(rows)
        data = again.getvalue().encode()

    page = console.posted(
        "reviewer", f"{address}/refused", files={"file": (f"refused-rows.{extension}", data)}
    )

    refused = {"csv": 0, "xlsx": 2}[extension]
    assert (page.source.count('name="v-') > 0) is (refused > 0)
    assert page.source.count('name="v-') == refused


def test_a_file_that_mends_nothing_here_is_told_beside_its_field(console: Console):
    address = checked(console)

    response = console.post("reviewer", f"{address}/refused", files={"file": ("x.csv", b"id\nA-2\n")})

    assert response.status_code == 422
    assert "does not say which rows it mends" in response.text
    assert 'href="#mended"' in response.text
    assert console.post("reviewer", f"{address}/refused").status_code == 422


def test_a_large_file_is_checked_and_stored_by_a_job_with_progress(console: Console):
    address = sent(console, LARGE)
    response = console.post("reviewer", f"{address}/columns", {"column": ["id", "skills", "text"]})
    assert response.headers["location"] == f"{address}/progress"
    waiting = console.page("reviewer", f"{address}/progress")
    assert "Waiting for its turn" in waiting.text
    assert waiting.has_link(f"{address}/progress")
    fragment = console.get("reviewer", f"{address}/progress", headers={"HX-Request": "true"})
    assert fragment.status_code == 200
    assert "<html" not in fragment.text

    console.api.work()
    done = console.get("reviewer", f"{address}/progress", headers={"HX-Request": "true"})
    assert (done.status_code, done.headers["hx-redirect"]) == (204, f"{address}/preview")
    assert console.get("reviewer", f"{address}/progress").headers["location"] == f"{address}/preview"
    committing = console.post("reviewer", f"{address}/commit")
    assert committing.headers["location"] == f"{address}/progress"
    assert console.page("reviewer", f"{address}/progress").h1 == "Storing the people"
    assert console.post("reviewer", f"{address}/commit").status_code == 409
    console.api.work()

    assert "People added 1,100" in console.page("reviewer", f"{address}/receipt").text
    assert n_people(console) == 1_100


def test_work_that_stopped_says_how_far_it_was_and_goes_on(console: Console):
    address = sent(console, LARGE)
    console.post("reviewer", f"{address}/columns", {"column": ["id", "skills", "text"]})
    now = console.api.clock()
    with session_scope(console.api.factory) as session:
        claimed = claim_next_job(session, "w", lease=timedelta(minutes=5), now=now)
        assert claimed is not None
        report_progress(
            session,
            claimed,
            stage="checking rows",
            done=400,
            total=1_600,
            lease=timedelta(minutes=5),
            now=now,
        )
    page = console.page("reviewer", f"{address}/progress")
    assert "Checking the rows 400 of about 1,600 rows" in page.text
    assert [given["value"] for tag, given in page.tags if tag == "progress"] == ["0.25"]
    with session_scope(console.api.factory) as session:
        fail_job(session, claimed, "worker-lost", now=now)

    page = console.page("reviewer", f"{address}/progress")

    assert "The program that did the work stopped in the middle" in page.text
    assert "Nothing is lost" in page.text
    assert console.post("reviewer", page.form("/check").action).status_code == 303
    console.api.work()
    assert "1,100 new people" in console.page("reviewer", f"{address}/preview").text


def test_a_file_that_breaks_off_in_the_middle_is_told_on_its_receipt(console: Console):
    whole = gzip.compress(LARGE, compresslevel=1)
    address = sent(console, whole[: len(whole) // 2], name="people.csv.gz")
    console.post("reviewer", f"{address}/columns", {"column": ["id", "skills", "text"]})

    receipt = console.page("reviewer", f"{address}/receipt")

    assert "The file could not be read, and was deleted. Nothing of it is stored." in receipt.text
    assert "damaged" in receipt.text
    assert n_people(console) == 0


def test_a_file_is_deleted_when_nobody_wants_it(console: Console):
    address = checked(console)

    page = console.posted("reviewer", f"{address}/discard")

    assert "The file was deleted." in page.text
    assert console.get("reviewer", f"{address}/columns").status_code == 409
    assert console.get("reviewer", address).headers["location"] == f"{address}/receipt"
    assert "deleted before anything was taken" in console.page("reviewer", f"{address}/receipt").text


def test_the_preview_takes_the_same_number_of_queries_whatever_the_file_holds(console: Console):
    def opened(address: str) -> int:
        with counted_statements(console.api.engine) as statements:
            console.page("reviewer", f"{address}/preview")
        return len(statements)

    small = checked(console)
    rows = b"".join(b"A-%d,bad,skill %d\n" % (number, number) for number in range(200))
    large = checked(console, b"id,evidence,skills\n" + rows, external_id="large")

    assert opened(large) == opened(small)


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_the_template_can_be_sent_in_once_it_is_filled_in(console: Console, extension: str):
    console.post("reviewer", "/console/language", {"locale": "fr"})
    response = console.get("reviewer", f"/console/cohorts/template.{extension}")
    assert response.status_code == 200

    if extension == "csv":
        header = response.content.decode("utf-8-sig").strip()
        address = sent(console, f"{header}\nA-1{',' * header.count(',')}\n".encode())
        form = console.page("reviewer", f"{address}/columns").form("/columns")
        assert "" not in form.fields["column"]
    assert console.get("reviewer", "/console/cohorts/template.pdf").status_code == 404


def test_values_stay_out_of_the_address_the_log_and_the_audit(
    console: Console, caplog: pytest.LogCaptureFixture
):
    secret = "Unmistakable"
    address = checked(console, MIXED.replace(b"certifed", secret.encode()))
    console.post("reviewer", f"{address}/values", {"v-3-id": secret})
    console.post("reviewer", f"{address}/commit")

    assert secret not in address
    assert secret not in caplog.text
    events = console.api.get("admin", "/v1/audit-events?limit=200")
    assert events.status_code == 200
    assert secret not in events.text


def test_every_fault_of_a_file_of_candidates_is_put_in_words():
    codes = set()
    for path in INTAKE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                position = {"Fault": 0, "_fault": 1, "FieldIssue": 1, "to_choice": 2}.get(node.func.id)
                if position is not None and len(node.args) > position:
                    codes |= {
                        each.value
                        for each in ast.walk(node.args[position])
                        if isinstance(each, ast.Constant) and isinstance(each.value, str)
                    }
    codes = {code for code in codes if re.fullmatch(r"[a-z]+(-[a-z]+)+|required|repeated", code)}
    assert len(codes) > 25

    assert sorted(codes - OTHER_FILES - set(REPAIRS)) == []
    assert Format.CSV in Format
