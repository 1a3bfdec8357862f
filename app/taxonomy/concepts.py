"""From the rows of the concept tables to concepts, labels and descriptions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.domain.enums import ConceptKind, LabelKind
from app.domain.taxonomy import Concept, Description, Label
from app.errors import FieldIssue
from app.taxonomy.sources import quirk
from app.taxonomy.tables import CsvTable, TableKind

MAX_URI_LENGTH = 400
MAX_LABEL_LENGTH = 500

CONCEPT_KINDS = {
    TableKind.OCCUPATIONS: ConceptKind.OCCUPATION,
    TableKind.SKILLS: ConceptKind.SKILL,
    TableKind.ISCO_GROUPS: ConceptKind.ISCO_GROUP,
    TableKind.SKILL_GROUPS: ConceptKind.SKILL_GROUP,
}

# Columns that describe a concept in every language alike; a table without any only adds labels.
_ATTRIBUTES = ("skillType", "reuseLevel", "iscoGroup", "code", "status", "regulatedProfessionNote")
_SKILL_TYPES = ("skill/competence", "knowledge")

# Some tables separate labels by a line break, others by " | ".
_LABEL_SEPARATOR = re.compile(r"[\r\n]+| \| ")
_ISCO_GROUP = re.compile(r"[0-9]{4}")
_LINE_BREAK = re.compile(r"\r\n?")


class ConceptRow(NamedTuple):
    """One row of a concept table; labels are stripped and not yet freed of repeats."""

    number: int
    concept: Concept
    preferred: str
    alternative: list[str]
    hidden: list[str]
    description: str


@dataclass(slots=True)
class ConceptTable:
    """One read concept table."""

    name: str
    kind: ConceptKind
    lang: str
    has_attributes: bool
    rows: list[ConceptRow] = field(default_factory=list)


def read_concept_table(
    table: CsvTable, kind: ConceptKind, lang: str, issues: list[FieldIssue]
) -> ConceptTable:
    """Read a concept table of any release; rows that name no concept are reported and left out."""
    read = ConceptTable(table.name, kind, lang, table.has("conceptType") or any(map(table.has, _ATTRIBUTES)))
    types_expected = kind is ConceptKind.SKILL and table.has("skillType")
    groups_expected = kind is ConceptKind.OCCUPATION and table.has("iscoGroup")
    rows = table.rows(
        ("conceptUri", "preferredLabel"), ("altLabels", "hiddenLabels", "description", *_ATTRIBUTES), issues
    )
    for number, (uri, preferred, alternative, hidden, description, *attributes) in rows:
        if problem := uri_problem(uri):
            issues.append(quirk(table.name, number, "conceptUri", *problem))
            continue
        concept = Concept(uri, kind, *attributes)
        if types_expected and concept.skill_type not in _SKILL_TYPES:
            issues.append(_skill_type_issue(table.name, number, concept))
        if groups_expected:
            concept = _with_isco_group(table.name, number, concept, issues)
        read.rows.append(
            ConceptRow(
                number,
                concept,
                preferred,
                _split(alternative),
                _split(hidden),
                _LINE_BREAK.sub("\n", description),
            )
        )
        _report_labels(table.name, read.rows[-1], issues)
    return read


def uri_problem(uri: str) -> tuple[str, str, str] | None:
    """Say what is wrong with a concept URI, as code, message and hint; None when nothing is."""
    if not uri:
        return "concept-uri-missing", "the row names no concept; left out", "fill in conceptUri"
    if len(uri) > MAX_URI_LENGTH or " " in uri or not uri.isprintable():
        return (
            "concept-uri-invalid",
            f"the concept URI is longer than {MAX_URI_LENGTH} characters or holds blanks; left out",
            "use the URI as ESCO gives it",
        )
    return None


def merge_concepts(tables: Sequence[ConceptTable], issues: list[FieldIssue]) -> dict[str, Concept]:
    """Give one concept per URI, from the tables that define them.

    English tables with attributes define the concepts of their kind; without one,
    all tables with attributes do; without any, all tables. Repeated rows are
    merged field by field so that the order of rows and files does not matter.
    """
    concepts: dict[str, Concept] = {}
    for kind in CONCEPT_KINDS.values():
        own = [table for table in tables if table.kind is kind]
        full = [table for table in own if table.has_attributes]
        for table in [table for table in full if table.lang == "en"] or full or own:
            first_row: dict[str, int] = {}
            for row in table.rows:
                uri = row.concept.uri
                known = concepts.get(uri)
                if known is not None and known.kind is not kind:
                    issues.append(
                        quirk(
                            table.name,
                            row.number,
                            "conceptUri",
                            "concept-kind-clash",
                            f"the concept {uri} is also a {known.kind}; left out here",
                            "give every concept a URI of its own",
                        )
                    )
                    continue
                if uri in first_row:
                    issues.append(_repeated(table.name, row, first_row[uri], known))
                elif known is not None and _differs(known, row.concept):
                    issues.append(_differing(table.name, row, known))
                first_row.setdefault(uri, row.number)
                concepts[uri] = row.concept if known is None else _merged(known, row.concept)
    return concepts


def collect_texts(
    tables: Sequence[ConceptTable], concepts: dict[str, Concept], issues: list[FieldIssue]
) -> tuple[list[Label], list[Description]]:
    """Give the sorted labels and descriptions of the known concepts; others are reported.

    A label is kept once per concept and language, under its strongest kind.
    """
    by_text: dict[tuple[str, str], dict[str, LabelKind]] = defaultdict(dict)
    preferred: dict[tuple[str, str], list[tuple[bool, str, str, int]]] = defaultdict(list)
    described: dict[tuple[str, str], str] = {}
    for table in tables:
        for row in table.rows:
            uri = row.concept.uri
            known = concepts.get(uri)
            if known is None or known.kind is not table.kind:
                if known is None:
                    issues.append(_unknown(table.name, row))
                continue
            key = (uri, table.lang)
            texts = by_text[key]
            for text in row.hidden:
                _keep(texts, text, LabelKind.HIDDEN)
            for text in row.alternative:
                _keep(texts, text, LabelKind.ALTERNATIVE)
            if _is_label(row.preferred):
                _keep(texts, row.preferred, LabelKind.ALTERNATIVE)
                preferred[key].append((not table.has_attributes, row.preferred, table.name, row.number))
            if row.description:
                described[key] = max(described.get(key, ""), row.description)
    for key, named in preferred.items():
        # A complete table outranks one of labels only; between equals the wording decides.
        _, chosen, *_ = min(named)
        by_text[key][chosen] = LabelKind.PREFERRED
        for _, text, file, number in named:
            if text != chosen:
                issues.append(_second_preferred(file, number, key))
    labels = [
        Label(uri, lang, kind, text) for (uri, lang), texts in by_text.items() for text, kind in texts.items()
    ]
    descriptions = [Description(uri, lang, text) for (uri, lang), text in described.items()]
    return sorted(labels), sorted(descriptions)


def _keep(texts: dict[str, LabelKind], text: str, kind: LabelKind) -> None:
    if _is_label(text) and texts.get(text) is not LabelKind.ALTERNATIVE:
        texts[text] = kind


def _is_label(text: str) -> bool:
    return 0 < len(text) <= MAX_LABEL_LENGTH


def _split(cell: str) -> list[str]:
    if not cell:
        return []
    return [text for part in _LABEL_SEPARATOR.split(cell) if (text := part.strip())]


def _merged(one: Concept, other: Concept) -> Concept:
    return Concept(one.uri, one.kind, *map(max, one[2:], other[2:]))


def _differs(one: Concept, other: Concept) -> list[str]:
    return [
        name
        for name, left, right in zip(Concept._fields, one, other, strict=True)
        if left and right and left != right
    ]


def _with_isco_group(file: str, number: int, concept: Concept, issues: list[FieldIssue]) -> Concept:
    group = concept.isco_group
    if _ISCO_GROUP.fullmatch(group):
        return concept
    mended = group.zfill(4) if group.isascii() and group.isdigit() and len(group) == 3 else ""
    done = f"read as {mended}" if mended else "left empty"
    issues.append(
        quirk(
            file,
            number,
            "iscoGroup",
            "isco-group-invalid",
            f"the ISCO-08 group is not a code of four digits; {done}",
            "spreadsheets drop leading zeros: keep the column as text",
        )
    )
    return concept._replace(isco_group=mended)


def _skill_type_issue(file: str, number: int, concept: Concept) -> FieldIssue:
    if not concept.skill_type:
        return quirk(
            file, number, "skillType", "skill-type-missing", "the skill has no type; kept without", ""
        )
    return quirk(
        file,
        number,
        "skillType",
        "skill-type-unknown",
        "the skill type is unknown; kept as it stands",
        f"use one of: {', '.join(_SKILL_TYPES)}",
    )


def _report_labels(file: str, row: ConceptRow, issues: list[FieldIssue]) -> None:
    if not row.preferred:
        issues.append(
            quirk(
                file,
                row.number,
                "preferredLabel",
                "preferred-label-missing",
                "the concept has no preferred label; its other labels are kept",
                "fill in preferredLabel",
            )
        )
    texts = [row.preferred, *row.alternative, *row.hidden]
    # Nearly every official row repeats its preferred label once; say so briefly and go on.
    repeats = len(texts) - len(set(texts))
    if repeats:
        issues.append(
            quirk(
                file,
                row.number,
                "altLabels",
                "label-repeated",
                f"labels repeated in the row: {repeats}; dropped",
                "",
            )
        )
    if any(len(text) > MAX_LABEL_LENGTH for text in texts):
        issues.append(
            quirk(
                file,
                row.number,
                "altLabels",
                "label-too-long",
                f"a label has more than {MAX_LABEL_LENGTH} characters; dropped",
                "separate labels by a line break inside the quoted cell",
            )
        )


def _repeated(file: str, row: ConceptRow, first: int, known: Concept | None) -> FieldIssue:
    same = known is None or not _differs(known, row.concept)
    return quirk(
        file,
        row.number,
        "conceptUri",
        "concept-repeated",
        f"the concept of row {first} comes again{'' if same else ' with other content'}; merged",
        "" if same else "keep one of the two rows",
    )


def _differing(file: str, row: ConceptRow, known: Concept) -> FieldIssue:
    columns = ", ".join(_differs(known, row.concept))
    return quirk(
        file,
        row.number,
        None,
        "concept-differs",
        f"another file gives the concept {row.concept.uri} another {columns}; merged",
        "read files of one release together",
    )


def _second_preferred(file: str, number: int, key: tuple[str, str]) -> FieldIssue:
    return quirk(
        file,
        number,
        "preferredLabel",
        "preferred-label-differs",
        f"another row prefers another label for {key[0]} in {key[1]!r}; this one becomes an alternative",
        "read files of one release together",
    )


def _unknown(file: str, row: ConceptRow) -> FieldIssue:
    return quirk(
        file,
        row.number,
        "conceptUri",
        "concept-unknown",
        f"the release has no concept {row.concept.uri}; its labels are left out",
        "use labels of the same release",
    )
