"""What a few concepts are called in a reader's language, without the tables that link and rank."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy.orm import Session

from app.domain.enums import LabelKind
from app.matching.text import canonical
from app.repositories.taxonomy import TaxonomyRepository
from app.services.identifiers import is_uri

_FALLBACK = "en"


class Naming(StrEnum):
    """By which of a concept's names somebody's words mean it."""

    PREFERRED = "preferred"
    ALTERNATIVE = "alternative"
    OTHER = "other"  # similar words, or what staff decided


@dataclass(frozen=True, slots=True)
class ConceptLabels:
    """Labels of concepts by URI and language, and which canonical words are labels of which concept."""

    preferred: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    names: Mapping[tuple[str, str], LabelKind] = field(default_factory=dict)

    def label(self, uri: str | None, lang: str, otherwise: str) -> str:
        """The label in a language, else in English, else other words for it."""
        known = self.preferred.get(uri or "", {})
        return known.get(lang) or known.get(_FALLBACK) or otherwise

    def naming(self, uri: str, words: str) -> Naming:
        """By which name of a concept these words mean it."""
        if is_uri(words):
            return Naming.PREFERRED
        kind = self.names.get((uri, canonical(words)))
        if kind is None:
            return Naming.OTHER
        return Naming.PREFERRED if kind is LabelKind.PREFERRED else Naming.ALTERNATIVE


def concept_labels(
    session: Session,
    release_name: str | None,
    uris: Iterable[str | None],
    *,
    langs: Iterable[str | None],
    words: Iterable[str] = (),
) -> ConceptLabels:
    """Read the labels of some concepts in one query.

    Parameters
    ----------
    release_name
        The default release when None.
    langs
        Languages to have preferred labels in, English always.
    words
        What ``naming`` will be asked for; in whatever language.
    """
    wanted = sorted({uri for uri in uris if uri})
    if not wanted:
        return ConceptLabels()
    rows = TaxonomyRepository(session).labels_of(
        release_name,
        wanted,
        langs=sorted({*(lang for lang in langs if lang), _FALLBACK}),
        keys=sorted({canonical(each) for each in words if each}),
    )
    preferred: dict[str, dict[str, str]] = defaultdict(dict)
    names: dict[tuple[str, str], LabelKind] = {}
    for row in rows:
        if row.kind is LabelKind.PREFERRED:
            preferred[row.uri][row.lang] = row.text
        key = row.uri, row.canonical
        if row.kind is LabelKind.PREFERRED or key not in names:
            names[key] = row.kind
    return ConceptLabels(dict(preferred), names)
