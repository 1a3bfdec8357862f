"""Makers of requirements for the tests of the parts."""

from __future__ import annotations

from app.domain.enums import Importance, LinkMethod, Provenance, SkillLevel
from app.domain.results import LinkedRequirement


def make_requirement(
    *,
    importance: Importance = Importance.ESSENTIAL,
    provenance: Provenance = Provenance.STATED,
    level: SkillLevel | None = None,
    link_score: float = 1.0,
) -> LinkedRequirement:
    return LinkedRequirement(
        source_text="a skill",
        concept_uri="urn:test:skill",
        label="a skill",
        importance=importance,
        provenance=provenance,
        level=level,
        link_score=link_score,
        link_method=LinkMethod.EXACT_PREFERRED if link_score == 1.0 else LinkMethod.FUZZY,
    )
