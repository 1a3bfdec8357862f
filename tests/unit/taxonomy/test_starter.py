from __future__ import annotations

from app.domain.enums import ConceptKind, LabelKind
from app.taxonomy import read_starter, source_note, starter_taxonomy


def test_the_starter_taxonomy_is_read_without_a_quirk():
    result = read_starter()
    assert result.taxonomy.name == "starter-1"
    assert result.issues == ()
    assert result.taxonomy.languages == ("ar", "de", "en", "fr")
    assert result.counts["occupations"] >= 60
    assert result.counts["skills"] >= 500


def test_every_starter_concept_has_a_preferred_label_in_every_language():
    taxonomy = starter_taxonomy()
    named = {(label.uri, label.lang) for label in taxonomy.labels if label.kind is LabelKind.PREFERRED}
    expected = {(concept.uri, lang) for concept in taxonomy.concepts for lang in taxonomy.languages}
    assert named == expected


def test_every_starter_occupation_has_an_isco_group():
    occupations = [c for c in starter_taxonomy().concepts if c.kind is ConceptKind.OCCUPATION]
    assert all(len(concept.isco_group) == 4 for concept in occupations)


def test_a_release_carries_the_notice_of_its_source():
    assert "uses the ESCO classification of the European Commission" in source_note("esco-1.2.1")
    assert source_note("starter-1").startswith("TalentBridge starter taxonomy")
    assert source_note("our-own") == ""
