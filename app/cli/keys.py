"""``talentbridge keys``: API keys, and the partnerships and organisations they are for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from app.cli.console import say
from app.cli.operators import (
    PartnershipOption,
    choose_or_add_partnership,
    choose_partnership,
    operator,
)
from app.cli.storage import PAGE, every_item, open_database
from app.domain.actor import Role
from app.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.models import Partnership

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Create, list and revoke API keys.",
)


@app.command()
def create(
    role: Annotated[Role, typer.Argument(metavar="ROLE", help="What the key may do: " + ", ".join(Role))],
    partnership: PartnershipOption = None,
    organisation: Annotated[
        str | None,
        typer.Option("--organisation", metavar="ID", help="Employer or institution the key acts for."),
    ] = None,
    label: Annotated[str, typer.Option("--label", help="What the key is used for.")] = "",
    days: Annotated[int | None, typer.Option("--days", min=1, help="Days until it expires.")] = None,
    new: Annotated[
        bool, typer.Option("--new", help="Add the partnership and organisation if missing.")
    ] = False,
    name: Annotated[str | None, typer.Option("--name", help="Name of a new organisation.")] = None,
    country: Annotated[str | None, typer.Option("--country", help="Country of a new organisation.")] = None,
    test: Annotated[bool, typer.Option("--test", help="A new partnership is for tests only.")] = False,
) -> None:
    """Issue a key and print it, this once.

    With --new, the partnership and the organisation are added if they are missing.
    """
    from app.services.api_keys import issue_api_key

    if role.is_organisation != (organisation is not None):
        raise InvalidInput(
            "Keys for employers and institutions need --organisation, others must not have it."
        )
    now = datetime.now(UTC)
    with open_database() as database, database.session() as session:
        owner = choose_or_add_partnership(session, partnership, new=new, is_test=test, now=now)
        organisation_id = None
        if organisation is not None:
            place = name or organisation, country
            organisation_id = _organisation(session, owner, organisation, role, place, new=new, now=now)
        issued = issue_api_key(
            session,
            operator(owner),
            role=role,
            label=label,
            organisation_id=organisation_id,
            expires_at=now + timedelta(days=days) if days else None,
            now=now,
        )
        key_id, secret = issued.row.id, issued.secret
    say(f"Key {key_id} for {role}. It cannot be shown again:")
    print(secret)


@app.command("list")
def list_keys(partnership: PartnershipOption = None) -> None:
    """List the keys of a partnership, without their secrets."""
    from app.services.api_keys import list_api_keys

    with open_database() as database, database.session(write=False) as session:
        actor = operator(choose_partnership(session, partnership))
        print("id\trole\tlabel\tcreated\texpires\tlast used\tstate")
        for key in every_item(lambda after: list_api_keys(session, actor, after=after, limit=PAGE)):
            dates = (key.created_at, key.expires_at, key.last_used_at)
            shown = [date.date().isoformat() if date else "-" for date in dates]
            state = "revoked" if key.revoked_at else "valid"
            print("\t".join([str(key.id), key.role, key.label or "-", *shown, state]))


@app.command()
def revoke(
    key_id: Annotated[UUID, typer.Argument(metavar="KEY_ID", help="As keys list shows it.")],
    partnership: PartnershipOption = None,
) -> None:
    """Revoke a key for good."""
    from app.services.api_keys import revoke_api_key

    with open_database() as database, database.session() as session:
        actor = operator(choose_partnership(session, partnership))
        revoke_api_key(session, actor, key_id, now=datetime.now(UTC))
    say(f"Key {key_id} is revoked.")


def _organisation(
    session: Session,
    partnership: Partnership,
    external_id: str,
    role: Role,
    place: tuple[str, str | None],
    *,
    new: bool,
    now: datetime,
) -> UUID:
    from app.intake.codes import country_code
    from app.models import OrganisationKind
    from app.services.organisations import create_organisation, find_organisation

    actor = operator(partnership)
    found = find_organisation(session, actor, external_id)
    if found is not None:
        return found.id
    if not new:
        raise NotFound("The partnership has no organisation with this id. Add it with --new.")
    name, country = place
    code = country_code(country) if country else None
    if country and code is None:
        raise InvalidInput("--country is not a known country code. Use ISO 3166-1 alpha-2, such as DE.")
    return create_organisation(
        session, actor, external_id, kind=OrganisationKind(role.value), name=name, country=code, now=now
    ).id
