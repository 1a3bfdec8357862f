from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.enums import ConceptKind, LabelKind, RelationKind
from app.domain.taxonomy import Concept, Description, Label, Relation
from app.errors import TaxonomyError
from app.taxonomy import read_taxonomy
from tests.unit.taxonomy.package import (
    csv_text,
    occupation,
    skill,
    small_release,
    uri,
    write_folder,
    write_gzipped,
    write_zip,
)

FR_LABELS = [
    {"conceptUri": uri("weld"), "preferredLabel": "souder", "altLabels": "assembler", "source": "1.0"}
]


def test_a_package_gives_concepts_labels_descriptions_and_relations(tmp_path: Path):
    result = read_taxonomy(write_folder(tmp_path / "v9.9.9", small_release()))

    taxonomy = result.taxonomy
    assert taxonomy.name == "esco-9.9.9"
    assert taxonomy.languages == ("en",)
    assert taxonomy.concepts == (
        Concept(uri("C7212"), ConceptKind.ISCO_GROUP, code="7212", status="released"),
        Concept(uri("grind"), ConceptKind.SKILL, "skill/competence", "sector-specific", status="released"),
        Concept(uri("metal"), ConceptKind.SKILL_GROUP, code="S1", status="released"),
        Concept(uri("weld"), ConceptKind.SKILL, "skill/competence", "sector-specific", status="released"),
        Concept(
            uri("welder"),
            ConceptKind.OCCUPATION,
            isco_group="7212",
            code="7212.1",
            status="released",
            regulated_profession_note=uri("unregulated"),
        ),
    )
    assert taxonomy.labels == (
        Label(uri("C7212"), "en", LabelKind.PREFERRED, "Welders"),
        Label(uri("grind"), "en", LabelKind.ALTERNATIVE, "smooth welds"),
        Label(uri("grind"), "en", LabelKind.PREFERRED, "grind welds"),
        Label(uri("metal"), "en", LabelKind.PREFERRED, "working with metal"),
        Label(uri("weld"), "en", LabelKind.ALTERNATIVE, "join metal"),
        Label(uri("weld"), "en", LabelKind.PREFERRED, "weld metal"),
        Label(uri("welder"), "en", LabelKind.ALTERNATIVE, "metal joiner"),
        Label(uri("welder"), "en", LabelKind.PREFERRED, "welder"),
    )
    assert taxonomy.descriptions == (Description(uri("weld"), "en", "Join pieces of metal by melting them."),)
    assert taxonomy.relations == (
        Relation(uri("weld"), RelationKind.BROADER, uri("metal")),
        Relation(uri("weld"), RelationKind.SKILL_OPTIONAL, uri("grind")),
        Relation(uri("welder"), RelationKind.BROADER, uri("C7212")),
        Relation(uri("welder"), RelationKind.ESSENTIAL, uri("weld")),
        Relation(uri("welder"), RelationKind.OPTIONAL, uri("grind")),
    )
    assert result.issues == ()
    assert result.counts["skills"] == 2
    assert result.counts["relations.essential"] == 1
    assert result.counts["labels.en"] == 8
    assert result.counts["rows.occupationSkillRelations.csv"] == 2


def test_folder_zip_gzip_and_single_files_give_the_same(tmp_path: Path):
    tables = small_release()
    folder = write_folder(tmp_path / "plain", tables)
    expected = read_taxonomy(folder, name="made-up").taxonomy

    assert read_taxonomy(write_gzipped(tmp_path / "gz", tables), name="made-up").taxonomy == expected
    assert read_taxonomy(write_zip(tmp_path / "a.zip", tables), name="made-up").taxonomy == expected
    inside = write_zip(tmp_path / "b.zip", tables, inside="ESCO dataset/en/")
    assert read_taxonomy(inside, name="made-up").taxonomy == expected
    assert read_taxonomy(sorted(folder.iterdir()), name="made-up").taxonomy == expected
    with_zip = write_zip(
        write_folder(tmp_path / "mixed", {"skills_en": tables["skills_en"]}) / "rest.zip", tables
    )
    assert read_taxonomy(with_zip.parent, name="made-up").taxonomy == expected


def test_a_zip_is_known_by_its_content_not_its_name(tmp_path: Path):
    path = write_zip(tmp_path / "download", small_release())
    assert read_taxonomy(path, name="made-up").counts["skills"] == 2


