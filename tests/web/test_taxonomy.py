"""The taxonomy in the console: releases, search, one concept, and what an upgrade changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.db import session_scope
from app.domain.enums import ConceptKind, LabelKind, RelationKind
from app.domain.taxonomy import Concept, Label, Relation, Taxonomy
from app.models import TaxonomyRelease
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
    bring_in(console, newer)

    page = console.page("reviewer", f"/console/taxonomy/compare?before={small.name}&after=small-2")

    assert "bake sourdough bread" in page.text
    assert "weld by MIG" in page.text
    assert any(kind == ConceptKind.SKILL.value.title() for kind in page.text.split())
    same = console.get("reviewer", f"/console/taxonomy/compare?before={small.name}&after={small.name}")
    assert same.status_code == 422
    assert "Choose two different releases." in same.text


def test_other_languages_and_more_than_a_page_holds_are_said(console: Console):
    small = small_taxonomy()
    others = {"en": "ar", "fr": "de"}
    labels = tuple(sorted(label._replace(lang=others[label.lang]) for label in small.labels))
    many = tuple(Concept(f"{SKILL}new-{number:02}", ConceptKind.SKILL) for number in range(51))
    translated = replace(small, name="small-2", languages=("ar", "de"), labels=labels, descriptions=())
    wider = replace(small, name="small-3", concepts=tuple(sorted((*small.concepts, *many))))
    for release in (translated, wider):
        bring_in(console, release)

    page = console.page("reviewer", f"/console/taxonomy/compare?before={small.name}&after=small-2")
    assert "New languages: Arabic · German" in page.text
    assert "Languages that are gone: English · French" in page.text
    assert "Nothing differs" in page.text
    page = console.page("reviewer", f"/console/taxonomy/compare?before={small.name}&after=small-3")
    assert "New concepts (51)" in page.text
    assert "The first 50 of 51" in page.text


def test_a_search_keeps_what_was_chosen_for_it(console: Console):
    small = small_taxonomy()
    bring_in(console, replace(small, name="small-2"))
    assert console.page("reviewer", "/console/taxonomy").has_link("/console/taxonomy/compare")
    for kind, found in (("skill", "weld with MIG equipment"), ("occupation", "welder")):
        page = console.page("reviewer", f"/console/taxonomy/search?q=MIG&kind={kind}&release=small-2")
        assert page.form("/search").fields == {"q": ["MIG"], "kind": [kind], "release": ["small-2"]}
        assert [text for href, text in page.links if "concept?" in href] == [found]
        assert all("release=small-2" in href for href, _ in page.links if "concept?" in href)


def test_a_concept_at_the_top_with_many_below_it(console: Console):
    small = small_taxonomy()
    top = Concept("https://skills.example/metal", ConceptKind.SKILL)
    below = [Concept(f"{SKILL}weld-{number:02}", ConceptKind.SKILL) for number in range(61)]
    named = [
        Label(top.uri, "en", LabelKind.PREFERRED, "work metal"),
        Label(top.uri, "en", LabelKind.ALTERNATIVE, "metalwork"),
        Label(top.uri, "en", LabelKind.ALTERNATIVE, "shape metal"),
        Label(top.uri, "fr", LabelKind.PREFERRED, "travailler le métal"),
    ]
    named += [Label(each.uri, "en", LabelKind.PREFERRED, each.uri[-7:]) for each in below]
    broader = [Relation(each.uri, RelationKind.BROADER, top.uri) for each in below]
    deep = replace(
        small,
        name="small-2",
        concepts=tuple(sorted((*small.concepts, top, *below))),
        labels=tuple(sorted((*small.labels, *named))),
        relations=tuple(sorted((*small.relations, *broader))),
    )
    bring_in(console, deep)

    page = console.page("reviewer", f"/console/taxonomy/concept?uri={top.uri}&release=small-2")

    assert page.has_link(top.uri)
    assert "Nothing in this release is broader." in page.text
    assert "metalwork · shape metal" in page.text
    assert "French travailler le métal –" in page.text
    assert sum("concept?" in href for href, _ in page.links) == 60
    assert "and 1 more" in page.text


def test_before_the_first_release_it_says_who_brings_one_in(console: Console):
    with session_scope(console.api.factory) as session:
        for table in reversed(TaxonomyRelease.metadata.sorted_tables):
            if table.name.startswith(("taxonomy_", "concept")):
                session.execute(table.delete())
    page = console.page("reviewer", "/console/taxonomy")
    assert "No release was imported yet" in page.text
    assert "talentbridge taxonomy import" in page.text


def bring_in(console: Console, release: Taxonomy) -> None:
    with session_scope(console.api.factory) as session:
        import_release(session, read_result(release), now=NOW)


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
