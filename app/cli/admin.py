"""``talentbridge admin``: accounts of staff, who sign in to the console."""

from __future__ import annotations

import getpass
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import say
from app.cli.operators import PartnershipOption, choose_or_add_partnership, choose_partnership, operator
from app.cli.storage import PAGE, every_item, open_database
from app.domain.accounts import Locale
from app.domain.actor import Role
from app.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.domain.actor import Actor
    from app.models import StaffAccount

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Create, list and disable accounts of staff, and reset their passwords.",
)

EmailArgument = Annotated[str, typer.Argument(metavar="EMAIL", help="As admin list shows it.")]
_STAFF = [role for role in Role if not role.is_organisation]


@app.command()
def create(
    email: Annotated[str, typer.Option("--email", help="Address to sign in with.")],
    name: Annotated[str, typer.Option("--name", help="Name that colleagues see.")],
    partnership: PartnershipOption = None,
    role: Annotated[
        Role, typer.Option("--role", metavar="ROLE", help="What they may do: " + ", ".join(_STAFF))
    ] = Role.ADMIN,
    locale: Annotated[Locale, typer.Option("--locale", help="Language of their console.")] = Locale.EN,
    new: Annotated[bool, typer.Option("--new", help="Add the partnership if it is missing.")] = False,
    test: Annotated[bool, typer.Option("--test", help="A new partnership is for tests only.")] = False,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Give somebody an account.

    Asks for the password twice, without showing it.
    """
    from app.domain.accounts import checked_display_name, checked_email, checked_role
    from app.services.accounts import create_account

    # Before anybody types a password in vain.
    checked_email(email)
    checked_display_name(name)
    checked_role(role)
    with open_database():
        pass
    password = _read_password(from_stdin=password_stdin)
    now = datetime.now(UTC)
    with open_database() as database, database.session() as session:
        owner = choose_or_add_partnership(session, partnership, new=new, is_test=test, now=now)
        account = create_account(
            session,
            operator(owner),
            email=email,
            display_name=name,
            role=role,
            password=password,
            locale=locale,
            now=now,
        )
        say(f"{account.email} may sign in as {account.role} of {owner.name}.")


@app.command("list")
def list_(partnership: PartnershipOption = None) -> None:
    """List the accounts of a partnership."""
    from app.services.accounts import list_accounts

    with open_database() as database, database.session(write=False) as session:
        actor = operator(choose_partnership(session, partnership))
        print("email\tname\trole\tcreated\tlast signed in\tstate")
        for row in every_item(lambda after: list_accounts(session, actor, after=after, limit=PAGE)):
            dates = (row.created_at, row.last_signed_in_at)
            shown = [date.date().isoformat() if date else "-" for date in dates]
            print("\t".join([row.email, row.display_name, row.role, *shown, _state(row)]))


@app.command()
def disable(email: EmailArgument, partnership: PartnershipOption = None) -> None:
    """Let nobody sign in to an account, and sign its holder out at once."""
    from app.services.accounts import disable_account

    with open_database() as database, database.session() as session:
        actor = operator(choose_partnership(session, partnership))
        account = _find(session, actor, email)
        disable_account(session, actor, account.id, now=datetime.now(UTC))
    say(f"{account.email} is disabled and signed out.")


@app.command()
def enable(email: EmailArgument, partnership: PartnershipOption = None) -> None:
    """Let the holder of a disabled account sign in again."""
    from app.services.accounts import enable_account

    with open_database() as database, database.session() as session:
        actor = operator(choose_partnership(session, partnership))
        account = _find(session, actor, email)
        enable_account(session, actor, account.id, now=datetime.now(UTC))
    say(f"{account.email} may sign in again.")


@app.command("reset-password")
def reset(email: EmailArgument, partnership: PartnershipOption = None) -> None:
    """Print a password for one sign-in, which must then be changed.

    Signs the holder of the account out everywhere.
    """
    from app.domain.accounts import ONE_TIME_LIFE
    from app.services.accounts import reset_password

    with open_database() as database, database.session() as session:
        actor = operator(choose_partnership(session, partnership))
        given = reset_password(session, actor, _find(session, actor, email).id, now=datetime.now(UTC))
    days = ONE_TIME_LIFE.days
    say(f"Password of {given.account.email} for one sign-in within {days} days. It cannot be shown again:")
    print(given.secret)


def _find(session: Session, actor: Actor, email: str) -> StaffAccount:
    from app.services.accounts import find_account

    account = find_account(session, actor, email)
    if account is None:
        raise NotFound("The partnership has no account with this address. See talentbridge admin list.")
    return account


def _state(account: StaffAccount) -> str:
    if account.disabled_at is not None:
        return "disabled"
    if account.is_demo:
        return "demo"
    if account.password_hash is None:
        return "no password"
    return "one-time password" if account.must_change_password else "active"


def _read_password(*, from_stdin: bool) -> str:
    """Read a password from the terminal, twice, or the first line of standard input.

    Raises
    ------
    InvalidInput
        There is no terminal, or the two differ.
    """
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InvalidInput("There is no terminal to ask for the password. Give it with --password-stdin.")
    password = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != password:
        raise InvalidInput("The two passwords differ. Start again.")
    return password
