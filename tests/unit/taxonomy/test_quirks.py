"""Every quirk of real files: how it is mended, and that the report says where it was."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.domain.enums import ConceptKind, LabelKind
from app.domain.taxonomy import Label
from app.taxonomy import ReadResult, read_taxonomy
from app.taxonomy.concepts import MAX_LABEL_LENGTH
from tests.unit.taxonomy.package import (
    below,
    csv_text,
    goes_with,
    group,
    needs,
    occupation,
    skill,
    small_release,
    uri,
    write_folder,
)


def read(folder: Path, **tables) -> ReadResult:
    return read_taxonomy(write_folder(folder, tables), name="made-up")


def reported(result: ReadResult) -> list[tuple[str, str, int | None, str | None]]:
    """Code, file, row and column of each issue."""
    return [(issue.code, issue.message.split(":")[0], issue.row, issue.column) for issue in result.issues]


def texts(result: ReadResult) -> list[tuple[str, str]]:
    return [(label.kind.value, label.text) for label in result.taxonomy.labels]


def test_a_concept_repeated_word_for_word_is_one_concept(tmp_path: Path):
    row = skill("weld", "weld metal", "join metal")
    result = read(tmp_path, skills_en=[row, skill("grind", "grind"), row])
    assert result.counts["skills"] == 2
    assert result.counts["labels.en"] == 3
    assert reported(result) == [("concept-repeated", "skills_en.csv", 4, "conceptUri")]
    assert "concept of row 2 comes again; merged" in result.issues[0].message


def test_a_concept_repeated_with_other_content_is_merged(tmp_path: Path):
    rows = [skill("weld", "weld metal", reuseLevel=""), skill("weld", "join metal", skillType="knowledge")]
    result = read(tmp_path, skills_en=rows)
    (concept,) = result.taxonomy.concepts
    assert (concept.skill_type, concept.reuse_level) == ("skill/competence", "sector-specific")
    assert texts(result) == [("alternative", "weld metal"), ("preferred", "join metal")]
    assert reported(result) == [
        ("concept-repeated", "skills_en.csv", 3, "conceptUri"),
        ("preferred-label-differs", "skills_en.csv", 2, "preferredLabel"),
    ]
    assert "with other content" in result.issues[0].message


def test_merging_does_not_depend_on_the_order_of_rows(tmp_path: Path):
    rows = [
        skill("weld", "weld metal", "x", skillType="", description="b"),
        skill("weld", "join metal", "y", skillType="knowledge", description="a"),
        skill("weld", "fuse metal", "x", reuseLevel="transversal"),
    ]
    assert (
        read(tmp_path / "a", skills_en=rows).taxonomy == read(tmp_path / "b", skills_en=rows[::-1]).taxonomy
    )


def test_a_skill_without_type_is_kept(tmp_path: Path):
    result = read(tmp_path, skills_en=[skill("weld", "weld", skillType="")])
    assert result.taxonomy.concepts[0].skill_type == ""
    assert reported(result) == [("skill-type-missing", "skills_en.csv", 2, "skillType")]


def test_an_unknown_skill_type_is_kept(tmp_path: Path):
    result = read(tmp_path, skills_en=[skill("weld", "weld", skillType="attitude")])
    assert result.taxonomy.concepts[0].skill_type == "attitude"
    assert reported(result) == [("skill-type-unknown", "skills_en.csv", 2, "skillType")]


def test_labels_repeated_within_a_concept_are_dropped(tmp_path: Path):
    result = read(tmp_path, skills_en=[skill("weld", "weld metal", "join metal", "weld metal", "join metal")])
    assert texts(result) == [("alternative", "join metal"), ("preferred", "weld metal")]
    assert reported(result) == [("label-repeated", "skills_en.csv", 2, "altLabels")]
    assert "2; dropped" in result.issues[0].message


def test_labels_that_differ_in_case_are_two_labels(tmp_path: Path):
    result = read(tmp_path, skills_en=[skill("weld", "MIG welding", "mig welding")])
    assert len(texts(result)) == 2
    assert result.issues == ()


def test_one_label_may_name_two_concepts(tmp_path: Path):
    result = read(tmp_path, skills_en=[skill("weld", "weld", "join"), skill("glue", "glue", "join")])
    assert result.counts["labels.en"] == 4
    assert result.issues == ()


def test_a_concept_without_preferred_label_keeps_its_others(tmp_path: Path):
    result = read(tmp_path, skills_en=[skill("weld", "", "join metal")])
    assert texts(result) == [("alternative", "join metal")]
    assert reported(result) == [("preferred-label-missing", "skills_en.csv", 2, "preferredLabel")]


def test_an_endless_label_is_dropped(tmp_path: Path):
    result = read(tmp_path, skills_en=[skill("weld", "weld", "x" * (MAX_LABEL_LENGTH + 1))])
    assert texts(result) == [("preferred", "weld")]
    assert reported(result) == [("label-too-long", "skills_en.csv", 2, "altLabels")]


@pytest.mark.parametrize(("bad", "code"), [("", "concept-uri-missing"), ("a b", "concept-uri-invalid")])
def test_a_row_that_names_no_concept_is_left_out(tmp_path: Path, bad: str, code: str):
    result = read(tmp_path, skills_en=[skill("weld", "weld"), skill("x", "x", conceptUri=bad)])
    assert result.counts["skills"] == 1
    assert reported(result) == [(code, "skills_en.csv", 3, "conceptUri")]


def test_an_isco_group_that_lost_its_zero_is_mended(tmp_path: Path):
    result = read(tmp_path, occupations_en=[occupation("officer", "officer", iscoGroup="110")])
    assert result.taxonomy.concepts[0].isco_group == "0110"
    assert reported(result) == [("isco-group-invalid", "occupations_en.csv", 2, "iscoGroup")]


@pytest.mark.parametrize("code", ["", "72", "C7212", "72125", "٧٢١٢"])
def test_an_isco_group_of_another_form_is_left_empty(tmp_path: Path, code: str):
    result = read(tmp_path, occupations_en=[occupation("welder", "welder", iscoGroup=code)])
    assert result.taxonomy.concepts[0].isco_group == ""
    assert reported(result) == [("isco-group-invalid", "occupations_en.csv", 2, "iscoGroup")]


def test_a_row_with_too_many_cells_is_left_out(tmp_path: Path):
    text = csv_text([{"conceptUri": uri("weld"), "preferredLabel": "weld"}])
    (tmp_path / "skills_en.csv").write_text(f"{text}{uri('cut')},cut, saw\n{uri('file')},file,,\n")
    result = read_taxonomy(tmp_path, name="made-up")
    assert result.counts["skills"] == 2
    assert reported(result) == [("row-too-long", "skills_en.csv", 3, None)]


def test_one_uri_cannot_be_a_skill_and_an_occupation(tmp_path: Path):
    result = read(tmp_path, occupations_en=[occupation("x", "welder")], skills_en=[skill("x", "weld")])
    assert [concept.kind for concept in result.taxonomy.concepts] == [ConceptKind.OCCUPATION]
    assert texts(result) == [("preferred", "welder")]
    assert reported(result) == [("concept-kind-clash", "skills_en.csv", 2, "conceptUri")]


# Labels of other releases


def test_labels_of_an_unknown_concept_are_left_out(tmp_path: Path):
    french = [
        {"conceptUri": uri("weld"), "preferredLabel": "souder"},
        {"conceptUri": uri("gone"), "preferredLabel": "parti"},
    ]
    result = read(tmp_path, skills_fr=french, **small_release())
    assert [label.text for label in result.taxonomy.labels if label.lang == "fr"] == ["souder"]
    assert reported(result) == [("concept-unknown", "skills_fr.csv", 3, "conceptUri")]


def test_the_english_tables_define_the_concepts(tmp_path: Path):
    arabic = [occupation("welder", "لحام", iscoGroup="7213"), occupation("gone", "x")]
    result = read(tmp_path, occupations_ar=arabic, **small_release())
    assert [c.isco_group for c in result.taxonomy.concepts if c.kind is ConceptKind.OCCUPATION] == ["7212"]
    assert reported(result) == [("concept-unknown", "occupations_ar.csv", 3, "conceptUri")]


def test_tables_in_two_languages_without_english_are_merged(tmp_path: Path):
    result = read(
        tmp_path,
        occupations_ar=[occupation("welder", "لحام", iscoGroup="7213", code="")],
        occupations_fr=[occupation("welder", "soudeur"), occupation("cook", "cuisinier", iscoGroup="5120")],
    )
    welder = next(c for c in result.taxonomy.concepts if c.uri == uri("welder"))
    assert (len(result.taxonomy.concepts), welder.isco_group, welder.code) == (2, "7213", "7212.1")
    assert reported(result) == [("concept-differs", "occupations_fr.csv", 2, None)]
    assert "another isco_group; merged" in result.issues[0].message


def test_a_complete_table_decides_the_preferred_label(tmp_path: Path):
    labels = [{"conceptUri": uri("weld"), "preferredLabel": "a newer name"}]
    write_folder(tmp_path / "labels", {"skills_en": labels})
    result = read(tmp_path, **small_release())
    assert Label(uri("weld"), "en", LabelKind.PREFERRED, "weld metal") in result.taxonomy.labels
    assert Label(uri("weld"), "en", LabelKind.ALTERNATIVE, "a newer name") in result.taxonomy.labels
    assert reported(result) == [("preferred-label-differs", "labels/skills_en.csv", 2, "preferredLabel")]


# Relations


def test_a_relation_of_an_unknown_occupation_is_left_out(tmp_path: Path):
    tables = small_release()
    tables["occupationSkillRelations"] = [
        needs("welder", "weld"),
        needs("gone", "weld"),
        needs("welder", "gone"),
    ]
    result = read(tmp_path, **tables)
    assert result.counts["relations.essential"] == 1
    assert result.counts["rows.occupationSkillRelations.csv"] == 3
    assert reported(result) == [
        ("relation-unknown-concept", "occupationSkillRelations.csv", 3, "occupationUri"),
        ("relation-unknown-concept", "occupationSkillRelations.csv", 4, "skillUri"),
    ]
    assert uri("gone") in result.issues[0].message


def test_a_relation_between_skills_or_groups_needs_both_ends(tmp_path: Path):
    tables = small_release()
    tables["skillSkillRelations"] = [goes_with("weld", "gone")]
    tables["broaderRelationsSkillPillar"] = [below("weld", "KnowledgeSkillCompetence", "gone", "SkillGroup")]
    assert reported(read(tmp_path, **tables)) == [
        ("relation-unknown-concept", "broaderRelationsSkillPillar.csv", 2, "broaderUri"),
        ("relation-unknown-concept", "skillSkillRelations.csv", 2, "relatedSkillUri"),
    ]


def test_a_missing_table_is_reported_once(tmp_path: Path):
    tables = small_release()
    del tables["skills_en"]
    result = read(tmp_path, **tables)
    assert reported(result) == [
        ("table-missing", "broaderRelationsSkillPillar.csv", None, None),
        ("table-missing", "occupationSkillRelations.csv", None, None),
        ("table-missing", "skillSkillRelations.csv", None, None),
    ]
    assert "2 rows need a table of skill concepts" in result.issues[1].message


def test_a_repeated_relation_is_one_relation(tmp_path: Path):
    tables = small_release()
    tables["occupationSkillRelations"] = [needs("welder", "weld"), needs("welder", "weld")]
    result = read(tmp_path, **tables)
    assert result.counts["relations.essential"] == 1
    assert reported(result) == [("relation-repeated", "occupationSkillRelations.csv", 3, None)]


def test_relations_repeated_in_every_language_are_no_quirk(tmp_path: Path):
    tables = small_release()
    twice = {
        "skillSkillRelations_en": tables["skillSkillRelations"],
        "skillSkillRelations_fr": tables["skillSkillRelations"],
    }
    result = read(tmp_path, **(tables | twice))
    assert result.counts["relations.skill_optional"] == 1
    assert result.issues == ()


def test_an_unknown_type_of_relation_is_left_out(tmp_path: Path):
    tables = small_release()
    tables["occupationSkillRelations"] = [
        needs("welder", "weld", "vital"),
        needs("welder", "weld", "Essential"),
    ]
    result = read(tmp_path, **tables)
    assert result.counts["relations.essential"] == 1
    assert reported(result) == [("relation-type-unknown", "occupationSkillRelations.csv", 2, "relationType")]


def test_a_relation_of_a_concept_to_itself_is_left_out(tmp_path: Path):
    tables = small_release()
    tables["skillSkillRelations"] = [goes_with("weld", "weld")]
    assert reported(read(tmp_path, **tables)) == [
        ("relation-to-itself", "skillSkillRelations.csv", 2, "relatedSkillUri")
    ]


def test_groups_without_code_are_kept(tmp_path: Path):
    result = read(tmp_path, skillGroups_en=[group("metal", "metal", code="")])
    assert result.counts["skill_groups"] == 1
    assert result.issues == ()


def test_every_report_is_a_sentence_with_its_repair(tmp_path: Path):
    result = read(tmp_path, skills_en=[skill("weld", "weld"), skill("x", "x", conceptUri="")])
    (issue,) = result.issues
    assert issue.message == "skills_en.csv: the row names no concept; left out."
    assert issue.hint == "Fill in conceptUri."


def test_the_documentation_explains_every_code():
    root = Path(__file__).parents[3]
    source = "".join(path.read_text() for path in (root / "app/taxonomy").glob("*.py"))
    codes = set(
        re.findall(r'"((?:concept|file|isco|label|preferred|relation|row|skill|table)-[a-z-]+)"', source)
    )
    page = (root / "docs/taxonomy.md").read_text()
    section = page.partition("## What is mended and reported")[2].partition("\n## ")[0]
    assert codes == set(re.findall(r"`([a-z]+-[a-z-]+)`", section))
