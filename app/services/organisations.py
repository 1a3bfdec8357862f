"""Partnerships and the organisations in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.ids import new_id
from app.domain.permissions import Operation, require
from app.errors import Conflict
from app.models import Organisation, OrganisationKind, Partnership
from app.repositories.organisations import OrganisationRepository, PartnershipRepository
from app.repositories.scoped import Page
from app.services.audit import record_event
from app.services.bulk import duplicate_id
from app.services.changes import flush, require_external_id, require_version, touch


def create_partnership(session: Session, name: str, *, is_test: bool = False, now: datetime) -> Partnership:
    """Open a partnership. For the operator's commands: no actor can reach beyond their own.

    Raises
    ------
    Conflict
        There is one with this name.
    """
    if PartnershipRepository(session).find_by_name(name) is not None:
        raise Conflict("There is a partnership with this name already; choose another name.")
    partnership = Partnership(id=new_id(), name=name, is_test=is_test, created_at=now)
    session.add(partnership)
    flush(session)
    return partnership


def find_partnership(session: Session, name: str) -> Partnership | None:
    """Find a partnership by name, for the operator's commands."""
    return PartnershipRepository(session).find_by_name(name)


def list_partnerships(session: Session) -> list[Partnership]:
    """List every partnership, oldest first, for the operator's commands."""
    return PartnershipRepository(session).list_all()


def get_organisation(session: Session, actor: Actor, organisation_id: UUID) -> Organisation:
    """Get an organisation; raises NotFound."""
    return OrganisationRepository(session, actor).get(organisation_id, Operation.ORGANISATION_READ)


def find_organisation(session: Session, actor: Actor, external_id: str) -> Organisation | None:
    """Find an organisation by the partnership's id for it."""
    return OrganisationRepository(session, actor).find_in_partnership(
        external_id, Operation.ORGANISATION_READ
    )


def organisation_names(session: Session, actor: Actor, organisation_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Give the names of those of these organisations that the actor may know."""
    return OrganisationRepository(session, actor).names(organisation_ids)


def list_organisations(
    session: Session,
    actor: Actor,
    *,
    after: UUID | None = None,
    limit: int = 50,
    kind: OrganisationKind | None = None,
    external_id: str | None = None,
) -> Page[Organisation]:
    """List the organisations that the actor may know, oldest first."""
    return OrganisationRepository(session, actor).list_page(
        after=after, limit=limit, kind=kind, external_id=external_id
    )


def create_organisation(
    session: Session,
    actor: Actor,
    external_id: str,
    *,
    kind: OrganisationKind,
    name: str,
    country: str | None = None,
    now: datetime,
) -> Organisation:
    """Add an employer or institution to the actor's partnership.

    Raises
    ------
    InvalidInput
        The id is not usable.
    Conflict
        The partnership has an organisation with this id.
    """
    require(actor, Operation.ORGANISATION_WRITE)
    require_external_id(external_id)
    repository = OrganisationRepository(session, actor)
    if repository.find_in_partnership(external_id, Operation.ORGANISATION_WRITE) is not None:
        raise duplicate_id("organisation")
    organisation = Organisation(
        id=new_id(),
        partnership_id=actor.partnership_id,
        external_id=external_id,
        kind=kind,
        name=name,
        country=country,
        version=1,
        created_at=now,
        updated_at=now,
    )
    session.add(organisation)
    record_event(
        session, actor, "organisation.created", "organisation", organisation.id, now=now, kind=str(kind)
    )
    flush(session)
    return organisation


def replace_organisation(
    session: Session,
    actor: Actor,
    organisation_id: UUID,
    *,
    name: str,
    country: str | None,
    expected_version: int | None = None,
    now: datetime,
) -> Organisation:
    """Change an organisation's name and country; its kind and id are for good.

    Raises
    ------
    VersionMismatch
        It is no longer at ``expected_version``.
    """
    organisation = OrganisationRepository(session, actor).get(
        organisation_id, Operation.ORGANISATION_WRITE, for_update=True
    )
    require_version(organisation, expected_version)
    if (organisation.name, organisation.country) == (name, country):
        return organisation
    organisation.name = name
    organisation.country = country
    touch(organisation, now)
    record_event(session, actor, "organisation.changed", "organisation", organisation.id, now=now)
    flush(session)
    return organisation
