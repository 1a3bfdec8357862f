"""Files that cannot be used: a clear error that says where and how to mend it, and no harm done."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from app.errors import TaxonomyError
from app.taxonomy import read_taxonomy, sources, tables
from tests.unit.taxonomy.package import csv_text, skill, small_release, uri, write_folder, write_zip

GOOD = csv_text([skill("weld", "weld metal")]).encode()


def refusal(path: Path | list[Path]) -> str:
    with pytest.raises(TaxonomyError) as caught:
        read_taxonomy(path, name="made-up")
    return caught.value.detail


def save(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_a_path_that_does_not_exist_is_named(tmp_path: Path):
    assert "nowhere: is no file or folder" in refusal(tmp_path / "nowhere")


def test_a_folder_without_tables_says_what_is_expected(tmp_path: Path):
    assert "no table of skills, occupations or groups" in refusal(tmp_path)


def test_relations_alone_are_not_enough(tmp_path: Path):
    folder = write_folder(tmp_path, {"skillSkillRelations": small_release()["skillSkillRelations"]})
    assert "no table of skills, occupations or groups" in refusal(folder)


def test_a_table_without_rows_holds_no_concept(tmp_path: Path):
    assert "hold no concept" in refusal(save(tmp_path / "skills_en.csv", b"conceptUri,preferredLabel\n"))


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_has_no_header(tmp_path: Path, data: bytes):
    assert "skills_en.csv: has no header row" in refusal(save(tmp_path / "skills_en.csv", data))


def test_a_missing_column_is_named(tmp_path: Path):
    path = save(tmp_path / "skills_en.csv", b"conceptUri,label\nx,y\n")
    message = refusal(path)
    assert "skills_en.csv, row 1, column preferredLabel: the column preferredLabel is missing" in message
    assert "the header has concepturi, label" in message


def test_a_missing_column_of_relations_is_named(tmp_path: Path):
    folder = write_folder(tmp_path, small_release())
    save(folder / "occupationSkillRelations.csv", b"occupationUri,relationType\nx,essential\n")
    assert "occupationSkillRelations.csv, row 1, column skillUri" in refusal(folder)


def test_a_column_named_twice_is_refused(tmp_path: Path):
    path = save(tmp_path / "skills_en.csv", b"conceptUri,preferredLabel,ConceptURI\nx,y,z\n")
    assert "row 1, column ConceptURI: names a column twice" in refusal(path)


def test_another_encoding_is_placed_by_row(tmp_path: Path):
    rows = [skill("a", "a", "line\nbreaks\ncount once"), skill("b", "é")]
    path = save(tmp_path / "skills_en.csv", csv_text(rows).encode("latin-1"))
    assert 'skills_en.csv, row 3: is not UTF-8 text. To mend it: save it as "CSV UTF-8"' in refusal(path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_utf_16_is_refused(tmp_path: Path, encoding: str):
    path = save(tmp_path / "skills_en.csv", GOOD.decode().encode(encoding))
    assert "skills_en.csv" in refusal(path)
    assert "CSV UTF-8" in refusal(path)


def test_binary_content_is_refused(tmp_path: Path):
    assert "is not a text file" in refusal(save(tmp_path / "skills_en.csv", GOOD + b"\x00"))


def test_a_quotation_mark_that_never_closes_is_placed_by_row(tmp_path: Path):
    data = f'conceptUri,preferredLabel\n{uri("a")},a\n{uri("b")},"b\n{uri("c")},c\n'.encode()
    message = refusal(save(tmp_path / "skills_en.csv", data))
    assert "skills_en.csv, row 3: the row cannot be read as CSV" in message
    assert "quotation mark" in message


def test_a_quotation_mark_out_of_place_is_placed_by_row(tmp_path: Path):
    data = f'conceptUri,preferredLabel\n{uri("a")},"b" c\n'.encode()
    assert "skills_en.csv, row 2: the row cannot be read as CSV" in refusal(
        save(tmp_path / "skills_en.csv", data)
    )


def test_a_cell_of_absurd_length_is_refused(tmp_path: Path):
    data = f"conceptUri,preferredLabel\n{uri('a')},{'x' * 200_000}\n".encode()
    assert "skills_en.csv, row 2" in refusal(save(tmp_path / "skills_en.csv", data))


def test_more_rows_than_any_release_has_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tables, "MAX_ROWS", 3)
    path = write_folder(tmp_path, {"skills_en": [skill(str(n), "x") for n in range(3)]}) / "skills_en.csv"
    assert "has more than 3 rows" in refusal(path)


# Compressed files


def test_a_gzip_file_that_was_cut_off_is_refused(tmp_path: Path):
    whole = gzip.compress(GOOD * 100)
    message = refusal(save(tmp_path / "skills_en.csv.gz", whole[: len(whole) // 2]))
    assert "skills_en.csv.gz: the gzip file is damaged or was cut off" in message


def test_a_gzip_file_that_was_altered_is_refused(tmp_path: Path):
    data = bytearray(gzip.compress(GOOD))
    data[-5] ^= 0xFF
    assert "gzip file is damaged" in refusal(save(tmp_path / "skills_en.csv.gz", bytes(data)))


def test_a_gzip_bomb_is_stopped_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sources, "MAX_TABLE_BYTES", 1024**2)
    bomb = save(tmp_path / "skills_en.csv.gz", gzip.compress(bytes(8 * 1024**2)))
    assert "larger than 1 MiB when unpacked" in refusal(bomb)


def test_a_file_larger_than_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sources, "MAX_TABLE_BYTES", 10)
    assert "skills_en.csv: is larger" in refusal(save(tmp_path / "skills_en.csv", GOOD))


def test_a_zip_bomb_is_stopped_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sources, "MAX_TABLE_BYTES", 1024**2)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("skills_en.csv", bytes(8 * 1024**2))
    assert "bomb.zip/skills_en.csv: is larger than 1 MiB when unpacked" in refusal(path)


def test_a_zip_of_many_large_members_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sources, "MAX_ARCHIVE_BYTES", 100)
    assert "unpacks to more than" in refusal(write_zip(tmp_path / "a.zip", small_release()))


def test_a_zip_of_too_many_members_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sources, "MAX_FILES", 3)
    assert "holds more than 3 files" in refusal(write_zip(tmp_path / "a.zip", small_release()))


def test_a_folder_of_too_many_tables_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sources, "MAX_FILES", 3)
    assert "holds more than 3 tables" in refusal(write_folder(tmp_path, small_release()))


@pytest.mark.parametrize(
    "name", ["../skills_en.csv", "/skills_en.csv", "a/../../skills_en.csv", "C:/skills_en.csv"]
)
def test_a_zip_that_points_outside_itself_is_refused(tmp_path: Path, name: str):
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, GOOD)
    assert "bad.zip: holds a file name that points outside the archive" in refusal(path)
    assert sorted(found.name for found in tmp_path.iterdir()) == ["bad.zip"]


def test_a_zip_that_was_cut_off_is_refused(tmp_path: Path):
    data = write_zip(tmp_path / "whole.zip", small_release()).read_bytes()
    assert "cut.zip: the zip archive is damaged" in refusal(save(tmp_path / "cut.zip", data[:-30]))


def test_a_zip_with_an_altered_member_is_refused(tmp_path: Path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("skills_en.csv", GOOD)
    save(path, path.read_bytes().replace(b"weld metal", b"weld netal"))
    assert "a.zip/skills_en.csv: the zip archive is damaged" in refusal(path)


def test_an_encrypted_zip_is_refused(tmp_path: Path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("skills_en.csv", GOOD)
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 0x1
    assert "is encrypted" in refusal(save(path, bytes(data)))


def test_a_zip_named_as_a_table_inside_a_folder_is_refused(tmp_path: Path):
    data = write_zip(tmp_path / "a.zip", small_release()).read_bytes()
    folder = tmp_path / "folder"
    folder.mkdir()
    save(folder / "skills_en.csv", data)
    assert "skills_en.csv" in refusal(folder)


def test_a_damaged_zip_in_a_folder_is_named(tmp_path: Path):
    folder = write_folder(tmp_path, small_release())
    save(folder / "x.zip", b"PK\x03\x04 not a zip")
    assert "x.zip: the zip archive is damaged" in refusal(folder)