def test_columns_come_in_any_order_and_case_with_others_between(tmp_path: Path):
    rows = [
        {
            "naceCode": "25.11",
            "Preferredlabel": row["preferredLabel"],
            "code": row["code"],
            "ISCOGROUP": row["iscoGroup"],
            "occupationLabel": "x",
            "altLabels": row["altLabels"],
            " conceptUri ": row["conceptUri"],
            "regulatedProfessionNote": row["regulatedProfessionNote"],
            "status": row["status"],
        }
        for row in small_release()["occupations_en"]
    ]
    shuffled = small_release() | {"occupations_en": rows}

    expected = read_taxonomy(write_folder(tmp_path / "a", small_release()), name="made-up")
    result = read_taxonomy(write_folder(tmp_path / "b", shuffled), name="made-up")
    assert result.taxonomy == expected.taxonomy
    assert result.issues == ()


def test_labels_of_relations_in_newer_packages_are_no_trouble(tmp_path: Path):
    tables = small_release()
    newer = [
        {"occupationLabel": "welder", **row, "skillLabel": "x"} for row in tables["occupationSkillRelations"]
    ]
    result = read_taxonomy(
        write_folder(tmp_path, tables | {"occupationSkillRelations": newer}), name="made-up"
    )
    assert result.counts["relations.essential"] == 1


def test_two_columns_suffice_for_a_concept(tmp_path: Path):
    rows = [{"conceptUri": uri("weld"), "preferredLabel": "weld metal"}]
    taxonomy = read_taxonomy(write_folder(tmp_path, {"skills_en": rows}), name="made-up").taxonomy
    assert taxonomy.concepts == (Concept(uri("weld"), ConceptKind.SKILL),)


def test_byte_order_mark_crlf_and_line_breaks_in_cells_are_read(tmp_path: Path):
    rows = [skill("weld", "weld metal", "join metal", "fuse metal", description="First.\r\nSecond.")]
    (tmp_path / "skills_en.csv").write_text(csv_text(rows, end="\r\n"), encoding="utf-8-sig", newline="")

    taxonomy = read_taxonomy(tmp_path, name="made-up").taxonomy
    assert [label.text for label in taxonomy.labels] == ["fuse metal", "join metal", "weld metal"]
    assert taxonomy.descriptions == (Description(uri("weld"), "en", "First.\nSecond."),)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_table_saved_again_with_another_separator_is_read(tmp_path: Path, delimiter: str):
    rows = [skill("weld", "weld metal, or plastic", "join metal")]
    (tmp_path / "skills_en.csv").write_text(csv_text(rows, delimiter=delimiter), encoding="utf-8")
    taxonomy = read_taxonomy(tmp_path, name="made-up").taxonomy
    assert [label.text for label in taxonomy.labels] == ["join metal", "weld metal, or plastic"]


@pytest.mark.parametrize(
    "cell", ["join metal\nfuse metal", "join metal | fuse metal", "\r\njoin metal\r\n fuse metal \r\n"]
)
def test_alternative_labels_are_separated_by_line_break_or_bar(tmp_path: Path, cell: str):
    rows = [skill("weld", "weld metal", altLabels=cell)]
    taxonomy = read_taxonomy(write_folder(tmp_path, {"skills_en": rows}), name="made-up").taxonomy
    assert [label.text for label in taxonomy.labels] == ["fuse metal", "join metal", "weld metal"]


def test_a_label_keeps_its_slash_and_brackets(tmp_path: Path):
    rows = [occupation("tech", "technicien/technicienne", "Java (computer programming)")]
    taxonomy = read_taxonomy(write_folder(tmp_path, {"occupations_fr": rows}), name="made-up").taxonomy
    assert [label.text for label in taxonomy.labels] == [
        "Java (computer programming)",
        "technicien/technicienne",
    ]


def test_hidden_labels_are_read_as_such(tmp_path: Path):
    rows = [skill("weld", "weld metal", "join metal", hiddenLabels="wedl metal\njoin metal")]
    taxonomy = read_taxonomy(write_folder(tmp_path, {"skills_en": rows}), name="made-up").taxonomy
    assert [(label.kind.value, label.text) for label in taxonomy.labels] == [
        ("alternative", "join metal"),
        ("hidden", "wedl metal"),
        ("preferred", "weld metal"),
    ]


