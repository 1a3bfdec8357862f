import datetime as dt
import io
import zipfile

import pytest
import xlsxwriter

from app.domain.enums import Cefr, EvidenceGrade, Importance, SkillLevel
from app.domain.records import ClaimRecord, ExperienceRecord, LanguageLevel, RequirementRecord
from app.errors import InvalidInput
from app.intake.cells import split_parts
from app.intake.read import read_candidates, read_phrases, read_vacancies
from app.intake.source import ReadLimits


def csv_file(text: str, encoding: str = "utf-8") -> io.BytesIO:
    return io.BytesIO(text.encode(encoding))


def workbook(rows, *, sheets=("Sheet1",), hidden=(), start=(0, 0)) -> io.BytesIO:
    """Write rows to each sheet; a value is written as the type it has."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    date_format = book.add_format({"num_format": "dd/mm/yyyy"})
    for name in sheets:
        sheet = book.add_worksheet(name)
        for row, cells in enumerate(rows, start=start[0]):
            for col, cell in enumerate(cells, start=start[1]):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(row, col, cell, date_format)
                elif cell is not None:
                    sheet.write(row, col, cell)
        if name in hidden:
            sheet.hide()
        else:
            sheet.activate()
    book.close()
    buffer.seek(0)
    return buffer


def packed(parts: dict[str, str]) -> io.BytesIO:
    """Make an archive that looks like a workbook, with other parts put in place of its own."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(workbook([["id", "title"], ["1", "t"]])) as good,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for name in good.namelist():
            out.writestr(name, parts.get(name, good.read(name)))
        for name in parts.keys() - set(good.namelist()):
            out.writestr(name, parts[name])
    buffer.seek(0)
    return buffer


MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = f"<worksheet {MAIN}><sheetData>{{}}</sheetData></worksheet>".format
SHARED = f"<sst {MAIN}>{{}}</sst>".format


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_separator_is_found_from_the_header(delimiter):
    text = f'id{delimiter}titre{delimiter}compétences\n1{delimiter}t{delimiter}"soudage;meulage"\n'
    [record] = read_vacancies(csv_file(text)).records
    assert [skill.skill for skill in record.skills] == ["soudage", "meulage"]


def test_excel_may_declare_the_separator_in_the_first_row():
    outcome = read_vacancies(csv_file("sep=;\r\nid;title\r\n1;a,b\r\n"))
    assert outcome.records[0].title == "a,b"
    assert outcome.rows == (3,)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_of_a_csv_file(encoding):
    outcome = read_vacancies(csv_file("id;intitulé\n1;لحام\n", encoding))
    assert outcome.records[0].title == "لحام"


def test_a_cp1252_row_is_refused_with_a_hint():
    outcome = read_vacancies(io.BytesIO("id;title\n1;Café\n2;Hotel\n".encode("cp1252")))
    assert [record.id for record in outcome.records] == ["2"]
    assert "CSV UTF-8" in outcome.issues[0].hint


def test_headers_are_known_by_alias_whatever_their_case_and_spacing():
    header = '"  Identifiant ",COMPÉTENCES,Langues,"Niveau de\npreuve",Prénom,Métier,Formation,Expérience'
    row = '7,welding,"de:B1; FR b2; ar",assessed,Invented,7212,CAP,18 months on a farm'
    outcome = read_candidates(csv_file(f"{header}\n{row}\n"))
    [record] = outcome.records
    assert record.id == "7"
    assert record.skills == (ClaimRecord("welding", EvidenceGrade.ASSESSED),)
    assert record.languages == (
        LanguageLevel("de", Cefr.B1),
        LanguageLevel("fr", Cefr.B2),
        LanguageLevel("ar"),
    )
    assert record.occupations == ("7212",)
    assert record.education == ("CAP",)
    assert record.experience == (ExperienceRecord(text="18 months on a farm"),)
    assert outcome.identities["7"].given_name == "Invented"
    assert outcome.warnings == ()


def test_a_skill_in_a_cell_may_carry_its_level_and_grade():
    text = "id,skills,evidence\n1,TIG welding|advanced|certified; safety|2; C\\|C\\;|expert; x\\y,taught\n"
    [record] = read_candidates(csv_file(text)).records
    assert record.skills == (
        ClaimRecord("TIG welding", EvidenceGrade.CERTIFIED, SkillLevel.ADVANCED),
        ClaimRecord("safety", EvidenceGrade.TAUGHT, SkillLevel.INTERMEDIATE),
        ClaimRecord("C|C;", EvidenceGrade.TAUGHT, SkillLevel.EXPERT),
        ClaimRecord("x\\y", EvidenceGrade.TAUGHT),
    )


