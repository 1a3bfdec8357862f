"""Files whose columns a person has matched, and rows that were mended."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from app.domain.enums import EvidenceGrade
from app.errors import InvalidInput
from app.intake.columns import CANDIDATE_COLUMNS, IDENTITY_COLUMNS, MEND_COLUMNS, field_of
from app.intake.mapped import FIELDS, MappedFile, iter_source, read_head, read_mapped, read_mended
from app.intake.source import Format
from app.intake.template import CHOICES, MEND_TITLES, TITLES, write_template
from app.intake.write import write_workbook


def read(data: bytes, fields=None, mended=None, name="file.csv"):
    content = io.BytesIO(data)
    head = read_head(content, name)
    return read_mapped(MappedFile(content, name, tuple(fields or head.suggested), mended or {}), head)


def test_columns_that_are_known_are_suggested_and_what_is_not_kept_is_not_read():
    head = read_head(
        io.BytesIO("Matricule;Compétences;Adresse;Remarques;المهنة\n1;souder;Rue 1;x;لحام".encode()),
        "file.csv",
    )

    assert head.columns == ("Matricule", "Compétences", "Adresse", "Remarques", "المهنة")
    assert head.suggested == ("id", "skills", None, None, "occupations")


def test_of_two_columns_with_one_meaning_the_first_is_suggested():
    head = read_head(io.BytesIO(b"id,code,skills\n1,2,welding"), "file.csv")

    assert head.suggested == ("id", None, "skills")


def test_a_column_is_read_as_a_person_matched_it():
    outcome = read(b"who,what,id\nA-1,welding,9\nA-2,sewing,8", fields=["id", "skills", None])

    assert [(record.id, [claim.skill for claim in record.skills]) for record in outcome.records] == [
        ("A-1", ["welding"]),
        ("A-2", ["sewing"]),
    ]
    assert outcome.warnings == ()


def test_a_column_that_is_not_read_stays_out_even_if_its_name_is_known():
    outcome = read(b"id,given_name\n1,Salma", fields=["id", None])

    assert outcome.identities == {}


def test_faults_name_the_row_and_the_header_of_the_file():
    outcome = read(b"Code stagiaire,Dispo\n1,sometime\n2,2027-01-01", fields=["id", "available_from"])

    [issue] = outcome.issues
    assert (issue.row, issue.column, issue.code, issue.pointer) == (
        2,
        "Dispo",
        "invalid-date",
        "/available_from",
    )
    assert outcome.rows == (3,)


def test_a_mended_value_takes_the_place_of_the_one_that_was_sent():
    outcome = read(b"id,evidence,skills\n1,certifed,welding", mended={2: {"evidence": "certified"}})

    assert [claim.evidence for claim in outcome.records[0].skills] == [EvidenceGrade.CERTIFIED]
    assert outcome.issues == ()


def test_a_row_that_could_not_be_read_is_good_once_it_is_written_anew():
    data = b"id,skills\n1,welding,too,many\n2,sewing"
    assert [issue.code for issue in read(data).issues] == ["too-many-cells"]

    outcome = read(data, mended={2: {"id": "1", "skills": "welding"}})

    assert [record.id for record in outcome.records] == ["1", "2"]


def test_rows_are_given_as_they_were_sent_without_the_apostrophe_that_guards_them():
    content = io.BytesIO(b"id,text\n1,'=2+3\n2,'quoted'")
    head = read_head(content, "file.csv")

    assert [list(row.values) for row in iter_source(MappedFile(content, "file.csv", ()), head)] == [
        ["1", "=2+3"],
        ["2", "'quoted'"],
    ]


@pytest.mark.parametrize("one_array", [False, True], ids=["lines", "array"])
def test_keys_of_json_are_matched_like_columns(one_array: bool):
    people = [{"code": "A", "capabilities": [{"skill": "welding"}]}, {"code": "B", "extra": 1}]
    text = json.dumps(people, indent=2) if one_array else "\n".join(map(json.dumps, people))
    content = io.BytesIO(text.encode())
    head = read_head(content, "file.json")
    assert head.columns == ("code", "capabilities", "extra")
    assert head.suggested == ("id", None, None)

    outcome = read_mapped(MappedFile(content, "file.json", ("id", "skills", None)), head)

    assert [[claim.skill for claim in record.skills] for record in outcome.records] == [["welding"], []]


def test_mended_rows_are_found_by_the_row_they_name():
    head = read_head(io.BytesIO(b"Code stagiaire,Dispo\n1,x\n2,y"), "file.csv")
    sent_back = (
        "Ligne,Code stagiaire,Dispo,Ce qui ne va pas,Comment corriger\n2,1,2027-01-01,…,…\n,9,z,,".encode()
    )

    mended = read_mended(io.BytesIO(sent_back), "file.csv", head, ["id", "available_from"])

    assert mended == {2: {"id": "1", "available_from": "2027-01-01"}}


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (b"id,available_from\n1,2027-01-01", "file.csv", "does not say which rows"),
        (b'{"source_row": 2, "id": "1"}', "file.json", "another kind"),
    ],
)
def test_a_file_that_mends_nothing_here_is_refused(data: bytes, name: str, told: str):
    head = read_head(io.BytesIO(b"id,available_from\n1,x"), "file.csv")

    with pytest.raises(InvalidInput, match=told):
        read_mended(io.BytesIO(data), name, head, ["id", "available_from"])


def bomb() -> bytes:
    """A workbook of 300 KB that unpacks to 300 MB."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        part.write(b"<worksheet><sheetData>")
        for _ in range(300):
            part.write(b" " * 2**20)
    return packed.getvalue()


