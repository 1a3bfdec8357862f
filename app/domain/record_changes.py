"""What another taxonomy release changes for vacancies and candidates, as plain values."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from app.domain.enums import ConceptKind, LinkMethod, PhraseKind, Provenance


class Side(StrEnum):
    """Whether something is there only after the change, or only before it."""

    APPEARS = "appearing"
    DISAPPEARS = "disappearing"


class Reason(StrEnum):
    """Why something appears, disappears or moves."""

    CONCEPT_GONE = "concept_gone"  # the new release does not have the concept
    CONCEPT_NEW = "concept_new"  # the old release does not have it
    OCCUPATION_LINK = "occupation_link"  # the vacancy's occupation is another
    OCCUPATION_SKILLS = "occupation_skills"  # the occupation needs other skills
    LINK = "link"  # its words are linked otherwise: the labels are others
    RELEASE = "release"  # nothing of its own: rarities or relations of skills are others


@dataclass(frozen=True, slots=True)
class LinkRef:
    """What a phrase is linked to; ``uri`` is an ISCO-08 code where an occupation field holds one."""

    uri: str
    label: str
    score: float
    method: LinkMethod


@dataclass(frozen=True, slots=True)
class LinkChange:
    """A phrase that is linked to another concept; None where the linker abstains."""

    kind: ConceptKind
    phrase: str
    lang: str
    before: LinkRef | None
    after: LinkRef | None
    n_vacancies: int
    n_candidates: int


@dataclass(frozen=True, slots=True)
class AliasLoss:
    """A staff alias that says nothing any more: the new release does not have its concept."""

    kind: PhraseKind
    phrase: str
    lang: str
    uri: str
    label: str


@dataclass(frozen=True, slots=True)
class RequirementChange:
    """A requirement that nobody stated: found in a vacancy's text or inherited from its occupation."""

    vacancy_id: str
    side: Side
    provenance: Provenance
    uri: str
    label: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class ClaimChange:
    """A skill that a candidate is understood to offer; ``phrase`` is the words it was taken from."""

    candidate_id: str
    side: Side
    phrase: str
    uri: str
    label: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class RankMove:
    """A candidate with another rank; a rank and score of None lie beyond the first ``k``.

    ``reasons`` and ``phrases`` (those linked otherwise) are the candidate's own.
    """

    candidate_id: str
    rank_before: int | None
    rank_after: int | None
    score_before: float | None
    score_after: float | None
    reasons: tuple[Reason, ...]
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RankingChange:
    """A vacancy whose first ``k`` are others, or in another order.

    ``overlap`` is the share of the longer list that both have; ``reasons`` are the
    vacancy's own, and hold for all of its moves. ``phrases`` are those of the vacancy
    that are linked otherwise.
    """

    vacancy_id: str
    overlap: float
    reasons: tuple[Reason, ...]
    phrases: tuple[str, ...]
    moves: tuple[RankMove, ...]


@dataclass(frozen=True, slots=True)
class RecordComparison:
    """What changes for the records, each list in a fixed order."""

    n_vacancies: int
    n_candidates: int
    k: int
    n_phrases: int
    aliases_lost: tuple[AliasLoss, ...]
    links: tuple[LinkChange, ...]
    requirements: tuple[RequirementChange, ...]
    claims: tuple[ClaimChange, ...]
    rankings: tuple[RankingChange, ...]
    mean_overlap: float

    @property
    def counts(self) -> dict[str, int]:
        """How much changes, by what."""
        counts = {
            "aliases_lost": len(self.aliases_lost),
            "links_other": sum(1 for c in self.links if c.before and c.after),
            "links_lost": sum(1 for c in self.links if not c.after),
            "links_gained": sum(1 for c in self.links if not c.before),
        }
        for name, changes in (("requirements", self.requirements), ("claims", self.claims)):
            sides = Counter(change.side for change in changes)
            counts |= {f"{name}_{side}": sides[side] for side in Side}
        return counts | {
            "rankings": len(self.rankings),
            "rank_moves": sum(len(ranking.moves) for ranking in self.rankings),
        }
