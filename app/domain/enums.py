"""Closed vocabularies of the domain, shared by every layer."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class ConceptKind(StrEnum):
    """What a taxonomy concept stands for."""

    SKILL = "skill"
    OCCUPATION = "occupation"
    SKILL_GROUP = "skill_group"
    ISCO_GROUP = "isco_group"


class LabelKind(StrEnum):
    """Rank of a label among the names of a concept, strongest first."""

    PREFERRED = "preferred"
    ALTERNATIVE = "alternative"
    HIDDEN = "hidden"


class RelationKind(StrEnum):
    """How one concept stands to another; read "source KIND target"."""

    ESSENTIAL = "essential"  # occupation needs skill
    OPTIONAL = "optional"  # occupation may need skill
    SKILL_ESSENTIAL = "skill_essential"  # skill needs skill
    SKILL_OPTIONAL = "skill_optional"  # skill may need skill
    BROADER = "broader"  # the target is the broader concept


class Importance(StrEnum):
    """Weight class of a requirement."""

    ESSENTIAL = "essential"
    OPTIONAL = "optional"


class Provenance(StrEnum):
    """Where a requirement comes from."""

    STATED = "stated"  # a structured field of the vacancy
    EXTRACTED = "extracted"  # found in the vacancy's own text
    INFERRED = "inferred"  # inherited from the occupation, until the employer confirms


class EvidenceGrade(StrEnum):
    """How well a claim is supported, weakest first."""

    SELF_STATED = "self_stated"
    TAUGHT = "taught"
    ASSESSED = "assessed"
    CERTIFIED = "certified"
    PROVEN_AT_WORK = "proven_at_work"


class SkillLevel(IntEnum):
    """Ordinal command of a skill."""

    BASIC = 1
    INTERMEDIATE = 2
    ADVANCED = 3
    EXPERT = 4


class Cefr(StrEnum):
    """Language level of the Common European Framework of Reference."""

    A1 = "A1"
    A2 = "A2"
    B1 = "B1"
    B2 = "B2"
    C1 = "C1"
    C2 = "C2"

    @property
    def rank(self) -> int:
        """Position from 1 (A1) to 6 (C2)."""
        return tuple(Cefr).index(self) + 1


class PhraseKind(StrEnum):
    """What a phrase is meant to name."""

    SKILL = "skill"
    OCCUPATION = "occupation"


class QueueReason(StrEnum):
    """Why a phrase waits in the normalisation queue."""

    UNLINKED = "unlinked"
    LOW_CONFIDENCE = "low_confidence"


class LinkMethod(StrEnum):
    """Which evidence linked a phrase to a concept, strongest first."""

    URI = "uri"
    CODE = "code"
    EXACT_PREFERRED = "exact_preferred"
    EXACT_ALTERNATIVE = "exact_alternative"
    ALIAS = "alias"
    FUZZY = "fuzzy"
    ISCO_GROUP = "isco_group"  # no one occupation is sure, but the likely ones share a group
