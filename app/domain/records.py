"""The records that callers send, as plain values.

One shape serves files, the HTTP API and stored rows, so that every way in is
linked and ranked by the same code. A record is already validated: readers in
``app.intake`` and schemas in ``app.api`` report faults before they build one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.domain.conditions import NO_CIRCUMSTANCES, NO_CONDITIONS, Circumstances, Conditions
from app.domain.enums import (
    Cefr,
    EvidenceGrade,
    Importance,
    LanguageSkill,
    Need,
    PhraseKind,
    Settled,
    SkillLevel,
)


@dataclass(frozen=True, slots=True)
class LanguageLevel:
    """Command of a language: ISO 639-1 code and CEFR levels, None where not stated.

    ``cefr`` stands for every language skill that has no level of its own.
    """

    lang: str
    cefr: Cefr | None = None
    listening: Cefr | None = None
    reading: Cefr | None = None
    spoken_interaction: Cefr | None = None
    spoken_production: Cefr | None = None
    writing: Cefr | None = None

    def own_level(self, skill: LanguageSkill) -> Cefr | None:
        """Level stated for one language skill itself."""
        level: Cefr | None = getattr(self, skill.value)
        return level

    def level(self, skill: LanguageSkill) -> Cefr | None:
        """Level of one language skill: its own, or else the overall one."""
        return self.own_level(skill) or self.cefr

    @property
    def own_levels(self) -> dict[str, Cefr]:
        """The language skills that have a level of their own."""
        return {skill.value: level for skill in LanguageSkill if (level := self.own_level(skill))}


@dataclass(frozen=True, slots=True)
class LanguageRequirement(LanguageLevel):
    """A language that a vacancy asks for."""

    need: Need = Need.MUST


@dataclass(frozen=True, slots=True)
class RequirementRecord:
    """One skill a vacancy asks for, as the employer wrote it (a concept URI or text)."""

    skill: str
    importance: Importance = Importance.ESSENTIAL
    level: SkillLevel | None = None


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """One skill a candidate offers, as written (a concept URI or text)."""

    skill: str
    evidence: EvidenceGrade = EvidenceGrade.SELF_STATED
    level: SkillLevel | None = None


@dataclass(frozen=True, slots=True)
class ExperienceRecord:
    """One period of work: what as, what was done, for how long (months), from when to when.

    ``ended`` None is still going on, or not stated; a month is given as its first day.
    """

    occupation: str = ""
    text: str = ""
    months: int | None = None
    started: date | None = None
    ended: date | None = None


@dataclass(frozen=True, slots=True)
class RequirementDecision:
    """What staff decided on one requirement of a vacancy.

    Attributes
    ----------
    phrase
        The vacancy's words that the decision is on, in any spelling of them; empty for a skill
        that no words of the vacancy name, which its occupation asks for.
    found_uri
        The concept that was found when it was decided. It names a skill without a phrase.
    decided_uri
        The concept that is meant; None where no concept fits, and where it is dropped.
    importance
        None leaves it as it is found.
    """

    phrase: str
    found_uri: str | None
    settled: Settled
    decided_uri: str | None = None
    importance: Importance | None = None


@dataclass(frozen=True, slots=True)
class VacancyRecord:
    """An open post.

    ``id`` is the caller's own identifier. ``occupation`` is a concept URI, an
    ISCO-08 code or text; ``lang`` an ISO 639-1 code; ``country`` ISO 3166-1 alpha-2.
    ``decisions`` are of staff, at most one on each requirement; no caller sends them.
    """

    id: str
    title: str
    description: str = ""
    lang: str | None = None
    country: str | None = None
    occupation: str = ""
    skills: tuple[RequirementRecord, ...] = ()
    languages: tuple[LanguageRequirement, ...] = ()
    openings: int = 1
    conditions: Conditions = NO_CONDITIONS
    decisions: tuple[RequirementDecision, ...] = ()


@dataclass(frozen=True, slots=True)
class CandidateRecord:
    """What a candidate offers, without direct identifiers.

    ``id`` is the caller's own pseudonymous identifier. ``education`` holds free
    text entries; ``occupations`` concept URIs, ISCO-08 codes or text.
    """

    id: str
    text: str = ""
    lang: str | None = None
    occupations: tuple[str, ...] = ()
    skills: tuple[ClaimRecord, ...] = ()
    languages: tuple[LanguageLevel, ...] = ()
    education: tuple[str, ...] = ()
    experience: tuple[ExperienceRecord, ...] = ()
    circumstances: Circumstances = NO_CIRCUMSTANCES


@dataclass(frozen=True, slots=True)
class PhraseRecord:
    """A phrase to link: ``kind`` is ``skill``, ``occupation``, or ``text`` for a text with phrases in it."""

    id: str
    text: str
    lang: str | None = None
    kind: str = "skill"


@dataclass(frozen=True, slots=True)
class AliasRecord:
    """What staff decided that a phrase means: a concept of any release, or none at all.

    ``lang`` is an ISO 639-1 code: the alias holds for phrases that are declared to be
    in it and for those that declare nothing. ``concept_uri`` None is "no concept".
    """

    phrase: str
    lang: str
    kind: PhraseKind
    concept_uri: str | None
    note: str = ""

    @property
    def id(self) -> str:
        """What two rows of one file may not share."""
        return f"{self.kind} {self.lang} {self.phrase.casefold()}"
