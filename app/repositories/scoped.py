"""What every repository does the same way: scope to the actor, get, find, list by pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, select
from sqlalchemy.orm import Session, selectinload

from app.domain.actor import Actor
from app.domain.permissions import Operation, Scope, require
from app.errors import NotFound

RowT = TypeVar("RowT")

# SQLite and PostgreSQL both bound the number of parameters of a statement.
MAX_IN_LIST = 1000


@dataclass(frozen=True, slots=True)
class Page(Generic[RowT]):
    """Some rows in order; ``next_after`` is the id to go on from, None on the last page."""

    items: Sequence[RowT]
    next_after: UUID | None


def chunks(values: Iterable[Any], size: int = MAX_IN_LIST) -> Iterator[list[Any]]:
    """Split values into lists that fit one statement."""
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk


class ScopedRepository(Generic[RowT]):
    """Queries over one table, limited from the start to what the actor may reach.

    A subclass names its table, the column that says which organisation owns a
    row, and the children that come along. A row outside the scope is as absent
    as one that does not exist.
    """

    model: ClassVar[Any]
    noun: ClassVar[str]
    owner: ClassVar[str | None] = None
    children: ClassVar[tuple[Any, ...]] = ()
    newest_first: ClassVar[bool] = False

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session = session
        self.actor = actor

    def visible(self, operation: Operation) -> Select[RowT]:
        """Select the rows that the actor reaches by this operation.

        Raises
        ------
        NotPermitted
            The role has no part in this operation.
        """
        scope = require(self.actor, operation)
        query = select(self.model).where(self.model.partnership_id == self.actor.partnership_id)
        if scope is Scope.OWN:
            query = query.where(self.own())
        elif scope is Scope.PUBLISHED:
            query = query.where(self.published())
        return query

    def own(self) -> ColumnElement[bool]:
        """Say which rows are the actor's organisation's; none in a table without an owner."""
        if self.owner is None:
            return false()
        own: ColumnElement[bool] = getattr(self.model, self.owner) == self.actor.organisation_id
        return own

    def published(self) -> ColumnElement[bool]:
        """Say which rows everyone in the partnership may read; none unless a subclass says so."""
        return false()

    def get(self, row_id: UUID, operation: Operation, *, for_update: bool = False) -> RowT:
        """Get one row with its children.

        Raises
        ------
        NotFound
            No such row within the actor's scope.
        """
        query = self.visible(operation).where(self.model.id == row_id)
        row = self._one(query, for_update=for_update)
        if row is None:
            raise self.absent()
        return row

    def absent(self) -> NotFound:
        """What to raise where a row is not within the actor's scope."""
        return NotFound(f"There is no {self.noun} with this id.")

    def find_by_external_id(
        self, external_id: str, operation: Operation, *, for_update: bool = False
    ) -> RowT | None:
        """Find the actor's own row by the caller's id for it."""
        query = self.visible(operation).where(self.own(), self.model.external_id == external_id)
        return self._one(query, for_update=for_update)

    def find_of_owner(
        self, owner_id: UUID, external_id: str, operation: Operation, *, for_update: bool = False
    ) -> RowT | None:
        """Find the row of an organisation by its id for it, within the actor's scope."""
        assert self.owner is not None, "only rows with an owner have an id of the owner's"
        query = self.visible(operation).where(
            getattr(self.model, self.owner) == owner_id, self.model.external_id == external_id
        )
        return self._one(query, for_update=for_update)

    def existing_external_ids(self, external_ids: Iterable[str]) -> set[str]:
        """Say which of these ids the actor's organisation has used already."""
        found: set[str] = set()
        for chunk in chunks(external_ids):
            found.update(
                self.session.scalars(
                    select(self.model.external_id).where(self.own(), self.model.external_id.in_(chunk))
                )
            )
        return found

    def page(
        self,
        operation: Operation,
        *where: ColumnElement[bool],
        after: UUID | None,
        limit: int,
        newest_first: bool = False,
    ) -> Page[RowT]:
        """List one page in the order of creation, with the children of its rows."""
        key, backwards = self.model.id, newest_first or self.newest_first
        query = self.visible(operation).where(*where)
        if after is not None:
            query = query.where(key < after if backwards else key > after)
        query = query.order_by(key.desc() if backwards else key).limit(limit + 1)
        rows: list[Any] = list(self.session.scalars(self._with_children(query)))
        return Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)

    def _with_children(self, query: Select[RowT]) -> Select[RowT]:
        return query.options(*(selectinload(child) for child in self.children))

    def _one(self, query: Select[RowT], *, for_update: bool) -> RowT | None:
        query = self._with_children(query)
        if for_update:
            # A row read earlier in the session may be older than the lock.
            query = query.with_for_update(of=self.model).execution_options(populate_existing=True)
        return self.session.scalars(query).one_or_none()
