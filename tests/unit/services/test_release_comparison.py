from __future__ import annotations

from dataclasses import fields

from app.domain.enums import ConceptKind, RelationKind
from app.services.release_comparison import (
    AttributeChange,
    ConceptRef,
    LabelChange,
    OccupationChange,
    Relabelling,
    RelationChange,
    compare_releases,
)
from tests.unit.services.changed_taxonomy import GONE, NEW, REGROUPED, RENAMED, changed_taxonomy
from tests.unit.services.small_taxonomy import OCCUPATION, SKILL, small_taxonomy

SKILL_KIND = ConceptKind.SKILL
FORTH = compare_releases(small_taxonomy(), changed_taxonomy())


def test_concepts_come_and_go_under_their_own_labels():
    assert FORTH.added == (ConceptRef(NEW, SKILL_KIND, "cut with a laser"),)
    assert FORTH.gone == (ConceptRef(GONE, SKILL_KIND, "grind welds"),)


def test_another_preferred_label_is_a_relabelling_and_another_group_a_change():
    assert FORTH.relabelled == (Relabelling(RENAMED, SKILL_KIND, "en", "follow safety rules", "work safely"),)
    assert FORTH.changed == (
        AttributeChange(REGROUPED, ConceptKind.OCCUPATION, "pipe fitter", "isco_group", "7126", "7127"),
    )


def test_labels_are_compared_for_kept_concepts_in_the_languages_of_both():
    assert FORTH.languages_added == ("ar",)
    assert FORTH.languages_gone == ()
    english, french = FORTH.languages
    assert (english.lang, french.lang) == ("en", "fr")
    # Neither the label of the new concept nor those of the one that is gone.
    assert english.added == (LabelChange(RENAMED, SKILL_KIND, "work safely"),)
    assert english.removed == (LabelChange(RENAMED, SKILL_KIND, "follow safety rules"),)
    assert (french.added, french.removed) == ((), ())


def test_relations_are_listed_between_kept_concepts_and_counted_all():
    [removed] = FORTH.relations_removed
    assert removed == RelationChange(
        ConceptRef(SKILL + "mig-welding", SKILL_KIND, "weld with MIG equipment"),
        RelationKind.BROADER,
        ConceptRef(SKILL + "arc-welding", SKILL_KIND, "perform arc welding"),
    )
    assert FORTH.relations_added == ()
    assert (FORTH.n_relations_added, FORTH.n_relations_removed) == (1, 3)


def test_an_occupation_tells_which_skills_it_needs_now_and_no_more():
    assert FORTH.occupations == (
        OccupationChange(
            OCCUPATION + "welder",
            "welder",
            (ConceptRef(NEW, SKILL_KIND, "cut with a laser"),),
            (ConceptRef(GONE, SKILL_KIND, "grind welds"),),
            (),
            (),
        ),
    )


def test_counts_are_those_of_the_lists():
    assert FORTH.counts == {
        "added.skill": 1,
        "gone.skill": 1,
        "relabelled.en": 1,
        "changed.isco_group": 1,
        "labels_added.en": 1,
        "labels_removed.en": 1,
        "labels_added.fr": 0,
        "labels_removed.fr": 0,
        "relations_added": 1,
        "relations_removed": 3,
        "relations_added_between_kept": 0,
        "relations_removed_between_kept": 1,
        "occupations_with_other_skills": 1,
    }


def test_back_again_is_the_mirror_image():
    back = compare_releases(changed_taxonomy(), small_taxonomy())
    assert back.added == FORTH.gone
    assert back.gone == FORTH.added
    assert back.languages_gone == FORTH.languages_added
    assert [(each.before, each.after) for each in back.relabelled] == [("work safely", "follow safety rules")]
    assert back.relations_added == FORTH.relations_removed
    [there], [here] = FORTH.occupations, back.occupations
    assert (here.essential_added, here.essential_removed) == (there.essential_removed, there.essential_added)


def test_a_release_does_not_differ_from_itself():
    same = compare_releases(small_taxonomy(), small_taxonomy())
    assert not any(same.counts.values())
    lists = [
        getattr(same, field.name)
        for field in fields(same)
        if field.name not in ("before", "after", "languages")
    ]
    assert not any(lists)
