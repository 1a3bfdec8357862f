"""Keep taxonomy releases: import, load, list and search them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.enums import ConceptKind
from app.domain.taxonomy import Taxonomy
from app.matching.text import canonical
from app.models.taxonomy import TaxonomyRelease
from app.repositories.taxonomy import MAX_CANONICAL, FoundLabel, TaxonomyRepository
from app.services.taxonomy_import import ImportOutcome, ImportReceipt, import_release

__all__ = [
    "ConceptHit",
    "ImportOutcome",
    "ImportReceipt",
    "ReleaseSummary",
    "find_default_release",
    "get_release",
    "import_release",
    "labels_of",
    "list_releases",
    "load_taxonomy",
    "search_concepts",
    "search_in_languages",
]


@dataclass(frozen=True, slots=True)
class ReleaseSummary:
    """A release at a glance; ``n_labels`` by language."""

    name: str
    checksum: str
    is_default: bool
    imported_at: datetime
    n_skills: int
    n_occupations: int
    n_groups: int
    n_relations: int
    n_labels: dict[str, int]
    source_note: str


@dataclass(frozen=True, slots=True)
class ConceptHit:
    """A concept found by one of its labels.

    ``label`` is its preferred label in the reader's language, else in English,
    else in any; ``matched_label`` is the one that was met.
    """

    uri: str
    label: str
    matched_label: str


def load_taxonomy(session: Session, name: str) -> Taxonomy:
    """Load a release with all its languages, equal to what the importer read.

    Raises
    ------
    NotFound
        It was not imported.
    """
    repository = TaxonomyRepository(session)
    release = repository.get_release(name)
    languages = repository.list_languages(release.id)
    return Taxonomy(
        name=release.name,
        checksum=release.checksum,
        languages=tuple(language.lang for language in languages),
        concepts=tuple(repository.list_concepts(release.id)),
        labels=tuple(sorted(label for language in languages for label in repository.list_labels(language))),
        descriptions=tuple(
            sorted(text for language in languages for text in repository.list_descriptions(language))
        ),
        relations=tuple(repository.list_relations(release.id)),
    )


def list_releases(session: Session) -> list[ReleaseSummary]:
    """Give all releases, by name."""
    repository = TaxonomyRepository(session)
    return [_summary(repository, release) for release in repository.list_releases()]


def get_release(session: Session, name: str) -> ReleaseSummary:
    """Give one release.

    Raises
    ------
    NotFound
        It was not imported.
    """
    repository = TaxonomyRepository(session)
    return _summary(repository, repository.get_release(name))


def find_default_release(session: Session) -> ReleaseSummary | None:
    """Give the release to use when none is named; None before the first import."""
    repository = TaxonomyRepository(session)
    release = repository.find_default()
    return None if release is None else _summary(repository, release)


def search_concepts(
    session: Session, release: str, kind: ConceptKind, q: str, lang: str, limit: int = 10
) -> list[ConceptHit]:
    """Find concepts by what someone has typed so far.

    Labels in ``lang`` come first (in English where the release lacks it): equal
    ones, those that begin with ``q``, those with a word that does, those that
    contain it; preferred before alternative, short before long. If that is not
    enough, labels in other languages that begin with ``q`` follow. The order depends
    on the release and the arguments alone.

    Raises
    ------
    NotFound
        The release was not imported.
    ValueError
        If ``limit < 1``.
    """
    if limit < 1:
        raise ValueError(f"limit must be at least 1, got {limit}")
    repository = TaxonomyRepository(session)
    languages = repository.list_languages(repository.get_release(release).id)
    key = canonical(q)[:MAX_CANONICAL]
    if not key:
        return []
    main = lang if any(language.lang == lang for language in languages) else "en"
    own = [language.id for language in languages if language.lang == main]
    others = [language.id for language in languages if language.lang != main]
    found: dict[int, FoundLabel] = {}
    # Each step costs more or fits worse than the one before, so it runs only when needed.
    for language_ids, anywhere in ((own, False), (own, True), (others, False)):
        if language_ids and len(found) < limit:
            # Those already found may come again.
            wanted = limit + len(found)
            for hit in repository.search_labels(language_ids, kind, key, anywhere=anywhere, limit=wanted):
                found.setdefault(hit.concept_id, hit)
    hits = list(found.values())[:limit]
    labels = choose_labels(repository, [hit.concept_id for hit in hits], lang)
    return [ConceptHit(hit.uri, labels.get(hit.concept_id, hit.text), hit.text) for hit in hits]


def search_in_languages(
    session: Session, release: str, kind: ConceptKind, q: str, langs: Sequence[str], limit: int = 10
) -> list[ConceptHit]:
    """Find concepts as ``search_concepts`` does, in one language after the other until there are enough.

    They are labelled in the first language: who reads in one often types in another.
    """
    found: dict[str, ConceptHit] = {}
    for lang in dict.fromkeys(langs):
        if len(found) < limit:
            for hit in search_concepts(session, release, kind, q, lang, limit):
                found.setdefault(hit.uri, hit)
    labels = labels_of(session, release, found, langs[0])
    return [replace(hit, label=labels.get(uri, hit.label)) for uri, hit in found.items()][:limit]


def labels_of(session: Session, release: str, uris: Iterable[str], lang: str) -> dict[str, str]:
    """Give concepts' preferred labels in the reader's language, else in English, else in any, by URI.

    Concepts that the release lacks are left out. Two queries for up to 1,000 concepts.

    Raises
    ------
    NotFound
        The release was not imported.
    """
    wanted = list(dict.fromkeys(uris))
    repository = TaxonomyRepository(session)
    ids = repository.concept_ids_of(repository.get_release(release).id, wanted) if wanted else {}
    labels = choose_labels(repository, list(ids.values()), lang) if ids else {}
    return {uri: labels.get(key, uri) for uri, key in ids.items()}


def choose_labels(repository: TaxonomyRepository, concept_ids: list[int], lang: str) -> dict[int, str]:
    """Choose each concept's preferred label: in ``lang``, else in English, else the first by language."""
    chosen: dict[int, tuple[bool, bool, str, str]] = {}
    for concept_id, label_lang, text in repository.preferred_labels(concept_ids):
        rank = (label_lang != lang, label_lang != "en", label_lang, text)
        chosen[concept_id] = min(rank, chosen.get(concept_id, rank))
    return {concept_id: rank[-1] for concept_id, rank in chosen.items()}


def _summary(repository: TaxonomyRepository, release: TaxonomyRelease) -> ReleaseSummary:
    return ReleaseSummary(
        name=release.name,
        checksum=release.checksum,
        is_default=release.is_default,
        imported_at=release.imported_at,
        n_skills=release.n_skills,
        n_occupations=release.n_occupations,
        n_groups=release.n_groups,
        n_relations=release.n_relations,
        n_labels={language.lang: language.n_labels for language in repository.list_languages(release.id)},
        source_note=release.source_note,
    )
