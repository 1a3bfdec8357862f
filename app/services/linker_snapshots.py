"""Linking tables of releases, kept in a folder between two starts of a process."""

from __future__ import annotations

import hashlib
import logging
import os
import platform
from functools import cache
from pathlib import Path

from app import matching
from app.domain.enums import ConceptKind
from app.matching.label_index import LabelIndex
from app.matching.labels import LabelTable
from app.matching.snapshot import BadSnapshot, open_snapshot, save_snapshot
from app.services.latent_spaces import LATENT_VERSION

LEAST_LABELS = 20_000
"""Labels below which tables are built sooner than anybody notices."""

_KEPT = 6
"""Files of the folder, the latest opened: two releases of two kinds, and one that is replaced."""

_BUILT_BY = ("text", "labels", "spelling", "words", "label_index", "latent", "latent_space", "snapshot")

_log = logging.getLogger(__name__)


class LinkerSnapshots:
    """A folder of linking tables, found by what they were built from and by the code that built them.

    Without a folder that can be written, tables are built anew in each process.
    """

    def __init__(self, folder: Path) -> None:
        """Use a folder, which is made when something is kept in it."""
        self._folder = folder

    def name(self, checksum: str, kind: ConceptKind, latent_digest: str) -> str:
        """Name the file for the concepts of one kind in a release, with the spaces stored with it."""
        parts = (checksum, kind.value, latent_digest, str(LATENT_VERSION), _code_digest())
        return f"linker-{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:32]}.bin"

    def find(self, name: str) -> tuple[LabelTable, LabelIndex] | None:
        """Open the tables of a name; None where there are none, or what is there is damaged."""
        path = self._folder / name
        try:
            opened = open_snapshot(path)
        except FileNotFoundError:
            return None
        except (OSError, BadSnapshot):
            _log.warning("linker snapshot unreadable", extra={"snapshot": name})
            return None
        try:
            os.utime(path)
        except OSError:
            # Another user's folder: it only counts as older than it is.
            return opened
        return opened

    def keep(self, name: str, labels: LabelTable, index: LabelIndex) -> None:
        """Write the tables of a name, and drop those that were opened longest ago."""
        if len(labels.text_row) < LEAST_LABELS:
            return
        try:
            save_snapshot(self._folder / name, labels, index)
            kept = sorted(self._folder.glob("linker-*.bin"), key=lambda path: -path.stat().st_mtime)
            for path in kept[_KEPT:]:
                path.unlink(missing_ok=True)
        except OSError:
            _log.warning("linker snapshot not kept", extra={"snapshot": name})


@cache
def _code_digest() -> str:
    """SHA-256 (hex) of the code that builds the tables, and of the Python whose Unicode tables it uses."""
    digest = hashlib.sha256(platform.python_version().encode())
    folder = Path(matching.__file__ or "").parent
    for name in _BUILT_BY:
        digest.update((folder / f"{name}.py").read_bytes())
    return digest.hexdigest()
