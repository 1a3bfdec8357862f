"""Addresses of the pages before and after the one that is shown."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID


def around(
    address: str, filters: Mapping[str, object], after: UUID | None, next_after: UUID | None
) -> tuple[str, str]:
    """Give the addresses of the first page and of the next one; each empty where there is none.

    Examples
    --------
    >>> around("/console/jobs", {"status": "failed", "kind": ""}, None, UUID(int=1))
    ('', '/console/jobs?status=failed&after=00000000-0000-0000-0000-000000000001')
    """
    kept = {name: value for name, value in filters.items() if value}

    def with_query(values: Mapping[str, object]) -> str:
        return f"{address}?{urlencode(values)}" if values else address

    earlier = "" if after is None else with_query(kept)
    later = "" if next_after is None else with_query({**kept, "after": next_after})
    return earlier, later
