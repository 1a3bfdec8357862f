"""What staff decided on requirements, applied to those that were found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.domain.enums import Importance, LinkMethod, Provenance, Settled, SkillLevel
from app.domain.records import RequirementDecision, VacancyRecord
from app.domain.results import LinkedRequirement
from app.matching.text import canonical
from app.services.identifiers import is_uri
from app.services.taxonomy_index import TaxonomyIndex

Key = int | str


@dataclass(slots=True)
class Done:
    """Requirements with their keys, as decided; ``dropped`` are the keys of those that are gone."""

    requirements: list[LinkedRequirement] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    dropped: frozenset[Key] = frozenset()


def settle(
    index: TaxonomyIndex,
    record: VacancyRecord,
    requirements: Sequence[LinkedRequirement],
    keys: Sequence[Key],
) -> Done:
    """Apply a vacancy's decisions to its requirements; what was decided already stays as it is.

    A decision whose concept the release does not have is left out: the requirement is then as
    the linker finds it, until somebody decides again.
    """
    decisions = {decision_key(each.phrase, each.found_uri): each for each in record.decisions}
    done = Done()
    dropped: set[Key] = set()
    for key, found in zip(keys, requirements, strict=True):
        decision = None if found.decision is not None else _decision_on(found, decisions)
        if decision is None or not _is_known(index, decision):
            _add(done, found, key)
        elif decision.settled is Settled.DROPPED:
            dropped.add(key)
        else:
            decided, decided_key = _decided(index, record.lang, found, key, decision)
            if decided_key != "":
                _add(done, decided, decided_key)
    done.dropped = frozenset(dropped)
    return done


def decision_key(phrase: str, found_uri: str | None) -> str:
    """What decisions on one requirement share: its words, or its concept where it has none."""
    return f"words {unlinked_key(phrase)}" if phrase else f"concept {found_uri}"


def phrase_of(requirement: LinkedRequirement) -> str:
    """The vacancy's own words for a requirement; none where its occupation asks for it."""
    return "" if requirement.provenance is Provenance.INFERRED else requirement.source_text


def unlinked_key(skill: str) -> str:
    """What equal skills without concept share: their words, or their address as it stands."""
    return skill.strip() if is_uri(skill) else canonical(skill)


def stricter(held: LinkedRequirement, importance: Importance, level: SkillLevel | None) -> LinkedRequirement:
    """One requirement for a skill that is asked for twice: essential if either is, at the higher level."""
    levels = [each for each in (held.level, level) if each is not None]
    is_essential = Importance.ESSENTIAL in (held.importance, importance)
    return replace(
        held,
        importance=Importance.ESSENTIAL if is_essential else Importance.OPTIONAL,
        level=max(levels, default=None),
    )


def _decision_on(
    found: LinkedRequirement, decisions: Mapping[str, RequirementDecision]
) -> RequirementDecision | None:
    return decisions.get(decision_key(phrase_of(found), found.concept_uri))


def _is_known(index: TaxonomyIndex, decision: RequirementDecision) -> bool:
    return decision.decided_uri is None or decision.decided_uri in index.skills.row_of


def _decided(
    index: TaxonomyIndex,
    lang: str | None,
    found: LinkedRequirement,
    key: Key,
    decision: RequirementDecision,
) -> tuple[LinkedRequirement, Key]:
    settled = replace(
        found,
        importance=decision.importance or found.importance,
        provenance=Provenance.STATED,
        decision=decision,
    )
    uri = decision.decided_uri
    if uri == found.concept_uri:
        return settled, key
    if uri is None:
        # Where the words are an address, nothing but the address can be compared.
        return (
            replace(settled, concept_uri=None, label=found.source_text, link_score=0.0, link_method=None),
            unlinked_key(found.source_text),
        )
    return (
        replace(
            settled,
            concept_uri=uri,
            label=index.label(uri, lang),
            link_score=1.0,
            link_method=LinkMethod.ALIAS,
        ),
        index.skills.row_of[uri],
    )


def _add(done: Done, requirement: LinkedRequirement, key: Key) -> None:
    if key in done.keys:
        position = done.keys.index(key)
        held = done.requirements[position]
        if requirement.decision is not None and held.decision is None:
            held, requirement = requirement, held
        done.requirements[position] = stricter(held, requirement.importance, requirement.level)
        return
    done.keys.append(key)
    done.requirements.append(requirement)
