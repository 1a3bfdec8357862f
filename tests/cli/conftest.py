"""Running commands in this process, on a database of their own."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import structlog

from app.cli.main import run
from app.domain.taxonomy import Taxonomy
from app.services import taxonomy_cache, taxonomy_index
from app.services.latent_spaces import LatentSpaces
from app.services.taxonomy_index import TaxonomyIndex
from tests.database import copy_sqlite

_INDEXES: dict[tuple[str, bool, str], TaxonomyIndex] = {}


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture(autouse=True)
def database_url(tmp_path: Path, run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Point the settings at a SQLite file that does not exist yet, and at nothing else."""
    for name in os.environ:
        if name.startswith("TALENTBRIDGE_"):
            monkeypatch.delenv(name)
    url = f"sqlite:///{tmp_path / 'test.sqlite3'}"
    monkeypatch.setenv("TALENTBRIDGE_DATABASE_URL", url)
    # What is learned from the starter taxonomy is learned once for all tests.
    monkeypatch.setenv("TALENTBRIDGE_CACHE_DIR", str(run_folder / "cache"))
    # A .env file of the checkout must not reach the tests.
    monkeypatch.chdir(tmp_path)
    return url


@pytest.fixture
def migrated(_sqlite_template: Path, tmp_path: Path) -> None:
    """Put a migrated database where the settings point, for tests of what is done with one."""
    copy_sqlite(_sqlite_template, tmp_path)


@pytest.fixture(autouse=True)
def _no_logs_left() -> Iterator[None]:
    """Take away what a command set up for its logs: its stream is closed when the test is over."""
    root = logging.getLogger()
    level = root.level
    yield
    for handler in list(root.handlers):
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter):
            root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str]) -> Command:
    """Give a function that runs ``talentbridge`` with some words."""

    def call(*words: object) -> Ended:
        capfd.readouterr()
        code = run([str(word) for word in words])
        out, err = capfd.readouterr()
        return Ended(code, out, err)

    return call


@pytest.fixture(autouse=True)
def _one_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """Build the tables of the starter taxonomy once for all tests; they never change.

    A database has the latent spaces that were stored in it, if any; files have those
    that are learned when none is found. Tables differ with them.
    """

    def build(
        learns: bool, taxonomy: Taxonomy, spaces: LatentSpaces | None = None, *rest: Any
    ) -> TaxonomyIndex:
        key = (taxonomy.checksum, learns, "" if spaces is None else spaces.digest)
        if key not in _INDEXES:
            _INDEXES[key] = taxonomy_index.TaxonomyIndex(taxonomy, spaces, *rest)
        return _INDEXES[key]

    monkeypatch.setattr(taxonomy_index, "build_taxonomy_index", partial(build, True))
    monkeypatch.setattr(taxonomy_cache, "build_taxonomy_index", partial(build, False))
