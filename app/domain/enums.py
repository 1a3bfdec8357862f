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

    STATED = "stated"  # a structured field of the vacancy, or confirmed by staff
    EXTRACTED = "extracted"  # found in the vacancy's own text
    INFERRED = "inferred"  # inherited from the occupation, until the employer confirms


class Settled(StrEnum):
    """What staff decided on a requirement of a vacancy."""

    CONFIRMED = "confirmed"  # the vacancy asks for it, and the link is right
    CORRECTED = "corrected"  # the vacancy asks for something else than the link says
    DROPPED = "dropped"  # the vacancy does not ask for it


class EvidenceGrade(StrEnum):
    """How well a claim is supported, weakest first."""

    SELF_STATED = "self_stated"
    TAUGHT = "taught"
    ASSESSED = "assessed"
    CERTIFIED = "certified"
    PROVEN_AT_WORK = "proven_at_work"


class Tenure(StrEnum):
    """How somebody stands to an occupation that is theirs, weakest first."""

    TAUGHT = "taught"  # trained in it, or being trained: a trainee's or student's title
    LEFT = "left"  # worked in it, but not for years
    NAMED = "named"  # said to be theirs, without time worked in it
    WORKED = "worked"  # worked in it, for a time that is known


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
        return _CEFR_RANKS[self]


_CEFR_RANKS = {level: at + 1 for at, level in enumerate(Cefr)}


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


class Need(StrEnum):
    """How firmly a vacancy demands something: a must decides eligibility, a wish moves the score."""

    MUST = "must"
    DESIRED = "desired"


class LanguageSkill(StrEnum):
    """The five language skills of the CEFR self-assessment grid."""

    LISTENING = "listening"
    READING = "reading"
    SPOKEN_INTERACTION = "spoken_interaction"
    SPOKEN_PRODUCTION = "spoken_production"
    WRITING = "writing"


class Shift(StrEnum):
    """When work is done."""

    DAY = "day"
    EVENING = "evening"
    NIGHT = "night"
    WEEKEND = "weekend"
    ROTATING = "rotating"


class Contract(StrEnum):
    """Kind of employment."""

    PERMANENT = "permanent"
    FIXED_TERM = "fixed_term"
    SEASONAL = "seasonal"
    TEMPORARY_AGENCY = "temporary_agency"
    APPRENTICESHIP = "apprenticeship"


class Seniority(StrEnum):
    """Standing in an occupation, lowest first."""

    ENTRY = "entry"
    JUNIOR = "junior"
    MID = "mid"
    SENIOR = "senior"
    LEAD = "lead"


class PayPeriod(StrEnum):
    """What a rate of pay is for."""

    HOUR = "hour"
    MONTH = "month"
    YEAR = "year"


class Rule(StrEnum):
    """What eligibility looks at, in the order in which results are listed."""

    CONSENT = "consent"
    AGE = "age"
    LANGUAGE = "language"
    EDUCATION = "education"
    LICENCE = "licence"
    RECOGNITION = "recognition"
    EXPERIENCE = "experience"
    ROLE = "role"
    SENIORITY = "seniority"
    START_DATE = "start_date"
    COUNTRY = "country"
    SHIFT = "shift"
    CONTRACT = "contract"
    PAY = "pay"
    SHORTAGE_LIST = "shortage_list"


class Verdict(StrEnum):
    """Answer of a rule; unknown counts neither as yes nor as no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
