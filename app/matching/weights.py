"""Named, versioned weights: everything that a person may turn, in one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from app.domain.enums import EvidenceGrade, Importance, Provenance, Tenure

SKILLS, OCCUPATION, TEXT, LANGUAGES = "skills", "occupation", "text", "languages"
EXPERIENCE, PREFERENCES = "experience", "preferences"
RELATIONS = ("same", "narrower", "broader", "related", "similar_text")
TENURES = tuple(tenure for tenure in Tenure if tenure is not Tenure.WORKED)
PARTS = (SKILLS, OCCUPATION, TEXT, LANGUAGES, EXPERIENCE, PREFERENCES)

BOUNDS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "parts": (0.0, 1.0),
        "importance": (0.0, 1.0),
        "provenance": (0.0, 1.0),
        "trust": (0.0, 1.0),
        "relation": (0.0, 1.0),
        "isco": (0.0, 1.0),
        "evidence": (0.0, 1.0),
        "unknown_level": (0.0, 1.0),
        "unknown_language_level": (0.0, 1.0),
        "title": (1.0, 10.0),
        "prominence": (0.0, 1.0),
        "theme": (0.0, 1.0),
        "tenure": (0.0, 1.0),
    }
)
"""Least and greatest value of each weight, or of each entry of it."""


def _fixed(**values: float) -> Any:
    """A field whose default is a read-only mapping."""
    return field(default_factory=lambda: MappingProxyType(values))


@dataclass(frozen=True, slots=True)
class WeightProfile:
    """Weights of the score's parts and factors of the credit within them.

    A part that a vacancy does not ask for hands its weight to the others in
    proportion. Every value lies within ``BOUNDS``.

    Attributes
    ----------
    parts
        Share of each part of ``PARTS``; any positive scale.
    importance, provenance
        Weight of a requirement by its class and by where it comes from; the
        product is multiplied by the skill's rarity. Of stated requirements, all
        optional ones together weigh at most ``importance["optional"]`` times the
        lightest essential one.
    trust
        Share of its weight that the skills part keeps where all requirements are of
        this provenance; the text part gets the rest.
    relation
        Credit of a claim on a concept that stands so to the one asked for.
    isco
        Credit of an occupation that shares 1, 2, 3 or 4 digits of the ISCO-08 code.
    evidence
        Credit of a claim by how well it is supported.
    unknown_level, unknown_language_level
        Credit of a claim without a level where one is asked for.
    title
        How many times as much a word of the vacancy's title weighs.
    prominence
        Weight of a word's standing out in the profile, beside the 1 of its standing there.
    theme
        Share of the text part that goes to what the texts are about, whatever words they use.
    tenure
        Credit of an occupation by how it is claimed: trained for, left years ago, named without time
        worked in it. With time worked in it, it grows from that of a named one to 1.
    """

    name: str = "standard"
    version: int = 5
    parts: Mapping[str, float] = _fixed(
        skills=0.65, occupation=0.15, text=0.2, languages=0.05, experience=0.1, preferences=0.05
    )
    importance: Mapping[str, float] = _fixed(essential=1.0, optional=0.4)
    provenance: Mapping[str, float] = _fixed(stated=1.0, extracted=0.7, inferred=0.5)
    trust: Mapping[str, float] = _fixed(stated=1.0, extracted=0.35, inferred=0.2)
    relation: Mapping[str, float] = _fixed(same=1.0, narrower=0.9, broader=0.5, related=0.4, similar_text=0.6)
    isco: tuple[float, float, float, float] = (0.05, 0.2, 0.5, 0.8)
    evidence: Mapping[str, float] = _fixed(
        self_stated=0.6, taught=0.75, assessed=0.85, certified=0.95, proven_at_work=1.0
    )
    unknown_level: float = 0.75
    unknown_language_level: float = 0.5
    title: float = 2.0
    prominence: float = 0.8
    theme: float = 0.15
    tenure: Mapping[str, float] = _fixed(taught=0.5, left=0.6, named=0.8)

    def __post_init__(self) -> None:
        _require_keys("parts", self.parts, PARTS)
        _require_keys("importance", self.importance, tuple(Importance))
        _require_keys("provenance", self.provenance, tuple(Provenance))
        _require_keys("trust", self.trust, tuple(Provenance))
        _require_keys("evidence", self.evidence, tuple(EvidenceGrade))
        _require_keys("relation", self.relation, RELATIONS)
        _require_keys("tenure", self.tenure, TENURES)
        for name, (least, greatest) in BOUNDS.items():
            if not all(least <= value <= greatest for value in _values(getattr(self, name))):
                raise ValueError(f"{name} must lie in [{least:g}, {greatest:g}]")
        if not sum(self.parts.values()) > 0:
            raise ValueError("parts must not all be 0")
        evidence = [self.evidence[grade] for grade in EvidenceGrade]
        if evidence != sorted(evidence) or list(self.isco) != sorted(self.isco):
            raise ValueError("better evidence and a nearer occupation must not earn less")
        tenure = [self.tenure[each] for each in TENURES]
        if tenure != sorted(tenure):
            raise ValueError("an occupation named must not earn less than one left, nor that than one taught")

    def as_dict(self) -> dict[str, object]:
        """Plain values for a record of the run; equal profiles give equal dictionaries."""
        return {each.name: _plain(getattr(self, each.name)) for each in fields(self)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> WeightProfile:
        """The profile that ``as_dict`` wrote down.

        A part or theme that it does not name yet weighs nothing, and without ``tenure`` an occupation
        earns the same however it is claimed.

        Raises
        ------
        ValueError
            If a value is out of range or a key is missing.
        TypeError
            If a key is unknown.
        """
        read: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        if "parts" in read:
            read["parts"] = {**dict.fromkeys(PARTS, 0.0), **read["parts"]}
        return cls(**{"theme": 0.0, "tenure": dict.fromkeys(TENURES, 1.0), **read})


def _values(value: Any) -> tuple[float, ...]:
    if isinstance(value, Mapping):
        return tuple(value.values())
    return value if isinstance(value, tuple) else (value,)


def _plain(value: Any) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def _require_keys(what: str, given: Mapping[str, float], wanted: tuple[str, ...]) -> None:
    if set(given) != set(wanted):
        raise ValueError(f"{what} must name exactly {', '.join(wanted)}")


DEFAULT_WEIGHTS = WeightProfile()
