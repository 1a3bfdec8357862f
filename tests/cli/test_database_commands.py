import json
import os
import re
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.intake.read import read_candidates, read_vacancies
from tests.cli.conftest import Command

VACANCIES = (
    "id,title,lang,skills,languages,contrat,licences,pay\n"
    "v1,Welder,en,weld with MIG/MAG equipment,de:B1 desired,CDI,B|desired,1900 EUR/month\n"
    "v2,Cook,en,,,,,\n"
    "v3,,en,,,,,\n"
)
COHORT = (
    "id,given_name,email,lang,skills,occupations,languages,experience,licences,consent\n"
    "t1,Fictive,fictive@example.org,en,weld with MIG/MAG equipment|certified,welder,en:B1 writing=A2,"
    "welder|yard|18|2024-03,B until 2030-01-31,no\n"
    "t2,Invented,,en,roasting,cook,en:B9,,,\n"
    "t3,Nobody,,en,roasting|taught,cook,en:B1,,,\n"
)


@pytest.fixture
def vacancies(tmp_path: Path) -> Path:
    (tmp_path / "vacancies.csv").write_text(VACANCIES, "utf-8")
    return tmp_path / "vacancies.csv"


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    (tmp_path / "cohort.csv").write_text(COHORT, "utf-8")
    return tmp_path / "cohort.csv"


@pytest.fixture
def set_up(migrated: None, command: Command) -> None:
    """Add a partnership with one employer and one institution."""
    for words in (["admin"], ["employer", "--organisation", "e1"], ["institution", "--organisation", "i1"]):
        ended = command("keys", "create", *words, "--partnership", "P", "--new", "--test")
        assert ended.code == 0, ended.err


def test_migrations_go_up_and_down(command: Command):
    assert command("db", "current").code == 2
    up = command("db", "upgrade")
    assert up.code == 0
    assert command("db", "check").code == 0
    assert command("db", "current").out == up.out
    assert command("db", "downgrade", "base", "--yes").out == "none\n"
    assert command("db", "upgrade", "no-such-revision").code == 2


@pytest.mark.parametrize(
    "words", [["db", "current"], ["keys", "list"], ["serve"], ["worker", "--once"], ["doctor"]]
)
def test_asking_makes_no_database(command: Command, tmp_path, words):
    ended = command(*words)
    assert "There is no database at" in ended.out + ended.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url", ["nonsense", "postgresql://somebody:secret@127.0.0.1:1/none", "mysql://secret"]
)
def test_an_unusable_address_is_never_repeated(command: Command, monkeypatch, url):
    monkeypatch.setenv("TALENTBRIDGE_DATABASE_URL", url)
    for words in (["db", "current"], ["doctor"], ["keys", "list"]):
        ended = command(*words)
        assert ended.code in (1, 2)
        assert "secret" not in ended.out + ended.err
        assert "Traceback" not in ended.err


def test_a_bad_setting_is_named_without_its_value(command: Command, monkeypatch):
    monkeypatch.setenv("TALENTBRIDGE_PORT", "hidden")
    ended = command("db", "current")
    assert ended.code == 2
    assert "TALENTBRIDGE_PORT" in ended.err
    assert "hidden" not in ended.err


@pytest.mark.usefixtures("set_up")
def test_a_key_is_shown_once_and_can_be_revoked(command: Command):
    ended = command("keys", "create", "reviewer", "--label", "desk", "--days", "30")
    assert re.fullmatch(r"tp_test_[0-9a-f]{16}_[A-Za-z0-9_-]{43}\n", ended.out)
    listed = command("keys", "list").out
    assert ended.out.strip() not in listed
    [row] = [line for line in listed.splitlines() if "\tdesk\t" in line]
    assert row.endswith("valid")
    assert command("keys", "revoke", row.split("\t")[0]).code == 0
    assert command("keys", "revoke", row.split("\t")[0]).code == 2
    [row] = [line for line in command("keys", "list").out.splitlines() if "\tdesk\t" in line]
    assert row.endswith("revoked")


@pytest.mark.usefixtures("set_up")
@pytest.mark.parametrize(
    "words",
    [
        ["employer"],
        ["admin", "--organisation", "e1"],
        ["employer", "--organisation", "unknown"],
        ["institution", "--organisation", "e1"],
        ["admin", "--partnership", "unknown"],
        ["employer", "--organisation", "e2", "--new", "--country", "nowhere"],
        ["emperor"],
    ],
)
def test_a_key_that_fits_nobody_is_refused(command: Command, words):
    ended = command("keys", "create", *words)
    assert ended.code == 2
    assert ended.out == ""


@pytest.mark.usefixtures("set_up")
def test_importing_reports_rows_and_refuses_what_is_there_already(command: Command, vacancies):
    first = command("import", "vacancies", vacancies, "--employer", "e1", "--publish")
    assert first.code == 0
    assert "row 4, title: The title is missing." in first.err
    assert "2 stored, 1 refused" in first.err
    again = command("import", "vacancies", vacancies, "--employer", "e1")
    assert "0 stored, 3 refused" in again.err
    assert "row 2, /id: There is a vacancy with this id already" in again.err


@pytest.mark.usefixtures("set_up")
def test_a_dry_run_stores_nothing(command: Command, vacancies, cohort):
    assert command("import", "vacancies", vacancies, "--employer", "e1", "--dry-run").code == 0
    words = ("import", "cohort", cohort, "--institution", "i1", "--cohort", "2026")
    assert "dry run" in command(*words, "--dry-run").err
    assert command("export", "vacancies").out == ""
    assert command(*words).code == 0
    assert command(*words).code == 2  # the cohort exists


