"""What changes from one taxonomy release to another."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.enums import ConceptKind, LabelKind, RelationKind
from app.domain.taxonomy import Concept, Label, Taxonomy

# The fields of a concept beside its URI and kind, which name it.
_ATTRIBUTES = tuple(name for name in Concept._fields if name not in ("uri", "kind"))
_SKILL_LISTS = (RelationKind.ESSENTIAL, RelationKind.OPTIONAL)


@dataclass(frozen=True, slots=True)
class ReleaseRef:
    """A release; ``n_concepts`` by kind, all kinds, so that one without skills is seen at once."""

    name: str
    checksum: str
    languages: tuple[str, ...]
    n_concepts: dict[str, int]


@dataclass(frozen=True, slots=True)
class ConceptRef:
    """A concept; ``label`` is its preferred one in English, else in the first language that has one."""

    uri: str
    kind: ConceptKind
    label: str


@dataclass(frozen=True, slots=True)
class Relabelling:
    """Another preferred label in one language; empty where there is none."""

    uri: str
    kind: ConceptKind
    lang: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class AttributeChange:
    """Another value of a field of a concept, such as its ISCO-08 group."""

    uri: str
    kind: ConceptKind
    label: str
    attribute: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class LabelChange:
    """A label that came to a concept, or left it."""

    uri: str
    kind: ConceptKind
    text: str


@dataclass(frozen=True, slots=True)
class LanguageComparison:
    """Labels of any rank that concepts of both releases gained and lost in one language."""

    lang: str
    added: tuple[LabelChange, ...]
    removed: tuple[LabelChange, ...]


@dataclass(frozen=True, slots=True)
class RelationChange:
    """A relation between concepts of both releases that came or went; read "source KIND target"."""

    source: ConceptRef
    kind: RelationKind
    target: ConceptRef


@dataclass(frozen=True, slots=True)
class OccupationChange:
    """What came to and left the skill lists of an occupation, new and gone skills included."""

    uri: str
    label: str
    essential_added: tuple[ConceptRef, ...]
    essential_removed: tuple[ConceptRef, ...]
    optional_added: tuple[ConceptRef, ...]
    optional_removed: tuple[ConceptRef, ...]


@dataclass(frozen=True, slots=True)
class ReleaseComparison:
    """Everything that differs, each list in a fixed order: by kind, URI, then the rest.

    Labels are compared in the languages both releases have, for concepts both have;
    relations likewise. ``n_relations_added`` and ``n_relations_removed`` count those
    too that came and went with a concept.
    """

    before: ReleaseRef
    after: ReleaseRef
    added: tuple[ConceptRef, ...]
    gone: tuple[ConceptRef, ...]
    relabelled: tuple[Relabelling, ...]
    changed: tuple[AttributeChange, ...]
    languages_added: tuple[str, ...]
    languages_gone: tuple[str, ...]
    languages: tuple[LanguageComparison, ...]
    relations_added: tuple[RelationChange, ...]
    relations_removed: tuple[RelationChange, ...]
    n_relations_added: int
    n_relations_removed: int
    occupations: tuple[OccupationChange, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How much changed, by what; a kind of concept or a language after the dot."""
        counts: dict[str, int] = {}
        for name, concepts in (("added", self.added), ("gone", self.gone)):
            counts |= {f"{name}.{kind}": n for kind, n in _by_kind(concepts).items()}
        counts |= {
            f"relabelled.{lang}": n for lang, n in sorted(Counter(c.lang for c in self.relabelled).items())
        }
        counts |= {
            f"changed.{name}": n for name, n in sorted(Counter(c.attribute for c in self.changed).items())
        }
        for language in self.languages:
            counts[f"labels_added.{language.lang}"] = len(language.added)
            counts[f"labels_removed.{language.lang}"] = len(language.removed)
        return counts | {
            "relations_added": self.n_relations_added,
            "relations_removed": self.n_relations_removed,
            "relations_added_between_kept": len(self.relations_added),
            "relations_removed_between_kept": len(self.relations_removed),
            "occupations_with_other_skills": len(self.occupations),
        }


