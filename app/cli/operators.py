"""Who a command acts for: an operator at the command line has no key."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
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


ActingOption = Annotated[
    Path | None,
    typer.Option(
        "--as",
        metavar="KEY_FILE",
        help="File that holds the API key of the person who does this; - reads it from standard input. "
        "The operator when not given.",
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


def choose_or_add_partnership(
    session: Session, name: str | None, *, new: bool, is_test: bool, now: datetime
) -> Partnership:
    """Find the partnership as ``choose_partnership`` does, and with ``new`` add one that is missing."""
    from app.services.organisations import create_partnership, find_partnership

    if new and name is not None and find_partnership(session, name) is None:
        return create_partnership(session, name, is_test=is_test, now=now)
    return choose_partnership(session, name)


def operator(partnership: Partnership) -> Actor:
    """Act as administrator of a partnership."""
    from app.domain.actor import Actor, Role

    return Actor(key_id=None, role=Role.ADMIN, partnership_id=partnership.id)


def acting(session: Session, partnership: Partnership, key_file: Path | None, *, now: datetime) -> Actor:
    """Act with the key in a file, or as operator without one.

    Raises
    ------
    InvalidInput
        The file cannot be read.
    NotAuthenticated
        It holds no valid key.
    NotFound
        The key is of another partnership.
    """
    from app.services.api_keys import authenticate

    if key_file is None:
        return operator(partnership)
    try:
        text = sys.stdin.read() if str(key_file) == "-" else key_file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{key_file} cannot be read. It should hold an API key.") from error
    actor = authenticate(session, text.strip(), now=now)
    if actor.partnership_id != partnership.id:
        raise NotFound("The key is of another partnership. Name it with --partnership.")
    return actor


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
