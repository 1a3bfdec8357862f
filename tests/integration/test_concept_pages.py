"""One concept as people read it, from the database."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.domain.enums import ConceptKind
from app.errors import NotFound
from app.services.concept_pages import get_concept_page
from app.services.taxonomy import import_release
from tests.api.conftest import read_small_taxonomy
from tests.factories import NOW
from tests.unit.services.small_taxonomy import OCCUPATION, SKILL


@pytest.fixture
def release(session: Session) -> str:
    return import_release(session, read_small_taxonomy(), now=NOW).release


def test_a_skill_is_shown_with_its_names_and_what_is_broader(session: Session, release: str):
    page = get_concept_page(session, release, SKILL + "mig-welding", "fr")

    assert (page.kind, page.label) == (ConceptKind.SKILL, "souder au MIG")
    assert page.preferred == {"en": "weld with MIG equipment", "fr": "souder au MIG"}
    assert page.alternatives == {"en": ["MIG welding"], "fr": ["soudage MIG"]}
    assert [[each.label for each in path] for path in page.paths] == [["souder à l'arc"]]
    assert [each.uri for each in page.neighbours["essential_for"]] == [OCCUPATION + "welder"]


def test_an_occupation_lists_its_skills_by_label(session: Session, release: str):
    page = get_concept_page(session, release, OCCUPATION + "welder", "en")

    assert page.isco_group == "7212"
    assert [each.label for each in page.neighbours["essential"]] == [
        "follow safety rules",
        "grind welds",
        "weld with MIG equipment",
    ]
    assert page.paths == []


def test_narrower_concepts_are_those_that_name_it_as_broader(session: Session, release: str):
    page = get_concept_page(session, release, SKILL + "arc-welding", "ar")

    assert page.label == "perform arc welding", "in English, where there is no Arabic"
    assert [each.uri for each in page.neighbours["narrower"]] == [SKILL + "mig-welding"]


def test_an_unknown_concept_or_release_is_not_found(session: Session, release: str):
    with pytest.raises(NotFound):
        get_concept_page(session, release, SKILL + "juggling", "en")
    with pytest.raises(NotFound):
        get_concept_page(session, "esco-0", SKILL + "mig-welding", "en")
