"""``talentbridge doctor``: what is installed, reachable and missing; no secrets."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import platform
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app import __version__
from app.errors import AppError

if TYPE_CHECKING:
    from app.cli.storage import Database

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_PACKAGES = (
    "fastapi",
    "sqlalchemy",
    "pydantic",
    "numpy",
    "scipy",
    "scikit-learn",
    "rapidfuzz",
)
# What an extra brings that nothing else does, and what goes without it.
_EXTRAS = {"test": ("pytest", "python3 run.py test")}
_POSTGRESQL_FOLDERS = "/usr/lib/postgresql/*/bin/initdb"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; ``ok`` None means good to have, but not needed."""

    what: str
    ok: bool | None
    state: str
    advice: str = ""


@app.command()
def doctor(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.")
    ] = False,
    compile_: Annotated[
        bool, typer.Option("--compile", help="Compile the search first, which is done once a machine.")
    ] = False,
) -> None:
    """Tell what is installed, reachable and missing. Ends with exit code 1 if something needed is missing."""
    if compile_:
        from app.matching.compiled import compile_now
        from app.matching.jit import is_installed
        from app.matching.ranking.twin import ranking_code
        from app.matching.ranking.vacancies import vacancy_code

        if is_installed():
            compile_now()
            ranking_code.compile_now()
            vacancy_code.compile_now()
    findings = [*_software(), *_database(), *_optional()]
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings]))
    else:
        for finding in findings:
            mark = {True: "ok", False: "MISSING", None: "-"}[finding.ok]
            advice = f"  → {finding.advice}" if finding.advice else ""
            print(f"{mark:<8}{finding.what:<22}{finding.state}{advice}")
    if any(finding.ok is False for finding in findings):
        raise typer.Exit(1)


def _software() -> Iterator[Finding]:
    yield Finding("talentbridge", True, __version__)
    yield Finding("python", True, f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    for name in _PACKAGES:
        try:
            yield Finding(name, True, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Finding(name, False, "not installed", "install the service again")


def _database() -> Iterator[Finding]:
    from app.cli.storage import Database, NotSetUp, connected
    from app.db import current_revision, head_revision, make_session_factory

    try:
        with connected() as engine:
            yield Finding("database", True, f"{engine.dialect.name}, reachable")
            current, head = current_revision(engine), head_revision()
            if current != head:
                advice = "talentbridge db upgrade"
                yield Finding("schema", False, f"{current or 'none'}, expected {head}", advice)
                return
            yield Finding("schema", True, f"{current}, the newest")
            yield from _taxonomies(Database(engine, make_session_factory(engine)))
    except NotSetUp as error:
        yield Finding("database", None, "not set up yet", error.detail)
    except AppError as error:
        yield Finding("database", False, "not reachable", error.detail)


def _taxonomies(database: Database) -> Iterator[Finding]:
    from app.services.latent_spaces import is_unlearned
    from app.services.taxonomy import list_releases

    with database.session(write=False) as session:
        releases = list_releases(session)
        unlearned = {release.name for release in releases if is_unlearned(session, release.name)}
    for release in releases:
        default = ", default" if release.is_default else ""
        languages = " ".join(sorted(release.n_labels))
        state = f"{release.n_skills:,} skills, {release.n_occupations:,} occupations in {languages}{default}"
        yield Finding(f"taxonomy {release.name}", True, state)
        if release.name in unlearned:
            yield Finding("", None, "linked by words alone", f"talentbridge taxonomy learn {release.name}")
    if not releases:
        yield Finding(
            "taxonomy", None, "none; serve imports the starter", "talentbridge taxonomy import PATH"
        )


def _semantic() -> Iterator[Finding]:
    from app.cli.storage import open_database, semantic_store
    from app.services.taxonomy import list_releases

    try:
        store = semantic_store()
    except AppError as error:
        yield Finding("semantic channel", False, "its model cannot be opened", error.detail)
        return
    if store is None:
        yield Finding("semantic channel", None, "off")
        return
    yield Finding("semantic channel", True, f"on, with the model {store.model_checksum[:16]}")
    try:
        with open_database() as database, database.session(write=False) as session:
            releases = list_releases(session)
    except AppError:
        return  # What is wrong with the database was said before.
    for release in releases:
        if not store.version(release.checksum):
            advice = f"talentbridge taxonomy learn {release.name} --semantic"
            yield Finding("", None, f"{release.name} is linked without it", advice)


def _optional() -> Iterator[Finding]:
    from app.matching.compiled import is_ready
    from app.matching.jit import is_installed
    from app.matching.ranking.twin import ranking_code

    if is_ready() and ranking_code.is_ready():
        yield Finding("compiled search", True, "ready")
    else:
        state = "not compiled yet" if is_installed() else "numba is not installed; plain code serves, slower"
        yield Finding("compiled search", None, state, "talentbridge doctor --compile")
    yield from _semantic()
    for extra, (module, purpose) in _EXTRAS.items():
        if importlib.util.find_spec(module) is None:
            yield Finding(f"extra [{extra}]", None, f"not installed; needed by {purpose}")
        else:
            yield Finding(f"extra [{extra}]", True, "installed")
    if shutil.which("initdb") or any(Path("/").glob(_POSTGRESQL_FOLDERS.lstrip("/"))):
        yield Finding("postgresql", True, "server programs found")
    else:
        state = "server programs not found; tests on it are skipped"
        yield Finding("postgresql", None, state, "apt install postgresql")
    browser = next(filter(shutil.which, _BROWSERS), None)
    yield Finding("browser", True if browser else None, browser or "not found; only browser tests need one")
