"""What linking and ranking give back, as plain values for the API, the files and the console."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain.eligibility import ALWAYS_ELIGIBLE, Eligibility
from app.domain.enums import EvidenceGrade, Importance, LinkMethod, Provenance, SkillLevel
from app.domain.records import RequirementDecision
from app.domain.reviews import NOT_REVIEWED, PairReview


@dataclass(frozen=True, slots=True)
class ConceptLink:
    """A phrase's link to one concept; ``score`` in [0, 1], ``label`` in the reader's language."""

    concept_uri: str
    label: str
    score: float
    method: LinkMethod


@dataclass(frozen=True, slots=True)
class PhraseLinks:
    """What one phrase may mean, likeliest first.

    ``abstained`` says that no link is sure enough to be taken: ``links`` are then
    candidates for a person to choose from.
    """

    id: str
    links: tuple[ConceptLink, ...] = ()
    abstained: bool = True


@dataclass(frozen=True, slots=True)
class LinkedRequirement:
    """A requirement after linking.

    ``concept_uri`` is None when no concept was found; the text then only meets
    equal or similar text. ``link_score`` is in [0, 1]. ``source_start`` and
    ``source_end`` say where an extracted requirement stands: characters of the title,
    a line end and the description. ``decision`` is of staff; what they confirmed or corrected
    is as good as stated.
    """

    source_text: str
    concept_uri: str | None
    label: str
    importance: Importance
    provenance: Provenance
    level: SkillLevel | None
    link_score: float
    link_method: LinkMethod | None
    source_start: int | None = None
    source_end: int | None = None
    decision: RequirementDecision | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """One requirement's share of a score.

    The values of a match sum to its score exactly, in any order: they are dyadic
    fractions (ADR 0003). ``value`` equals ``weight * credit`` exactly, except for the
    text part, which adds up many words and gives their average credit, rounded.

    Attributes
    ----------
    part
        ``skills``, ``occupation``, ``text``, ``languages``, ``experience`` or ``preferences``.
    requirement
        What was asked, in the reader's words.
    requirement_uri
        Concept asked for; None for text, languages and unlinked phrases.
    weight
        Share of the whole score this requirement can give, in [0, 1].
    credit
        How well it is met, in [0, 1].
    relation
        ``same``, ``narrower``, ``broader``, ``related``, ``similar_text``,
        ``same_isco_group_4`` … ``_1``, ``likely``, ``words``, ``level``, ``any_work``, ``wished``,
        ``pay`` or ``missing``.
    claim
        The best evidence, in the candidate's words; empty when missing.
    evidence
        Grade of the claim. Of an occupation it says how it is claimed (``app.domain.tenure``).
    source
        What was asked, in the vacancy's words; empty where no words of it say so.
    """

    part: str
    requirement: str
    requirement_uri: str | None
    importance: Importance | None
    provenance: Provenance | None
    weight: float
    credit: float
    value: float
    relation: str
    claim: str = ""
    claim_uri: str | None = None
    evidence: EvidenceGrade | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class CandidateSide:
    """How the vacancy looks to the candidate; it moves no score.

    Attributes
    ----------
    wishes_met, wishes_unmet
        Of what the candidate wishes for (country, working times, contract, pay, role, start)
        and the vacancy speaks of.
    skills_used, skills_offered
        Different skills of the profile, and those of them that met something asked for.
    """

    wishes_met: int = 0
    wishes_unmet: int = 0
    skills_used: int = 0
    skills_offered: int = 0


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A skill that the profile lacks, and where the candidate would stand with it.

    Attributes
    ----------
    requirement, requirement_uri
        What is asked.
    evidence
        The grade at which it is gained; the level is the one asked.
    score, rank
        What the match would then have, all others staying as they are.
    """

    requirement: str
    requirement_uri: str | None
    evidence: EvidenceGrade
    score: float
    rank: int


@dataclass(frozen=True, slots=True)
class RankedMatch:
    """One candidate in a vacancy's ranking.

    ``rank`` counts 1, 2, 3 …; ``tied`` says that a neighbour has the same score,
    so the order between them is only by id. ``parts`` sum to ``score`` exactly.
    ``near_duplicates`` are the candidates of the same ranking whose profiles say nearly the
    same; ``what_if`` is filled where it was asked for. ``review`` is what people have decided.
    """

    candidate_id: str
    rank: int
    score: float
    tied: bool
    parts: dict[str, float]
    flags: tuple[str, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    eligibility: Eligibility = ALWAYS_ELIGIBLE
    candidate_side: CandidateSide = CandidateSide()
    near_duplicates: tuple[str, ...] = ()
    what_if: tuple[WhatIf, ...] = ()
    review: PairReview = NOT_REVIEWED


@dataclass(frozen=True, slots=True)
class VacancyRanking:
    """The ranked candidates of one vacancy, best first, and what it was ranked on.

    ``apart`` are those whom a must or a person rules out and who would be among the matches
    without it; their ``rank`` is the one that they would have.
    """

    vacancy_id: str
    matches: tuple[RankedMatch, ...]
    apart: tuple[RankedMatch, ...] = ()
    requirements: tuple[LinkedRequirement, ...] = ()
    flags: tuple[str, ...] = field(default=())
