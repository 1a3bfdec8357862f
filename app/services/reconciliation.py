"""Phrases of a spreadsheet -> concepts to choose from, and what those concepts say of themselves.

The rules of the reconciliation service, without its protocol: ``app.api`` speaks that.
Nothing here reads a partnership's records or aliases, so all of it may be served openly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from app.domain.enums import ConceptKind, LinkMethod
from app.matching.link import Linker, Links
from app.matching.titles import title_forms
from app.services.concept_catalogue import LINKED_KINDS, ConceptCatalogue

# A candidate outside the ISCO-08 group that was asked for keeps this share of its score.
MISFIT_FACTOR = 0.8
# A match that was not spelt like a label takes at least this score, whatever the linker's own
# threshold, and this lead on the next concept: people skip what is marked as matched.
# docs/taxonomy.md says how often that is right.
SURE_SCORE = 0.7
CLEAR_MARGIN = 0.3
# Looked at for each phrase and kind before properties reorder them.
_POOL = 50

_NAMED = (LinkMethod.URI, LinkMethod.EXACT_PREFERRED)


@dataclass(frozen=True, slots=True)
class ReconciliationQuery:
    """One cell to reconcile.

    ``lang`` is the language of the phrase if the row says it; ``isco_group`` an
    ISCO-08 code of one to four digits that candidates should fall under, or empty.
    """

    text: str
    kinds: tuple[ConceptKind, ...] = LINKED_KINDS
    limit: int = 5
    lang: str | None = None
    isco_group: str = ""


@dataclass(frozen=True, slots=True)
class ReconciliationCandidate:
    """A concept that a phrase may mean.

    ``score`` in [0, 1] orders candidates that are spelt as asked, and then the others;
    ``link_score`` is the linker's, before properties. ``fits_group`` is None where no group
    was asked for. ``match`` says that nobody needs to look: at most one candidate of a
    phrase has it.
    """

    uri: str
    kind: ConceptKind
    score: float
    link_score: float
    method: LinkMethod
    fits_group: bool | None
    match: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether the phrase is the URI or one of the labels of the concept."""
        return self.method in (*_NAMED, LinkMethod.EXACT_ALTERNATIVE)


def reconcile(
    catalogue: ConceptCatalogue, queries: Sequence[ReconciliationQuery]
) -> list[list[ReconciliationCandidate]]:
    """Give the candidates of every phrase, best first; each phrase by itself.

    A phrase that is the URI of a concept gets that concept. One without words gets none.
    """
    pools: list[list[_Link]] = [_by_uri(catalogue, query) for query in queries]
    open_rows = [row for row, pool in enumerate(pools) if not pool]
    for kind in LINKED_KINDS:
        rows = [row for row in open_rows if kind in queries[row].kinds]
        table, linker = catalogue.table(kind)
        phrases = [_words(queries[row].text, kind) for row in rows]
        links = _candidates(linker, phrases, [queries[row].lang for row in rows], _POOL)
        for position, row in enumerate(rows):
            pools[row] += [
                _Link(table.concepts[concept].uri, kind, score, method, linker.config.min_score)
                for concept, score, method in links.of(position)
            ]
    return [_ranked(catalogue, query, pool) for query, pool in zip(queries, pools, strict=True)]


class _Link(NamedTuple):
    """A link of a phrase, and the score below which its linker abstains."""

    uri: str
    kind: ConceptKind
    score: float
    method: LinkMethod
    threshold: float


def _candidates(linker: Linker, phrases: Sequence[str], langs: Sequence[str | None], k: int) -> Links:
    """The best concepts of each phrase, whatever their scores: here a person chooses."""
    return linker.candidates(phrases, langs=langs, k=k)


def _words(text: str, kind: ConceptKind) -> str:
    """The phrase to link: of a job title without its gender marks."""
    return next(iter(title_forms(text)), "") if kind is ConceptKind.OCCUPATION else text


def _by_uri(catalogue: ConceptCatalogue, query: ReconciliationQuery) -> list[_Link]:
    concept = catalogue.find(query.text.strip())
    if concept is None or concept.kind not in query.kinds:
        return []
    return [_Link(concept.uri, concept.kind, 1.0, LinkMethod.URI, 0.0)]


