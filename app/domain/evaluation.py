"""Labelled phrases that a linker is measured on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.domain.enums import ConceptKind


class SetMode(StrEnum):
    """How the texts of a set are meant."""

    PHRASE = "phrase"  # one phrase names one concept, or none
    SENTENCE = "sentence"  # a sentence names several concepts
    NIL = "nil"  # phrases that name no concept


@dataclass(frozen=True, slots=True)
class EvaluationQuery:
    """One labelled text.

    Attributes
    ----------
    gold
        Concept URIs that are right answers; empty where the text names no concept.
    lang
        ISO 639-1 code as declared to the systems; None where they have to find out.
    kind
        ``ConceptKind.SKILL`` or ``ConceptKind.OCCUPATION``.
    contexts
        Sentences that the phrase was met in.
    """

    id: str
    text: str
    gold: tuple[str, ...]
    lang: str | None = None
    kind: ConceptKind = ConceptKind.SKILL
    contexts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """Labelled texts of one origin.

    Attributes
    ----------
    pair
        Of a ``nil`` set: the set whose phrases are to be told from these.
    removed
        (URI, canonical label) pairs that every index has to do without, sorted;
        the held-out labels of generated sets.
    """

    name: str
    mode: SetMode
    queries: tuple[EvaluationQuery, ...]
    pair: str | None = None
    removed: tuple[tuple[str, str], ...] = ()
