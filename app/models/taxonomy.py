"""Taxonomy releases, their concepts and relations, and their labels per language.

A release has over 300,000 rows, so these tables have small integer keys. Text
that is searched or ordered sorts by code point on both databases.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.enums import ConceptKind, LabelKind, RelationKind
from app.models.base import Base, enum_type

# SQLite compares bytes by itself; PostgreSQL follows the database's locale unless told.
CodePointText = Text().with_variant(Text(collation="C"), "postgresql")

_IS_DEFAULT = text("is_default")
_IS_PREFERRED = text("kind = 'preferred'")


class TaxonomyRelease(Base):
    """One imported release. What it says never changes; it may gain languages.

    ``base_checksum`` covers concepts and relations, ``checksum`` all languages too.
    """

    __tablename__ = "taxonomy_release"
    __table_args__ = (
        Index(
            "uq_taxonomy_release_is_default",
            "is_default",
            unique=True,
            sqlite_where=_IS_DEFAULT,
            postgresql_where=_IS_DEFAULT,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    base_checksum: Mapped[str] = mapped_column(String(64))
    checksum: Mapped[str] = mapped_column(String(64))
    is_default: Mapped[bool]
    imported_at: Mapped[datetime]
    n_skills: Mapped[int]
    n_occupations: Mapped[int]
    n_groups: Mapped[int]
    n_relations: Mapped[int]
    source_note: Mapped[str]


class TaxonomyLanguage(Base):
    """A language of a release: what all labels and descriptions in it hang on."""

    __tablename__ = "taxonomy_language"
    __table_args__ = (UniqueConstraint("release_id", "lang"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("taxonomy_release.id"))
    lang: Mapped[str] = mapped_column(String(2))
    checksum: Mapped[str] = mapped_column(String(64))
    n_labels: Mapped[int]
    n_descriptions: Mapped[int]
    imported_at: Mapped[datetime]


class TaxonomyConcept(Base):
    """A concept of a release; see ``app.domain.taxonomy.Concept``."""

    __tablename__ = "concept"
    __table_args__ = (UniqueConstraint("release_id", "uri"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("taxonomy_release.id"))
    uri: Mapped[str] = mapped_column(CodePointText)
    kind: Mapped[ConceptKind] = mapped_column(enum_type(ConceptKind))
    skill_type: Mapped[str]
    reuse_level: Mapped[str]
    isco_group: Mapped[str] = mapped_column(String(4))
    code: Mapped[str]
    status: Mapped[str]
    regulated_profession_note: Mapped[str]


class ConceptLabel(Base):
    """A label of a concept in one language; ``canonical`` is the beginning of its search key."""

    __tablename__ = "concept_label"
    __table_args__ = (
        UniqueConstraint("concept_id", "language_id", "text"),
        Index(
            "uq_concept_label_preferred",
            "concept_id",
            "language_id",
            unique=True,
            sqlite_where=_IS_PREFERRED,
            postgresql_where=_IS_PREFERRED,
        ),
        # Serves the search for a prefix.
        Index(None, "language_id", "canonical"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    concept_id: Mapped[int] = mapped_column(ForeignKey("concept.id"))
    language_id: Mapped[int] = mapped_column(ForeignKey("taxonomy_language.id"))
    kind: Mapped[LabelKind] = mapped_column(enum_type(LabelKind))
    text: Mapped[str] = mapped_column(CodePointText)
    canonical: Mapped[str] = mapped_column(CodePointText)


class ConceptDescription(Base):
    """The description of a concept in one language."""

    __tablename__ = "concept_description"

    concept_id: Mapped[int] = mapped_column(ForeignKey("concept.id"), primary_key=True)
    language_id: Mapped[int] = mapped_column(ForeignKey("taxonomy_language.id"), primary_key=True, index=True)
    text: Mapped[str]


class ConceptRelation(Base):
    """A directed link between two concepts of one release; read "source KIND target"."""

    __tablename__ = "concept_relation"

    source_id: Mapped[int] = mapped_column(ForeignKey("concept.id"), primary_key=True)
    kind: Mapped[RelationKind] = mapped_column(enum_type(RelationKind), primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("concept.id"), primary_key=True, index=True)


class TaxonomyLatentSpace(Base):
    """What was learned from a release for linking; see ``app.matching.latent_space``.

    ``fingerprint`` says what it was learned from: labels that come later make it useless.
    """

    __tablename__ = "taxonomy_latent_space"

    release_id: Mapped[int] = mapped_column(ForeignKey("taxonomy_release.id"), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    learned_at: Mapped[datetime]
