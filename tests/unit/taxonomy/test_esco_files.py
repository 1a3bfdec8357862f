"""The official files, where they lie beside the checkout."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from app.domain.enums import LabelKind
from app.taxonomy import read_taxonomy

ESCO = Path(__file__).parents[4] / "shared" / "esco"

pytestmark = pytest.mark.skipif(
    not ESCO.is_dir(), reason="the ESCO files are not beside the checkout (../shared/esco)"
)


@pytest.fixture(scope="module")
def release():
    return read_taxonomy(ESCO / "v1.1.1")


def test_version_1_1_1_has_its_published_numbers(release):
    counts = release.counts
    assert release.taxonomy.name == "esco-1.1.1"
    assert counts["skills"] == 13_896
    assert counts["occupations"] == 3_007
    assert counts["isco_groups"] == 619
    assert counts["skill_groups"] == 640
    assert counts["rows.occupationSkillRelations.csv.gz"] == 123_855
    assert counts["relations.essential"] + counts["relations.optional"] == 123_855 - 67
    types = Counter(concept.skill_type for concept in release.taxonomy.concepts if concept.kind == "skill")
    assert types == {"skill/competence": 10_831, "knowledge": 3_059, "": 6}
    shown = [label for label in release.taxonomy.labels if label.kind is not LabelKind.HIDDEN]
    kinds = {concept.uri: concept.kind for concept in release.taxonomy.concepts}
    labels = Counter(kinds[label.uri].value for label in shown)
    # Two alternatives are the preferred label with a blank at its end, and are dropped as repeats.
    assert (labels["skill"], labels["occupation"]) == (99_192 - 2, 33_096)


def test_every_quirk_of_version_1_1_1_is_reported(release):
    reported = Counter(issue.code for issue in release.issues)
    assert set(reported) == {
        "label-repeated",
        "relation-unknown-concept",
        "skill-type-missing",
        "relation-to-itself",
    }
    assert reported["skill-type-missing"] == 6
    of_occupations = [
        issue
        for issue in release.issues
        if issue.code == "relation-unknown-concept" and issue.message.startswith("occupationSkillRelations")
    ]
    assert len(of_occupations) == 67
    assert {issue.column for issue in of_occupations} == {"occupationUri"}


def test_added_languages_are_read_with_it(release):
    packs = [ESCO / "labels" / f"skills_{lang}.csv.gz" for lang in ("fr", "es", "de")]
    result = read_taxonomy([ESCO / "v1.1.1", *packs])
    assert result.taxonomy.languages == ("de", "en", "es", "fr")
    assert result.base_checksum == release.base_checksum
    preferred = Counter(label.lang for label in result.taxonomy.labels if label.kind is LabelKind.PREFERRED)
    assert (preferred["fr"], preferred["es"], preferred["de"]) == (13_692, 13_692, 12_795)


def test_version_1_2_0_without_its_skills_is_read():
    result = read_taxonomy(ESCO / "v1.2.0-without-skills-file")
    assert result.taxonomy.name == "esco-1.2.0"
    assert result.taxonomy.languages == ("de", "en", "es", "fr")
    assert result.counts["occupations"] == 3_039
    assert {issue.code for issue in result.issues} == {"label-repeated", "table-missing"}


def test_occupations_of_1_0_3_are_read_in_twenty_languages():
    result = read_taxonomy(ESCO / "occupations-v1.0.3")
    assert result.taxonomy.name == "esco-1.0.3"
    assert len(result.taxonomy.languages) == 20
    assert {"et", "mt", "no"} <= set(result.taxonomy.languages)
    assert result.counts["occupations"] == 2_942
