"""What people read of a release: names, descriptions and neighbours of its concepts, and a search by name."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import takewhile
from typing import NamedTuple

import numpy as np

from app.domain.enums import ConceptKind, LabelKind, RelationKind
from app.domain.taxonomy import Concept
from app.matching.labels import PREFERRED, LabelTable
from app.matching.link import Linker
from app.matching.text import canonical
from app.services.taxonomy_index import ConceptTable, TaxonomyIndex
from app.taxonomy.notice import source_note

# What a phrase can be linked to; groups only arrange these.
LINKED_KINDS = (ConceptKind.SKILL, ConceptKind.OCCUPATION)

# Sorts after everything that begins with the same text.
_LAST_CHARACTER = "\U0010ffff"
_EQUAL, _BEGINS, _WORD_BEGINS = range(3)


class Text(NamedTuple):
    """A text and the language it is in (ISO 639-1), empty where nobody knows."""

    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class ConceptView:
    """One concept as it is shown in a language.

    A text that the release lacks in that language is in English, else in any; it
    says which. ``broader`` pairs the URI of each broader concept with its label.
    """

    concept: Concept
    label: Text
    alternatives: tuple[Text, ...]
    description: Text | None
    broader: tuple[tuple[str, Text], ...]


class ConceptCatalogue:
    """Looks up and searches the concepts of one release. Immutable and thread-safe."""

    def __init__(self, index: TaxonomyIndex) -> None:
        self.index = index
        self.notice = source_note(index.taxonomy.name)
        self._concepts = {concept.uri: concept for concept in index.taxonomy.concepts}
        self._searches: dict[ConceptKind, _LabelSearch] = {}

    @property
    def release(self) -> str:
        return self.index.taxonomy.name

    @property
    def languages(self) -> tuple[str, ...]:
        return self.index.taxonomy.languages

    def find(self, uri: str) -> Concept | None:
        """The concept of any kind with this URI."""
        return self._concepts.get(uri)

    def table(self, kind: ConceptKind) -> tuple[ConceptTable, Linker]:
        """Concepts of a kind that is linked to, and their linker."""
        if kind is ConceptKind.SKILL:
            return self.index.skills, self.index.skill_linker
        return self.index.occupations, self.index.occupation_linker

    def label(self, uri: str, lang: str) -> Text:
        """Preferred label in ``lang``, else in English, else in any language, else the URI."""
        return _in_language(self._preferred.get(uri, {}), lang) or Text(uri, "")

    def description(self, uri: str, lang: str) -> Text | None:
        """Description in ``lang``, else in English, else in any language."""
        return _in_language(self._descriptions.get(uri, {}), lang)

    def alternatives(self, uri: str, lang: str) -> tuple[Text, ...]:
        """Alternative labels in exactly this language, sorted; hidden ones are not for showing."""
        return tuple(Text(text, lang) for text in self._alternatives.get((uri, lang), ()))

    def view(self, uri: str, lang: str) -> ConceptView | None:
        """A concept with all that is shown of it; None if the release has none with this URI."""
        concept = self.find(uri)
        if concept is None:
            return None
        label = self.label(uri, lang)
        return ConceptView(
            concept=concept,
            label=label,
            alternatives=self.alternatives(uri, label.lang),
            description=self.description(uri, lang),
            broader=tuple((broader, self.label(broader, lang)) for broader in self._broader.get(uri, ())),
        )

    def isco_groups(self, uri: str) -> frozenset[str]:
        """ISCO-08 unit groups a concept belongs to: an occupation's own, or those of all that use a skill."""
        concept = self._concepts[uri]
        return (
            frozenset({concept.isco_group})
            if concept.isco_group
            else self._groups_using.get(uri, frozenset())
        )

    def search(
        self, typed: str, kinds: Sequence[ConceptKind], lang: str, *, limit: int, offset: int = 0
    ) -> list[str]:
        """Find concepts by their URI or by what someone has typed of a label so far.

        Labels in ``lang`` come before those of other languages; equal ones before
        those that begin with ``typed`` and those with a word that does; preferred
        before others, short before long. The order depends on the release and the
        arguments alone.

        Returns
        -------
        list of str
            URIs; at most ``limit``, after the first ``offset``.
        """
        concept = self.find(typed.strip())
        if concept is not None:
            return [concept.uri][offset : offset + limit] if concept.kind in kinds else []
        key = canonical(typed)
        if not key:
            return []
        best: dict[str, _Rank] = {}
        for kind in kinds:
            found = self._searched(kind).beginning(key, lang)
            _keep_best(best, self.table(kind)[0].concepts, found)
        own = sum(1 for rank in best.values() if not rank.is_foreign)
        # Looking into all labels costs a hundred times as much, and could only add to the end.
        if own < offset + limit:
            for kind in kinds:
                found = self._searched(kind).with_word(key, lang)
                _keep_best(best, self.table(kind)[0].concepts, found)
        ranked = sorted(best, key=lambda uri: (best[uri], uri))
        return ranked[offset : offset + limit]

    def _searched(self, kind: ConceptKind) -> _LabelSearch:
        if kind not in self._searches:
            self._searches[kind] = _LabelSearch(self.table(kind)[1].labels)
        return self._searches[kind]

    @cached_property
    def namespace(self) -> str:
        """What the URIs of all concepts begin with, up to a separator; empty when they share nothing."""
        uris = sorted(self._concepts)
        # In order, the first and the last differ the earliest.
        ends = zip(uris[0], uris[-1], strict=False) if uris else ()
        shared = "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], ends))
        return shared[: max(shared.rfind(mark) for mark in "/#:") + 1]

    @cached_property
    def _preferred(self) -> Mapping[str, Mapping[str, str]]:
        preferred: dict[str, dict[str, str]] = defaultdict(dict)
        for label in self.index.taxonomy.labels:
            if label.kind is LabelKind.PREFERRED:
                preferred[label.uri].setdefault(label.lang, label.text)
        return dict(preferred)

    @cached_property
    def _alternatives(self) -> Mapping[tuple[str, str], Sequence[str]]:
        alternatives: dict[tuple[str, str], list[str]] = defaultdict(list)
        for label in self.index.taxonomy.labels:
            if label.kind is LabelKind.ALTERNATIVE:
                alternatives[label.uri, label.lang].append(label.text)
        return dict(alternatives)

    @cached_property
    def _descriptions(self) -> Mapping[str, Mapping[str, str]]:
        descriptions: dict[str, dict[str, str]] = defaultdict(dict)
        for description in self.index.taxonomy.descriptions:
            descriptions[description.uri][description.lang] = description.text
        return dict(descriptions)

    @cached_property
    def _broader(self) -> Mapping[str, Sequence[str]]:
        broader: dict[str, list[str]] = defaultdict(list)
        for relation in self.index.taxonomy.relations:
            if relation.kind is RelationKind.BROADER:
                broader[relation.source_uri].append(relation.target_uri)
        return dict(broader)

    @cached_property
    def _groups_using(self) -> Mapping[str, frozenset[str]]:
        groups: dict[str, set[str]] = defaultdict(set)
        for relation in self.index.taxonomy.relations:
            if relation.kind in (RelationKind.ESSENTIAL, RelationKind.OPTIONAL):
                groups[relation.target_uri].add(self._concepts[relation.source_uri].isco_group)
        return {uri: frozenset(codes - {""}) for uri, codes in groups.items()}


