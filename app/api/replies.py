"""Responses, made by the endpoint itself.

An endpoint that returned a model would leave its serialisation to another thread
while the request still holds its connection; under load that starves the pool.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, SerializeAsAny

from app.api.etag import etag_of, is_unchanged
from app.api.pagination import Page, cursor_of, link_header

JSON = "application/json"


def reply(body: BaseModel, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a model as JSON."""
    return Response(body.model_dump_json(), status_code=status, media_type=JSON, headers=dict(headers or {}))


def reply_record(
    body: BaseModel,
    record_id: UUID,
    version: int,
    location: str | None = None,
    if_none_match: str | None = None,
) -> Response:
    """Answer with one version of a record and its ETag.

    Says 201 when a ``location`` tells where the record was made, and 304 when the
    caller holds this version already.
    """
    etag = etag_of(record_id, version)
    if is_unchanged(if_none_match, etag):
        return Response(status_code=304, headers={"ETag": etag})
    if location is None:
        return reply(body, headers={"ETag": etag})
    return reply(body, status=201, headers={"ETag": etag, "Location": location})


def reply_page(request: Request, items: Sequence[BaseModel], next_position: UUID | int | None) -> Response:
    """Answer with one page of a list and the links to others."""
    next_cursor = None if next_position is None else cursor_of(next_position)
    link = link_header(request.url.path, request.query_params, next_cursor)
    page = Page[SerializeAsAny[BaseModel]](items=list(items), next_cursor=next_cursor)
    return reply(page, headers={"Link": link})