def compare_releases(before: Taxonomy, after: Taxonomy) -> ReleaseComparison:
    """Compare two releases; equal content gives empty lists, whatever the releases are called."""
    old, new = _Release(before), _Release(after)
    kept = old.concepts.keys() & new.concepts.keys()
    shared = sorted(set(before.languages) & set(after.languages))
    added, removed = (
        set(after.relations) - set(before.relations),
        set(before.relations) - set(after.relations),
    )
    return ReleaseComparison(
        before=old.ref,
        after=new.ref,
        added=new.references(new.concepts.keys() - kept),
        gone=old.references(old.concepts.keys() - kept),
        relabelled=tuple(_relabelled(old, new, kept, shared)),
        changed=tuple(_changed(old, new, kept)),
        languages_added=tuple(sorted(set(after.languages) - set(before.languages))),
        languages_gone=tuple(sorted(set(before.languages) - set(after.languages))),
        languages=tuple(
            LanguageComparison(lang, new.labels_beside(old, lang, kept), old.labels_beside(new, lang, kept))
            for lang in shared
        ),
        relations_added=tuple(
            RelationChange(new.reference(source), kind, new.reference(target))
            for source, kind, target in sorted(added)
            if source in kept and target in kept
        ),
        relations_removed=tuple(
            RelationChange(old.reference(source), kind, old.reference(target))
            for source, kind, target in sorted(removed)
            if source in kept and target in kept
        ),
        n_relations_added=len(added),
        n_relations_removed=len(removed),
        occupations=tuple(_occupations(old, new, kept)),
    )


class _Release:
    """One side of the comparison, arranged for looking up."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        found = Counter(concept.kind for concept in taxonomy.concepts)
        n_concepts = {kind.value: found[kind] for kind in ConceptKind}
        self.ref = ReleaseRef(taxonomy.name, taxonomy.checksum, taxonomy.languages, n_concepts)
        self.concepts: Mapping[str, Concept] = {concept.uri: concept for concept in taxonomy.concepts}
        self.preferred: dict[str, dict[str, str]] = defaultdict(dict)
        self.labels: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for label in taxonomy.labels:
            self._add(label)
        self.skills: dict[str, dict[RelationKind, set[str]]] = defaultdict(lambda: defaultdict(set))
        for relation in taxonomy.relations:
            if relation.kind in _SKILL_LISTS:
                self.skills[relation.source_uri][relation.kind].add(relation.target_uri)

    def _add(self, label: Label) -> None:
        self.labels[label.lang].add((label.uri, label.text))
        if label.kind is LabelKind.PREFERRED:
            self.preferred[label.uri].setdefault(label.lang, label.text)

    def reference(self, uri: str) -> ConceptRef:
        names = self.preferred.get(uri, {})
        label = names.get("en") or next(iter(names.values()), uri)
        return ConceptRef(uri, self.concepts[uri].kind, label)

    def references(self, uris: Iterable[str]) -> tuple[ConceptRef, ...]:
        return tuple(sorted(map(self.reference, uris), key=lambda each: (each.kind, each.uri)))

    def labels_beside(self, other: _Release, lang: str, kept: set[str]) -> tuple[LabelChange, ...]:
        """Labels that kept concepts have here and not in the other release."""
        only = self.labels[lang] - other.labels[lang]
        changes = [LabelChange(uri, self.concepts[uri].kind, text) for uri, text in only if uri in kept]
        return tuple(sorted(changes, key=lambda each: (each.kind, each.uri, each.text)))


def _by_kind(concepts: Iterable[ConceptRef]) -> dict[str, int]:
    found = Counter(concept.kind for concept in concepts)
    return {kind.value: found[kind] for kind in ConceptKind if found[kind]}


def _by_identity(release: _Release, uris: Iterable[str]) -> list[Concept]:
    """Concepts by kind and URI."""
    return sorted((release.concepts[uri] for uri in uris), key=lambda concept: (concept.kind, concept.uri))


def _relabelled(
    old: _Release, new: _Release, kept: set[str], languages: Sequence[str]
) -> Iterable[Relabelling]:
    for concept in _by_identity(new, kept):
        names, renamed = old.preferred.get(concept.uri, {}), new.preferred.get(concept.uri, {})
        for lang in languages:
            before, after = names.get(lang, ""), renamed.get(lang, "")
            if before != after:
                yield Relabelling(concept.uri, concept.kind, lang, before, after)


def _changed(old: _Release, new: _Release, kept: set[str]) -> Iterable[AttributeChange]:
    for concept in _by_identity(new, kept):
        earlier = old.concepts[concept.uri]
        for name in ("kind", *_ATTRIBUTES):
            before, after = str(getattr(earlier, name)), str(getattr(concept, name))
            if before != after:
                label = new.reference(concept.uri).label
                yield AttributeChange(concept.uri, concept.kind, label, name, before, after)


def _occupations(old: _Release, new: _Release, kept: set[str]) -> Iterable[OccupationChange]:
    for uri in sorted(kept):
        if new.concepts[uri].kind is not ConceptKind.OCCUPATION:
            continue
        lists = [
            (new.skills[uri][kind] - old.skills[uri][kind], old.skills[uri][kind] - new.skills[uri][kind])
            for kind in _SKILL_LISTS
        ]
        if any(gained or lost for gained, lost in lists):
            (essential, no_essential), (optional, no_optional) = lists
            yield OccupationChange(
                uri,
                new.reference(uri).label,
                new.references(essential),
                old.references(no_essential),
                new.references(optional),
                old.references(no_optional),
            )
