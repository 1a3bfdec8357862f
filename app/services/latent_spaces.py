"""Latent spaces of releases: learned once, kept, and found again by what they were learned from."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from app.domain.enums import ConceptKind
from app.matching.label_index import LabelIndex, build_label_index
from app.matching.latent import LatentConfig
from app.matching.latent_space import LatentSpace, learn_latent_space, pack_space, unpack_space
from app.repositories.taxonomy import TaxonomyRepository
from app.services.taxonomy import load_taxonomy
from app.services.taxonomy_index import ConceptTable

LATENT_VERSION = 1
"""Raised with every change of what is learned or of how words are taken apart."""

LEAST_TEXTS = 2_000
"""Labels below which a release has too little to learn from; the linker then goes by words alone."""

Progress = Callable[[str, int, int], None]

_log = logging.getLogger(__name__)


class LatentSpaces:
    """Where the linkers of a release find their latent spaces.

    Looked for among those stored with the release, then in a folder, then learned if
    that is wanted; what was learned is kept in the folder.

    Attributes
    ----------
    found
        Packed spaces that were given out, by fingerprint.
    """

    def __init__(
        self,
        stored: Mapping[str, bytes] | None = None,
        *,
        folder: Path | None = None,
        learns: bool = False,
        progress: Progress | None = None,
    ) -> None:
        """Set up the places to look in.

        Parameters
        ----------
        stored
            Packed spaces by fingerprint.
        folder
            Made when something is kept in it.
        learns
            Whether to learn what is found nowhere; takes about a minute for a whole release.
        progress
            Called with (stage, batches done, batches in all) while learning.
        """
        self._stored = stored or {}
        self._folder = folder
        self._learns = learns
        self._progress = progress
        self.found: dict[str, bytes] = {}

    def find(self, table: ConceptTable, index: LabelIndex) -> LatentSpace | None:
        """Give the latent space of a label index, or None where there is none to be had."""
        if len(index.text_start) - 1 < LEAST_TEXTS:
            return None
        contexts = table.contexts()
        key = fingerprint(index, contexts)
        found = self._kept(index, key)
        if found is None and self._learns:
            stage = f"learning {table.kind} words"
            found = learn_latent_space(
                index,
                contexts,
                LatentConfig(),
                None if self._progress is None else lambda done, total: self._report(stage, done, total),
            )
            data = pack_space(found)
            self._keep(key, data)
            self.found[key] = data
        return found

    def _report(self, stage: str, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress(stage, done, total)

    def _kept(self, index: LabelIndex, key: str) -> LatentSpace | None:
        data = self._stored.get(key)
        if data is None and self._folder is not None:
            try:
                data = self._path(self._folder, key).read_bytes()
            except OSError:
                return None
        if data is None:
            return None
        try:
            found = unpack_space(index, data)
            self.found[key] = data
            return found
        except ValueError:
            _log.warning("latent space unreadable", extra={"fingerprint": key})
            return None

    def _keep(self, key: str, data: bytes) -> None:
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            # Renamed into place: no other process ever reads half a file.
            with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as target:
                target.write(data)
            os.replace(target.name, self._path(self._folder, key))
        except OSError:
            _log.warning("latent space not kept", extra={"fingerprint": key})

    @staticmethod
    def _path(folder: Path, key: str) -> Path:
        return folder / f"latent-{key[:32]}.npz"


def list_stored(session: Session, release: str) -> Mapping[str, bytes]:
    """Packed spaces that were learned for a stored release, by fingerprint; none for an unknown one."""
    repository = TaxonomyRepository(session)
    row = repository.find_release(release)
    return {} if row is None else repository.list_latent_spaces(row.id)


def learn_release(
    session: Session,
    release: str,
    *,
    now: datetime,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> int:
    """Learn the latent spaces of a stored release and store them with it; flushes.

    Parameters
    ----------
    folder
        Where spaces may have been kept that were learned from the same labels.

    Returns
    -------
    int
        How many spaces there are: one for skills, one for occupations, none of what is too small.

    Raises
    ------
    NotFound
        The release was not imported.
    """
    taxonomy = load_taxonomy(session, release)
    repository = TaxonomyRepository(session)
    row = repository.get_release(release)
    spaces = LatentSpaces(
        repository.list_latent_spaces(row.id), folder=folder, learns=True, progress=progress
    )
    for kind in (ConceptKind.SKILL, ConceptKind.OCCUPATION):
        table = ConceptTable(taxonomy, kind)
        spaces.find(table, build_label_index(table.label_table()))
    repository.replace_latent_spaces(row.id, spaces.found, now)
    return len(spaces.found)


def fingerprint(index: LabelIndex, contexts: list[str]) -> str:
    """SHA-256 (hex) of everything that a latent space is learned from."""
    digest = hashlib.sha256(f"{LATENT_VERSION} {LatentConfig()}".encode())
    for strings in (index.words.words, contexts):
        digest.update("\n".join(strings).encode())
    for array in (index.entry_concept, index.entry_text, index.text_start, index.text_word):
        digest.update(array.tobytes())
    return digest.hexdigest()
