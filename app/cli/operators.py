"""Who a command acts for: an operator at the command line has no key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.domain.actor import Actor, Role
    from app.models import Partnership

PartnershipOption = Annotated[
    str | None,
    typer.Option(
        "--partnership", metavar="NAME", help="Partnership; may be left out when there is only one."
    ),
]


def choose_partnership(session: Session, name: str | None) -> Partnership:
    """Find the partnership by name, or the only one.

    Raises
    ------
    NotFound
        There is none with this name.
    InvalidInput
        No name was given and there is not exactly one.
    """
    from app.services.organisations import list_partnerships

    partnerships = list_partnerships(session)
    names = ", ".join(partnership.name for partnership in partnerships) or "none yet"
    if name is None:
        if len(partnerships) == 1:
            return partnerships[0]
        raise InvalidInput(f"Name a partnership with --partnership. There are: {names}.")
    for partnership in partnerships:
        if partnership.name == name:
            return partnership
    raise NotFound(f"There is no partnership with this name. There are: {names}.")


def operator(partnership: Partnership) -> Actor:
    """Act as administrator of a partnership."""
    from app.domain.actor import Actor, Role

    return Actor(key_id=None, role=Role.ADMIN, partnership_id=partnership.id)


def organisation_actor(session: Session, partnership: Partnership, external_id: str, role: Role) -> Actor:
    """Act for an employer or an institution.

    Raises
    ------
    NotFound
        The partnership has no such organisation of that kind.
    """
    from app.domain.actor import Actor
    from app.services.organisations import find_organisation

    organisation = find_organisation(session, operator(partnership), external_id)
    if organisation is None or organisation.kind.value != role.value:
        raise NotFound(f"The partnership has no {role} with this id. Add it with talentbridge keys create.")
    return Actor(key_id=None, role=role, partnership_id=partnership.id, organisation_id=organisation.id)
