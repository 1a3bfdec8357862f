"""A taxonomy release as plain values: what the readers give and the services use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from app.domain.enums import ConceptKind, LabelKind, RelationKind


class Concept(NamedTuple):
    """One concept. ``isco_group`` is the four-digit ISCO-08 code of an occupation,
    ``code`` the concept's own notation where it has one."""

    uri: str
    kind: ConceptKind
    skill_type: str = ""
    reuse_level: str = ""
    isco_group: str = ""
    code: str = ""
    status: str = ""
    regulated_profession_note: str = ""


class Label(NamedTuple):
    """One name of a concept in one language (ISO 639-1)."""

    uri: str
    lang: str
    kind: LabelKind
    text: str


class Description(NamedTuple):
    """The description of a concept in one language (ISO 639-1)."""

    uri: str
    lang: str
    text: str


class Relation(NamedTuple):
    """A directed link between two concepts; read "source KIND target"."""

    source_uri: str
    kind: RelationKind
    target_uri: str


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """One release with the languages loaded for it.

    Every tuple is sorted (by URI, then the other fields) and free of repeats, so
    equal content is equal in every byte whatever order the files had.

    Attributes
    ----------
    name
        Release name, for example ``esco-1.1.1`` or ``starter-1``.
    checksum
        SHA-256 (hex) over the sorted content.
    languages
        ISO 639-1 codes, sorted.
    """

    name: str
    checksum: str
    languages: tuple[str, ...]
    concepts: tuple[Concept, ...]
    labels: tuple[Label, ...]
    descriptions: tuple[Description, ...]
    relations: tuple[Relation, ...]
