"""Cohorts and institutions of many candidates at once."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.models import Cohort, Organisation
from app.repositories.scoped import chunks


class CohortNames:
    """Rows of the actor's partnership by id; those of others are left out."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session = session
        self.actor = actor

    def cohorts(self, ids: Iterable[UUID]) -> dict[UUID, Cohort]:
        query = select(Cohort).where(Cohort.partnership_id == self.actor.partnership_id)
        return {
            row.id: row
            for chunk in chunks(set(ids))
            for row in self.session.scalars(query.where(Cohort.id.in_(chunk)))
        }

    def institutions(self, ids: Iterable[UUID]) -> dict[UUID, Organisation]:
        query = select(Organisation).where(Organisation.partnership_id == self.actor.partnership_id)
        return {
            row.id: row
            for chunk in chunks(set(ids))
            for row in self.session.scalars(query.where(Organisation.id.in_(chunk)))
        }
