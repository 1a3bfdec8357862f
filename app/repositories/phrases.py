"""Where words for skills and occupations stand in the records of a partnership."""

from __future__ import annotations

import json
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, or_, select
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.enums import PhraseKind
from app.domain.permissions import Operation, require
from app.domain.transitions import VacancyStatus
from app.models import CandidateOccupation, CandidateProfile, SkillClaim, SkillRequirement, Vacancy
from app.repositories.candidates import RANKABLE_STATUSES
from app.repositories.scoped import chunks


class PhraseRepository:
    """Finds records by the very words they use; for who may read the normalisation queue."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session = session
        self.actor = actor

    def vacancies_with(self, kind: PhraseKind, wording: str, limit: int) -> list[tuple[UUID, str]]:
        """Find published vacancies that ask for this in these words: id and title, oldest first."""
        require(self.actor, Operation.QUEUE_READ)
        query = select(Vacancy.id, Vacancy.title).where(
            Vacancy.partnership_id == self.actor.partnership_id, Vacancy.status == VacancyStatus.PUBLISHED
        )
        if kind is PhraseKind.SKILL:
            asked = select(SkillRequirement.vacancy_id).where(SkillRequirement.source_text == wording)
            query = query.where(Vacancy.id.in_(asked))
        else:
            query = query.where(
                or_(Vacancy.occupation == wording, (Vacancy.occupation == "") & (Vacancy.title == wording))
            )
        return [(row[0], row[1]) for row in self.session.execute(query.order_by(Vacancy.id).limit(limit))]

    def candidates_with(self, kind: PhraseKind, wording: str, limit: int) -> list[tuple[UUID, str]]:
        """Find candidates who offer this in these words: id and pseudonym, oldest first."""
        require(self.actor, Operation.QUEUE_READ)
        table = SkillClaim if kind is PhraseKind.SKILL else CandidateOccupation
        named = select(table.candidate_id).where(table.source_text == wording)
        found = self._candidates(CandidateProfile.id.in_(named), limit)
        if kind is PhraseKind.OCCUPATION and len(found) < limit:
            # Work is kept as JSON, so every profile has to be looked into.
            entry = json.dumps({"occupation": wording})[1:-1]
            worked = cast(CandidateProfile.experience, Text).contains(entry, autoescape=True)
            found += [row for row in self._candidates(worked, limit) if row not in found]
        return found[:limit]

    def _candidates(self, condition: ColumnElement[bool], limit: int) -> list[tuple[UUID, str]]:
        query = select(CandidateProfile.id, CandidateProfile.pseudonym).where(
            CandidateProfile.partnership_id == self.actor.partnership_id,
            CandidateProfile.status.in_(RANKABLE_STATUSES),
            condition,
        )
        rows = self.session.execute(query.order_by(CandidateProfile.id).limit(limit))
        return [(row[0], row[1]) for row in rows]

    def vacancy_titles(self, vacancy_ids: Iterable[UUID]) -> dict[UUID, str]:
        """Give the titles of vacancies of the partnership."""
        require(self.actor, Operation.QUEUE_READ)
        return {
            key: title
            for chunk in chunks(set(vacancy_ids))
            for key, title in self.session.execute(
                select(Vacancy.id, Vacancy.title).where(
                    Vacancy.partnership_id == self.actor.partnership_id, Vacancy.id.in_(chunk)
                )
            )
        }
