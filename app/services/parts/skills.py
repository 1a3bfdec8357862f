"""Skills: each requirement by importance, provenance and rarity, met by the best claim near it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from app.domain.enums import EvidenceGrade, Importance, Provenance
from app.domain.results import LinkedRequirement
from app.matching.weights import SKILLS, WeightProfile
from app.services.parts.occupation import link_sureness, title_sureness
from app.services.parts.wanted import Named, Wanted, level_credit


class SkillsPart(NamedTuple):
    """What is asked for, and how far the vacancy itself has said so, in [0, 1]."""

    wanted: list[Wanted]
    sureness: float


def skills_part(
    requirements: Sequence[LinkedRequirement],
    keys: Sequence[int | str],
    weights: WeightProfile,
    rarity_of: Callable[[int | str], float],
    related_of: Callable[[int | str], Sequence[Named]],
) -> SkillsPart:
    """Ask for the required skills, each once at each level.

    Parameters
    ----------
    keys
        Skill row or phrase of each requirement.
    rarity_of
        Rarity of a key.
    related_of
        What earns credit for a key.
    """
    strongest: dict[tuple[int | str, int], tuple[int, float]] = {}
    for position, (key, requirement) in enumerate(zip(keys, requirements, strict=True)):
        weight = requirement_weight(requirement, weights) * rarity_of(key)
        asked = key, int(requirement.level or 0)
        if weight > strongest.get(asked, (0, 0.0))[1]:
            strongest[asked] = position, weight
    positions = [position for position, _ in strongest.values()]
    shares = _essential_first(
        [requirements[position] for position in positions],
        [weight for _, weight in strongest.values()],
        weights,
    )
    total = sum(shares)
    wanted = [
        Wanted(SKILLS, position, share / total, related_of(key), level)
        for (key, level), position, share in zip(strongest, positions, shares, strict=True)
    ]
    sureness = sum(
        each.share * weights.trust[requirement.provenance] * certainty(requirement)
        for each, requirement in zip(wanted, (requirements[at] for at in positions), strict=True)
    )
    return SkillsPart(wanted, min(sureness, 1.0))


def requirement_weight(requirement: LinkedRequirement, weights: WeightProfile) -> float:
    """Weight of a requirement before rarity: importance x provenance x certainty."""
    return (
        weights.importance[requirement.importance]
        * weights.provenance[requirement.provenance]
        * certainty(requirement)
    )


def certainty(requirement: LinkedRequirement) -> float:
    """How sure it is that the vacancy asks for this concept: what the employer states is as it stands."""
    if requirement.provenance == Provenance.STATED:
        return 1.0
    sureness = link_sureness(requirement.link_method, requirement.link_score)
    if requirement.provenance == Provenance.INFERRED:
        # What names the occupation is what it is inferred from.
        return sureness * title_sureness(requirement.source_text)
    return sureness


def _essential_first(
    requirements: Sequence[LinkedRequirement], shares: Sequence[float], weights: WeightProfile
) -> list[float]:
    """Shrink what is stated as optional, so that one essential requirement outweighs all of it.

    A must that is read out of a text is a reading, and is not put first so strictly.
    """
    stated = [each.provenance == Provenance.STATED for each in requirements]
    optional = [
        is_stated and each.importance == Importance.OPTIONAL
        for each, is_stated in zip(requirements, stated, strict=True)
    ]
    lightest = min(
        (
            share
            for share, is_stated, is_optional in zip(shares, stated, optional, strict=True)
            if is_stated and not is_optional
        ),
        default=None,
    )
    total = sum(share for share, is_optional in zip(shares, optional, strict=True) if is_optional)
    if lightest is None or not total > 0:
        return list(shares)
    factor = min(1.0, weights.importance[Importance.OPTIONAL] * lightest / total)
    return [
        share * factor if is_optional else share for share, is_optional in zip(shares, optional, strict=True)
    ]


def skill_worth(level: int, place: int, asked: int, weights: WeightProfile) -> float:
    """What a claim is worth: evidence x level. ``place`` is that of the evidence grade; 0 is no skill."""
    if not place:
        return 0.0
    evidence = weights.evidence[tuple(EvidenceGrade)[place - 1]]
    return evidence * level_credit(level, asked, weights.unknown_level)
