"""Taxonomy releases, their concepts, and what differs between two of them, as pages show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar
from urllib.parse import urlencode

from app.domain.enums import ConceptKind
from app.services.concept_pages import ConceptPage, NamedConcept
from app.services.release_comparison import ReleaseComparison
from app.services.taxonomy import ConceptHit, ReleaseSummary
from app.web.options import PREFIX
from app.web.wording import N_, Words

KIND_NAMES: Mapping[ConceptKind, str] = {
    ConceptKind.SKILL: N_("Skill"),
    ConceptKind.OCCUPATION: N_("Occupation"),
    ConceptKind.SKILL_GROUP: N_("Group of skills"),
    ConceptKind.ISCO_GROUP: N_("Group of occupations (ISCO-08)"),
}
SEARCHED = (ConceptKind.SKILL, ConceptKind.OCCUPATION)

_SKILL_TYPES: Mapping[str, str] = {
    "skill/competence": N_("skill or competence"),
    "knowledge": N_("knowledge"),
}
_REUSE: Mapping[str, str] = {
    "transversal": N_("of use in every sector"),
    "cross-sector": N_("of use in several sectors"),
    "sector-specific": N_("of use in one sector"),
    "occupation-specific": N_("of use in one occupation"),
}
_NEIGHBOURS: Mapping[str, str] = {
    "narrower": N_("Narrower concepts"),
    "essential": N_("Essential skills"),
    "optional": N_("Optional skills"),
    "essential_for": N_("Essential for"),
    "optional_for": N_("Optional for"),
}
_MOST_NEIGHBOURS = 60
MOST_CHANGES = 50

ChangeT = TypeVar("ChangeT")


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """An imported release; ``languages`` are (code, number of labels)."""

    name: str
    checksum: str
    is_used: bool
    imported_at: datetime
    n_skills: int
    n_occupations: int
    n_groups: int
    n_relations: int
    languages: Sequence[tuple[str, int]]
    source_note: str


@dataclass(frozen=True, slots=True)
class TaxonomyView:
    """The releases, and the form to search them."""

    releases: Sequence[ReleaseLine]
    search: SearchView


@dataclass(frozen=True, slots=True)
class Hit:
    """A concept that was found; ``by`` is the name that was met, where it is not the label."""

    href: str
    label: str
    by: str
    kind: str


@dataclass(frozen=True, slots=True)
class SearchView:
    """A search and what it found."""

    q: str
    kind: str
    release: str
    releases: Sequence[str]
    hits: Sequence[Hit] = ()
    has_searched: bool = False


@dataclass(frozen=True, slots=True)
class LinkedConcept:
    """A concept with the address of its page."""

    href: str
    label: str


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Related concepts of one sort; ``n_more`` are left out."""

    name: str
    concepts: Sequence[LinkedConcept]
    n_more: int