def test_blank_rows_are_skipped_but_counted(tmp_path: Path):
    text = csv_text([skill("weld", "weld metal"), skill("grind", "grind", skillType="")])
    lines = text.splitlines(keepends=True)
    (tmp_path / "skills_en.csv").write_text(lines[0] + lines[1] + "\n\n" + lines[2], encoding="utf-8")
    result = read_taxonomy(tmp_path, name="made-up")
    assert result.counts["skills"] == 2
    assert [(issue.code, issue.row) for issue in result.issues] == [("skill-type-missing", 5)]


def test_a_row_may_end_early(tmp_path: Path):
    (tmp_path / "skills_en.csv").write_text(
        f"conceptUri,preferredLabel,skillType,altLabels\n{uri('weld')},weld metal\n", encoding="utf-8"
    )
    assert read_taxonomy(tmp_path, name="made-up").counts["labels.en"] == 1


def test_progress_counts_the_tables(tmp_path: Path):
    told: list[tuple[str, int, int]] = []
    folder = write_folder(tmp_path, small_release())
    read_taxonomy(folder, name="made-up", progress=lambda *step: told.append(step))
    assert told == [("reading tables", done, 8) for done in range(1, 9)]


# Languages


def test_a_folder_of_several_languages_reads_them_all(tmp_path: Path):
    release = write_folder(tmp_path / "v2.0", {})
    write_folder(release / "en", small_release())
    write_folder(release / "fr", {"skills_fr": [skill("weld", "souder")]})

    taxonomy = read_taxonomy(release).taxonomy
    assert taxonomy.languages == ("en", "fr")
    assert Label(uri("weld"), "fr", LabelKind.PREFERRED, "souder") in taxonomy.labels
    assert len(taxonomy.concepts) == 5


def test_a_table_of_labels_adds_a_language(tmp_path: Path):
    folder = write_folder(tmp_path / "base", small_release())
    labels = write_gzipped(tmp_path / "labels", {"skills_fr": FR_LABELS})

    result = read_taxonomy([folder, labels / "skills_fr.csv.gz"], name="made-up")
    assert result.taxonomy.languages == ("en", "fr")
    assert result.taxonomy.concepts == read_taxonomy(folder, name="made-up").taxonomy.concepts
    assert not result.labels_only


def test_a_table_of_labels_alone_says_so(tmp_path: Path):
    result = read_taxonomy(write_folder(tmp_path, {"skills_fr": FR_LABELS}), name="made-up")
    assert result.labels_only
    assert result.taxonomy.languages == ("fr",)
    assert result.taxonomy.concepts == (Concept(uri("weld"), ConceptKind.SKILL),)


@pytest.mark.parametrize(
    "stem", ["occupations_et", "occupations_no", "occupations_mt", "occupations_ar_v1.0"]
)
def test_occupations_alone_are_read_in_the_language_of_the_name(tmp_path: Path, stem: str):
    row = occupation("welder", "x")
    older = {
        key: row[key] for key in ("conceptType", "conceptUri", "iscoGroup", "preferredLabel", "altLabels")
    }
    result = read_taxonomy(write_folder(tmp_path, {stem: [older]}), name="made-up")
    assert result.taxonomy.languages == (stem[12:14],)
    assert result.taxonomy.concepts[0].isco_group == "7212"
    assert not result.labels_only


def test_several_tables_of_labels_alone_join_their_concepts(tmp_path: Path):
    german = [{"conceptUri": uri("grind"), "preferredLabel": "schleifen", "altLabels": ""}]
    result = read_taxonomy(
        write_folder(tmp_path, {"skills_fr": FR_LABELS, "skills_de": german}), name="made-up"
    )
    assert len(result.taxonomy.concepts) == 2
    assert result.issues == ()


def test_the_language_is_given_when_the_name_has_none(tmp_path: Path):
    folder = write_folder(tmp_path, {"skills": [skill("weld", "souder")]})
    assert read_taxonomy(folder, name="made-up", lang="fr").taxonomy.languages == ("fr",)


def test_the_language_is_that_of_the_folder_when_the_name_has_none(tmp_path: Path):
    write_folder(tmp_path / "fr", {"skills": [skill("weld", "souder")]})
    assert read_taxonomy(tmp_path, name="made-up").taxonomy.languages == ("fr",)


def test_the_language_is_that_of_the_other_tables_when_the_name_has_none(tmp_path: Path):
    tables = {"skills": [skill("weld", "souder")], "occupations_fr": [occupation("welder", "soudeur")]}
    assert read_taxonomy(write_folder(tmp_path, tables), name="made-up").taxonomy.languages == ("fr",)


