"""The taxonomy in the console: releases, search, one concept, and what an upgrade changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.db import session_scope
from app.domain.enums import ConceptKind
from app.services.taxonomy import import_release
from tests.api.conftest import read_result
from tests.factories import NOW
from tests.integration.test_queries import counted
from tests.unit.services.small_taxonomy import SKILL, small_taxonomy
from tests.web.conftest import Console

MIG = SKILL + "mig-welding"


def test_releases_say_what_is_in_them_and_which_is_used(console: Console):
    page = console.page("auditor", "/console/taxonomy")
    assert "In use" in page.text
    assert "7 skills, 2 occupations" in page.text


def test_a_skill_is_found_in_the_readers_language_and_opened(console: Console):
    console.post("reviewer", "/console/language", {"locale": "fr"})
    found = console.page("reviewer", "/console/taxonomy/search?q=soud")
    [(address, _)] = [link for link in found.links if link[1] == "souder au MIG"]
    page = console.page("reviewer", address)
    assert page.h1 == "souder au MIG"
    assert "souder à l'arc" in page.text
    assert "weld with MIG equipment" in page.text


def test_a_search_without_a_hit_says_what_to_try(console: Console):
    assert "Try a shorter word" in console.page("reviewer", "/console/taxonomy/search?q=astronaut").text


@pytest.mark.parametrize(
    "address", ["concept?uri=urn:nobody", "concept?uri=urn:nobody&release=none", "search?q=a&release=none"]
)
def test_what_is_not_there_is_not_found(console: Console, address: str):
    console.page("reviewer", f"/console/taxonomy/{address}", 404)


def test_an_upgrade_is_compared_before_anything_is_ranked_by_it(console: Console):
    before = console.page("reviewer", "/console/taxonomy/compare")
    assert "There is only one release" in before.text
    small = small_taxonomy()
    concepts = tuple(each for each in small.concepts if each.uri != SKILL + "unused-skill")
    labels = tuple(replace_text(each) for each in small.labels if each.uri != SKILL + "unused-skill")
    newer = replace(small, name="small-2", concepts=concepts, labels=tuple(sorted(labels)))
    with session_scope(console.api.factory) as session:
        import_release(session, read_result(newer), now=NOW)

    page = console.page("reviewer", f"/console/taxonomy/compare?before={small.name}&after=small-2")

    assert "bake sourdough bread" in page.text
    assert "weld by MIG" in page.text
    assert any(kind == ConceptKind.SKILL.value.title() for kind in page.text.split())
    same = console.get("reviewer", f"/console/taxonomy/compare?before={small.name}&after={small.name}")
    assert same.status_code == 422
    assert "Choose two different releases." in same.text


def replace_text(label):
    return label._replace(text="weld by MIG") if label.text == "weld with MIG equipment" else label


def test_a_concept_page_takes_a_fixed_number_of_queries(console: Console):
    console.token("reviewer")
    with counted(console.api.engine) as statements:
        console.page("reviewer", f"/console/taxonomy/concept?uri={MIG}")
    assert len(statements) <= 16


def test_hostile_words_in_the_address_are_shown_as_words(console: Console):
    page = console.page("reviewer", "/console/taxonomy/search?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in page.source
