"""What staff decided on requirements, applied to those that were found."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple, TypeVar

from app.domain.enums import Importance, LinkMethod, Provenance, Settled
from app.domain.records import RequirementDecision, VacancyRecord
from app.domain.results import LinkedRequirement
from app.matching.text import canonical
from app.services.identifiers import is_uri
from app.services.taxonomy_index import TaxonomyIndex

Key = int | str
K = TypeVar("K", bound=Hashable)


class Asked(NamedTuple):
    """One thing that a vacancy asks for, and its key: others with the same key ask for the same."""

    requirement: LinkedRequirement
    key: Key


def settle(
    index: TaxonomyIndex, record: VacancyRecord, asked: Iterable[Asked]
) -> tuple[list[Asked], frozenset[Key]]:
    """Apply a vacancy's decisions, and give the keys of what is dropped; what was decided already stays.

    A decision whose concept the release does not have is left out: the requirement is then as
    the linker finds it, until somebody decides again.
    """
    decisions = {decision_key(each.phrase, each.found_uri): each for each in record.decisions}
    done: list[Asked] = []
    dropped: set[Key] = set()
    for each in asked:
        found = each.requirement
        decision = None if found.decision is not None else _decision_on(found, decisions)
        if decision is None or not _is_known(index, decision):
            done.append(each)
        elif decision.settled is Settled.DROPPED:
            dropped.add(each.key)
        else:
            decided = _decided(index, record.lang, each, decision)
            if decided.key != "":
                done.append(decided)
    return done, frozenset(dropped)


def count_once(asked: Iterable[tuple[LinkedRequirement, K]]) -> dict[K, LinkedRequirement]:
    """One requirement for each key, a decided one before others; its place is that of the first."""
    counted: dict[K, LinkedRequirement] = {}
    for requirement, key in asked:
        held, other = counted.get(key, requirement), requirement
        if held.decision is None and other.decision is not None:
            held, other = other, held
        counted[key] = _stricter(held, other)
    return counted


def decision_key(phrase: str, found_uri: str | None) -> str:
    """What decisions on one requirement share: its words, or its concept where it has none."""
    return f"words {unlinked_key(phrase)}" if phrase else f"concept {found_uri}"


def phrase_of(requirement: LinkedRequirement) -> str:
    """The vacancy's own words for a requirement; none where its occupation asks for it."""
    return "" if requirement.provenance is Provenance.INFERRED else requirement.source_text


def names_of(requirement: LinkedRequirement) -> tuple[str, str | None]:
    """Words and concept that a decision on a requirement is made on, or was."""
    decision = requirement.decision
    if decision is None:
        return phrase_of(requirement), requirement.concept_uri
    return decision.phrase, decision.found_uri


def unlinked_key(skill: str) -> str:
    """What equal skills without concept share: their words, or their address as it stands."""
    return skill.strip() if is_uri(skill) else canonical(skill)


def _stricter(held: LinkedRequirement, other: LinkedRequirement) -> LinkedRequirement:
    """One requirement for a skill that is asked for twice: essential if either is, at the higher level."""
    levels = [each.level for each in (held, other) if each.level is not None]
    is_essential = Importance.ESSENTIAL in (held.importance, other.importance)
    return replace(
        held,
        importance=Importance.ESSENTIAL if is_essential else Importance.OPTIONAL,
        level=max(levels, default=None),
    )


def _decision_on(
    found: LinkedRequirement, decisions: Mapping[str, RequirementDecision]
) -> RequirementDecision | None:
    return decisions.get(decision_key(*names_of(found)))


def _is_known(index: TaxonomyIndex, decision: RequirementDecision) -> bool:
    return decision.decided_uri is None or decision.decided_uri in index.skills.row_of


def _decided(index: TaxonomyIndex, lang: str | None, asked: Asked, decision: RequirementDecision) -> Asked:
    found = asked.requirement
    settled = replace(
        found,
        importance=decision.importance or found.importance,
        provenance=Provenance.STATED,
        decision=decision,
    )
    uri = decision.decided_uri
    if uri == found.concept_uri:
        return Asked(settled, asked.key)
    if uri is None:
        # Where the words are an address, nothing but the address can be compared.
        unlinked = replace(
            settled, concept_uri=None, label=found.source_text, link_score=0.0, link_method=None
        )
        return Asked(unlinked, unlinked_key(found.source_text))
    linked = replace(
        settled,
        concept_uri=uri,
        label=index.label(uri, lang),
        link_score=1.0,
        link_method=LinkMethod.ALIAS,
    )
    return Asked(linked, index.skills.row_of[uri])