def declared_large() -> bytes:
    """A workbook whose one cell stands in the last corner of the sheet."""
    packed = io.BytesIO()
    sheet = (
        b'<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    first = b'<row r="1"><c r="A1"><v>1</v></c></row>'
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", sheet.replace(b"<sheetData>", b"<sheetData>" + first))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (b"", "file.csv", "is empty"),
        (b"id,skills\n", "file.csv", "no rows below"),
        (b"\x00\x01\x02\x03", "file.csv", "neither UTF-8 text nor a workbook"),
        (b"PK\x03\x04garbage", "file.xlsx", "damaged"),
        (b"not a workbook", "file.xlsx", "not an XLSX workbook"),
        (bomb(), "file.xlsx", "unpacks to more than"),
        (declared_large(), "file.xlsx", "spreads over more than"),
        (b'[{"id": 1}, {"id": ', "file.json", "not JSON from character"),
        (b"[" * 100_000, "file.json", "nested too deeply"),
        (b",".join(b"c%d" % n for n in range(300)) + b"\n1", "file.csv", "more than 200 columns"),
    ],
    ids=[
        "empty",
        "header only",
        "NUL",
        "damaged",
        "mislabelled",
        "bomb",
        "declared large",
        "cut",
        "deep",
        "wide",
    ],
)
def test_a_hostile_file_is_refused_with_a_clear_sentence(data: bytes, name: str, told: str):
    with pytest.raises(InvalidInput, match=told):
        read_head(io.BytesIO(data), name)


def test_rows_in_another_encoding_are_refused_and_the_others_are_read():
    outcome = read(b"id,text\n1,plain\n" + "2,génie\n".encode("latin-1") + b"3,also plain\n")

    assert [record.id for record in outcome.records] == ["1", "3"]
    assert [(issue.row, issue.code) for issue in outcome.issues] == [(3, "invalid-encoding")]


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ('{"id": 1, "id": 2}', "duplicate-key"),
        ('{"id": NaN}', "invalid-number"),
        ('{"id": ' + "9" * 5_000 + "}", "invalid-number"),
        ("[1]", "not-an-object"),
    ],
    ids=["duplicate", "nan", "digits", "array"],
)
def test_a_bad_item_of_an_array_costs_only_itself(item: str, code: str):
    outcome = read(f'[{{"id": "a"}},\n{item},\n{{"id": "b"}}]'.encode(), fields=["id"], name="file.json")

    assert [record.id for record in outcome.records] == ["a", "b"]
    assert [(issue.row, issue.code) for issue in outcome.issues] == [(2, code)]


@pytest.mark.parametrize("lang", TITLES)
def test_the_headers_of_a_template_are_recognised(lang: str):
    columns = CANDIDATE_COLUMNS | IDENTITY_COLUMNS

    assert {field_of(title, columns) for title in TITLES[lang].values()} == set(FIELDS)
    assert all(field_of(title, columns) == field for field, title in TITLES[lang].items())
    assert all(field_of(title, MEND_COLUMNS) == key for key, title in MEND_TITLES[lang].items())


@pytest.mark.parametrize("lang", TITLES)
@pytest.mark.parametrize("kind", [Format.CSV, Format.XLSX])
def test_a_template_that_is_filled_in_reads_back(kind: Format, lang: str, tmp_path):
    target = io.BytesIO()
    write_template(target, kind, lang, {"id": "Any number"})
    if kind is Format.CSV:
        filled = target.getvalue() + b"7" + b"," * (len(FIELDS) - 1) + b"\r\n"
    else:
        # A person fills the workbook in; here another one with the same headers stands for it.
        with pytest.raises(InvalidInput, match="no rows below"):
            read_head(target, "file.xlsx")
        again = io.BytesIO()
        write_workbook(again, list(TITLES[lang].values()), [{TITLES[lang]["id"]: "7"}], sheet="candidates")
        filled = again.getvalue()

    outcome = read(filled, name=f"file.{kind.value}")

    assert [record.id for record in outcome.records] == ["7"]


def test_every_choice_of_a_template_is_one_that_reading_knows():
    for field, choices in CHOICES.items():
        for choice in choices:
            outcome = read(f"id,{field}\n1,{choice}\n".encode())
            assert outcome.issues == (), (field, choice)
