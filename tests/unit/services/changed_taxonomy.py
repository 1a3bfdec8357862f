"""A later release of the small taxonomy, with one change of each sort."""

from __future__ import annotations

from dataclasses import replace

from app.domain.enums import ConceptKind, LabelKind, RelationKind
from app.domain.taxonomy import Concept, Label, Relation, Taxonomy
from tests.unit.services.small_taxonomy import OCCUPATION, SKILL, small_taxonomy

GONE = SKILL + "grinding"
NEW = SKILL + "laser-cutting"
RENAMED = SKILL + "safety"
REGROUPED = OCCUPATION + "pipe-fitter"


def changed_taxonomy() -> Taxonomy:
    """Grinding is gone, laser cutting is new, safety has another name, pipe fitters another ISCO group."""
    old = small_taxonomy()
    concepts = [concept for concept in old.concepts if concept.uri != GONE]
    concepts = [
        concept._replace(isco_group="7127") if concept.uri == REGROUPED else concept for concept in concepts
    ]
    concepts.append(Concept(NEW, ConceptKind.SKILL))
    labels = [label for label in old.labels if label.uri != GONE]
    labels = [
        label._replace(text="work safely")
        if (label.uri, label.lang, label.kind) == (RENAMED, "en", LabelKind.PREFERRED)
        else label
        for label in labels
    ]
    labels.append(Label(NEW, "en", LabelKind.PREFERRED, "cut with a laser"))
    labels.append(Label(NEW, "ar", LabelKind.PREFERRED, "القطع بالليزر"))
    relations = [
        relation for relation in old.relations if GONE not in (relation.source_uri, relation.target_uri)
    ]
    relations.append(Relation(OCCUPATION + "welder", RelationKind.ESSENTIAL, NEW))
    relations.remove(Relation(SKILL + "mig-welding", RelationKind.BROADER, SKILL + "arc-welding"))
    return replace(
        old,
        name="small-2",
        checksum="1" * 64,
        languages=("ar", "en", "fr"),
        concepts=tuple(sorted(concepts)),
        labels=tuple(sorted(labels)),
        relations=tuple(sorted(relations)),
    )
