"""Queries over staff aliases and their versions."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.enums import ConceptKind, PhraseKind
from app.domain.permissions import Operation, require
from app.domain.transitions import AliasState
from app.models import AliasVersion, ConceptAlias, TaxonomyConcept
from app.models.aliases import SHARED
from app.repositories.scoped import Page, ScopedRepository, chunks


class AliasVersions(NamedTuple):
    """Which state of the aliases was read: the version of the partnership's own, and of the shared ones."""

    own: int = 0
    shared: int = 0


class AliasRepository(ScopedRepository[ConceptAlias]):
    """Aliases of the actor's partnership, and those that every partnership shares."""

    model = ConceptAlias
    noun = "alias"

    def visible(self, operation: Operation) -> Select[ConceptAlias]:
        require(self.actor, operation)
        return select(ConceptAlias).where(
            or_(
                ConceptAlias.partnership_id == self.actor.partnership_id,
                ConceptAlias.partnership_id.is_(None),
            )
        )

    def list_page(
        self,
        *,
        after: UUID | None,
        limit: int,
        kind: PhraseKind | None = None,
        lang: str | None = None,
        state: AliasState | None = None,
        shared: bool | None = None,
    ) -> Page[ConceptAlias]:
        where: list[ColumnElement[bool]] = []
        if kind is not None:
            where.append(ConceptAlias.kind == kind)
        if lang is not None:
            where.append(ConceptAlias.lang == lang)
        if state is not None:
            where.append(ConceptAlias.state == state)
        if shared is not None:
            none = ConceptAlias.partnership_id.is_(None)
            where.append(none if shared else ~none)
        return self.page(Operation.ALIAS_READ, *where, after=after, limit=limit)

    def find_approved(
        self, partnership_id: UUID | None, kind: PhraseKind, lang: str, canonical: str
    ) -> ConceptAlias | None:
        """Find and lock the alias in force for a phrase, of one scope only."""
        query = (
            self.visible(Operation.ALIAS_READ)
            .where(
                ConceptAlias.partnership_id.is_(None)
                if partnership_id is None
                else ConceptAlias.partnership_id == partnership_id,
                ConceptAlias.kind == kind,
                ConceptAlias.lang == lang,
                ConceptAlias.canonical == canonical,
                ConceptAlias.state == AliasState.APPROVED,
            )
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return self.session.scalars(query).one_or_none()

    def list_in_force(self, versions: AliasVersions) -> list[ConceptAlias]:
        """List the aliases of some versions, the partnership's own first, each scope in a total order."""
        query = (
            self.visible(Operation.ALIAS_READ)
            .where(
                or_(
                    and_(ConceptAlias.partnership_id.is_not(None), _holds_in(versions.own)),
                    and_(ConceptAlias.partnership_id.is_(None), _holds_in(versions.shared)),
                )
            )
            .order_by(
                ConceptAlias.partnership_id.is_(None),
                ConceptAlias.kind,
                ConceptAlias.canonical,
                ConceptAlias.lang,
            )
        )
        return list(self.session.scalars(query))


def _holds_in(version: int) -> ColumnElement[bool]:
    return and_(
        ConceptAlias.from_version <= version,
        or_(ConceptAlias.until_version.is_(None), ConceptAlias.until_version > version),
    )


class AliasVersionRepository:
    """The counters of changes."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session = session
        self.actor = actor

    def current(self) -> AliasVersions:
        """Give the versions in force for the actor's partnership; 0 where nothing was ever approved."""
        own = str(self.actor.partnership_id)
        query = select(AliasVersion.scope, AliasVersion.version).where(AliasVersion.scope.in_((own, SHARED)))
        found = {row.scope: row.version for row in self.session.execute(query)}
        return AliasVersions(found.get(own, 0), found.get(SHARED, 0))

    def count_change(self, partnership_id: UUID | None) -> int:
        """Count one change of a scope and give the new version.

        The counter stays locked until the transaction ends, so that two changes never
        share a version and none is seen before an earlier one.
        """
        scope = SHARED if partnership_id is None else str(partnership_id)
        row = self._locked(scope)
        if row is None:
            # Another transaction may add the row at the same time: then its one is waited for.
            with suppress(IntegrityError), self.session.begin_nested():
                self.session.add(AliasVersion(scope=scope, version=0))
            row = self._locked(scope)
            assert row is not None, "the counter was there or has just been added"
        row.version += 1
        return row.version

    def _locked(self, scope: str) -> AliasVersion | None:
        query = select(AliasVersion).where(AliasVersion.scope == scope).with_for_update()
        return self.session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def known_concepts(session: Session, kind: PhraseKind, uris: Iterable[str]) -> set[str]:
    """Say which of these are concepts of this kind in any imported release."""
    found: set[str] = set()
    for chunk in chunks(dict.fromkeys(uris)):
        query = select(TaxonomyConcept.uri).where(
            TaxonomyConcept.kind == ConceptKind(kind.value), TaxonomyConcept.uri.in_(chunk)
        )
        found.update(session.scalars(query.distinct()))
    return found
