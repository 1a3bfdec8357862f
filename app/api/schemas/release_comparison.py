"""The comparison of two taxonomy releases as callers get it."""

from __future__ import annotations

from pydantic import Field

from app.api.schemas.common import Given
from app.domain.enums import ConceptKind, RelationKind
from app.services.release_comparison import ReleaseComparison

MAX_LISTED = 1_000


class ReleaseRefOut(Given):
    """A release, and how much it holds: concepts by kind."""

    name: str
    checksum: str
    languages: list[str]
    n_concepts: dict[ConceptKind, int]


class ConceptRefOut(Given):
    """A concept and its label in English, else in any language."""

    uri: str
    kind: ConceptKind
    label: str


class RelabellingOut(Given):
    """Another preferred label; empty where there is none."""

    uri: str
    kind: ConceptKind
    lang: str
    before: str
    after: str


class AttributeChangeOut(Given):
    """Another value of a field of a concept."""

    uri: str
    kind: ConceptKind
    label: str
    attribute: str
    before: str
    after: str


class LabelChangeOut(Given):
    """A label that came or went."""

    uri: str
    kind: ConceptKind
    text: str


class LanguageComparisonOut(Given):
    """Labels that came to concepts of both releases, or left them, in one language."""

    lang: str
    added: list[LabelChangeOut]
    removed: list[LabelChangeOut]


class RelationChangeOut(Given):
    """A relation that came or went; read "source kind target"."""

    source: ConceptRefOut
    kind: RelationKind
    target: ConceptRefOut


class OccupationChangeOut(Given):
    """What came to and left the skill lists of an occupation."""

    uri: str
    label: str
    essential_added: list[ConceptRefOut]
    essential_removed: list[ConceptRefOut]
    optional_added: list[ConceptRefOut]
    optional_removed: list[ConceptRefOut]


class ReleaseComparisonOut(Given):
    """What differs between two releases. `counts` are complete; each list is cut at `limit`."""

    before: ReleaseRefOut
    after: ReleaseRefOut
    counts: dict[str, int]
    limit: int = Field(description="Most entries of any list.")
    added: list[ConceptRefOut]
    gone: list[ConceptRefOut]
    relabelled: list[RelabellingOut]
    changed: list[AttributeChangeOut]
    languages_added: list[str]
    languages_gone: list[str]
    languages: list[LanguageComparisonOut]
    relations_added: list[RelationChangeOut]
    relations_removed: list[RelationChangeOut]
    occupations: list[OccupationChangeOut]

    @classmethod
    def of(cls, comparison: ReleaseComparison, *, limit: int) -> ReleaseComparisonOut:
        return cls(
            before=ReleaseRefOut.model_validate(comparison.before),
            after=ReleaseRefOut.model_validate(comparison.after),
            counts=comparison.counts,
            limit=limit,
            added=[ConceptRefOut.model_validate(each) for each in comparison.added[:limit]],
            gone=[ConceptRefOut.model_validate(each) for each in comparison.gone[:limit]],
            relabelled=[RelabellingOut.model_validate(each) for each in comparison.relabelled[:limit]],
            changed=[AttributeChangeOut.model_validate(each) for each in comparison.changed[:limit]],
            languages_added=list(comparison.languages_added),
            languages_gone=list(comparison.languages_gone),
            languages=[
                LanguageComparisonOut(
                    lang=language.lang,
                    added=[LabelChangeOut.model_validate(each) for each in language.added[:limit]],
                    removed=[LabelChangeOut.model_validate(each) for each in language.removed[:limit]],
                )
                for language in comparison.languages
            ],
            relations_added=[
                RelationChangeOut.model_validate(each) for each in comparison.relations_added[:limit]
            ],
            relations_removed=[
                RelationChangeOut.model_validate(each) for each in comparison.relations_removed[:limit]
            ],
            occupations=[OccupationChangeOut.model_validate(each) for each in comparison.occupations[:limit]],
        )
