from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from app.taxonomy import ReadResult, read_taxonomy
from app.taxonomy.checksum import base_checksum, language_checksum, taxonomy_checksum
from tests.unit.taxonomy.package import Rows, needs, skill, small_release, write_folder

FRENCH = [skill("weld", "souder", "assembler"), skill("grind", "meuler")]


def read(tables: Mapping[str, Rows], name: str = "made-up") -> ReadResult:
    with TemporaryDirectory() as folder:
        return read_taxonomy(write_folder(Path(folder), tables), name=name)


@given(seed=st.integers())
def test_shuffled_rows_and_columns_give_the_same_taxonomy(seed: int):
    generator = random.Random(seed)
    tables = {**small_release(), "skills_fr": FRENCH}
    shuffled: dict[str, Rows] = {}
    for name, rows in tables.items():
        columns = generator.sample(list(rows[0]), len(rows[0]))
        moved = [{column: row[column] for column in columns} for row in rows]
        shuffled[name] = generator.sample(moved, len(moved))
    assert read(shuffled).taxonomy == read(tables).taxonomy


def test_the_name_is_no_part_of_the_checksum():
    assert (
        read(small_release(), name="a").taxonomy.checksum == read(small_release(), name="b").taxonomy.checksum
    )


def test_a_language_leaves_the_checksum_of_the_base_alone():
    english, both = read(small_release()), read({**small_release(), "skills_fr": FRENCH})
    assert both.base_checksum == english.base_checksum
    assert both.language_checksums["en"] == english.language_checksums["en"]
    assert both.taxonomy.checksum != english.taxonomy.checksum


def test_a_label_changes_its_language_alone():
    before = read({**small_release(), "skills_fr": FRENCH})
    after = read({**small_release(), "skills_fr": [skill("weld", "souder"), FRENCH[1]]})
    assert after.base_checksum == before.base_checksum
    assert after.language_checksums["en"] == before.language_checksums["en"]
    assert after.language_checksums["fr"] != before.language_checksums["fr"]


def test_a_relation_changes_the_base():
    tables = small_release()
    tables["occupationSkillRelations"] = [needs("welder", "weld")]
    assert read(tables).base_checksum != read(small_release()).base_checksum


def test_the_checksum_is_what_its_page_says():
    result = read({**small_release(), "skills_fr": FRENCH})
    taxonomy = result.taxonomy
    base = base_checksum(taxonomy.concepts, taxonomy.relations)
    languages = {
        lang: language_checksum(
            [label for label in taxonomy.labels if label.lang == lang],
            [text for text in taxonomy.descriptions if text.lang == lang],
        )
        for lang in ("fr", "en")
    }
    assert result.base_checksum == base
    assert result.language_checksums == languages
    assert taxonomy.checksum == taxonomy_checksum(base, languages)


def test_the_checksum_of_known_content_never_changes():
    # Stored releases and matches refer to it, on any machine and Python version.
    tables = {"skills_en": [skill("weld", "weld", "soudage à l’arc", description="لحام")]}
    assert (
        read(tables).taxonomy.checksum == "af3667c672d0d8d7f51f79ebb93800a6c282fd3dacedf0bae3db524eae09d1b2"
    )
