import csv
import gzip
import io
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import python_calamine

from tests.cli.conftest import Command
from tests.golden_files import Golden

VACANCIES = [
    {
        "id": "welder",
        "title": "MIG/MAG welder",
        "lang": "en",
        "skills": [
            "weld with MIG/MAG equipment",
            {"skill": "read technical drawings", "level": "intermediate"},
            {"skill": "weld grinding", "importance": "optional"},
        ],
        "languages": [{"lang": "de", "cefr": "A2"}],
    },
    {"id": "cuisinier", "title": "Cuisinier", "lang": "fr", "employer": "invented"},
]
CANDIDATES = [
    {
        "id": "b",
        "skills": [{"skill": "soudage MIG/MAG", "evidence": "certified"}],
        "languages": ["de:B1"],
        "lang": "fr",
    },
    {"id": "a", "occupations": ["cook"], "skills": ["roasting"], "lang": "en"},
    {"id": "d", "text": "Nothing to say.", "lang": "en"},
    {"id": "c", "text": "Nothing to say.", "lang": "en"},
]


def write_jsonl(path: Path, values) -> Path:
    path.write_text("".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values), "utf-8")
    return path


@pytest.fixture
def vacancies(tmp_path: Path) -> Path:
    return write_jsonl(tmp_path / "vacancies.jsonl", VACANCIES)


@pytest.fixture
def candidates(tmp_path: Path) -> Path:
    return write_jsonl(tmp_path / "candidates.jsonl", CANDIDATES)


