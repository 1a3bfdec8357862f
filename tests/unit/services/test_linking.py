"""From words to concepts, on the small taxonomy."""

import pytest

from app.domain.enums import LinkMethod
from app.domain.records import PhraseRecord
from app.services.linking import link_phrases, link_skills
from app.services.occupations import resolve_occupations
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index
from tests.unit.services.small_taxonomy import OCCUPATION, SKILL, small_taxonomy


@pytest.fixture(scope="module")
def index() -> TaxonomyIndex:
    return build_taxonomy_index(small_taxonomy())


def test_phrases_of_each_kind_link_in_input_order(index: TaxonomyIndex) -> None:
    phrases = [
        PhraseRecord("1", "Soudage MIG", "fr", "skill"),
        PhraseRecord("2", "soudeuse", "fr", "occupation"),
        PhraseRecord("3", "We need MIG welding.\nAlso: blueprint reading", "en", "text"),
        PhraseRecord("4", "astronomy", "en", "skill"),
        PhraseRecord("5", SKILL + "safety", None, "skill"),
        PhraseRecord("6", "ISCO-08: 7212", None, "occupation"),
    ]
    linked = link_phrases(index, phrases)
    assert [each.id for each in linked] == ["1", "2", "3", "4", "5", "6"]
    assert linked[0].links[0].concept_uri == SKILL + "mig-welding"
    assert linked[0].links[0].label == "souder au MIG"
    assert linked[1].links[0].concept_uri == OCCUPATION + "welder"
    assert {link.concept_uri for link in linked[2].links} == {SKILL + "mig-welding", SKILL + "plans"}
    assert linked[3].abstained
    assert (linked[4].links[0].method, linked[4].links[0].score) == (LinkMethod.URI, 1.0)
    assert (linked[5].links[0].method, linked[5].links[0].concept_uri) == (
        LinkMethod.CODE,
        OCCUPATION + "welder",
    )


def test_labels_come_in_the_language_asked_for(index: TaxonomyIndex) -> None:
    linked = link_phrases(index, [PhraseRecord("1", "soudage MIG", "fr")], lang="en")
    assert linked[0].links[0].label == "weld with MIG equipment"


def test_a_uri_of_another_taxonomy_is_not_read_as_words(index: TaxonomyIndex) -> None:
    assert link_skills(index, ["http://example.org/skill/mig-welding"], [None]) == [None]


def test_unknown_kind_is_refused(index: TaxonomyIndex) -> None:
    with pytest.raises(ValueError, match="kind must be"):
        link_phrases(index, [PhraseRecord("1", "x", None, "trade")])


@pytest.mark.parametrize(
    ("field", "isco", "method"),
    [
        (OCCUPATION + "welder", "7212", LinkMethod.URI),
        ("7126", "7126", LinkMethod.CODE),
        ("http://data.europa.eu/esco/isco/C7126", "7126", LinkMethod.CODE),
        ("٧١٢٦", "7126", LinkMethod.CODE),
        ("plombier", "7126", LinkMethod.EXACT_ALTERNATIVE),
        ("Welder (m/w/d) - Opole", "7212", LinkMethod.EXACT_PREFERRED),
    ],
)
def test_occupation_fields(index: TaxonomyIndex, field: str, isco: str, method: LinkMethod) -> None:
    (occupation,) = resolve_occupations(index, [field], ["fr" if field == "plombier" else "en"])
    assert (occupation.isco_code, occupation.method) == (isco, method)


@pytest.mark.parametrize("field", ["", "  ", "http://example.org/other", "astronaut"])
def test_occupation_fields_without_meaning(index: TaxonomyIndex, field: str) -> None:
    (occupation,) = resolve_occupations(index, [field], [None])
    assert (occupation.row, occupation.isco_code) == (None, "")


def test_rarity_follows_use_by_occupations(index: TaxonomyIndex) -> None:
    rarity = {concept.uri: index.skill_rarity[row] for row, concept in enumerate(index.skills.concepts)}
    assert rarity[SKILL + "safety"] < rarity[SKILL + "grinding"] < rarity[SKILL + "unused-skill"]


def test_usual_skills_of_an_isco_group(index: TaxonomyIndex) -> None:
    uris = [index.skills.concepts[row].uri for row in index.usual_skills("7212")]
    assert uris == [SKILL + "grinding", SKILL + "mig-welding", SKILL + "safety"]
    assert index.usual_skills("9999") == []
