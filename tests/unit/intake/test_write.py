import csv
import gzip
import io
import json
import os
import stat
from pathlib import Path

import pytest
import python_calamine

from app.domain.enums import EvidenceGrade, Importance, LinkMethod, Provenance
from app.domain.results import ConceptLink, Contribution, PhraseLinks, RankedMatch, VacancyRanking
from app.errors import InvalidInput
from app.intake.lines import LINK_HEADER, link_rows, links_line, match_header, match_rows, ranking_line
from app.intake.source import Format
from app.intake.write import format_of, open_target, write_as, write_csv, write_lines, write_workbook


def make_contribution(
    requirement: str, *, weight: float, credit: float, relation: str = "same", importance=Importance.ESSENTIAL
) -> Contribution:
    return Contribution(
        part="skills",
        requirement=requirement,
        requirement_uri=None,
        importance=importance,
        provenance=Provenance.STATED,
        weight=weight,
        credit=credit,
        value=weight * credit,
        relation=relation,
        claim="" if relation == "missing" else "own words",
        evidence=None if relation == "missing" else EvidenceGrade.TAUGHT,
    )


RANKING = VacancyRanking(
    "v1",
    matches=(
        RankedMatch(
            "c1",
            1,
            0.625,
            False,
            {"skills": 0.5, "text": 0.125},
            contributions=(
                make_contribution("TIG", weight=0.5, credit=1.0),
                make_contribution("oxy", weight=0.25, credit=0.0, relation="missing"),
                make_contribution(
                    "crane", weight=0.25, credit=0.0, relation="missing", importance=Importance.OPTIONAL
                ),
            ),
        ),
    ),
    flags=("thin_vacancy",),
)


def test_a_match_line_has_exactly_the_keys_of_the_contract():
    assert ranking_line(RANKING, explain=False) == {
        "vacancy_id": "v1",
        "matches": [
            {"candidate_id": "c1", "rank": 1, "score": 0.625, "parts": {"skills": 0.5, "text": 0.125}}
        ],
    }


def test_an_explained_match_line_adds_contributions_that_sum_to_their_part():
    [match] = json.loads(json.dumps(ranking_line(RANKING, explain=True)))["matches"]
    assert [share["requirement"] for share in match["contributions"]] == ["TIG", "oxy", "crane"]
    assert sum(share["value"] for share in match["contributions"]) == match["parts"]["skills"]


def test_a_link_line_says_when_the_linker_abstained():
    link = ConceptLink("http://example.org/s", "welding", 0.75, LinkMethod.FUZZY)
    assert links_line(PhraseLinks("p", (link,), abstained=False)) == {
        "id": "p",
        "links": [
            {"concept_uri": "http://example.org/s", "label": "welding", "score": 0.75, "method": "fuzzy"}
        ],
        "abstained": False,
    }
    assert links_line(PhraseLinks("q")) == {"id": "q", "links": [], "abstained": True}


def test_lines_are_utf8_with_floats_that_read_back_exactly():
    buffer = io.BytesIO()
    write_lines(buffer, [{"id": "soudé لحام", "score": 0.1 + 0.2}])
    assert buffer.getvalue().decode().endswith('{"id": "soudé لحام", "score": 0.30000000000000004}\n')
    assert json.loads(buffer.getvalue())["score"] == 0.1 + 0.2


def test_a_table_of_matches_has_one_row_per_match_and_its_summary():
    buffer = io.BytesIO()
    write_csv(buffer, match_header([RANKING], explain=True), match_rows([RANKING], explain=True))
    [row] = csv.DictReader(io.StringIO(buffer.getvalue().decode(), newline=""))
    assert row == {
        "vacancy_id": "v1",
        "candidate_id": "c1",
        "rank": "1",
        "score": "0.625",
        "tied": "false",
        "eligibility": "yes",
        "fix_or_ask": "",
        "skills": "0.5",
        "text": "0.125",
        "essentials_met": "1",
        "essentials": "2",
        "strongest": "TIG",
        "gap": "oxy",
    }


