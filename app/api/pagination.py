"""Cursor pagination: opaque cursors, and the RFC 8288 Link header.

A cursor is the 16 bytes of the last row's position, an id or a rank, as 22
base64url characters. Every such text is a valid cursor, so none can be mistyped
into an error, and none tells a caller anything that the rows do not.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Annotated, Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

DEFAULT_LIMIT = 50
MAX_LIMIT = 200

ItemT = TypeVar("ItemT")

LimitParam = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many items to give at most.")]
CursorParam = Annotated[
    str | None,
    Query(
        pattern=r"^[A-Za-z0-9_-]{22}$",
        description="Where to go on: `next_cursor` of the page before. Opaque.",
    ),
]


class Page(BaseModel, Generic[ItemT]):
    """One page of a list."""

    items: list[ItemT]
    next_cursor: str | None = Field(
        None, description="Give it as `cursor` to get the next page; null on the last one."
    )


def cursor_of(position: UUID | int) -> str:
    """Write a position as a cursor."""
    data = position.bytes if isinstance(position, UUID) else position.to_bytes(16, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def read_id(cursor: str | None) -> UUID | None:
    """Read the position of a list that is ordered by id."""
    return None if cursor is None else UUID(bytes=_decode(cursor))


def read_rank(cursor: str | None) -> int:
    """Read the position of a list that is ordered by rank; 0 is before the first."""
    # Clipped, because a rank beyond any list must still fit the database's integers.
    return 0 if cursor is None else min(int.from_bytes(_decode(cursor), "big"), 2**31 - 1)


def _decode(cursor: str) -> bytes:
    return base64.urlsafe_b64decode(cursor + "==")


def link_header(path: str, query: Mapping[str, object], next_cursor: str | None) -> str:
    """Write the Link header of a page: to the first page, and to the next if there is one."""
    kept = {name: value for name, value in query.items() if value is not None and name != "cursor"}
    links = [(kept, "first")]
    if next_cursor is not None:
        links.append(({**kept, "cursor": next_cursor}, "next"))
    return ", ".join(f'<{path}?{urlencode(members)}>; rel="{relation}"' for members, relation in links)