def test_an_unknown_language_is_asked_for(tmp_path: Path):
    folder = write_folder(tmp_path, {"skills": [skill("weld", "souder")]})
    with pytest.raises(TaxonomyError, match=r"skills\.csv: the language .* \(--lang fr\)"):
        read_taxonomy(folder, name="made-up")


def test_a_given_language_that_the_file_name_contradicts_is_refused(tmp_path: Path):
    folder = write_folder(tmp_path, {"skills_en": [skill("weld", "weld")]})
    with pytest.raises(TaxonomyError, match="says language 'en', but 'fr' was given"):
        read_taxonomy(folder, name="made-up", lang="fr")


@pytest.mark.parametrize("lang", ["", "FR", "fra", "f"])
def test_a_malformed_language_is_refused(tmp_path: Path, lang: str):
    with pytest.raises(TaxonomyError, match="two lower-case letters"):
        read_taxonomy(tmp_path, name="made-up", lang=lang)


# Release names


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("v1.1.1", "esco-1.1.1"),
        ("ESCO dataset - v1.2.0 - classification - en - csv", "esco-1.2.0"),
        ("esco_1.2.1", "esco-1.2.1"),
        ("occupations-v1.0.3", "esco-1.0.3"),
        ("v1.2.0-without-skills-file/en", "esco-1.2.0"),
    ],
)
def test_the_release_is_found_from_the_path(tmp_path: Path, place: str, name: str):
    assert read_taxonomy(write_folder(tmp_path / place, small_release())).taxonomy.name == name


def test_the_release_is_found_inside_a_zip(tmp_path: Path):
    path = write_zip(tmp_path / "download.zip", small_release(), inside="ESCO dataset - v1.2.1/")
    assert read_taxonomy(path).taxonomy.name == "esco-1.2.1"


def test_an_unknown_release_is_asked_for(tmp_path: Path):
    folder = write_folder(tmp_path / "download", small_release())
    with pytest.raises(TaxonomyError, match="Pass --release"):
        read_taxonomy(folder)
    assert read_taxonomy(folder, default_name="unnamed").taxonomy.name == "unnamed"


def test_files_of_two_releases_need_a_name(tmp_path: Path):
    old = write_folder(tmp_path / "v1.1.1", small_release())
    new = write_folder(tmp_path / "v1.2.0", {"skills_fr": FR_LABELS})
    with pytest.raises(TaxonomyError, match=r"name several: 1\.1\.1, 1\.2\.0.*Pass --release"):
        read_taxonomy([old, new])
    assert read_taxonomy([old, new], name="esco-1.1.1").taxonomy.name == "esco-1.1.1"


@pytest.mark.parametrize("name", ["", "ESCO 1", "../x", "-x", "x" * 64, "a\n"])
def test_a_malformed_release_name_is_refused(tmp_path: Path, name: str):
    folder = write_folder(tmp_path, small_release())
    with pytest.raises(TaxonomyError, match="no release name"):
        read_taxonomy(folder, name=name)


# Files beside the tables


def test_known_tables_the_model_does_not_use_are_passed_over(tmp_path: Path):
    unused = {
        "greenSkillsCollection_en": [skill("weld", "other")],
        "skillsHierarchy_en": [{"Level 0 URI": uri("metal"), "Level 0 preferred term": "other"}],
        "conceptSchemes_en": [{"conceptSchemeUri": uri("scheme"), "preferredLabel": "x"}],
        "dictionary_en": [{"filename": "x"}],
        "greenShareOcc_en": [{"conceptUri": uri("welder")}],
    }
    expected = read_taxonomy(write_folder(tmp_path / "a", small_release()), name="made-up")
    result = read_taxonomy(write_folder(tmp_path / "b", small_release() | unused), name="made-up")
    assert result == expected


def test_a_table_of_another_name_is_reported(tmp_path: Path):
    folder = write_folder(tmp_path, small_release() | {"salaries": [{"a": "b"}]})
    (folder / "README.md").write_text("Not a table.")
    (folder / "._skills_en.csv").write_bytes(b"\x00\x05\x16\x07")
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "skills_en.csv").write_bytes(b"\x00\x05\x16\x07")
    result = read_taxonomy(folder, name="made-up")
    assert [(issue.code, issue.message.split(":")[0]) for issue in result.issues] == [
        ("file-ignored", "salaries.csv")
    ]
