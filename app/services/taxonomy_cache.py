"""Linking and ranking tables of taxonomy releases, built once per process."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.records import AliasRecord
from app.errors import NotFound
from app.repositories.aliases import AliasVersions
from app.repositories.taxonomy import TaxonomyRepository
from app.services.aliased_index import with_aliases
from app.services.aliases import current_alias_versions, load_aliases
from app.services.latent_spaces import LatentSpaces, list_stored
from app.services.linker_snapshots import LinkerSnapshots
from app.services.taxonomy import load_taxonomy
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index

if TYPE_CHECKING:
    from app.services.semantic_spaces import SemanticStore

# Checksum; what was learned, and when; which embeddings there are.
_Key = tuple[str, tuple[tuple[str, datetime], ...], str]

_KEPT = 2
# Small beside a release: they share its tables.
_KEPT_ALIASED = 16


class TaxonomyIndexCache:
    """Gives the index of a release, and builds it when its checksum is new.

    Releases gain languages, and with them a new checksum; the tables of the old
    one are dropped when newer ones are in use. Safe to share between threads.
    """

    def __init__(
        self,
        release: str | None = None,
        snapshots: LinkerSnapshots | None = None,
        *,
        semantic: SemanticStore | None = None,
    ) -> None:
        """Set up for a release and a folder.

        Parameters
        ----------
        release
            Used where none is named; the database's default when that is None too.
        snapshots
            Where linking tables are kept for the next process.
        semantic
            Where embeddings come from; the semantic channel is off where None.
        """
        self._release = release
        self._snapshots = snapshots
        self._semantic = semantic
        self._indexes: OrderedDict[_Key, TaxonomyIndex] = OrderedDict()
        self._aliased: OrderedDict[tuple[str, str, tuple[AliasRecord, ...]], TaxonomyIndex] = OrderedDict()
        self._lock = Lock()

    def get(self, session: Session, release: str | None = None) -> TaxonomyIndex:
        """Give the index of a release.

        Raises
        ------
        NotFound
            There is no such release, or none at all.
        """
        repository = TaxonomyRepository(session)
        name = release or self._release
        row = repository.get_release(name) if name else repository.find_default()
        if row is None:
            raise NotFound("No taxonomy release has been imported yet.")
        # One at a time: two builds of one release would only cost twice the memory.
        with self._lock:
            # Learned again, it is another index.
            embedded = "" if self._semantic is None else self._semantic.version(row.checksum)
            key = row.checksum, tuple(repository.list_latent_versions(row.id)), embedded
            index = self._indexes.get(key)
            if index is None:
                semantic = self._semantic.find(row.checksum) if self._semantic and embedded else None
                index = build_taxonomy_index(
                    load_taxonomy(session, row.name),
                    LatentSpaces(list_stored(session, row.name), semantic=semantic),
                    self._snapshots,
                )
                self._indexes[key] = index
            self._indexes.move_to_end(key)
            while len(self._indexes) > _KEPT:
                self._indexes.popitem(last=False)
            return index

    def get_for(
        self, session: Session, actor: Actor, *, versions: AliasVersions | None = None
    ) -> tuple[TaxonomyIndex, AliasVersions]:
        """Give the index that the actor's partnership links with: its release, aliases first.

        Parameters
        ----------
        versions
            Alias versions to go back to; those in force where None.

        Returns
        -------
        index, versions
            What a match run is pinned to.

        Raises
        ------
        NotFound
            There is no release.
        """
        release = self.get(session)
        if versions is None:
            versions = current_alias_versions(session, actor)
        aliases = tuple(load_aliases(session, actor, versions))
        if not aliases:
            return release, versions
        # By what the aliases say and not by their version: a version that was read in a
        # transaction may be rolled back and given again.
        key = release.taxonomy.checksum, release.latent_digest, aliases
        with self._lock:
            index = self._aliased.get(key)
            if index is None:
                index = self._aliased[key] = with_aliases(release, aliases)
            self._aliased.move_to_end(key)
            while len(self._aliased) > _KEPT_ALIASED:
                self._aliased.popitem(last=False)
        return index, versions
