"""Queries over partnerships, organisations and API keys."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.permissions import Operation
from app.models import ApiKey, Organisation, OrganisationKind, Partnership
from app.repositories.scoped import Page, ScopedRepository, chunks


class PartnershipRepository:
    """Partnerships: the boundary itself, so beyond an actor's own only the operator's commands see them."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def get_own(self, actor: Actor) -> Partnership:
        """Get the actor's partnership."""
        return self.session.get_one(Partnership, actor.partnership_id)

    def find_by_name(self, name: str) -> Partnership | None:
        return self.session.scalars(select(Partnership).where(Partnership.name == name)).one_or_none()

    def list_all(self) -> list[Partnership]:
        return list(self.session.scalars(select(Partnership).order_by(Partnership.id)))


class OrganisationRepository(ScopedRepository[Organisation]):
    """Organisations within the actor's scope; their own one for employers and institutions."""

    model = Organisation
    noun = "organisation"
    owner = "id"

    def find_in_partnership(self, external_id: str, operation: Operation) -> Organisation | None:
        """Find an organisation by the partnership's id for it."""
        query = self.visible(operation).where(Organisation.external_id == external_id)
        return self.session.scalars(query).one_or_none()

    def names(self, organisation_ids: Iterable[UUID]) -> dict[UUID, str]:
        """Give the names of those of these organisations that the actor may know."""
        query = self.visible(Operation.ORGANISATION_READ)
        return {
            key: name
            for chunk in chunks(set(organisation_ids))
            for key, name in self.session.execute(
                query.where(Organisation.id.in_(chunk)).with_only_columns(Organisation.id, Organisation.name)
            )
        }

    def list_page(
        self,
        *,
        after: UUID | None,
        limit: int,
        kind: OrganisationKind | None = None,
        external_id: str | None = None,
    ) -> Page[Organisation]:
        where: list[ColumnElement[bool]] = []
        if kind is not None:
            where.append(Organisation.kind == kind)
        if external_id is not None:
            where.append(Organisation.external_id == external_id)
        return self.page(Operation.ORGANISATION_READ, *where, after=after, limit=limit)


class ApiKeyRepository(ScopedRepository[ApiKey]):
    """API keys within the actor's scope."""

    model = ApiKey
    noun = "API key"
    owner = "organisation_id"

    def all_labels(self, limit: int) -> dict[UUID, str]:
        """Give the labels of the oldest keys of the partnership, for staff, in the order of the labels."""
        query = self.visible(Operation.ACCOUNT_READ).order_by(ApiKey.id).limit(limit)
        rows = self.session.execute(query.with_only_columns(ApiKey.id, ApiKey.label))
        return dict(sorted(((row[0], row[1]) for row in rows), key=lambda row: (row[1].casefold(), row[0])))

    def labels(self, key_ids: Iterable[UUID]) -> dict[UUID, str]:
        """Give the labels of those keys that are of the partnership, for staff."""
        query = self.visible(Operation.ACCOUNT_READ).with_only_columns(ApiKey.id, ApiKey.label)
        return {
            key: label
            for chunk in chunks(set(key_ids))
            for key, label in self.session.execute(query.where(ApiKey.id.in_(chunk)))
        }

    def list_page(self, *, after: UUID | None, limit: int) -> Page[ApiKey]:
        return self.page(Operation.KEY_MANAGE, after=after, limit=limit)


def find_own_api_key(session: Session, actor: Actor) -> ApiKey | None:
    """Find the key that the actor uses; None for an operator at the command line."""
    return None if actor.key_id is None else session.get(ApiKey, actor.key_id)


def find_api_key(session: Session, public_id: str) -> ApiKey | None:
    """Find the key that a caller presents: the one query without an actor, since it makes one."""
    return session.scalars(select(ApiKey).where(ApiKey.public_id == public_id)).one_or_none()
