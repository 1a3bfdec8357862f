"""One concept of a stored release as people read it, from the database: no release is loaded for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.orm import Session

from app.domain.enums import ConceptKind, LabelKind, RelationKind
from app.errors import NotFound
from app.repositories.taxonomy import Neighbour, TaxonomyRepository
from app.services.taxonomy import choose_labels

_MOST_LEVELS = 10
_MOST_PATHS = 4


@dataclass(frozen=True, slots=True)
class NamedConcept:
    """A concept by its label in the reader's language, else in English, else in any."""

    uri: str
    label: str


@dataclass(frozen=True, slots=True)
class ConceptPage:
    """A concept with its names and neighbours.

    Attributes
    ----------
    preferred
        Its preferred label by language.
    alternatives
        Its alternative labels by language; hidden ones are not for showing.
    description, description_lang
        In the reader's language, else in English, else in any; empty where there is none.
    paths
        From the broadest concept down to the one just above, at most four of them.
    neighbours
        By what they are to it: ``narrower``, ``essential`` and ``optional`` skills,
        ``essential_for`` and ``optional_for`` occupations; by label.
    """

    release: str
    uri: str
    kind: ConceptKind
    label: str
    skill_type: str
    reuse_level: str
    isco_group: str
    code: str
    preferred: Mapping[str, str]
    alternatives: Mapping[str, Sequence[str]]
    description: str
    description_lang: str
    paths: Sequence[Sequence[NamedConcept]]
    neighbours: Mapping[str, Sequence[NamedConcept]]


_OUTWARDS = {
    RelationKind.ESSENTIAL: "essential",
    RelationKind.OPTIONAL: "optional",
    RelationKind.SKILL_ESSENTIAL: "essential",
    RelationKind.SKILL_OPTIONAL: "optional",
}
_INWARDS = {
    RelationKind.BROADER: "narrower",
    RelationKind.ESSENTIAL: "essential_for",
    RelationKind.OPTIONAL: "optional_for",
    RelationKind.SKILL_ESSENTIAL: "essential_for",
    RelationKind.SKILL_OPTIONAL: "optional_for",
}


def get_concept_page(session: Session, release: str, uri: str, lang: str) -> ConceptPage:
    """Give a concept with all that is shown of it.

    Raises
    ------
    NotFound
        The release was not imported, or has no such concept.
    """
    repository = TaxonomyRepository(session)
    stored = repository.get_release(release)
    concept = repository.find_concept(stored.id, uri)
    if concept is None:
        raise NotFound(f"Release {release} has no concept with this address.")
    above = _above(repository, concept.id)
    out = repository.neighbours([concept.id], tuple(_OUTWARDS))
    into = repository.neighbours([concept.id], tuple(_INWARDS), inwards=True)
    uris = {each.other_id: each.other_uri for each in (*above, *out, *into)} | {concept.id: uri}
    labels = choose_labels(repository, list(uris), lang)
    named = {key: NamedConcept(each, labels.get(key, each)) for key, each in uris.items()}
    texts = repository.texts_of(concept.id)
    descriptions = repository.descriptions_of(concept.id)
    chosen = next((each for each in (lang, "en", *descriptions) if each in descriptions), "")
    return ConceptPage(
        release=release,
        uri=uri,
        kind=concept.kind,
        label=named[concept.id].label,
        skill_type=concept.skill_type,
        reuse_level=concept.reuse_level,
        isco_group=concept.isco_group,
        code=concept.code,
        preferred={each: text for each, kind, text in texts if kind is LabelKind.PREFERRED},
        alternatives=_alternatives(texts),
        description=descriptions.get(chosen, ""),
        description_lang=chosen,
        paths=[[named[key] for key in path] for path in _paths(above, concept.id)],
        neighbours=_grouped(out, into, named),
    )


def _above(repository: TaxonomyRepository, concept_id: int) -> list[Neighbour]:
    """Every broader relation from the concept upwards; one query for each level."""
    found: list[Neighbour] = []
    seen, frontier = {concept_id}, [concept_id]
    for _ in range(_MOST_LEVELS):
        level = repository.neighbours(frontier, [RelationKind.BROADER])
        found += level
        frontier = sorted({each.other_id for each in level} - seen)
        seen.update(frontier)
        if not frontier:
            break
    return found


def _paths(above: Sequence[Neighbour], concept_id: int) -> list[list[int]]:
    broader: dict[int, list[int]] = defaultdict(list)
    for each in above:
        broader[each.concept_id].append(each.other_id)

    def climb(path: list[int]) -> Iterator[list[int]]:
        higher = [key for key in broader[path[0]] if key not in path]
        if not higher:
            yield path
        for key in higher:
            yield from climb([key, *path])

    # Lazily: where much is broader than much, there are more paths than anybody could read.
    return [path[:-1] for path in islice(climb([concept_id]), _MOST_PATHS) if len(path) > 1]


def _alternatives(texts: Sequence[tuple[str, LabelKind, str]]) -> dict[str, list[str]]:
    alternatives: dict[str, list[str]] = defaultdict(list)
    for lang, kind, text in texts:
        if kind is LabelKind.ALTERNATIVE:
            alternatives[lang].append(text)
    return dict(alternatives)


def _grouped(
    out: Sequence[Neighbour], into: Sequence[Neighbour], named: Mapping[int, NamedConcept]
) -> dict[str, list[NamedConcept]]:
    grouped: dict[str, dict[int, NamedConcept]] = defaultdict(dict)
    for names, neighbours in ((_OUTWARDS, out), (_INWARDS, into)):
        for each in neighbours:
            grouped[names[each.kind]][each.other_id] = named[each.other_id]
    return {name: sorted(group.values(), key=_label_of) for name, group in grouped.items()}


def _label_of(concept: NamedConcept) -> tuple[str, str]:
    return concept.label.casefold(), concept.uri