def test_a_required_skill_in_a_cell_may_be_optional():
    [record] = read_vacancies(csv_file("id,title,skills\n1,t,a|optional;b|essential|4\n")).records
    assert record.skills == (
        RequirementRecord("a", Importance.OPTIONAL),
        RequirementRecord("b", Importance.ESSENTIAL, SkillLevel.EXPERT),
    )


def test_an_experience_in_a_cell_may_name_occupation_and_months():
    [record] = read_candidates(csv_file("id,experience\n1,welder|shipyard|18;farm;7212|\n")).records
    assert record.experience == (
        ExperienceRecord("welder", "shipyard", 18),
        ExperienceRecord(text="farm"),
        ExperienceRecord("7212"),
    )


def test_a_fault_names_row_and_column():
    outcome = read_candidates(csv_file("id,Langues,Compétences\n1,de:B9,weld|gutt\n"))
    assert [(issue.row, issue.column, issue.pointer) for issue in outcome.issues] == [
        (2, "Compétences", "/skills/0"),
        (2, "Langues", "/languages/0/cefr"),
    ]


def test_rows_are_counted_as_a_spreadsheet_counts_them():
    outcome = read_phrases(csv_file('\nid,text,kind\n\n1,"two\nlines",text\n,,\n2,x,skill\n\n\n'))
    assert outcome.rows == (4, 6)
    assert outcome.n_rows == 2


def test_ragged_rows_lose_only_themselves():
    outcome = read_phrases(csv_file("id,text,kind\n1,a\n2,b,skill,surplus\n3,c,skill,,,\n"))
    assert [record.id for record in outcome.records] == ["1", "3"]
    assert [(issue.row, issue.code) for issue in outcome.issues] == [(3, "too-many-cells")]


def test_a_quotation_mark_that_is_never_closed_costs_one_row():
    rows = "".join(f"{n},text {n},skill\n" for n in range(10, 2_000))
    outcome = read_phrases(csv_file(f'id,text,kind\n1,"open,skill\n{rows}2,"fine, too",skill\n'))
    assert [(issue.row, issue.code) for issue in outcome.issues] == [(2, "invalid-quoting")]
    assert len(outcome.records) == 1_991
    assert outcome.rows[0] == 3


def test_a_quotation_mark_in_the_wrong_place_costs_one_row():
    outcome = read_phrases(csv_file('id,text,kind\n1,"a"b,skill\n2,say "hello",skill\n'))
    assert [(issue.row, issue.code) for issue in outcome.issues] == [(2, "invalid-quoting")]
    assert outcome.records[0].text == 'say "hello"'


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("1,a\x00b,skill", "invalid-encoding"),
        ("1," + "x" * 5_000_000 + ",skill", "line-too-long"),
        ("1," + "x" * 200_000 + ",skill", "invalid-quoting"),
        ("x" * 300 + ",a,skill", "too-long"),
        ("1,a,verb", "invalid-kind"),
        (",a,skill", "required"),
    ],
)
def test_a_hostile_row_is_one_refused_row(row, code):
    outcome = read_phrases(csv_file(f"id,text,kind\n8,x,skill\n{row}\n9,y,skill\n"))
    assert [record.id for record in outcome.records] == ["8", "9"]
    assert [(issue.row, issue.code) for issue in outcome.issues] == [(3, code)]


def test_numbers_as_spreadsheets_write_them():
    outcome = read_vacancies(csv_file("id,title,openings\n12.0,t,3.0\n12,u,1\n"))
    assert (outcome.records[0].id, outcome.records[0].openings) == ("12", 3)
    assert outcome.issues[0].code == "duplicate-id"


@pytest.mark.parametrize("text", ["a,b,c\n1,2,3\n", "\n\n\n", "id,ID\n1,2\n", "skills,compétences\na,b\n"])
def test_a_header_that_names_nothing_or_one_thing_twice_is_refused(text):
    with pytest.raises(InvalidInput) as caught:
        read_vacancies(csv_file(text), name="v.csv")
    assert "v.csv" in caught.value.detail


def test_the_cells_of_a_file_without_a_header_are_not_repeated():
    with pytest.raises(InvalidInput) as caught:
        read_candidates(csv_file("Fictive Person,person@example.org\n"), name="c.csv")
    assert "ictive" not in caught.value.detail


def test_unknown_columns_are_warned_about_with_how_many_cells_they_hold():
    outcome = read_vacancies(csv_file("id,title,Salaire\n1,t,\n2,t,100\n3,t,200\n"))
    assert [(w.code, w.key, w.count, w.first_row) for w in outcome.warnings] == [
        ("unknown-key", "Salaire", 2, 3)
    ]


def test_identity_columns_are_split_off():
    outcome = read_candidates(
        csv_file("id,Nom,Date de naissance,Courriel\n1,Fictive,03/02/2001,x@example.org\n")
    )
    assert outcome.identities["1"].birth_date == dt.date(2001, 2, 3)
    assert outcome.identities["1"].family_name == "Fictive"
    assert "Fictive" not in repr(outcome)


