"""``talentbridge db``: migrations of the configured database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import say
from app.cli.storage import connected
from app.errors import InvalidInput

if TYPE_CHECKING:
    from sqlalchemy import Engine

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Migrate and check the database that TALENTBRIDGE_DATABASE_URL names.",
)


@contextmanager
def _migrating(*, create: bool = False) -> Iterator[Engine]:
    """Connect first, so that a database out of reach is told apart from a migration that fails."""
    from alembic.util.exc import CommandError

    with connected(create=create) as engine:
        try:
            yield engine
        except CommandError as error:
            raise InvalidInput(f"Alembic refuses: {error}") from error


@app.command()
def upgrade(revision: Annotated[str, typer.Argument(metavar="[REVISION]")] = "head") -> None:
    """Bring the schema up to a revision, the newest when none is given."""
    from app.db import current_revision, upgrade_database

    with _migrating(create=True) as engine:
        upgrade_database(engine.url, revision)
        print(current_revision(engine) or "none")


@app.command()
def downgrade(
    revision: Annotated[str, typer.Argument(metavar="REVISION", help="base takes everything away.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take the schema back to a revision. Data in tables that it lacks is lost."""
    from app.db import current_revision, downgrade_database

    if not yes:
        typer.confirm("Data in tables that the revision lacks will be lost. Go on?", abort=True, err=True)
    with _migrating() as engine:
        downgrade_database(engine.url, revision)
        print(current_revision(engine) or "none")


@app.command()
def current() -> None:
    """Print the revision of the schema."""
    from app.db import current_revision

    with _migrating() as engine:
        print(current_revision(engine) or "none")


@app.command()
def check() -> None:
    """Fail with exit code 2 unless the schema equals what this version expects."""
    from app.db import check_database

    with _migrating() as engine:
        check_database(engine.url)
    say("The schema is what this version expects.")
