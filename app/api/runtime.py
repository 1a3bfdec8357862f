"""What the routes need from the composition root, in one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import HTTPConnection

from app.services.live_pools import LivePools
from app.services.release_comparison_cache import ReleaseComparisonCache
from app.services.taxonomy_cache import TaxonomyIndexCache
from app.services.transactions import Transaction


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything that outlives a request.

    Attributes
    ----------
    transaction
        The only way to a session.
    now
        The clock.
    indexes
        Linking and ranking tables, one per taxonomy release and checksum.
    pools
        Everybody who may be ranked, by partnership.
    comparisons
        What changes between taxonomy releases.
    taxonomy_release
        Release to use where none is named; None means the database's default.
    unmet
        Says what keeps the service from being ready; empty when it is.
    """

    transaction: Transaction
    now: Callable[[], datetime]
    indexes: TaxonomyIndexCache
    pools: LivePools
    comparisons: ReleaseComparisonCache
    taxonomy_release: str | None
    unmet: Callable[[], list[str]]


def runtime_of(connection: HTTPConnection) -> Runtime:
    """Give the runtime of the application that serves this request."""
    runtime: Runtime = connection.app.state.runtime
    return runtime
