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
    request: Request,
    body: BaseModel,
    record_id: UUID,
    version: int,
    *,
    status: int = 200,
    location: str | None = None,
) -> Response:
    """Answer with one version of a record: its ETag, or 304 when the caller holds it already."""
    etag = etag_of(record_id, version)
    if request.method == "GET" and is_unchanged(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers={"ETag": etag})
    headers = {"ETag": etag}
    if location is not None:
        headers["Location"] = location
    return reply(body, status=status, headers=headers)


def reply_page(request: Request, items: Sequence[BaseModel], next_position: UUID | int | None) -> Response:
    """Answer with one page of a list and the links to others."""
    next_cursor = None if next_position is None else cursor_of(next_position)
    link = link_header(request.url.path, request.query_params, next_cursor)
    page = Page[SerializeAsAny[BaseModel]](items=list(items), next_cursor=next_cursor)
    return reply(page, headers={"Link": link})