def read_jsonl(path: Path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_match_gives_the_lines_it_always_gave(
    command: Command, vacancies, candidates, tmp_path, golden: Golden
):
    out = tmp_path / "out.jsonl"
    ended = command("match", vacancies, candidates, "-k", "3", "-o", out)
    assert ended.code == 0
    assert ended.out == ""
    golden("cli/match.jsonl", out.read_bytes())


def test_match_lines_have_exactly_the_keys_of_the_contract(command: Command, vacancies, candidates):
    ended = command("match", vacancies, candidates)
    for line in map(json.loads, ended.out.splitlines()):
        assert list(line) == ["vacancy_id", "matches"]
        for match in line["matches"]:
            assert list(match) == ["candidate_id", "rank", "score", "parts"]
            assert sum(match["parts"].values()) == match["score"]


def test_explained_contributions_sum_to_the_score_exactly(command: Command, vacancies, candidates):
    ended = command("match", vacancies, candidates, "--explain")
    matches = [match for line in map(json.loads, ended.out.splitlines()) for match in line["matches"]]
    assert matches
    for match in matches:
        assert sum(share["value"] for share in match["contributions"]) == match["score"]


def test_hash_seed_and_order_of_candidates_change_no_byte(vacancies, tmp_path):
    def started(seed: str) -> subprocess.Popen[bytes]:
        shuffled = random.Random(seed).sample(CANDIDATES, len(CANDIDATES))
        path = write_jsonl(tmp_path / f"{seed}.jsonl", shuffled)
        return subprocess.Popen(
            [sys.executable, "-m", "app.cli", "match", vacancies, path, "--explain"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

    first, second = [process.communicate()[0] for process in [started("1"), started("4711")]]
    assert first.count(b"\n") == 2
    assert first == second


def test_the_same_records_give_the_same_ranking_from_every_format(command: Command, vacancies, tmp_path):
    rows = "id,lang,skills,languages,occupations,text\nb,fr,soudage MIG/MAG|certified,de:B1,,\n"
    rows += "a,en,roasting,,cook,\nc,en,,,,Nothing to say.\nd,en,,,,Nothing to say.\n"
    (tmp_path / "c.csv").write_text(rows, "utf-8")
    (tmp_path / "c.csv.gz").write_bytes(gzip.compress(rows.encode()))
    lines = write_jsonl(tmp_path / "c.jsonl", CANDIDATES)
    outputs = {
        command("match", vacancies, path).out for path in (lines, tmp_path / "c.csv", tmp_path / "c.csv.gz")
    }
    assert len(outputs) == 1


def test_tables_hold_one_row_per_match(command: Command, vacancies, candidates, tmp_path):
    assert command("match", vacancies, candidates, "-k", "2", "-o", tmp_path / "m.csv").code == 0
    assert (
        command("match", vacancies, candidates, "-k", "2", "-o", tmp_path / "m.xlsx", "--explain").code == 0
    )
    rows = list(csv.DictReader(io.StringIO((tmp_path / "m.csv").read_text("utf-8"), newline="")))
    assert [(row["vacancy_id"], row["candidate_id"], row["rank"]) for row in rows][:1] == [
        ("welder", "b", "1")
    ]
    assert len(rows) == 4
    sheet = (
        python_calamine.CalamineWorkbook.from_path(str(tmp_path / "m.xlsx")).get_sheet_by_index(0).to_python()
    )
    assert len(sheet) == 5
    assert "gap" in sheet[0]


def test_refused_rows_are_reported_and_the_rest_is_ranked(command: Command, candidates, tmp_path):
    path = write_jsonl(tmp_path / "v.jsonl", [*VACANCIES, {"id": "x"}, {"id": "welder", "title": "again"}])
    ended = command("match", path, candidates)
    assert ended.code == 0
    assert len(ended.out.splitlines()) == 2
    assert "4 rows read, 2 accepted, 2 refused" in ended.err
    assert "row 3, /title: The title is missing." in ended.err
    assert "row 4, /id: This id was used in row 1 already." in ended.err
    assert "warning, employer" in ended.err


def test_strict_stops_at_refused_rows_and_writes_nothing(command: Command, candidates, tmp_path):
    path = write_jsonl(tmp_path / "v.jsonl", [*VACANCIES, {"id": "x"}])
    ended = command("match", path, candidates, "--strict", "-o", tmp_path / "out.jsonl")
    assert ended.code == 2
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--lang", "klingon"], "--lang"),
        (["--taxonomy", "no-such-release"], "There is no database"),
        (["--taxonomy", "no-such-folder", "--taxonomy", "."], "There is no taxonomy at no-such-folder"),
        (["-o", "no-such-folder/out.jsonl"], "cannot be written"),
        (["-k", "0"], "Invalid value"),
    ],
)
def test_bad_options_are_bad_input(command: Command, vacancies, candidates, words, message):
    ended = command("match", vacancies, candidates, *words)
    assert ended.code == 2
    assert message in ended.err
    assert "Traceback" not in ended.err


def test_files_that_cannot_be_used_are_bad_input(command: Command, vacancies, tmp_path):
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    no_good_row = write_jsonl(tmp_path / "bad.jsonl", [{"lang": "xx"}])
    for path in (tmp_path / "none.jsonl", tmp_path, empty, no_good_row):
        ended = command("match", vacancies, path)
        assert ended.code == 2
        assert ended.err.splitlines()[-1].startswith("Error: ")


def test_personal_data_never_reaches_the_terminal_or_the_output(command: Command, vacancies, tmp_path):
    rows = "id,Nom,Courriel,Langues,Compétences\n1,Fictive,fictive@example.org,de:Fictive,soudage\n"
    rows += "2,Fictive,not Fictive,de:B1,soudage\n"
    (tmp_path / "c.csv").write_text(rows, "utf-8")
    ended = command("match", vacancies, tmp_path / "c.csv", "--explain")
    assert ended.code == 0
    assert "ictive" not in (ended.out + ended.err).replace("invalid", "")


def test_link_answers_every_phrase_in_the_contract(command: Command, tmp_path):
    phrases = write_jsonl(
        tmp_path / "p.jsonl",
        [
            {"id": "1", "text": "Lesen technischer Zeichnungen", "lang": "de", "kind": "skill"},
            {"id": "2", "text": "welder", "kind": "occupation"},
            {"id": "3", "text": "zzzz qqqq", "kind": "skill"},
            {
                "id": "4",
                "text": "You weld with MIG/MAG equipment and read technical drawings.",
                "kind": "text",
            },
        ],
    )
    ended = command("link", phrases, "-k", "2", "--lang", "en")
    assert ended.code == 0
    lines = {line["id"]: line for line in map(json.loads, ended.out.splitlines())}
    assert list(lines) == ["1", "2", "3", "4"]
    for line in lines.values():
        assert list(line) == ["id", "links", "abstained"]
        likeliest = line["links"][0]["score"] if line["links"] else 0.0
        assert line["abstained"] == (likeliest < 0.3)
        assert len(line["links"]) <= 2
        for link in line["links"]:
            assert list(link) == ["concept_uri", "label", "score", "method"]
    assert lines["3"]["abstained"]
    labels = {link["label"] for link in lines["4"]["links"]}
    assert labels == {"weld with MIG/MAG equipment", "read technical drawings"}


def test_link_writes_tables_too(command: Command, tmp_path):
    (tmp_path / "p.csv").write_text("id,texte,type\n1,souder,skill\n2,zzzz qqqq,skill\n", "utf-8")
    ended = command("link", tmp_path / "p.csv", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert rows[-1]["abstained"] == "true"
    assert rows[-1]["concept_uri"] == ""


def test_a_stored_release_may_be_named(command: Command, vacancies, candidates):
    from app.taxonomy import STARTER_NAME

    starter = Path(__file__).parents[2] / "app" / "taxonomy" / "starter"
    assert command("db", "upgrade").code == 0
    ended = command("taxonomy", "import", starter, "--release", STARTER_NAME)
    assert ended.code == 0, ended.err
    stored = command("match", vacancies, candidates, "--taxonomy", STARTER_NAME)
    assert stored.code == 0, stored.err
    assert stored.out == command("match", vacancies, candidates).out
    unknown = command("match", vacancies, candidates, "--taxonomy", "none-such")
    assert unknown.code == 2


@pytest.fixture
def decisions(tmp_path: Path) -> Path:
    return write_jsonl(
        tmp_path / "decisions.jsonl",
        [
            {"vacancy_id": "welder", "candidate_id": "b", "decision": "rejected", "reason": "not_available"},
            {"vacancy_id": "cuisinier", "candidate_id": "a", "decision": "introduced"},
        ],
    )


def test_match_honours_decisions(command: Command, vacancies, candidates, decisions):
    plain = [json.loads(line) for line in command("match", vacancies, candidates).out.splitlines()]
    ended = command("match", vacancies, candidates, "--decisions", decisions)
    assert ended.code == 0
    welder, cook = map(json.loads, ended.out.splitlines())
    assert plain[0]["matches"][0]["candidate_id"] == "b"
    assert [match["candidate_id"] for match in welder["matches"]] == ["a", "c", "d"]
    [rejected] = welder["apart"]
    assert (rejected["candidate_id"], rejected["rank"]) == ("b", 1)
    assert rejected["decision"] == {"decision": "rejected", "reason": "not_available"}
    assert welder["matches"][0]["introduced_elsewhere"] == ["cuisinier"]
    assert cook["matches"][0]["decision"] == {"decision": "introduced"}
    assert [match["score"] for match in cook["matches"]] == [match["score"] for match in plain[1]["matches"]]


def test_a_table_says_what_was_decided_only_where_something_was(
    command: Command, vacancies, candidates, decisions, tmp_path
):
    command("match", vacancies, candidates, "-o", tmp_path / "plain.csv")
    assert "decision" not in (tmp_path / "plain.csv").read_text("utf-8")
    command("match", vacancies, candidates, "--decisions", decisions, "-o", tmp_path / "out.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text("utf-8-sig"))))
    shown = {(row["vacancy_id"], row["candidate_id"]): row for row in rows}
    rejected = shown["welder", "b"]
    assert (rejected["rank"], rejected["decision"], rejected["reason"]) == ("", "rejected", "not_available")
    assert shown["welder", "a"]["introduced_elsewhere"] == "cuisinier"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"vacancy_id": "welder", "candidate_id": "b"}, "The decision is missing"),
        (
            {"vacancy_id": "welder", "candidate_id": "b", "decision": "disliked"},
            "introduced, accepted, declined",
        ),
        ({"candidate_id": "b", "decision": "rejected"}, "The vacancy_id is missing"),
        (
            {"vacancy_id": "welder", "candidate_id": "a", "decision": "deferred"},
            "This candidate_id with this vacancy_id was used in row 1 already",
        ),
    ],
    ids=["no decision", "unknown", "no vacancy", "twice"],
)
def test_a_decision_that_cannot_be_read_stops_everything(
    command: Command, vacancies, candidates, tmp_path, line, said
):
    good = {"vacancy_id": "welder", "candidate_id": "a", "decision": "rejected"}
    ended = command(
        "match", vacancies, candidates, "--decisions", write_jsonl(tmp_path / "d.jsonl", [good, line])
    )
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert "somebody rejected would come back" in ended.err


def test_decisions_on_nobody_are_told(command: Command, vacancies, candidates, tmp_path):
    lines = [
        {"vacancy_id": "welder", "candidate_id": "nobody", "decision": "rejected"},
        {"vacancy_id": "elsewhere", "candidate_id": "a", "decision": "rejected"},
        {"vacancy_id": "elsewhere", "candidate_id": "b", "decision": "accepted"},
    ]
    ended = command("match", vacancies, candidates, "--decisions", write_jsonl(tmp_path / "d.jsonl", lines))
    assert ended.code == 0
    assert "2 decisions are on a vacancy or a candidate that is not in the files" in ended.err
    assert json.loads(ended.out.splitlines()[0])["matches"][0]["introduced_elsewhere"] == ["elsewhere"]