def _ranked(
    catalogue: ConceptCatalogue, query: ReconciliationQuery, pool: Sequence[_Link]
) -> list[ReconciliationCandidate]:
    candidates = []
    for link in pool:
        fits = None
        if query.isco_group:
            fits = any(code.startswith(query.isco_group) for code in catalogue.isco_groups(link.uri))
        candidates.append(
            ReconciliationCandidate(
                uri=link.uri,
                kind=link.kind,
                score=link.score * (MISFIT_FACTOR if fits is False else 1.0),
                link_score=link.score,
                method=link.method,
                fits_group=fits,
            )
        )
    candidates.sort(key=_place)
    if candidates:
        thresholds = {link.uri: link.threshold for link in pool}
        sure = _is_sure(candidates, threshold=thresholds[candidates[0].uri])
        candidates[0] = replace(candidates[0], match=sure)
    return candidates[: query.limit]


def _place(candidate: ReconciliationCandidate) -> tuple[bool, float, str]:
    """What is spelt as asked comes first, though like wording of the other kind may be likelier."""
    spelt_as_asked = candidate.is_exact and candidate.fits_group is not False
    return not spelt_as_asked, -candidate.score, candidate.uri


def _is_sure(ranked: Sequence[ReconciliationCandidate], *, threshold: float) -> bool:
    """Whether the first of the ranked candidates can be taken unseen."""
    best = ranked[0]
    if best.fits_group is False:
        return False
    rivals = ranked[1:]
    if best.is_exact:
        # One label may name several concepts, of one kind or of both; a preferred one wins over others.
        same = [rival for rival in rivals if rival.is_exact and rival.fits_group is not False]
        return not same or (best.method in _NAMED and all(rival.method not in _NAMED for rival in same))
    lead = best.score - (rivals[0].score if rivals else 0.0)
    return best.score >= max(threshold, SURE_SCORE) and lead >= CLEAR_MARGIN


class ConceptProperty(StrEnum):
    """What a spreadsheet can be extended with."""

    PREFERRED_LABEL = "preferred_label"
    ALTERNATIVE_LABELS = "alternative_labels"
    DESCRIPTION = "description"
    ISCO_GROUP = "isco_group"
    BROADER = "broader"


class QueryProperty(StrEnum):
    """What a query can say beside its phrase."""

    LANG = "lang"
    ISCO_GROUP = "isco_group"


@dataclass(frozen=True, slots=True)
class PropertyValue:
    """One value of a property; ``uri`` is empty unless the value is a concept."""

    text: str
    uri: str = ""


def property_values(
    catalogue: ConceptCatalogue, uri: str, wanted: ConceptProperty, lang: str
) -> list[PropertyValue]:
    """Give the values of one property of a concept, in a fixed order; none for a concept nobody knows.

    Labels and descriptions are given in exactly ``lang``: a column of French labels
    with English ones in it would be worse than one with gaps.
    """
    if catalogue.find(uri) is None:
        return []
    return _READERS[wanted](catalogue, uri, lang)


def _preferred_label(catalogue: ConceptCatalogue, uri: str, lang: str) -> list[PropertyValue]:
    label = catalogue.label(uri, lang)
    return [PropertyValue(label.text)] if label.lang == lang else []


def _alternative_labels(catalogue: ConceptCatalogue, uri: str, lang: str) -> list[PropertyValue]:
    return [PropertyValue(label.text) for label in catalogue.alternatives(uri, lang)]


def _description(catalogue: ConceptCatalogue, uri: str, lang: str) -> list[PropertyValue]:
    description = catalogue.description(uri, lang)
    return [PropertyValue(description.text)] if description and description.lang == lang else []


def _isco_group(catalogue: ConceptCatalogue, uri: str, _lang: str) -> list[PropertyValue]:
    concept = catalogue.find(uri)
    return [PropertyValue(concept.isco_group)] if concept and concept.isco_group else []


def _broader(catalogue: ConceptCatalogue, uri: str, lang: str) -> list[PropertyValue]:
    view = catalogue.view(uri, lang)
    return [] if view is None else [PropertyValue(label.text, broader) for broader, label in view.broader]


_READERS: Mapping[ConceptProperty, Callable[[ConceptCatalogue, str, str], list[PropertyValue]]] = {
    ConceptProperty.PREFERRED_LABEL: _preferred_label,
    ConceptProperty.ALTERNATIVE_LABELS: _alternative_labels,
    ConceptProperty.DESCRIPTION: _description,
    ConceptProperty.ISCO_GROUP: _isco_group,
    ConceptProperty.BROADER: _broader,
}