@lru_cache(maxsize=2)
def catalogue_of(index: TaxonomyIndex) -> ConceptCatalogue:
    """Give the catalogue of an index; its tables are built once while the index is in use."""
    return ConceptCatalogue(index)


def _in_language(texts: Mapping[str, str], lang: str) -> Text | None:
    if not texts:
        return None
    chosen = next((code for code in (lang, "en") if code in texts), None) or next(iter(texts))
    return Text(texts[chosen], chosen)


class _Rank(NamedTuple):
    """How well a label answers a search; smaller is better."""

    is_foreign: bool
    tier: int
    is_other: bool
    length: int
    text: str


class _LabelSearch:
    """Finds labels by how they, or one of their words, begin."""

    def __init__(self, labels: LabelTable) -> None:
        self.labels = labels
        self.slices = labels.label_slices()
        # One long text is searched ten times faster than many short ones.
        self.joined = "\n".join(labels.texts)
        lengths = np.fromiter(map(len, labels.texts), np.int64, len(labels.texts))
        self.ends = np.cumsum(lengths + 1)

    def beginning(self, key: str, lang: str) -> Iterator[tuple[int, _Rank]]:
        """(concept row, rank) of the labels that begin with ``key``."""
        texts = self.labels.texts
        return self._ranks(bisect_left(texts, key), bisect_left(texts, key + _LAST_CHARACTER), key, lang)

    def with_word(self, key: str, lang: str) -> Iterator[tuple[int, _Rank]]:
        """(concept row, rank) of the labels with a later word that begins with ``key``."""
        places = [match.start() for match in re.finditer(re.escape(f" {key}"), self.joined)]
        for row in np.unique(np.searchsorted(self.ends, places, side="right")).tolist():
            yield from self._ranks(row, row + 1, key, lang)

    def _ranks(self, first: int, last: int, key: str, lang: str) -> Iterator[tuple[int, _Rank]]:
        labels, rows = self.labels, slice(int(self.slices[first]), int(self.slices[last]))
        for text_row, concept_row, kind, lang_row in zip(
            labels.text_row[rows].tolist(),
            labels.concept_row[rows].tolist(),
            labels.kind[rows].tolist(),
            labels.lang_row[rows].tolist(),
            strict=True,
        ):
            text = labels.texts[text_row]
            tier = _EQUAL if text == key else _BEGINS if text.startswith(key) else _WORD_BEGINS
            yield concept_row, _Rank(labels.langs[lang_row] != lang, tier, kind != PREFERRED, len(text), text)


def _keep_best(
    best: dict[str, _Rank], concepts: Sequence[Concept], ranks: Iterable[tuple[int, _Rank]]
) -> None:
    for concept_row, rank in ranks:
        uri = concepts[concept_row].uri
        best[uri] = min(rank, best.get(uri, rank))