def test_a_workbook_with_its_quirks():
    rows = [
        ["Identifiant ", "  Titre", "Pays", "Postes", "Compétences", None],
        [12.0, "Soudeur", "EL", 3.0, "soudage;meulage", None],
        [None, " ", None, None, None, None],
        [13.5, "x", "FR", 1, None, None],
        ["14", dt.date(2026, 11, 2), "FR", None, None, None],
    ]
    outcome = read_vacancies(workbook(rows, start=(2, 1)))
    assert [(record.id, record.title, record.country, record.openings) for record in outcome.records] == [
        ("12", "Soudeur", "GR", 3),
        ("13.5", "x", "FR", 1),
        ("14", "2026-11-02", "FR", 1),
    ]
    assert outcome.rows == (4, 6, 7)


def test_the_first_visible_sheet_is_read_and_others_are_mentioned():
    outcome = read_vacancies(workbook([["id", "title"], [1, "t"]], sheets=("old", "b", "c"), hidden=("old",)))
    assert len(outcome.records) == 1
    assert [(warning.code, warning.key) for warning in outcome.warnings] == [("sheet-ignored", "b")]


FIRST_SHEET = "xl/worksheets/sheet1.xml"
CELL = '<c r="{}"><v>1</v></c>'.format
REPEATED = "<row>" + '<c t="s"><v>0</v></c>' * 2_000 + "</row>"
HOSTILE_WORKBOOKS = {
    "far cell": ({FIRST_SHEET: SHEET(f"<row>{CELL('A1')}{CELL('XFD1048576')}</row>")}, "spreads over"),
    "far row": (
        {FIRST_SHEET: SHEET(f'<row>{CELL("A1")}</row><row r="{10**20}"><c><v>1</v></c></row>')},
        "spreads",
    ),
    "repeated text": (
        {
            FIRST_SHEET: SHEET(REPEATED),
            "xl/sharedStrings.xml": SHARED("<si><t>" + "x" * 100_000 + "</t></si>"),
        },
        "repeats one text",
    ),
    "missing text": ({FIRST_SHEET: SHEET('<row><c t="s"><v>99</v></c></row>')}, "damaged"),
    "entity": ({FIRST_SHEET: '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}, "damaged"),
    "cut": ({FIRST_SHEET: "<worksheet>"}, "damaged"),
    "too large": ({"xl/extra.xml": "<a>" + "x" * 20_000_000 + "</a>"}, "unpacks to more"),
    # Within what may be unpacked: it is the name without an end that is refused.
    "endless name": ({"xl/extra.xml": "<a" + "x" * 4_000_000 + "/>"}, "damaged"),
    "too many parts": ({f"xl/extra{n}.xml": "<a/>" for n in range(2_100)}, "damaged"),
}


@pytest.mark.parametrize(("parts", "message"), HOSTILE_WORKBOOKS.values(), ids=HOSTILE_WORKBOOKS.keys())
def test_a_hostile_workbook_is_refused_before_it_is_unpacked(parts, message):
    with pytest.raises(InvalidInput, match=message):
        read_vacancies(packed(parts), limits=ReadLimits(max_sheet_bytes=10_000_000))


def test_a_workbook_that_is_too_large_as_stored_is_refused():
    with pytest.raises(InvalidInput, match="larger than"):
        read_vacancies(workbook([["id", "title"]]), limits=ReadLimits(max_workbook_bytes=100))


def test_styled_empty_cells_far_away_do_no_harm():
    header = '<c t="inlineStr"><is><t>id</t></is></c><c t="inlineStr"><is><t>title</t></is></c>'
    rows = f'<row>{header}</row><row><c><v>5</v></c><c><v>6</v></c></row><row><c r="XFD1048576" s="1"/></row>'
    outcome = read_vacancies(packed({FIRST_SHEET: SHEET(rows)}))
    assert [record.id for record in outcome.records] == ["5"]


@pytest.mark.parametrize("name", ["v.xls", "v.ods", "v.xlsx"])
def test_another_kind_of_spreadsheet_is_refused_with_advice(name):
    with pytest.raises(InvalidInput, match="Save it as"):
        read_vacancies(io.BytesIO(b"\xd0\xcf\x11\xe0 old"), name=name)


@pytest.mark.parametrize(
    ("item", "parts"),
    [
        ("a", ["a"]),
        ("a|", ["a", ""]),
        ("|a", ["", "a"]),
        ("a\\|", ["a|"]),
        ("a\\||b", ["a|", "b"]),
        ("a\\\\|b", ["a\\", "b"]),
        ("\\", ["\\"]),
        ("a\\b", ["a\\b"]),
    ],
)
def test_a_backslash_takes_away_the_meaning_of_a_separator(item, parts):
    assert split_parts(item) == parts