@dataclass(frozen=True, slots=True)
class ConceptView:
    """One concept; ``names`` are (language, preferred label, alternative labels)."""

    release: str
    uri: str
    kind: str
    label: str
    facts: Sequence[tuple[str, str]]
    description: str
    description_lang: str
    names: Sequence[tuple[str, str, Sequence[str]]]
    paths: Sequence[Sequence[LinkedConcept]]
    neighbours: Sequence[Neighbours]
    is_web: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: which concept, and what it was and is; empty where there is nothing."""

    href: str
    label: str
    what: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class ChangeList:
    """Differences of one sort; only the first are listed."""

    id: str
    name: str
    n: int
    changes: Sequence[Change]
    has_values: bool


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """What changes from one release to another; None as long as nobody has chosen two."""

    before: str
    after: str
    releases: Sequence[str]
    counts: Sequence[tuple[str, str, str]]
    lists: Sequence[ChangeList]
    languages_added: Sequence[str]
    languages_gone: Sequence[str]
    is_chosen: bool
    problem: str = ""


def release_line(release: ReleaseSummary, used: str | None) -> ReleaseLine:
    """Make the line of a release; ``used`` is the name of the one in use."""
    return ReleaseLine(
        name=release.name,
        checksum=release.checksum,
        is_used=release.name == used,
        imported_at=release.imported_at,
        n_skills=release.n_skills,
        n_occupations=release.n_occupations,
        n_groups=release.n_groups,
        n_relations=release.n_relations,
        languages=sorted(release.n_labels.items()),
        source_note=release.source_note,
    )


def concept_address(uri: str, release: str) -> str:
    """Where the page of a concept is."""
    return f"{PREFIX}/taxonomy/concept?" + urlencode({"uri": uri, "release": release})


def hit_of(words: Words, found: ConceptHit, kind: ConceptKind, release: str) -> Hit:
    """Make the line of a concept that was found."""
    return Hit(
        href=concept_address(found.uri, release),
        label=found.label,
        by=found.matched_label if found.matched_label != found.label else "",
        kind=words.gettext(KIND_NAMES[kind]),
    )


def concept_view(words: Words, page: ConceptPage) -> ConceptView:
    """Make the page of a concept."""
    first = [words.locale, "en"]
    languages = sorted(page.preferred, key=lambda lang: (lang not in first, lang))
    return ConceptView(
        release=page.release,
        uri=page.uri,
        kind=words.gettext(KIND_NAMES[page.kind]),
        label=page.label,
        facts=_facts(words, page),
        description=page.description,
        description_lang=page.description_lang,
        names=[(lang, page.preferred[lang], page.alternatives.get(lang, ())) for lang in languages],
        paths=[[_linked(each, page.release) for each in path] for path in page.paths],
        neighbours=[
            Neighbours(
                words.gettext(name),
                [_linked(each, page.release) for each in islice(page.neighbours[key], _MOST_NEIGHBOURS)],
                max(0, len(page.neighbours[key]) - _MOST_NEIGHBOURS),
            )
            for key, name in _NEIGHBOURS.items()
            if page.neighbours.get(key)
        ],
        # Some releases name concepts without a place on the web.
        is_web=page.uri.startswith(("http://", "https://")),
    )


def comparison_view(words: Words, found: ReleaseComparison, releases: Sequence[str]) -> ComparisonView:
    """Make the page of what changes."""
    return ComparisonView(
        before=found.before.name,
        after=found.after.name,
        releases=releases,
        counts=_counts(words, found),
        lists=[each for each in _lists(words, found) if each.n],
        languages_added=found.languages_added,
        languages_gone=found.languages_gone,
        is_chosen=True,
    )


def _linked(concept: NamedConcept, release: str) -> LinkedConcept:
    return LinkedConcept(concept_address(concept.uri, release), concept.label)


def _facts(words: Words, page: ConceptPage) -> list[tuple[str, str]]:
    facts = [
        (N_("Kind of skill"), words.gettext(_SKILL_TYPES.get(page.skill_type, page.skill_type))),
        (N_("Reach"), words.gettext(_REUSE.get(page.reuse_level, page.reuse_level))),
        (N_("ISCO-08 group"), page.isco_group),
        (N_("Code"), page.code),
    ]
    # An empty message is the head of a catalogue.
    shown = {"Kind of skill": page.skill_type, "Reach": page.reuse_level}
    return [(words.gettext(name), value) for name, value in facts if shown.get(name, value)]


def _counts(words: Words, found: ReleaseComparison) -> list[tuple[str, str, str]]:
    return [
        (
            words.gettext(name),
            words.number(found.before.n_concepts[kind.value]),
            words.number(found.after.n_concepts[kind.value]),
        )
        for kind, name in KIND_NAMES.items()
    ]


def _lists(words: Words, found: ReleaseComparison) -> Iterable[ChangeList]:
    old, new, say = found.before.name, found.after.name, words.gettext
    yield _list(
        "gone",
        say(N_("Concepts that are gone: phrases linked to them link to something else, or to nothing")),
        found.gone,
        lambda each: Change(concept_address(each.uri, old), each.label, say(KIND_NAMES[each.kind])),
    )
    yield _list(
        "added",
        say(N_("New concepts")),
        found.added,
        lambda each: Change(concept_address(each.uri, new), each.label, say(KIND_NAMES[each.kind])),
    )
    yield _list(
        "relabelled",
        say(N_("Other preferred labels")),
        found.relabelled,
        lambda each: Change(
            concept_address(each.uri, new),
            each.after or each.before,
            words.language(each.lang),
            each.before,
            each.after,
        ),
        has_values=True,
    )
    yield _list(
        "occupations",
        say(N_("Occupations with other skills")),
        found.occupations,
        lambda each: Change(
            concept_address(each.uri, new),
            each.label,
            say(
                "essential: %(added)s more, %(removed)s fewer; optional: %(added_optional)s "
                "more, %(removed_optional)s fewer"
            )
            % {
                "added": len(each.essential_added),
                "removed": len(each.essential_removed),
                "added_optional": len(each.optional_added),
                "removed_optional": len(each.optional_removed),
            },
        ),
    )
    yield _list(
        "changed",
        say(N_("Other codes and groups")),
        found.changed,
        lambda each: Change(
            concept_address(each.uri, new), each.label, each.attribute, each.before, each.after
        ),
        has_values=True,
    )


def _list(
    id: str,
    name: str,
    found: Sequence[ChangeT],
    make: Callable[[ChangeT], Change],
    *,
    has_values: bool = False,
) -> ChangeList:
    return ChangeList(id, name, len(found), [make(each) for each in islice(found, MOST_CHANGES)], has_values)
