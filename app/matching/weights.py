"""Named, versioned weights: everything that a person may turn, in one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from app.domain.enums import EvidenceGrade, Importance, Provenance

SKILLS, OCCUPATION, TEXT, LANGUAGES = "skills", "occupation", "text", "languages"
RELATIONS = ("same", "narrower", "broader", "related", "similar_text")
PARTS = (SKILLS, OCCUPATION, TEXT, LANGUAGES)


def _fixed(**values: float) -> Any:
    """A field whose default is a read-only mapping."""
    return field(default_factory=lambda: MappingProxyType(values))


@dataclass(frozen=True, slots=True)
class WeightProfile:
    """Weights of the score's parts and factors of the credit within them.

    A part that a vacancy does not ask for hands its weight to the others in
    proportion. All factors lie in [0, 1].

    Attributes
    ----------
    parts
        Share of each part of ``PARTS``; any positive scale.
    importance, provenance
        Weight of a requirement by its class and by where it comes from; the
        product is multiplied by the skill's rarity.
    relation
        Credit of a claim on a concept that stands so to the one asked for.
    isco
        Credit of an occupation that shares 1, 2, 3 or 4 digits of the ISCO-08 code.
    evidence
        Credit of a claim by how well it is supported.
    unknown_level, unknown_language_level
        Credit of a claim without a level where one is asked for.
    """

    name: str = "standard"
    version: int = 1
    parts: Mapping[str, float] = _fixed(skills=0.65, occupation=0.2, text=0.1, languages=0.05)
    importance: Mapping[str, float] = _fixed(essential=1.0, optional=0.4)
    provenance: Mapping[str, float] = _fixed(stated=1.0, extracted=0.7, inferred=0.5)
    relation: Mapping[str, float] = _fixed(same=1.0, narrower=0.9, broader=0.5, related=0.4, similar_text=0.6)
    isco: tuple[float, float, float, float] = (0.1, 0.25, 0.5, 0.8)
    evidence: Mapping[str, float] = _fixed(
        self_stated=0.6, taught=0.75, assessed=0.85, certified=0.95, proven_at_work=1.0
    )
    unknown_level: float = 0.75
    unknown_language_level: float = 0.5

    def __post_init__(self) -> None:
        _require_keys("parts", self.parts, PARTS)
        _require_keys("importance", self.importance, tuple(Importance))
        _require_keys("provenance", self.provenance, tuple(Provenance))
        _require_keys("evidence", self.evidence, tuple(EvidenceGrade))
        _require_keys("relation", self.relation, RELATIONS)
        if not sum(self.parts.values()) > 0 or min(self.parts.values()) < 0:
            raise ValueError("parts must be at least 0 and not all 0")
        factors = [*self.importance.values(), *self.provenance.values(), *self.relation.values()]
        factors += [*self.evidence.values(), *self.isco, self.unknown_level, self.unknown_language_level]
        if not all(0 <= factor <= 1 for factor in factors):
            raise ValueError("every factor must lie in [0, 1]")
        evidence = [self.evidence[grade] for grade in EvidenceGrade]
        if evidence != sorted(evidence) or list(self.isco) != sorted(self.isco):
            raise ValueError("better evidence and a nearer occupation must not earn less")

    def as_dict(self) -> dict[str, object]:
        """Plain values for a record of the run; equal profiles give equal dictionaries."""
        return {
            "name": self.name,
            "version": self.version,
            "parts": dict(self.parts),
            "importance": dict(self.importance),
            "provenance": dict(self.provenance),
            "relation": dict(self.relation),
            "isco": list(self.isco),
            "evidence": dict(self.evidence),
            "unknown_level": self.unknown_level,
            "unknown_language_level": self.unknown_language_level,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> WeightProfile:
        """The profile that ``as_dict`` wrote down.

        Raises
        ------
        ValueError
            If a value is out of range or a key is missing.
        TypeError
            If a key is unknown.
        """
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**fields)


def _require_keys(what: str, given: Mapping[str, float], wanted: tuple[str, ...]) -> None:
    if set(given) != set(wanted):
        raise ValueError(f"{what} must name exactly {', '.join(wanted)}")


DEFAULT_WEIGHTS = WeightProfile()
