import json
import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from app.cli.rendering import cohort_gaps, display_width, shortlist, table, waterfall
from app.domain.enums import EvidenceGrade, Importance, Provenance
from app.domain.results import Contribution, RankedMatch, VacancyRanking
from app.samples import sample_path
from tests.cli.conftest import Command


def make_share(requirement: str, weight: float, credit: float, *, part="skills", relation="same", uri=None):
    return Contribution(
        part=part,
        requirement=requirement,
        requirement_uri=uri,
        importance=Importance.ESSENTIAL if part == "skills" else None,
        provenance=Provenance.STATED if part == "skills" else None,
        weight=weight,
        credit=credit,
        value=weight * credit,
        relation=relation,
        claim="" if relation == "missing" else f"own words for {requirement}",
        evidence=EvidenceGrade.CERTIFIED if part == "skills" and relation != "missing" else None,
    )


MATCH = RankedMatch(
    "c1",
    1,
    0.625,
    tied=True,
    parts={"skills": 0.5, "text": 0.125},
    contributions=(
        make_share("TIG", 0.5, 1.0, uri="urn:tig"),
        make_share("oxy", 0.25, 0.0, relation="missing", uri="urn:oxy"),
        make_share("words", 0.25, 0.5, part="text", relation="words"),
    ),
)
OTHER = RankedMatch(
    "c2", 2, 0.25, tied=False, parts={}, contributions=(make_share("oxy", 0.25, 1.0, uri="urn:oxy"),)
)


def test_the_shortlist_shows_what_is_met_and_what_is_missing():
    _header, _line, row = shortlist(VacancyRanking("v", (MATCH,)), {"c1": "C-1"})
    assert row.split("  ")[0] == "1="
    for cell in ("C-1", "0.625", "1 of 2", "own words for TIG (certified)", "oxy"):
        assert cell in row


def test_the_waterfall_ends_at_the_score():
    lines = list(waterfall(MATCH))
    assert [float(line.split("+")[1].split()[0]) for line in lines[:-1]] == [0.5, 0.125]
    assert "=0.625" in lines[-1]
    # Every bar begins where the one before it ended.
    assert lines[0].index("█") < lines[1].index("█")
    assert lines[1].rindex("█") == lines[-1].rindex("█")


def test_a_long_waterfall_draws_its_small_steps_together():
    shares = tuple(make_share(f"skill {n:02}", 1 / 32, 1.0) for n in range(32))
    lines = list(waterfall(RankedMatch("c", 1, 1.0, tied=False, parts={}, contributions=shares)))
    assert len(lines) < 20
    assert any("smaller shares" in line for line in lines)


def test_gaps_are_counted_over_all_shortlists_and_named_in_one_language():
    rankings = [VacancyRanking("v1", (MATCH, OTHER)), VacancyRanking("v2", (MATCH,))]
    [gap] = cohort_gaps(rankings, {"v1": 3, "v2": 4}, {"urn:tig": "TIG", "urn:oxy": "oxy-fuel"}.__getitem__)
    assert (gap.skill, gap.n_lacking, gap.n_asked, gap.n_vacancies, gap.n_openings) == (
        "oxy-fuel",
        2,
        3,
        2,
        7,
    )


def test_tables_stay_straight_in_other_scripts():
    lines = list(table(["a", "b"], [["لِحَام", "x"], ["焊工", "y"]]))
    assert len({display_width(line) for line in lines}) == 1


def test_the_demo_puts_the_planted_candidates_first(command: Command):
    ended = command("demo", "--json")
    assert ended.code == 0
    document = json.loads(ended.out)
    assert document["as_expected"] is True
    best = {ranking["vacancy_id"]: ranking["matches"][0]["candidate_id"] for ranking in document["rankings"]}
    assert best == json.loads(sample_path("expected.json").read_text("utf-8"))
    assert document["import"]["n_rows"] == 60
    assert len(document["import"]["issues"]) == 4
    assert len(document["gaps"]) == 3
    for ranking in document["rankings"]:
        for match in ranking["matches"]:
            assert sum(share["value"] for share in match["contributions"]) == match["score"]


def test_the_demo_tells_its_story_in_order_and_keeps_its_database_when_asked(
    command: Command, tmp_path: Path
):
    kept = tmp_path / "kept.sqlite3"
    ended = command("demo", "--keep", kept)
    assert ended.code == 0
    places = [
        ended.out.index(words)
        for words in ("4 refused", "rank  candidate", "3. Why", "=0.", "4. What", "a second", "Next")
    ]
    assert places == sorted(places)
    assert kept.exists()
    assert "Next" in ended.out
    assert command("demo", "--keep", kept).code == 2


def test_the_demo_fails_and_says_where_when_another_candidate_is_first(
    command: Command, monkeypatch, tmp_path
):
    expected = json.loads(sample_path("expected.json").read_text("utf-8"))
    vacancy = next(iter(expected))
    (tmp_path / "expected.json").write_text(json.dumps(expected | {vacancy: "nobody"}), "utf-8")

    def elsewhere(name: str) -> Path:
        return tmp_path / name if name == "expected.json" else sample_path(name)

    monkeypatch.setattr("app.samples.sample_path", elsewhere)
    ended = command("demo")
    assert ended.code == 1
    assert vacancy in ended.err


def test_the_demo_service_listens_on_this_machine_only(command: Command):
    ended = command("serve", "--demo", "--host", "0.0.0.0")
    assert ended.code == 2
    assert "tp_test" not in ended.out


def test_a_port_in_use_is_told_before_anything_slow(command: Command):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = command("serve", "--demo", "--port", taken.getsockname()[1])
    assert ended.code == 2
    assert "--port" in ended.err


def test_the_demo_service_answers_with_the_key_it_prints(tmp_path: Path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", "--demo", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as server:
        assert server.stdout is not None
        key = next(line.split()[1] for line in server.stdout if line.startswith("reviewer"))
        try:
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/v1/vacancies", headers={"Authorization": f"Bearer {key}"}
            )
            with urllib.request.urlopen(request) as reply:
                assert len(json.load(reply)["items"]) == 8
        finally:
            server.terminate()
