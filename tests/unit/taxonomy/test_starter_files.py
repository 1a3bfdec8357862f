"""Facts about the starter taxonomy as files, read with the csv module alone."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "app" / "taxonomy" / "starter"
LANGUAGES = ("en", "fr", "ar", "de")
PREFIX = "urn:talentbridge:starter:"

SKILL_COLUMNS = [
    "conceptType",
    "conceptUri",
    "skillType",
    "reuseLevel",
    "preferredLabel",
    "altLabels",
    "hiddenLabels",
    "status",
    "modifiedDate",
    "scopeNote",
    "definition",
    "inScheme",
    "description",
]
OCCUPATION_COLUMNS = [
    "conceptType",
    "conceptUri",
    "iscoGroup",
    "preferredLabel",
    "altLabels",
    "hiddenLabels",
    "status",
    "modifiedDate",
    "regulatedProfessionNote",
    "scopeNote",
    "definition",
    "inScheme",
    "description",
    "code",
]
GROUP_COLUMNS = [
    "conceptType",
    "conceptUri",
    "preferredLabel",
    "altLabels",
    "hiddenLabels",
    "status",
    "modifiedDate",
    "scopeNote",
    "inScheme",
    "description",
    "code",
]
RELATION_COLUMNS = {
    "occupationSkillRelations": ["occupationUri", "relationType", "skillType", "skillUri"],
    "skillSkillRelations": [
        "originalSkillUri",
        "originalSkillType",
        "relationType",
        "relatedSkillType",
        "relatedSkillUri",
    ],
    "broaderRelationsSkillPillar": ["conceptType", "conceptUri", "broaderType", "broaderUri"],
}
CONCEPT_COLUMNS = {
    "skills": SKILL_COLUMNS,
    "occupations": OCCUPATION_COLUMNS,
    "skillGroups": GROUP_COLUMNS,
}
COLUMNS = RELATION_COLUMNS | {
    f"{table}_{lang}": columns for table, columns in CONCEPT_COLUMNS.items() for lang in LANGUAGES
}
CONCEPT_TABLES = [(table, lang) for table in CONCEPT_COLUMNS for lang in LANGUAGES]


def read(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def uris(table: str) -> set[str]:
    return {row["conceptUri"] for row in read(f"{table}_en")}


def alternatives(row: dict[str, str]) -> list[str]:
    return row["altLabels"].split("\n") if row["altLabels"] else []


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_header_is_the_official_one(name: str) -> None:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == COLUMNS[name]


def test_no_other_tables_lie_in_the_folder() -> None:
    assert {path.stem for path in FOLDER.glob("*.csv")} == set(COLUMNS)


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_lines_end_in_lf_and_text_is_clean(name: str) -> None:
    data = (FOLDER / f"{name}.csv").read_bytes()
    assert b"\r" not in data
    assert not data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\n")
    for row in read(name):
        assert None not in row
        assert None not in row.values()
        assert all(cell == cell.strip() for cell in row.values())


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_rows_are_sorted_and_distinct(name: str) -> None:
    key = "occupationUri" if name.startswith("occupationSkill") else "conceptUri"
    key = "originalSkillUri" if name == "skillSkillRelations" else key
    rows = read(name)
    assert [row[key] for row in rows] == sorted(row[key] for row in rows)
    assert len({tuple(row.values()) for row in rows}) == len(rows)


def test_it_is_as_large_as_promised() -> None:
    assert len(read("occupations_en")) >= 60
    assert len(read("skills_en")) >= 500


@pytest.mark.parametrize("table", sorted(CONCEPT_COLUMNS))
def test_every_language_has_the_same_concepts(table: str) -> None:
    translated = [column for column in CONCEPT_COLUMNS[table] if "abel" in column or column == "description"]
    plain = [
        [{column: cell for column, cell in row.items() if column not in translated} for row in rows]
        for rows in (read(f"{table}_{lang}") for lang in LANGUAGES)
    ]
    assert plain[0] == plain[1] == plain[2] == plain[3]


@pytest.mark.parametrize(
    ("table", "kind"), [("skills", "skill"), ("occupations", "occupation"), ("skillGroups", "group")]
)
def test_uris_are_our_own_and_unique(table: str, kind: str) -> None:
    found = [row["conceptUri"] for row in read(f"{table}_en")]
    assert len(set(found)) == len(found)
    assert all(re.fullmatch(rf"{PREFIX}{kind}:[a-z0-9]+(-[a-z0-9]+)*", uri) for uri in found)


@pytest.mark.parametrize(("table", "lang"), CONCEPT_TABLES)
def test_preferred_labels_are_present_and_unique(table: str, lang: str) -> None:
    labels = [row["preferredLabel"].casefold() for row in read(f"{table}_{lang}")]
    assert all(labels)
    assert [label for label, n in Counter(labels).items() if n > 1] == []


@pytest.mark.parametrize(("table", "lang"), [pair for pair in CONCEPT_TABLES if pair[0] != "skillGroups"])
def test_an_alternative_label_names_one_concept(table: str, lang: str) -> None:
    rows = read(f"{table}_{lang}")
    names = Counter(row["preferredLabel"].casefold() for row in rows)
    names.update(label.casefold() for row in rows for label in alternatives(row))
    assert [label for label, n in names.items() if n > 1] == []
    assert all(label == label.strip() != "" for row in rows for label in alternatives(row))
    assert all(alternatives(row) for row in rows)


@pytest.mark.parametrize("table", sorted(CONCEPT_COLUMNS))
def test_arabic_labels_are_in_arabic_script(table: str) -> None:
    rows = read(f"{table}_ar")
    assert [
        row["preferredLabel"] for row in rows if not re.search("[\u0600-\u06ff]", row["preferredLabel"])
    ] == []
    for lang in ("en", "fr", "de"):
        assert not any(
            re.search("[\u0600-\u06ff]", row["preferredLabel"] + row["altLabels"])
            for row in read(f"{table}_{lang}")
        )


def test_closed_vocabularies_are_kept() -> None:
    skills, occupations, groups = read("skills_en"), read("occupations_en"), read("skillGroups_en")
    assert {row["conceptType"] for row in skills} == {"KnowledgeSkillCompetence"}
    assert {row["conceptType"] for row in occupations} == {"Occupation"}
    assert {row["conceptType"] for row in groups} == {"SkillGroup"}
    assert {row["status"] for row in skills + occupations + groups} == {"released"}
    assert {row["skillType"] for row in skills} == {"skill/competence", "knowledge"}
    assert {row["reuseLevel"] for row in skills} == {
        "transversal",
        "cross-sector",
        "sector-specific",
        "occupation-specific",
    }


def test_occupations_carry_four_digit_isco_groups() -> None:
    rows = read("occupations_en")
    assert all(re.fullmatch("[1-9][0-9]{3}", row["iscoGroup"]) for row in rows)
    assert all(row["code"].rpartition(".")[0] == row["iscoGroup"] for row in rows)
    assert len({row["code"] for row in rows}) == len(rows)


def test_only_english_has_descriptions() -> None:
    for table in ("skills", "occupations"):
        assert all(row["description"] for row in read(f"{table}_en"))
        for lang in ("fr", "ar", "de"):
            assert not any(row["description"] for row in read(f"{table}_{lang}"))


def test_occupation_relations_resolve() -> None:
    rows = read("occupationSkillRelations")
    assert {row["occupationUri"] for row in rows} == uris("occupations")
    assert {row["skillUri"] for row in rows} <= uris("skills")
    assert {row["relationType"] for row in rows} == {"essential", "optional"}
    skill_type = {row["conceptUri"]: row["skillType"] for row in read("skills_en")}
    assert all(row["skillType"] == skill_type[row["skillUri"]] for row in rows)


def test_an_occupation_needs_a_skill_in_one_way_and_has_enough_of_them() -> None:
    rows = read("occupationSkillRelations")
    pairs = Counter((row["occupationUri"], row["skillUri"]) for row in rows)
    assert max(pairs.values()) == 1
    per_kind = Counter((row["occupationUri"], row["relationType"]) for row in rows)
    for occupation in uris("occupations"):
        assert per_kind[occupation, "essential"] >= 6
        assert per_kind[occupation, "optional"] >= 3


def test_every_skill_serves_an_occupation() -> None:
    assert uris("skills") == {row["skillUri"] for row in read("occupationSkillRelations")}


def test_skill_relations_resolve() -> None:
    skill_type = {row["conceptUri"]: row["skillType"] for row in read("skills_en")}
    for row in read("skillSkillRelations"):
        assert row["relationType"] == "optional"
        assert row["originalSkillType"] == skill_type[row["originalSkillUri"]]
        assert row["relatedSkillType"] == skill_type[row["relatedSkillUri"]]
        assert row["originalSkillUri"] != row["relatedSkillUri"]


def test_the_hierarchy_resolves_and_has_two_levels_above_each_skill() -> None:
    skills, groups = uris("skills"), uris("skillGroups")
    rows = read("broaderRelationsSkillPillar")
    concept_type = {"SkillGroup": groups, "KnowledgeSkillCompetence": skills}
    for row in rows:
        assert row["conceptUri"] in concept_type[row["conceptType"]]
        assert row["broaderUri"] in concept_type[row["broaderType"]]
    group_parent = {
        row["conceptUri"]: row["broaderUri"] for row in rows if row["conceptType"] == "SkillGroup"
    }
    roots = groups - set(group_parent)
    assert len(roots) >= 10
    assert set(group_parent.values()) == roots
    in_group = Counter(
        row["conceptUri"] for row in rows if row["conceptUri"] in skills and row["broaderUri"] in group_parent
    )
    assert in_group == Counter(skills)


def test_no_skill_is_broader_than_itself() -> None:
    broader = {
        row["conceptUri"]: row["broaderUri"]
        for row in read("broaderRelationsSkillPillar")
        if row["broaderType"] == "KnowledgeSkillCompetence"
    }
    for skill in broader:
        above, steps = skill, 0
        while above in broader:
            above, steps = broader[above], steps + 1
            assert above != skill
            assert steps < 10


def test_the_readme_states_the_counts() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for row, count in {
        "Occupations": len(read("occupations_en")),
        "Occupation–skill links": len(read("occupationSkillRelations")),
        "Skill–skill links": len(read("skillSkillRelations")),
        "Broader links": len(read("broaderRelationsSkillPillar")),
        "Skill groups": len(read("skillGroups_en")),
        "Skills": len(read("skills_en")),
    }.items():
        assert re.search(rf"^\| {row}( \(.*\))? \| {count:,} \|$", readme, re.MULTILINE), row
