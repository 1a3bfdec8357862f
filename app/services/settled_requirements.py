"""What staff decided on requirements, as rankings are told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.records import RequirementDecision
from app.models import SettledRequirement
from app.repositories.requirement_decisions import RequirementDecisionRepository
from app.services.decided_requirements import decision_key


def decisions_in_force(
    session: Session, actor: Actor, vacancy_ids: Sequence[UUID] | None = None
) -> dict[UUID, tuple[RequirementDecision, ...]]:
    """Load what counts of the decisions on some vacancies, or on all; nothing for those without any."""
    rows = RequirementDecisionRepository(session, actor).list_all(vacancy_ids)
    in_force: dict[UUID, list[RequirementDecision]] = {}
    for row in newest_of(rows).values():
        decision = row.decision()
        if decision is not None:
            in_force.setdefault(row.vacancy_id, []).append(decision)
    return {vacancy_id: tuple(decisions) for vacancy_id, decisions in in_force.items()}


def newest_of(rows: Iterable[SettledRequirement]) -> dict[tuple[UUID, str], SettledRequirement]:
    """The newest of each vacancy's decisions on one requirement, of rows in their order, by what it is on."""
    return {(row.vacancy_id, decision_key(row.phrase, row.found_uri)): row for row in rows}
