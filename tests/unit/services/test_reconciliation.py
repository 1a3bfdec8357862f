from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import ConceptKind, LabelKind, LinkMethod
from app.domain.taxonomy import Concept, Label, Taxonomy
from app.services.concept_catalogue import LINKED_KINDS, ConceptCatalogue, Text
from app.services.reconciliation import (
    CLEAR_MARGIN,
    SURE_SCORE,
    ConceptProperty,
    PropertyValue,
    ReconciliationQuery,
    property_values,
    reconcile,
)
from app.services.taxonomy_index import TaxonomyIndex
from tests.unit.services.small_taxonomy import OCCUPATION, SKILL, small_taxonomy

CATALOGUE = ConceptCatalogue(TaxonomyIndex(small_taxonomy()))


def with_labels(*labels: Label) -> ConceptCatalogue:
    taxonomy = small_taxonomy()
    return ConceptCatalogue(
        TaxonomyIndex(replace(taxonomy, labels=tuple(sorted((*taxonomy.labels, *labels)))))
    )


def best(catalogue: ConceptCatalogue, text: str, **fields: object):
    (found,) = reconcile(catalogue, [ReconciliationQuery(text, **fields)])  # type: ignore[arg-type]
    return found[0]


def test_an_alternative_label_of_two_concepts_is_a_match_of_neither():
    shared = [
        Label(SKILL + name, "en", LabelKind.ALTERNATIVE, "torch work") for name in ("grinding", "plans")
    ]
    found = best(with_labels(*shared), "torch work")
    assert found.method is LinkMethod.EXACT_ALTERNATIVE
    assert not found.match
    assert best(with_labels(shared[0]), "torch work").match


def test_a_label_comes_before_likelier_words_of_the_other_kind():
    label = Label(SKILL + "plans", "en", LabelKind.ALTERNATIVE, "welders")
    catalogue = with_labels(label)
    likely = best(catalogue, "welders", kinds=(ConceptKind.OCCUPATION,))
    found = best(catalogue, "welders")
    assert likely.method is LinkMethod.FUZZY
    assert (found.uri, found.match) == (SKILL + "plans", True)


def test_a_preferred_label_wins_over_the_same_words_elsewhere_but_not_over_another_preferred_one():
    words = "perform arc welding"
    assert best(with_labels(Label(SKILL + "plans", "en", LabelKind.ALTERNATIVE, words)), words).match
    of_occupation = Label(OCCUPATION + "welder", "ar", LabelKind.PREFERRED, words)
    catalogue = with_labels(of_occupation)
    assert not best(catalogue, words).match
    assert best(catalogue, words, kinds=(ConceptKind.SKILL,)).match


def test_gender_marks_of_a_job_title_do_not_hide_it():
    found = best(CATALOGUE, "Soudeur MIG (h/f)", kinds=(ConceptKind.OCCUPATION,))
    assert (found.uri, found.match) == (OCCUPATION + "welder", True)


def test_the_group_of_the_row_decides_between_namesakes():
    shared = [
        Label(SKILL + name, "en", LabelKind.ALTERNATIVE, "torch work") for name in ("grinding", "plans")
    ]
    found = best(with_labels(*shared), "torch work", isco_group="7126")
    assert found.uri == SKILL + "plans"
    assert found.match


@given(st.text(max_size=30), st.sampled_from(["", "7", "7212"]))
def test_whatever_the_phrase_at_most_the_first_candidate_is_a_match_and_a_sure_one(text: str, group: str):
    (found,) = reconcile(CATALOGUE, [ReconciliationQuery(text, limit=50, isco_group=group)])
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert not any(each.match for each in found[1:])
    if found and found[0].match and not found[0].is_exact:
        assert found[0].score >= SURE_SCORE
        assert len(found) == 1 or found[0].score - found[1].score >= CLEAR_MARGIN


@given(st.lists(st.sampled_from(["welder", "MIG weldng", "soudage", "x", ""]), max_size=6))
def test_each_phrase_is_answered_as_if_it_were_alone(phrases: list[str]):
    queries = [ReconciliationQuery(phrase) for phrase in phrases]
    alone = [reconcile(CATALOGUE, [query])[0] for query in queries]
    assert reconcile(CATALOGUE, queries) == alone


def test_search_puts_the_reader_s_language_first_then_equal_then_beginning_then_words():
    def found(typed: str, lang: str) -> list[str]:
        return [uri.rpartition(":")[2] for uri in CATALOGUE.search(typed, LINKED_KINDS, lang, limit=10)]

    # "welder" is a label, "welder…" begins none, and "MIG welder" has it as a word: one concept, once.
    assert found("welder", "en") == ["welder"]
    assert found("weld", "en") == ["welder", "mig-welding", "grinding", "arc-welding"]
    assert found("zzz", "fr") == found(" ", "fr") == []
    assert found("souder", "fr")[:2] == ["mig-welding", "arc-welding"]
    # No English label begins so; the French ones are found all the same.
    assert found("plombier", "en") == ["pipe-fitter"]
    assert (
        CATALOGUE.search("weld", LINKED_KINDS, "en", limit=2, offset=1)
        == CATALOGUE.search("weld", LINKED_KINDS, "en", limit=10)[1:3]
    )


def test_texts_fall_back_to_english_and_say_so_but_values_do_not():
    view = CATALOGUE.view(SKILL + "safety", "fr")
    assert view is not None
    assert view.label == Text("respecter la sécurité", "fr")
    assert view.description == Text("Keep to the rules that prevent accidents.", "en")
    assert property_values(CATALOGUE, SKILL + "safety", ConceptProperty.DESCRIPTION, "fr") == []
    assert property_values(CATALOGUE, SKILL + "safety", ConceptProperty.DESCRIPTION, "en") == [
        PropertyValue("Keep to the rules that prevent accidents.")
    ]
    assert CATALOGUE.label(SKILL + "safety", "ar") == Text("follow safety rules", "en")
    assert CATALOGUE.view("nobody", "en") is None


@pytest.mark.parametrize(
    ("uris", "namespace"),
    [
        (["http://x.test/esco/skill/1", "http://x.test/esco/occupation/2"], "http://x.test/esco/"),
        (["urn:a:1"], "urn:a:"),
        (["http://x.test/a", "urn:b"], ""),
        ([], ""),
    ],
)
def test_the_namespace_is_what_all_uris_begin_with(uris: list[str], namespace: str):
    concepts = tuple(sorted(Concept(uri, ConceptKind.SKILL) for uri in uris))
    taxonomy = Taxonomy("t", "0" * 64, (), concepts, (), (), ())
    assert ConceptCatalogue(TaxonomyIndex(taxonomy)).namespace == namespace
