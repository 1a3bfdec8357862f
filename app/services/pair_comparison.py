"""A few candidates of one ranking beside each other, requirement by requirement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.enums import EvidenceGrade, Importance
from app.errors import InvalidInput, NotFound
from app.models import MatchRun, Vacancy
from app.repositories.ranked_pairs import RankedPairRepository
from app.services.ranked_list import RankedPair, read_ranking

LEAST, MOST = 2, 4


@dataclass(frozen=True, slots=True)
class Share:
    """What one candidate brings for one requirement; numbers as they were stored."""

    relation: str
    claim: str
    evidence: EvidenceGrade | None
    value: float
    weight: float


@dataclass(frozen=True, slots=True)
class ComparedRequirement:
    """A requirement, and each candidate's share in the order of the candidates."""

    part: str
    requirement: str
    uri: str | None
    importance: Importance | None
    shares: Sequence[Share]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Candidates as asked for, and the requirements, the weightiest first."""

    vacancy: Vacancy
    run: MatchRun
    pairs: Sequence[RankedPair]
    requirements: Sequence[ComparedRequirement]


def compare_pairs(
    session: Session,
    actor: Actor,
    vacancy_id: UUID,
    candidate_ids: Sequence[UUID],
    *,
    run_id: UUID | None = None,
) -> Comparison:
    """Compare candidates of a ranking, listed or apart, in a fixed number of queries.

    Raises
    ------
    InvalidInput
        There are fewer than two or more than four different ones.
    NotFound
        The actor knows no such vacancy or run, or one of them is not in the ranking.
    """
    wanted = list(dict.fromkeys(candidate_ids))
    if not LEAST <= len(wanted) <= MOST:
        raise InvalidInput(f"Choose {LEAST} to {MOST} candidates to compare.")
    ranking = read_ranking(session, actor, vacancy_id, run_id=run_id)
    by_id = {pair.row.candidate_id: pair for pair in (*ranking.listed, *ranking.apart)}
    if ranking.run is None or any(each not in by_id for each in wanted):
        raise NotFound("Somebody to compare is not in this ranking.")
    pairs = [by_id[each] for each in wanted]
    repository = RankedPairRepository(session, actor)
    shares = repository.list_shares(ranking.run.id, vacancy_id, wanted)
    return Comparison(ranking.vacancy, ranking.run, pairs, _requirements(wanted, shares))


def _requirements(
    wanted: Sequence[UUID], shares: Sequence[tuple[UUID, dict[str, Any]]]
) -> list[ComparedRequirement]:
    # A run keeps a share of each candidate for each requirement, worth nothing where it is not met.
    found: dict[tuple[str, str, str | None], dict[UUID, dict[str, Any]]] = {}
    for candidate_id, share in shares:
        key = share["part"], share["requirement"], share["requirement_uri"]
        found.setdefault(key, {})[candidate_id] = share
    rows = []
    for (part, requirement, uri), by_candidate in found.items():
        importance = next(iter(by_candidate.values()))["importance"]
        rows.append(
            ComparedRequirement(
                part,
                requirement,
                uri,
                None if importance is None else Importance(importance),
                [_share(by_candidate[each]) for each in wanted],
            )
        )
    return sorted(rows, key=lambda row: (-_weight(row), row.part, row.requirement))


def _share(stored: dict[str, Any]) -> Share:
    evidence = stored["evidence"]
    return Share(
        stored["relation"],
        stored["claim"],
        None if evidence is None else EvidenceGrade(evidence),
        stored["value"],
        stored["weight"],
    )


def _weight(row: ComparedRequirement) -> float:
    return max(share.weight for share in row.shares)
