"""``talentbridge serve``: the console and the HTTP API, on the configured database or on sample data."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import say, stage_progress
from app.cli.server import is_loopback, listening, run_server
from app.errors import InvalidInput

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Engine

    from app.cli.seeding import Credentials

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_DEMO_K = 10


@app.command()
def serve(
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535)] = None,
    demo: Annotated[
        bool,
        typer.Option("--demo", help="Serve sample data from a temporary database, on this machine only."),
    ] = False,
) -> None:
    """Run the console and the HTTP API.

    The job worker runs inside unless TALENTBRIDGE_EMBEDDED_WORKER says otherwise.
    """
    from app.cli.storage import read_settings
    from app.log import configure_logging
    from app.main import create_app
    from app.web.options import ConsoleOptions

    settings = read_settings()
    address, number = host or settings.host, port or settings.port
    demo = demo or _wants_demo()
    if demo and not is_loopback(address):
        raise InvalidInput("The demo prints its keys, so it listens on this machine only: leave --host out.")
    with (
        listening(address, number) as listener,
        _demo_database(f"http://{address}:{number}") if demo else _configured_database() as served,
    ):
        configure_logging(level=settings.log_level, json=settings.json_logs)
        if settings.reconciliation == "open":
            say("Reconciliation is open: it answers whoever reaches this server, without a key.")
        console = ConsoleOptions(demo_partnership_id=served.demo_partnership_id)
        run_server(create_app(settings, engine=served.engine, console=console), listener)


@dataclass(frozen=True, slots=True)
class _Served:
    """A database to serve, and the partnership in it that newcomers may try; None for real data."""

    engine: Engine
    demo_partnership_id: UUID | None = None


def _wants_demo() -> bool:
    """Offer sample data where there is no database yet; without a terminal, only say how.

    Raises
    ------
    InvalidInput
        There is no database, and nobody is there to be asked or the answer was no.
    """
    from app.cli.storage import NotSetUp, open_database

    try:
        with open_database():
            return False
    except NotSetUp as error:
        if sys.stdin.isatty() and typer.confirm("There is no data yet. Serve sample data?", err=True):
            return True
        advice = "Or run talentbridge serve --demo to try the service on sample data."
        raise InvalidInput(f"{error.detail} {advice}") from error


@contextlib.contextmanager
def _configured_database() -> Iterator[_Served]:
    from app.cli.storage import open_database

    with open_database() as database:
        yield _Served(database.engine)


@contextlib.contextmanager
def _demo_database(url: str) -> Iterator[_Served]:
    """Seed a temporary database, and print where it is served and the keys to it."""
    from app.cli.seeding import issue_demo_keys, make_demo_admin, run_matching, seed
    from app.cli.storage import open_database
    from app.db import upgrade_database
    from app.intake.read import read_candidates, read_vacancies
    from app.main import utc_now
    from app.samples import sample_path
    from app.services.taxonomy_cache import TaxonomyIndexCache

    with tempfile.TemporaryDirectory(prefix="talentbridge-") as folder:
        database_url = f"sqlite:///{Path(folder) / 'demo.sqlite3'}"
        upgrade_database(database_url)
        vacancies = read_vacancies(sample_path("vacancies.jsonl"))
        candidates = read_candidates(sample_path("cohort.csv"))
        with open_database(database_url) as database:
            with stage_progress() as progress:
                say("Loading and ranking the sample data")
                seeded = seed(database, vacancies, candidates, now=utc_now)
                indexes = TaxonomyIndexCache()
                run_matching(database, seeded.operator, indexes, k=_DEMO_K, now=utc_now, progress=progress)
            keys = issue_demo_keys(database, seeded, now=utc_now)
            admin = make_demo_admin(database, seeded, now=utc_now)
            for line in _welcome(url, keys, admin):
                print(line, flush=True)
            yield _Served(database.engine, seeded.operator.partnership_id)


def _welcome(url: str, keys: dict[str, str], admin: Credentials) -> Iterator[str]:
    yield "Demo data: invented, in a temporary database that is gone when you stop."
    yield f"Console      {url}/console    as a reviewer with one click"
    yield f"             or as an administrator: {admin.email}, password {admin.password}"
    yield f"API          {url}/v1    description {url}/openapi.json"
    for role, key in keys.items():
        yield f"{role:<13}{key}"
    yield "Try"
    yield f"  curl -H 'Authorization: Bearer {keys['reviewer']}' {url}/v1/vacancies"
    yield "Stop with Ctrl+C"