def test_a_table_of_links_keeps_phrases_without_link():
    rows = list(link_rows([PhraseLinks("q")]))
    assert rows == [{"id": "q", "abstained": True}]


def test_a_table_of_links_marks_candidates_that_were_not_taken():
    link = ConceptLink("http://example.org/s", "welding", 0.25, LinkMethod.FUZZY)
    [row] = link_rows([PhraseLinks("p", (link,), abstained=True)])
    assert (row["abstained"], row["rank"], row["score"]) == (True, 1, 0.25)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "'=1", "''@x"])
def test_no_cell_runs_as_a_formula(text):
    buffer, book = io.BytesIO(), io.BytesIO()
    write_csv(buffer, ["id"], [{"id": text}])
    write_workbook(book, ["id"], [{"id": text}], sheet="s")
    [_, [cell]] = csv.reader(io.StringIO(buffer.getvalue().decode(), newline=""))
    assert cell == "'" + text
    book.seek(0)
    [_, [in_book]] = python_calamine.CalamineWorkbook.from_filelike(book).get_sheet_by_index(0).to_python()
    assert str(in_book).startswith("'")


@pytest.mark.parametrize("kind", Format)
def test_the_same_content_gives_the_same_bytes(kind):
    def written() -> bytes:
        buffer = io.BytesIO()
        write_as(
            buffer,
            kind,
            lines=[links_line(PhraseLinks("q"))],
            header=LINK_HEADER,
            rows=link_rows([PhraseLinks("q")]),
            sheet="links",
        )
        return buffer.getvalue()

    assert written() == written()


def test_a_workbook_refuses_what_it_cannot_hold():
    with pytest.raises(InvalidInput, match="32,767"):
        write_workbook(io.BytesIO(), ["a"], [{"a": "x" * 40_000}], sheet="s")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.jsonl", Format.JSONL),
        ("a.csv", Format.CSV),
        ("a.CSV.gz", Format.CSV),
        ("a.xlsx", Format.XLSX),
        ("a.out", Format.JSONL),
    ],
)
def test_the_format_follows_the_name(name, kind):
    assert format_of(Path(name)) is kind
    assert format_of(Path(name), Format.XLSX) is Format.XLSX


def test_a_file_appears_only_when_it_is_complete(tmp_path: Path):
    path = tmp_path / "out.jsonl"
    path.write_text("old")

    def cut_short():
        yield {"id": "1"}
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), open_target(path) as stream:
        write_lines(stream, cut_short())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_has_the_mode_any_new_file_would_have(tmp_path: Path):
    other = tmp_path / "other"
    other.touch()
    with open_target(tmp_path / "out") as stream:
        stream.write(b"x")
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == stat.S_IMODE(other.stat().st_mode)


def test_a_link_to_a_file_stays_a_link(tmp_path: Path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with open_target(tmp_path / "link") as stream:
        stream.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_what_is_no_regular_file_is_written_directly():
    with open_target(Path(os.devnull)) as stream:
        stream.write(b"x")
    assert not Path(os.devnull).is_file()


def test_a_missing_folder_is_refused(tmp_path: Path):
    with pytest.raises(InvalidInput, match="cannot be written"), open_target(tmp_path / "none" / "out"):
        pass


def test_gzipped_output_has_the_same_bytes_each_time(tmp_path: Path):
    for name in ("a.gz", "b.gz"):
        with open_target(tmp_path / name) as stream:
            stream.write(b"content")
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == b"content"


def test_a_workbook_gives_every_number_back_exactly():
    # Of these, some take seventeen digits.
    values = [units / 2**36 for units in range(1, 2**36, 2**36 // 997)] + [0.0, 1.0, 3, 1e-7, 123456789.0]
    target = io.BytesIO()
    write_workbook(target, ["score"], ({"score": value} for value in values), sheet="matches")
    target.seek(0)
    sheet = python_calamine.CalamineWorkbook.from_filelike(target).get_sheet_by_index(0)
    assert [row[0] for row in sheet.iter_rows()][1:] == values