@pytest.mark.usefixtures("set_up")
def test_importing_for_an_unknown_organisation_is_refused(command: Command, vacancies, cohort):
    assert command("import", "vacancies", vacancies, "--employer", "i1").code == 2
    assert command("import", "cohort", cohort, "--institution", "e1", "--cohort", "x").code == 2


@pytest.mark.usefixtures("set_up")
@pytest.mark.parametrize("suffix", ["jsonl", "csv", "xlsx"])
def test_exported_records_read_back(command: Command, vacancies, cohort, tmp_path, suffix):
    command("import", "vacancies", vacancies, "--employer", "e1")
    command("import", "cohort", cohort, "--institution", "i1", "--cohort", "2026")
    assert command("export", "vacancies", "-o", tmp_path / f"v.{suffix}", "--employer", "e1").code == 0
    assert command("export", "candidates", "-o", tmp_path / f"c.{suffix}").code == 0
    assert read_vacancies(tmp_path / f"v.{suffix}").records == read_vacancies(vacancies).records
    exported = read_candidates(tmp_path / f"c.{suffix}")
    assert [replace(record, id="") for record in exported.records] == [
        replace(record, id="") for record in read_candidates(cohort).records
    ]
    assert exported.identities == {}
    assert all(record.id.startswith("C-") for record in exported.records)


@pytest.mark.usefixtures("set_up")
def test_a_queued_match_run_is_worked_off_and_exported(command: Command, vacancies, cohort, database_url):
    from app.cli.operators import choose_partnership, operator
    from app.cli.storage import open_database
    from app.main import utc_now
    from app.services.match_runs import request_match_run
    from app.services.taxonomy import import_release
    from app.taxonomy import read_starter

    command("import", "vacancies", vacancies, "--employer", "e1", "--publish")
    command("import", "cohort", cohort, "--institution", "i1", "--cohort", "2026", "--commit")
    with open_database(database_url) as database, database.session() as session:
        import_release(session, read_starter(), now=utc_now())
        run, _job = request_match_run(
            session, operator(choose_partnership(session, None)), k=5, now=utc_now()
        )
    assert command("export", "matches", run.id).code == 2
    assert "1 jobs done" in command("worker", "--once").err
    ended = command("export", "matches", run.id, "--explain")
    assert ended.code == 0, ended.err
    lines = [json.loads(line) for line in ended.out.splitlines()]
    assert [line["vacancy_id"] for line in lines] == ["v1", "v2"]
    for line in lines:
        for match in line["matches"]:
            assert match["candidate_id"].startswith("C-")
            assert sum(share["value"] for share in match["contributions"]) == match["score"]
    assert "Fictive" not in ended.out


@pytest.mark.usefixtures("set_up")
def test_exported_decisions_are_honoured_in_file_mode(
    command: Command, vacancies, cohort, database_url, tmp_path
):
    from app.cli.operators import choose_partnership, operator
    from app.cli.storage import open_database
    from app.domain.actor import Role
    from app.domain.reviews import ReviewReason
    from app.domain.transitions import ReviewState
    from app.main import utc_now
    from app.services.candidates import list_candidates
    from app.services.reviews import record_review
    from app.services.vacancies import list_vacancies

    command("import", "vacancies", vacancies, "--employer", "e1", "--publish")
    command("import", "cohort", cohort, "--institution", "i1", "--cohort", "2026", "--commit")
    with open_database(database_url) as database, database.session() as session:
        reviewer = replace(operator(choose_partnership(session, None)), role=Role.REVIEWER)
        vacancy, candidate = (
            list_vacancies(session, reviewer).items[0],
            list_candidates(session, reviewer).items[0],
        )
        rejected, pair = ReviewState.REJECTED, (vacancy.id, candidate.id)
        reason = ReviewReason.NOT_AVAILABLE
        record_review(session, reviewer, *pair, rejected, reason=reason, note="Fictive", now=utc_now())
        expected = vacancy.external_id, candidate.pseudonym
    files = {what: tmp_path / f"{what}.jsonl" for what in ("vacancies", "candidates", "decisions")}
    for what, path in files.items():
        assert command("export", what, "-o", path).code == 0
    assert "Fictive" not in files["decisions"].read_text("utf-8")
    ended = command("match", files["vacancies"], files["candidates"], "--decisions", files["decisions"])
    assert ended.code == 0, ended.err
    apart = {
        (line["vacancy_id"], each["candidate_id"]): each["decision"]["decision"]
        for line in map(json.loads, ended.out.splitlines())
        for each in line.get("apart", ())
        if "decision" in each
    }
    assert apart == {expected: "rejected"}


def test_doctor_says_what_is_missing_in_words_and_as_json(command: Command):
    command("db", "upgrade")
    ended = command("doctor")
    assert ended.code == 0
    assert re.search(r"^ok +schema +\S+, the newest$", ended.out, re.MULTILINE)
    findings = {entry["what"]: entry for entry in json.loads(command("doctor", "--json").out)}
    assert findings["database"]["ok"] is True
    command("db", "downgrade", "base", "--yes")
    ended = command("doctor")
    assert ended.code == 1
    assert "talentbridge db upgrade" in ended.out


def test_the_interface_is_described_without_a_database(command: Command, tmp_path):
    assert command("openapi", "-o", tmp_path / "openapi.json").code == 0
    document = json.loads((tmp_path / "openapi.json").read_text("utf-8"))
    assert document["openapi"].startswith("3.1")
    assert "/v1/vacancies" in document["paths"]
    assert stat.S_IMODE((tmp_path / "openapi.json").stat().st_mode) & 0o444
    assert not (tmp_path / "test.sqlite3").exists()


def test_the_module_runs_as_the_command():
    ended = subprocess.run(
        [sys.executable, "-m", "app.cli", "--version"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert ended.stdout.startswith("talentbridge ")
