import dataclasses

import pytest

from app.domain.enums import ConceptKind, LabelKind
from app.domain.taxonomy import Label
from app.matching.text import canonical
from app.services.generated_sets import Family, generate_sets, without_labels
from app.taxonomy import starter_taxonomy
from tests.unit.services.small_taxonomy import SKILL, small_taxonomy


@pytest.fixture(scope="module")
def release():
    return starter_taxonomy()


@pytest.fixture(scope="module")
def sets(release):
    return {each.name: each for each in generate_sets(release, list(Family), size=15)}


def test_there_is_a_set_for_each_family_kind_and_language(sets):
    assert {"held-out/skill/fr", "typos-2/occupation/en", "order/skill/de", "padding/skill/ar"} <= set(sets)
    assert "other-languages/skill/fr" in sets
    assert "other-languages/skill/en" not in sets


def test_sets_are_of_the_size_asked_and_ids_unique(sets):
    assert max(len(each.queries) for each in sets.values()) == 15
    ids = [query.id for each in sets.values() for query in each.queries]
    assert len(ids) == len(set(ids))


def test_the_same_seed_gives_the_same_sets_and_another_does_not(release, sets):
    again = generate_sets(release, [Family.PADDING, Family.HELD_OUT], size=15)
    assert all(sets[each.name] == each for each in again)
    other = generate_sets(release, [Family.HELD_OUT], size=15, seed=1)
    assert any(sets[each.name] != each for each in other)


def test_no_text_is_a_label_of_the_index_it_is_asked_on(release, sets):
    kind_of = {concept.uri: concept.kind for concept in release.concepts}
    for each in sets.values():
        left = without_labels(release, each.removed)
        labels = {(kind_of[label.uri], canonical(label.text)) for label in left.labels}
        assert not [query.text for query in each.queries if (query.kind, canonical(query.text)) in labels]


def test_held_out_labels_come_one_a_concept_with_that_concept_as_gold(release, sets):
    held_out = sets["held-out/skill/en"]
    assert len({query.gold for query in held_out.queries}) == len(held_out.queries)
    alternatives = {
        (label.uri, label.text) for label in release.labels if label.kind is LabelKind.ALTERNATIVE
    }
    assert all((query.gold[0], query.text) in alternatives for query in held_out.queries)


def test_the_language_is_declared_but_for_the_set_that_leaves_it_open(sets):
    assert {query.lang for query in sets["held-out/skill/fr"].queries} == {"fr"}
    assert {query.lang for query in sets["other-languages/skill/fr"].queries} == {None}


def test_all_held_out_sets_share_one_index(sets):
    held_out = [each for each in sets.values() if each.name.startswith(("held-out", "other-languages"))]
    assert len({each.removed for each in held_out}) == 1
    assert not sets["typos-1/skill/en"].removed


def test_a_changed_label_has_every_concept_of_that_name_as_gold():
    taxonomy = small_taxonomy()
    twin = Label(SKILL + "plans", "en", LabelKind.ALTERNATIVE, "Arc Welding")
    taxonomy = dataclasses.replace(taxonomy, labels=tuple(sorted((*taxonomy.labels, twin))))
    (padding,) = [
        each for each in generate_sets(taxonomy, [Family.PADDING]) if each.name == "padding/skill/en"
    ]
    golds = {query.gold for query in padding.queries if "arc welding" in query.text.casefold()}
    assert (SKILL + "arc-welding", SKILL + "plans") in golds
    held_out = [query.text for each in generate_sets(taxonomy, [Family.HELD_OUT]) for query in each.queries]
    # A wording of two concepts cannot be held out of one.
    assert "arc welding" not in held_out
    assert "MIG welding" in held_out


def test_a_release_without_labels_is_another_release():
    taxonomy = small_taxonomy()
    left = without_labels(taxonomy, [(SKILL + "plans", "blueprint reading")])
    assert left.checksum != taxonomy.checksum
    assert len(left.labels) == len(taxonomy.labels) - 1
    assert without_labels(taxonomy, []) is taxonomy


def test_kinds_are_skills_and_occupations_only(sets):
    kinds = {query.kind for each in sets.values() for query in each.queries}
    assert kinds == {ConceptKind.SKILL, ConceptKind.OCCUPATION}
