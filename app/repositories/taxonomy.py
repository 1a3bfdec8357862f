"""Every query on taxonomy releases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.domain.enums import ConceptKind, LabelKind, RelationKind
from app.domain.taxonomy import Concept, Description, Label, Relation
from app.errors import NotFound
from app.models.base import Base
from app.models.taxonomy import (
    ConceptDescription,
    ConceptLabel,
    ConceptRelation,
    TaxonomyConcept,
    TaxonomyLanguage,
    TaxonomyLatentSpace,
    TaxonomyRelease,
)

_CHUNK = 5_000

# Sorts after everything that begins with the same text.
_LAST_CHARACTER = "\U0010ffff"

# Longer search keys would not fit PostgreSQL's index; nobody types that much.
MAX_CANONICAL = 300


class FoundLabel(NamedTuple):
    """The label by which a search met a concept; a lower ``tier`` is a better hit."""

    tier: int
    length: int
    canonical: str
    uri: str
    concept_id: int
    text: str


class Neighbour(NamedTuple):
    """A concept at the other end of a relation of ``concept_id``."""

    concept_id: int
    kind: RelationKind
    other_id: int
    other_uri: str


class NamedLabel(NamedTuple):
    """A label with the concept and the language it is of."""

    uri: str
    lang: str
    kind: LabelKind
    text: str
    canonical: str


class TaxonomyRepository:
    """Reads and writes releases through one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # Latent spaces

    def list_latent_spaces(self, release_id: int) -> Mapping[str, bytes]:
        """What was learned from a release, by what it was learned from."""
        spaces = self._session.scalars(
            select(TaxonomyLatentSpace).where(TaxonomyLatentSpace.release_id == release_id)
        )
        return {space.fingerprint: space.data for space in spaces}

    def find_learned_at(self, release_id: int) -> datetime | None:
        """When what was learned from a release was last learned; None where nothing was."""
        return self._session.scalar(
            select(func.max(TaxonomyLatentSpace.learned_at)).where(
                TaxonomyLatentSpace.release_id == release_id
            )
        )

    def list_latent_versions(self, release_id: int) -> Sequence[tuple[str, datetime]]:
        """What a release's latent spaces were learned from, and when, sorted; cheap to ask for."""
        rows = self._session.execute(
            select(TaxonomyLatentSpace.fingerprint, TaxonomyLatentSpace.learned_at)
            .where(TaxonomyLatentSpace.release_id == release_id)
            .order_by(TaxonomyLatentSpace.fingerprint)
        )
        return [(fingerprint, learned_at) for fingerprint, learned_at in rows]

    def replace_latent_spaces(self, release_id: int, spaces: Mapping[str, bytes], now: datetime) -> None:
        """Store what was learned from a release in place of what was learned before."""
        # Two may have learned at the same time: the later one waits here, and replaces the same.
        self._session.execute(
            select(TaxonomyRelease.id).where(TaxonomyRelease.id == release_id).with_for_update()
        )
        self._session.execute(delete(TaxonomyLatentSpace).where(TaxonomyLatentSpace.release_id == release_id))
        for fingerprint, data in sorted(spaces.items()):
            self._session.add(
                TaxonomyLatentSpace(release_id=release_id, fingerprint=fingerprint, data=data, learned_at=now)
            )
        self._session.flush()

    # Releases and languages

    def list_releases(self) -> Sequence[TaxonomyRelease]:
        """All releases, by name."""
        return self._session.scalars(select(TaxonomyRelease).order_by(TaxonomyRelease.name)).all()

    def find_release(self, name: str, *, for_update: bool = False) -> TaxonomyRelease | None:
        """The release of that name; locked against another import where the database can."""
        query = select(TaxonomyRelease).where(TaxonomyRelease.name == name)
        return self._session.scalar(query.with_for_update() if for_update else query)

    def get_release(self, name: str) -> TaxonomyRelease:
        """The release of that name.

        Raises
        ------
        NotFound
            It was not imported.
        """
        release = self.find_release(name)
        if release is None:
            names = ", ".join(release.name for release in self.list_releases()) or "none yet"
            raise NotFound(f"No taxonomy release {name!r}. Imported: {names}.")
        return release

    def find_default(self) -> TaxonomyRelease | None:
        """The release that is used when none is named."""
        return self._session.scalar(select(TaxonomyRelease).where(TaxonomyRelease.is_default))

    def make_default(self, release: TaxonomyRelease) -> None:
        """Make ``release`` the only default."""
        others = update(TaxonomyRelease).where(TaxonomyRelease.is_default, TaxonomyRelease.id != release.id)
        self._session.execute(others.values(is_default=False))
        release.is_default = True
        self._session.flush()

    def list_languages(self, release_id: int) -> Sequence[TaxonomyLanguage]:
        """The languages of a release, by code."""
        query = select(TaxonomyLanguage).where(TaxonomyLanguage.release_id == release_id)
        return self._session.scalars(query.order_by(TaxonomyLanguage.lang)).all()

    # Content

    def list_concepts(self, release_id: int) -> list[Concept]:
        """The concepts of a release, sorted."""
        columns = [getattr(TaxonomyConcept, name) for name in Concept._fields]
        rows = self._session.execute(select(*columns).where(TaxonomyConcept.release_id == release_id))
        return sorted(Concept(*row) for row in rows)

    def concept_ids(self, release_id: int) -> dict[str, int]:
        """Keys of the concepts of a release by URI."""
        query = select(TaxonomyConcept.uri, TaxonomyConcept.id)
        return dict(self._session.execute(query.where(TaxonomyConcept.release_id == release_id)).all())

    def list_relations(self, release_id: int) -> list[Relation]:
        """The relations of a release, sorted."""
        uris = self._uris(release_id)
        query = (
            select(ConceptRelation.source_id, ConceptRelation.kind, ConceptRelation.target_id)
            .join(TaxonomyConcept, TaxonomyConcept.id == ConceptRelation.source_id)
            .where(TaxonomyConcept.release_id == release_id)
        )
        rows = self._session.execute(query)
        return sorted(Relation(uris[source], kind, uris[target]) for source, kind, target in rows)

    def list_labels(self, language: TaxonomyLanguage) -> list[Label]:
        """The labels of one language of a release, sorted."""
        uris, lang = self._uris(language.release_id), language.lang
        query = select(ConceptLabel.concept_id, ConceptLabel.kind, ConceptLabel.text)
        rows = self._session.execute(query.where(ConceptLabel.language_id == language.id))
        return sorted(Label(uris[concept], lang, kind, text) for concept, kind, text in rows)

    def list_descriptions(self, language: TaxonomyLanguage) -> list[Description]:
        """The descriptions in one language of a release, sorted."""
        uris, lang = self._uris(language.release_id), language.lang
        query = select(ConceptDescription.concept_id, ConceptDescription.text)
        rows = self._session.execute(query.where(ConceptDescription.language_id == language.id))
        return sorted(Description(uris[concept], lang, text) for concept, text in rows)

    def _uris(self, release_id: int) -> dict[int, str]:
        return {key: uri for uri, key in self.concept_ids(release_id).items()}

    # Bulk writing

    def insert_concepts(self, release_id: int, concepts: Iterable[Concept]) -> dict[str, int]:
        """Add concepts and give their keys by URI."""
        columns = ("release_id", *Concept._fields)
        self._insert(TaxonomyConcept, columns, ((release_id, *row) for row in concepts))
        return self.concept_ids(release_id)

    def insert_relations(self, relations: Iterable[Relation], ids: Mapping[str, int]) -> None:
        """Add relations between concepts with the given keys."""
        rows = ((ids[row.source_uri], row.kind, ids[row.target_uri]) for row in relations)
        self._insert(ConceptRelation, ("source_id", "kind", "target_id"), rows)

    def insert_labels(
        self,
        labels: Iterable[Label],
        ids: Mapping[str, int],
        language_ids: Mapping[str, int],
        canonical: Callable[[str], str],
    ) -> None:
        """Add labels with the search key that ``canonical`` makes of each."""
        rows = (
            (ids[row.uri], language_ids[row.lang], row.kind, row.text, canonical(row.text)[:MAX_CANONICAL])
            for row in labels
        )
        self._insert(ConceptLabel, ("concept_id", "language_id", "kind", "text", "canonical"), rows)

    def insert_descriptions(
        self, descriptions: Iterable[Description], ids: Mapping[str, int], language_ids: Mapping[str, int]
    ) -> None:
        """Add descriptions."""
        rows = ((ids[row.uri], language_ids[row.lang], row.text) for row in descriptions)
        self._insert(ConceptDescription, ("concept_id", "language_id", "text"), rows)

    def _insert(self, table: type[Base], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
        """Write many rows in the quickest way of the database, past the ORM and its types."""
        # Either driver would take an enum member for something other than its value.
        plain = (tuple(str(cell) if isinstance(cell, StrEnum) else cell for cell in row) for row in rows)
        connection = self._session.connection()
        names = ", ".join(columns)
        if connection.dialect.name == "postgresql":
            driver = connection.connection.driver_connection
            assert driver is not None
            with (
                driver.cursor() as cursor,
                cursor.copy(f"COPY {table.__tablename__} ({names}) FROM STDIN") as copy,
            ):
                for row in plain:
                    copy.write_row(row)
            return
        marks = ", ".join("?" * len(columns))
        while chunk := list(islice(plain, _CHUNK)):
            connection.exec_driver_sql(f"INSERT INTO {table.__tablename__} ({names}) VALUES ({marks})", chunk)

    # Search

    def search_labels(
        self,
        language_ids: Sequence[int],
        kind: ConceptKind,
        key: str,
        *,
        anywhere: bool,
        limit: int,
    ) -> list[FoundLabel]:
        """Find concepts by a label that begins with ``key`` or, if ``anywhere``, contains it.

        One hit per concept, its best label; ordered by tier (equal, beginning, at the
        start of a word, elsewhere; preferred labels first), length, key and URI.
        """
        label = ConceptLabel
        if anywhere:
            condition = label.canonical.contains(key, autoescape=True)
        else:
            condition = (label.canonical >= key) & (label.canonical < key + _LAST_CHARACTER)
        place = case(
            (label.canonical == key, 0),
            (label.canonical.startswith(key, autoescape=True), 2),
            (label.canonical.contains(f" {key}", autoescape=True), 4),
            else_=6,
        )
        tier = place + case((label.kind == LabelKind.PREFERRED, 0), else_=1)
        order = [tier, func.length(label.canonical), label.canonical]
        best = (
            select(
                tier.label("tier"),
                func.length(label.canonical).label("length"),
                label.canonical,
                TaxonomyConcept.uri,
                label.concept_id,
                label.text,
                func.row_number()
                .over(partition_by=label.concept_id, order_by=[*order, label.text, label.id])
                .label("nth"),
            )
            .join(TaxonomyConcept, TaxonomyConcept.id == label.concept_id)
            .where(label.language_id.in_(language_ids), TaxonomyConcept.kind == kind, condition)
            .subquery()
        )
        columns = [best.c[name] for name in FoundLabel._fields]
        query: Select[Any] = select(*columns).where(best.c.nth == 1).order_by(*columns[:4]).limit(limit)
        return [FoundLabel(*row) for row in self._session.execute(query)]

    def find_concept(self, release_id: int, uri: str) -> TaxonomyConcept | None:
        """The concept of a release with this URI."""
        query = select(TaxonomyConcept).where(
            TaxonomyConcept.release_id == release_id, TaxonomyConcept.uri == uri
        )
        return self._session.scalar(query)

    def concept_ids_of(self, release_id: int, uris: Iterable[str]) -> dict[str, int]:
        """Keys of those of these concepts that the release has, by URI."""
        query = select(TaxonomyConcept.uri, TaxonomyConcept.id).where(
            TaxonomyConcept.release_id == release_id, TaxonomyConcept.uri.in_(list(uris))
        )
        return {row[0]: row[1] for row in self._session.execute(query)}

    def texts_of(self, concept_id: int) -> Sequence[tuple[str, LabelKind, str]]:
        """Language, kind and text of every label of a concept, sorted."""
        query = (
            select(TaxonomyLanguage.lang, ConceptLabel.kind, ConceptLabel.text)
            .join(TaxonomyLanguage, TaxonomyLanguage.id == ConceptLabel.language_id)
            .where(ConceptLabel.concept_id == concept_id)
            .order_by(TaxonomyLanguage.lang, ConceptLabel.text)
        )
        return [(lang, kind, text) for lang, kind, text in self._session.execute(query)]

    def descriptions_of(self, concept_id: int) -> dict[str, str]:
        """The descriptions of a concept, by language."""
        query = (
            select(TaxonomyLanguage.lang, ConceptDescription.text)
            .join(TaxonomyLanguage, TaxonomyLanguage.id == ConceptDescription.language_id)
            .where(ConceptDescription.concept_id == concept_id)
            .order_by(TaxonomyLanguage.lang)
        )
        return dict(self._session.execute(query).all())

    def neighbours(
        self, concept_ids: Sequence[int], kinds: Sequence[RelationKind], *, inwards: bool = False
    ) -> list[Neighbour]:
        """What concepts are related to, or what is related to them, by URI of the other end."""
        own, other = ConceptRelation.source_id, ConceptRelation.target_id
        if inwards:
            own, other = other, own
        query = (
            select(own, ConceptRelation.kind, TaxonomyConcept.id, TaxonomyConcept.uri)
            .join(TaxonomyConcept, TaxonomyConcept.id == other)
            .where(own.in_(concept_ids), ConceptRelation.kind.in_(kinds))
            .order_by(own, ConceptRelation.kind, TaxonomyConcept.uri)
        )
        return [Neighbour(*row) for row in self._session.execute(query)]

    def preferred_labels(self, concept_ids: Sequence[int]) -> Sequence[tuple[int, str, str]]:
        """Concept key, language and text of the preferred labels of the given concepts."""
        query = (
            select(ConceptLabel.concept_id, TaxonomyLanguage.lang, ConceptLabel.text)
            .join(TaxonomyLanguage, TaxonomyLanguage.id == ConceptLabel.language_id)
            .where(ConceptLabel.concept_id.in_(concept_ids), ConceptLabel.kind == LabelKind.PREFERRED)
        )
        return self._session.execute(query).all()

    def labels_of(
        self, release_name: str | None, uris: Sequence[str], *, langs: Sequence[str], keys: Sequence[str]
    ) -> list[NamedLabel]:
        """Preferred labels of some concepts in some languages, and their labels with one of ``keys``.

        Of the default release where none is named.
        """
        release: ColumnElement[bool] = TaxonomyRelease.is_default.is_(True)
        if release_name is not None:
            release = TaxonomyRelease.name == release_name
        is_shown = and_(ConceptLabel.kind == LabelKind.PREFERRED, TaxonomyLanguage.lang.in_(langs))
        query = (
            select(
                TaxonomyConcept.uri,
                TaxonomyLanguage.lang,
                ConceptLabel.kind,
                ConceptLabel.text,
                ConceptLabel.canonical,
            )
            .join(TaxonomyRelease, TaxonomyRelease.id == TaxonomyConcept.release_id)
            .join(ConceptLabel, ConceptLabel.concept_id == TaxonomyConcept.id)
            .join(TaxonomyLanguage, TaxonomyLanguage.id == ConceptLabel.language_id)
            .where(
                release,
                TaxonomyConcept.uri.in_(uris),
                or_(is_shown, ConceptLabel.canonical.in_([key[:MAX_CANONICAL] for key in keys])),
            )
        )
        return [NamedLabel(*row) for row in self._session.execute(query)]
