"""Queries over the weight profiles of partnerships."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func

from app.domain.permissions import Operation
from app.domain.transitions import WeightsState
from app.models import StoredWeights
from app.repositories.scoped import Page, ScopedRepository


class WeightsRepository(ScopedRepository[StoredWeights]):
    """Weight profiles of the actor's partnership."""

    model = StoredWeights
    noun = "weight profile"
    newest_first = True

    def list_page(
        self, *, after: UUID | None, limit: int, state: WeightsState | None = None
    ) -> Page[StoredWeights]:
        where = [] if state is None else [StoredWeights.state == state]
        return self.page(Operation.WEIGHTS_READ, *where, after=after, limit=limit)

    def find_in_force(self, operation: Operation, *, for_update: bool = False) -> StoredWeights | None:
        """Find the profile in force; None while it is the built-in one."""
        query = self.visible(operation).where(StoredWeights.state == WeightsState.APPROVED)
        return self._one(query, for_update=for_update)

    def last_number(self, name: str) -> int:
        """The highest number of a name; 0 where nobody used it."""
        query = (
            self.visible(Operation.WEIGHTS_WRITE)
            .where(StoredWeights.name == name)
            .with_only_columns(func.max(StoredWeights.number))
        )
        return self.session.execute(query).scalar_one() or 0
