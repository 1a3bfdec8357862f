"""The small taxonomy that comes with the service, in the same layout as ESCO."""

from __future__ import annotations

from functools import cache
from importlib import resources

from app.domain.taxonomy import Taxonomy
from app.taxonomy.reader import ReadResult, read_taxonomy

STARTER_NAME = "starter-1"


@cache
def read_starter() -> ReadResult:
    """Read the embedded tables with the importer that reads ESCO."""
    with resources.as_file(resources.files("app.taxonomy") / "starter") as folder:
        return read_taxonomy(folder, name=STARTER_NAME)


def starter_taxonomy() -> Taxonomy:
    """Give the embedded starter taxonomy; read once per process."""
    return read_starter().taxonomy
