"""Comparisons of stored releases, made once per process."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from sqlalchemy.orm import Session

from app.repositories.taxonomy import TaxonomyRepository
from app.services.release_comparison import ReleaseComparison, compare_releases
from app.services.taxonomy import load_taxonomy

_KEPT = 4


class ReleaseComparisonCache:
    """Gives the comparison of two releases, and makes it when a checksum is new. Safe to share."""

    def __init__(self) -> None:
        self._comparisons: OrderedDict[tuple[str, ...], ReleaseComparison] = OrderedDict()
        self._lock = Lock()

    def get(self, session: Session, before: str, after: str) -> ReleaseComparison:
        """Compare two releases.

        Raises
        ------
        NotFound
            One of them was not imported.
        """
        repository = TaxonomyRepository(session)
        releases = [repository.get_release(name) for name in (before, after)]
        # Checksums leave the name out, and the comparison holds it.
        key = tuple(part for release in releases for part in (release.name, release.checksum))
        # One at a time: two releases of ESCO take half a gigabyte while they are compared.
        with self._lock:
            comparison = self._comparisons.get(key)
            if comparison is None:
                comparison = compare_releases(load_taxonomy(session, before), load_taxonomy(session, after))
                self._comparisons[key] = comparison
            self._comparisons.move_to_end(key)
            while len(self._comparisons) > _KEPT:
                self._comparisons.popitem(last=False)
            return comparison
