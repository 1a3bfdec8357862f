"""Sending in cohorts: institutions their own, staff for an institution that hands them its files."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.permissions import Operation, require
from app.errors import NotFound
from app.models import OrganisationKind
from app.repositories.organisations import OrganisationRepository
from app.services.changes import require_organisation


def sending(actor: Actor) -> Operation:
    """The operation by which this actor sends in cohorts."""
    return Operation.COHORT_WRITE if actor.role.is_organisation else Operation.COHORT_RELAY


def institution_sent_for(session: Session, actor: Actor, institution_id: UUID | None) -> UUID:
    """Give the institution whose cohort this is: the actor's own, or the one that staff names.

    Raises
    ------
    NotPermitted
        The role sends in no cohorts.
    NotFound
        There is no such institution, or it is not the actor's.
    """
    require(actor, sending(actor))
    if actor.role.is_organisation:
        own = require_organisation(actor)
        if institution_id not in (None, own):
            raise NotFound("There is no institution with this id.")
        return own
    if institution_id is None:
        raise NotFound("Say which institution the cohort is of.")
    found = OrganisationRepository(session, actor).get(institution_id, Operation.ORGANISATION_READ)
    if found.kind is not OrganisationKind.INSTITUTION:
        raise NotFound("There is no institution with this id.")
    return found.id
