"""The input gate: one place that every address and body passes before a route sees it.

It runs after authentication, so nobody without a key makes the service read or
parse anything. What it parsed is left in ``scope["state"]`` for the routes.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message as Header
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import (
    MalformedRequest,
    PayloadTooLarge,
    UnsupportedMediaType,
    problem_response,
)
from app.api.reconciliation import is_reconciliation
from app.api.strict_json import MalformedJson, parse_json
from app.errors import AppError, FieldIssue, InvalidInput

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
NDJSON = "application/x-ndjson"
FORM = "application/x-www-form-urlencoded"

BATCH_SUFFIX = ":batch"
MAX_BODY = 1024 * 1024
MAX_BATCH_BODY = 32 * 1024 * 1024

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
# Parsing a body above this size would keep the event loop from other requests.
_INLINE_BYTES = 64 * 1024
_MAX_FORM_FIELDS = 100


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One element of a batch body: its value, and what the gate found wrong with it.

    ``issues`` have pointers relative to the item.
    """

    value: Any
    issues: tuple[FieldIssue, ...] = ()


class InputGate:
    """Refuses addresses and bodies that no route should have to think about.

    Sizes, media types, text encoding and JSON rules hold for every route alike. For
    batches a bad item is kept and marked, so that the good ones around it survive. What is
    mounted at ``beside`` is an application of its own and checks its own addresses and bodies.
    """

    def __init__(self, app: ASGIApp, *, beside: str | None = None) -> None:
        self.app = app
        self.beside = beside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            if not self._is_beside(scope["path"]):
                check_address(scope)
                if scope["method"] in _WITH_BODY:
                    receive = await _admit_body(scope, receive)
        except AppError as error:
            await problem_response(error, scope)(scope, receive, send)
            return
        except ClientDisconnect:
            return
        await self.app(scope, receive, send)

    def _is_beside(self, path: str) -> bool:
        return self.beside is not None and f"{path}/".startswith(f"{self.beside}/")


def check_address(scope: Scope) -> None:
    """Check that path and query are UTF-8 text without the character NUL; raises MalformedRequest."""
    # The server decodes leniently; only the raw bytes show what was sent.
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    for name, raw in (("path", raw_path), ("query", scope["query_string"].replace(b"+", b" "))):
        data = unquote_to_bytes(raw)
        if b"\x00" in data:
            raise MalformedRequest(f"The {name} contains the NUL character.")
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            raise MalformedRequest(f"The {name} is not UTF-8 text.") from None


async def _admit_body(scope: Scope, receive: Receive) -> Receive:
    headers = Headers(scope=scope)
    is_batch = scope["path"].endswith(BATCH_SUFFIX)
    limit = MAX_BATCH_BODY if is_batch else MAX_BODY
    declared = headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > limit:
        raise _too_large(limit)
    kind: str | None = None
    may_have_body = declared not in ("", "0") or "transfer-encoding" in headers
    taken = _taken(scope)
    if may_have_body or (is_batch and "content-type" in headers):
        kind = _media_type(headers, taken)
    body = await _read(receive, limit)
    if body:
        if kind is None:
            kind = _media_type(headers, taken)
        parse = _parse_form if kind == FORM else _parse_batch if is_batch else _parse_single
        if len(body) > _INLINE_BYTES:
            await run_in_threadpool(parse, scope, body, kind)
        else:
            parse(scope, body, kind)
    elif kind == NDJSON:
        # Without lines there are no items, which is fewer than usual but not wrong.
        scope["state"]["items"] = []
    scope["state"]["body"] = body
    return _replay(body, receive)


def _taken(scope: Scope) -> tuple[str, ...]:
    """Media types that an address takes; forms are for the protocol that knows nothing else."""
    if is_reconciliation(scope["path"]):
        return (FORM,)
    if scope["path"].endswith(BATCH_SUFFIX):
        return (JSON, NDJSON)
    return (JSON, MERGE_PATCH) if scope["method"] == "PATCH" else (JSON,)


def _media_type(headers: Headers, taken: tuple[str, ...]) -> str:
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise UnsupportedMediaType("Send the body without Content-Encoding.")
    header = Header()
    header["content-type"] = headers.get("content-type", "")
    kind = header.get_content_type() if headers.get("content-type") else ""
    if kind not in taken:
        raise UnsupportedMediaType(f"Send the body as {' or '.join(taken)}.")
    charset = header.get_param("charset", "utf-8")
    if not isinstance(charset, str) or charset.lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType("Send the body in UTF-8.")
    return kind


async def _read(receive: Receive, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"At most {limit // 1024} KiB are taken here. Send less, or in several requests.")


def _parse_single(scope: Scope, body: bytes, _kind: str) -> None:
    value, issues = parse_json(body)
    if issues:
        raise _unacceptable(issues)
    scope["state"]["json"] = value


def _parse_form(scope: Scope, body: bytes, _kind: str) -> None:
    try:
        fields = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FORM_FIELDS
        )
    except ValueError:
        raise MalformedRequest("The form is not UTF-8 text, or has too many fields.") from None
    if any("\x00" in name or "\x00" in value for name, value in fields):
        raise MalformedRequest("The form contains the NUL character.")
    scope["state"]["form"] = fields


def _parse_batch(scope: Scope, body: bytes, kind: str) -> None:
    if kind == NDJSON:
        lines = body.split(b"\n")
        items = [_parse_line(line, number) for number, line in enumerate(lines, 1) if line.strip()]
    else:
        value, issues = parse_json(body)
        if not isinstance(value, list):
            where = FieldIssue("", "wrong-type", "A list of items is expected here.")
            raise InvalidInput("A batch is a JSON array, or JSON lines.", issues=[*issues, where])
        by_item: dict[int, list[FieldIssue]] = {}
        for issue in issues:
            _, position, *rest = issue.pointer.split("/")
            pointer = "".join(f"/{token}" for token in rest)
            by_item.setdefault(int(position), []).append(_at(issue, pointer))
        items = [BatchItem(item, tuple(by_item.get(n, ()))) for n, item in enumerate(value)]
    scope["state"]["items"] = items


def _parse_line(line: bytes, number: int) -> BatchItem:
    try:
        value, issues = parse_json(line)
    except MalformedJson as error:
        return BatchItem(None, (FieldIssue("", error.code, error.detail, row=number),))
    return BatchItem(value, tuple(_at(issue, issue.pointer, number) for issue in issues))


def _at(issue: FieldIssue, pointer: str, row: int | None = None) -> FieldIssue:
    return FieldIssue(pointer, issue.code, issue.message, issue.hint, row=row)


def _unacceptable(issues: list[FieldIssue]) -> InvalidInput:
    return InvalidInput("The body holds values that are not acceptable; see errors.", issues=issues)


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
