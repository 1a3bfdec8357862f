"""Latent spaces of releases: learned once, kept, and found again by what they were learned from."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.domain.enums import ConceptKind
from app.matching.compiled import built_index
from app.matching.label_index import LabelIndex
from app.matching.latent import LatentConfig, latent_config
from app.matching.latent_space import LatentSpace, learn_latent_space, pack_space, unpack_space
from app.repositories.taxonomy import TaxonomyRepository
from app.services.taxonomy import load_taxonomy
from app.services.taxonomy_index import ConceptTable
from app.services.transactions import Transaction

if TYPE_CHECKING:
    from app.services.semantic_spaces import SemanticRelease

LATENT_VERSION = 2
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
    semantic
        Embeddings of the release, where the semantic channel is on.
    """

    def __init__(
        self,
        stored: Mapping[str, bytes] | None = None,
        *,
        folder: Path | None = None,
        learns: bool = False,
        progress: Progress | None = None,
        semantic: SemanticRelease | None = None,
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
        self.semantic = semantic

    @property
    def digest(self) -> str:
        """What pins links beside the release: ``stored_digest``, or that and the embeddings in one."""
        if self.semantic is None:
            return self.stored_digest
        return hashlib.sha256(f"{self.stored_digest} {self.semantic.digest}".encode()).hexdigest()

    @property
    def stored_digest(self) -> str:
        """SHA-256 (hex) of the stored spaces; empty without any."""
        if not self._stored:
            return ""
        whole = hashlib.sha256()
        for key, data in sorted(self._stored.items()):
            whole.update(key.encode() + hashlib.sha256(data).digest())
        return whole.hexdigest()

    def with_semantic(self, semantic: SemanticRelease | None) -> LatentSpaces:
        """Look in the same places, with other embeddings or none."""
        return LatentSpaces(
            self._stored,
            folder=self._folder,
            learns=self._learns,
            progress=self._progress,
            semantic=semantic,
        )

    def find(self, table: ConceptTable, index: LabelIndex) -> LatentSpace | None:
        """Give the latent space of a label index, or None where there is none to be had."""
        if len(index.text_start) - 1 < LEAST_TEXTS:
            return None
        contexts = table.contexts()
        config = latent_config(table.kind)
        key = fingerprint(index, contexts, config)
        found = self._kept(index, key)
        if found is None and self._learns:
            stage = f"learning {table.kind} words"
            found = learn_latent_space(
                index,
                contexts,
                config,
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
                try:
                    target.write(data)
                    target.flush()
                    os.replace(target.name, self._path(self._folder, key))
                except BaseException:
                    os.unlink(target.name)
                    raise
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


def is_unlearned(session: Session, release: str) -> bool:
    """Whether labels of a stored release came after what was learned from it, or nothing was."""
    repository = TaxonomyRepository(session)
    row = repository.get_release(release)
    languages = repository.list_languages(row.id)
    learned_at = repository.find_learned_at(row.id)
    if learned_at is None:
        # With so many labels one of the two kinds has enough of them.
        return sum(language.n_labels for language in languages) >= 2 * LEAST_TEXTS
    return any(language.imported_at > learned_at for language in languages)


def learn_release(
    transaction: Transaction,
    release: str,
    *,
    now: Callable[[], datetime],
    folder: Path | None = None,
    progress: Progress | None = None,
) -> int:
    """Learn the latent spaces of a stored release and store them with it.

    Reads in a transaction of its own, and learns outside any: nobody else who writes
    waits for the minute that it takes.

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
    read_at = now()
    with transaction(write=False) as session:
        taxonomy = load_taxonomy(session, release)
        stored = list_stored(session, release)
    spaces = LatentSpaces(stored, folder=folder, learns=True, progress=progress)
    for kind in (ConceptKind.SKILL, ConceptKind.OCCUPATION):
        table = ConceptTable(taxonomy, kind)
        spaces.find(table, built_index(table.label_table()))
    with transaction() as session:
        repository = TaxonomyRepository(session)
        repository.replace_latent_spaces(repository.get_release(release).id, spaces.found, read_at)
    return len(spaces.found)


def fingerprint(index: LabelIndex, contexts: list[str], config: LatentConfig) -> str:
    """SHA-256 (hex) of everything that a latent space is learned from."""
    digest = hashlib.sha256(f"{LATENT_VERSION} {config}".encode())
    for strings in (index.words.words, contexts):
        digest.update("\n".join(strings).encode())
    for array in (index.entry_concept, index.entry_text, index.text_start, index.text_word):
        digest.update(array.tobytes())
    return digest.hexdigest()
