"""From the rows of the relation tables to relations between known concepts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from app.domain.enums import ConceptKind, RelationKind
from app.domain.taxonomy import Concept, Relation
from app.errors import FieldIssue
from app.taxonomy.sources import quirk
from app.taxonomy.tables import CsvTable, TableKind


@dataclass(frozen=True, slots=True)
class _Layout:
    """Columns of a relation table: from where, to where, and how the row names the kind."""

    source: str
    target: str
    kind_column: str | None
    kinds: Mapping[str, RelationKind]
    source_kinds: Mapping[str, ConceptKind]
    target_kinds: Mapping[str, ConceptKind]


# Kinds of concept by the value of broaderRelations' conceptType and broaderType.
_CONCEPT_TYPES = {
    "occupation": ConceptKind.OCCUPATION,
    "iscogroup": ConceptKind.ISCO_GROUP,
    "knowledgeskillcompetence": ConceptKind.SKILL,
    "skillgroup": ConceptKind.SKILL_GROUP,
}
_BROADER = _Layout("conceptUri", "broaderUri", None, {}, _CONCEPT_TYPES, _CONCEPT_TYPES)
_ANY_SKILL = {"": ConceptKind.SKILL}

_LAYOUTS = {
    TableKind.OCCUPATION_SKILL: _Layout(
        "occupationUri",
        "skillUri",
        "relationType",
        {"essential": RelationKind.ESSENTIAL, "optional": RelationKind.OPTIONAL},
        {"": ConceptKind.OCCUPATION},
        _ANY_SKILL,
    ),
    TableKind.SKILL_SKILL: _Layout(
        "originalSkillUri",
        "relatedSkillUri",
        "relationType",
        {"essential": RelationKind.SKILL_ESSENTIAL, "optional": RelationKind.SKILL_OPTIONAL},
        _ANY_SKILL,
        _ANY_SKILL,
    ),
    TableKind.BROADER_OCCUPATIONS: _BROADER,
    TableKind.BROADER_SKILLS: _BROADER,
}

RELATION_TABLES: Collection[TableKind] = _LAYOUTS.keys()


def read_relation_table(
    table: CsvTable, table_kind: TableKind, concepts: Mapping[str, Concept], issues: list[FieldIssue]
) -> tuple[set[Relation], int]:
    """Read a relation table; give its relations and how many rows it has.

    A row whose concepts are not both known is reported and left out. Where a
    whole table of concepts is absent, that is reported once and not row by row.
    """
    layout = _LAYOUTS[table_kind]
    present = {concept.kind for concept in concepts.values()}
    required = [layout.source, layout.target, *([layout.kind_column] if layout.kind_column else [])]
    optional = [] if layout.kind_column else ["conceptType", "broaderType"]
    relations: set[Relation] = set()
    absent: Counter[ConceptKind] = Counter()
    n_rows = 0
    for number, cells in table.rows(required, optional, issues):
        n_rows += 1
        kind: RelationKind | None = RelationKind.BROADER
        source_type = target_type = ""
        if layout.kind_column:
            source_uri, target_uri, kind_text = cells
            kind = layout.kinds.get(kind_text.lower())
        else:
            source_uri, target_uri, source_type, target_type = cells
        source, target = concepts.get(source_uri), concepts.get(target_uri)
        if source is None or target is None:
            expected = (
                layout.source_kinds.get(source_type.lower()) if source is None else None,
                layout.target_kinds.get(target_type.lower()) if target is None else None,
            )
            missing_tables = [end for end in expected if end is not None and end not in present]
            if missing_tables:
                absent[missing_tables[0]] += 1
                continue
            column, uri = (layout.source, source_uri) if source is None else (layout.target, target_uri)
            message = f"the relation names {uri or 'no concept'}, which no table of concepts has; left out"
            issues.append(
                quirk(
                    table.name, number, column, "relation-unknown-concept", message, "add the concept's row"
                )
            )
        elif kind is None:
            message = f"the relation type is none of: {', '.join(layout.kinds)}; left out"
            issues.append(
                quirk(
                    table.name, number, layout.kind_column, "relation-type-unknown", message, "mend the cell"
                )
            )
        elif source is target:
            message = "the relation leads from a concept to itself; left out"
            issues.append(quirk(table.name, number, layout.target, "relation-to-itself", message))
        else:
            # The concepts' own strings: 124,000 rows then share 17,000 of them.
            relation = Relation(source.uri, kind, target.uri)
            if relation in relations:
                message = "the relation repeats an earlier row; dropped"
                issues.append(quirk(table.name, number, None, "relation-repeated", message))
            relations.add(relation)
    for concept_kind, count in sorted(absent.items()):
        name = concept_kind.value.replace("_", " ")
        message = f"{count} rows need a table of {name} concepts, which is not there; left out"
        issues.append(
            quirk(table.name, None, None, "table-missing", message, "read it together with that table")
        )
    return relations, n_rows
