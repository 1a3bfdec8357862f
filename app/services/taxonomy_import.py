"""Store a release that was read, or add its languages to the one of that name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.enums import ConceptKind
from app.domain.taxonomy import Concept, Description, Label, Relation
from app.errors import FieldIssue, ReleaseConflict
from app.matching.text import canonical
from app.models.taxonomy import TaxonomyLanguage, TaxonomyRelease
from app.repositories.taxonomy import TaxonomyRepository
from app.taxonomy import ReadResult, source_note
from app.taxonomy.checksum import language_checksum, taxonomy_checksum

Progress = Callable[[str, int, int], None]

_GROUPS = (ConceptKind.SKILL_GROUP, ConceptKind.ISCO_GROUP)
_N_EXAMPLES = 3
_PROGRESS_EVERY = 1_000

_Row = TypeVar("_Row")
_Text = TypeVar("_Text", Label, Description)


class ImportOutcome(StrEnum):
    """What an import did to the database."""

    IMPORTED = "imported"
    LABELS_ADDED = "labels_added"
    NO_CHANGE = "no_change"


@dataclass(frozen=True, slots=True)
class ImportReceipt:
    """What an import did.

    Attributes
    ----------
    release, checksum, is_default
        The release as it is now; the checksum covers all its languages.
    n_new_labels
        Labels that this import added, by language.
    issues
        What was left out because the release does not have its concept.
    """

    release: str
    outcome: ImportOutcome
    checksum: str
    is_default: bool
    n_new_labels: dict[str, int]
    issues: tuple[FieldIssue, ...]


def import_release(
    session: Session,
    result: ReadResult,
    *,
    now: datetime,
    make_default: bool = False,
    progress: Progress | None = None,
) -> ImportReceipt:
    """Store what was read as a release, or add its languages to the release of that name.

    A release is immutable: what it says of a concept in a language never changes,
    and importing the same again changes nothing. It may gain labels for concepts
    that have none in a language. The first release becomes the default. Flushes;
    the caller's transaction commits.

    Parameters
    ----------
    progress
        Called with a stage, how many rows of it are done, and how many there are.

    Raises
    ------
    ReleaseConflict
        The release has other content, or there is none yet and only labels came.
    """
    name = result.taxonomy.name
    importer = _Importer(session, result, now, progress)
    try:
        release = importer.repository.find_release(name, for_update=True)
        if release is None:
            release = importer.store()
            outcome = ImportOutcome.IMPORTED
        elif importer.add_to(release):
            outcome = ImportOutcome.LABELS_ADDED
        else:
            outcome = ImportOutcome.NO_CHANGE
        if make_default or importer.repository.find_default() is None:
            importer.repository.make_default(release)
    except IntegrityError as error:
        raise ReleaseConflict(
            f"Another import ran at the same time as that of {name}. Import it again."
        ) from error
    return ImportReceipt(
        name,
        outcome,
        release.checksum,
        release.is_default,
        importer.n_new_labels,
        tuple(importer.issues),
    )


class _Importer:
    """One import: what was read, and what came of it."""

    def __init__(
        self, session: Session, result: ReadResult, now: datetime, progress: Progress | None
    ) -> None:
        self.repository = TaxonomyRepository(session)
        self.n_new_labels: dict[str, int] = {}
        self.issues: list[FieldIssue] = []
        self._session = session
        self._result = result
        self._read = result.taxonomy
        self._now = now
        self._progress = progress

    def store(self) -> TaxonomyRelease:
        """Store a release of a new name."""
        name = self._read.name
        if self._result.labels_only:
            raise ReleaseConflict(
                f"{name} is not imported yet, and these files hold only labels. Import the release first, "
                "or name the one they belong to with --release."
            )
        n_of_kind = {kind: self._result.counts[f"{kind}s"] for kind in ConceptKind}
        release = TaxonomyRelease(
            name=name,
            base_checksum=self._result.base_checksum,
            checksum=self._read.checksum,
            is_default=False,
            imported_at=self._now,
            n_skills=n_of_kind[ConceptKind.SKILL],
            n_occupations=n_of_kind[ConceptKind.OCCUPATION],
            n_groups=sum(n_of_kind[kind] for kind in _GROUPS),
            n_relations=len(self._read.relations),
            source_note=source_note(name),
        )
        self._session.add(release)
        self._session.flush()
        ids = self.repository.insert_concepts(release.id, self._counted("concepts", self._read.concepts))
        self.repository.insert_relations(self._counted("relations", self._read.relations), ids)
        texts = _by_language(self._read.labels, self._read.descriptions)
        languages = {lang: self._new_language(release, lang) for lang in texts}
        self._insert_texts(release, languages, texts, ids)
        return release

    def add_to(self, release: TaxonomyRelease) -> bool:
        """Add labels of concepts that have none in their language; tell whether there were any."""
        languages = {language.lang: language for language in self.repository.list_languages(release.id)}
        same_base = self._result.base_checksum == release.base_checksum
        checksums = self._result.language_checksums
        if same_base and all(
            lang in languages and languages[lang].checksum == checksum for lang, checksum in checksums.items()
        ):
            return False
        if not same_base and self._read.relations:
            self._check_base(release, adds_language=not languages.keys() >= checksums.keys())
        ids = self.repository.concept_ids(release.id)
        labels = [label for label in self._read.labels if label.uri in ids]
        if not labels:
            raise ReleaseConflict(
                f"{release.name} has none of the {len(self._read.concepts)} concepts in these files. "
                "Name the release they belong to with --release."
            )
        self._report_unknown(release, ids)
        descriptions = [text for text in self._read.descriptions if text.uri in ids]
        texts = {
            lang: new
            for lang, read in _by_language(labels, descriptions).items()
            if (new := self._new_texts(release, languages.get(lang), read))
        }
        for lang in texts.keys() - languages.keys():
            languages[lang] = self._new_language(release, lang)
        self._insert_texts(release, languages, texts, ids)
        return bool(texts)

    def _check_base(self, release: TaxonomyRelease, *, adds_language: bool) -> None:
        """Refuse a whole package whose concepts and relations are not those of the release.

        A package in a new language may hold less than the release, never more.
        """
        concepts = set(self.repository.list_concepts(release.id))
        relations = set(self.repository.list_relations(release.id))
        extra: list[Concept | Relation] = [
            *sorted(set(self._read.concepts) - concepts),
            *sorted(set(self._read.relations) - relations),
        ]
        lacking: list[Concept | Relation] = [
            *sorted(concepts - set(self._read.concepts)),
            *sorted(relations - set(self._read.relations)),
        ]
        if not extra and (adds_language or not lacking):
            return
        examples = "; ".join(_shown(row) for row in [*extra, *lacking][:_N_EXAMPLES])
        raise ReleaseConflict(
            f"{release.name} was imported before with other content: of concepts and "
            f"relations, these files have {len(extra)} that it has not, and lack {len(lacking)} of its own "
            f"(first: {examples}). "
            "A release never changes: import these files under another name with --release, "
            "or only their label tables to add a language."
        )

    def _report_unknown(self, release: TaxonomyRelease, ids: Iterable[str]) -> None:
        for uri in sorted({label.uri for label in self._read.labels} - set(ids)):
            file, row = self._result.places[uri]
            message = f"{file}: {release.name} has no concept {uri}; its labels are left out."
            hint = "Use labels of the same release."
            self.issues.append(FieldIssue("", "concept-unknown", message, hint, row, "conceptUri"))

    def _new_texts(
        self, release: TaxonomyRelease, language: TaxonomyLanguage | None, read: _Texts
    ) -> _Texts | None:
        """Of the texts in one language, keep those of concepts that have none there yet."""
        if language is None:
            return read
        stored_labels = _by_concept(self.repository.list_labels(language))
        stored_descriptions = _by_concept(self.repository.list_descriptions(language))
        labels, descriptions = _by_concept(read.labels), _by_concept(read.descriptions)
        stored = stored_labels.keys() | stored_descriptions.keys()
        clashes = [
            uri
            for uri in sorted(labels.keys() & stored)
            if labels[uri] != stored_labels.get(uri)
            or (uri in descriptions and descriptions[uri] != stored_descriptions.get(uri))
        ]
        if clashes:
            raise ReleaseConflict(
                f"{release.name} already has other texts in {language.lang!r} for {len(clashes)} of these "
                f"concepts (first: {', '.join(clashes[:_N_EXAMPLES])}). A release never changes: leave these "
                "files out, or import them with their release under another name."
            )
        new = _Texts(
            [label for label in read.labels if label.uri not in stored],
            [text for text in read.descriptions if text.uri not in stored],
        )
        return new if new.labels else None

    def _new_language(self, release: TaxonomyRelease, lang: str) -> TaxonomyLanguage:
        language = TaxonomyLanguage(
            release_id=release.id, lang=lang, checksum="", n_labels=0, n_descriptions=0, imported_at=self._now
        )
        self._session.add(language)
        return language

    def _insert_texts(
        self,
        release: TaxonomyRelease,
        languages: dict[str, TaxonomyLanguage],
        texts: dict[str, _Texts],
        ids: dict[str, int],
    ) -> None:
        self._session.flush()
        language_ids = {lang: language.id for lang, language in languages.items()}
        for lang, new in sorted(texts.items()):
            language = languages[lang]
            labels, descriptions = new
            if language.n_labels:
                labels = sorted([*self.repository.list_labels(language), *labels])
                descriptions = sorted([*self.repository.list_descriptions(language), *descriptions])
            language.checksum = language_checksum(labels, descriptions)
            language.n_labels, language.n_descriptions = len(labels), len(descriptions)
            language.imported_at = self._now
            self.repository.insert_labels(
                self._counted(f"labels {lang}", new.labels), ids, language_ids, canonical
            )
            self.repository.insert_descriptions(
                self._counted(f"descriptions {lang}", new.descriptions), ids, language_ids
            )
            self.n_new_labels[lang] = len(new.labels)
        checksums = {lang: language.checksum for lang, language in languages.items()}
        release.checksum = taxonomy_checksum(release.base_checksum, checksums)
        self._session.flush()

    def _counted(self, stage: str, rows: Sequence[_Row]) -> Iterator[_Row]:
        for done, row in enumerate(rows):
            if self._progress is not None and done % _PROGRESS_EVERY == 0:
                self._progress(stage, done, len(rows))
            yield row
        if self._progress is not None:
            self._progress(stage, len(rows), len(rows))


class _Texts(NamedTuple):
    """Labels and descriptions in one language, sorted."""

    labels: list[Label]
    descriptions: list[Description]


def _by_language(labels: Sequence[Label], descriptions: Sequence[Description]) -> dict[str, _Texts]:
    texts: dict[str, _Texts] = defaultdict(lambda: _Texts([], []))
    for label in labels:
        texts[label.lang].labels.append(label)
    for description in descriptions:
        texts[description.lang].descriptions.append(description)
    return dict(texts)


def _by_concept(rows: Sequence[_Text]) -> dict[str, set[_Text]]:
    grouped: dict[str, set[_Text]] = defaultdict(set)
    for row in rows:
        grouped[row.uri].add(row)
    return dict(grouped)


def _shown(row: Concept | Relation) -> str:
    return row.uri if isinstance(row, Concept) else " ".join(row)
