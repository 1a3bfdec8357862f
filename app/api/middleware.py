"""The outer layers of every request: its id, its line in the log, and the security headers."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from app.api.problems import Busy, Unexpected, problem_response
from app.errors import AppError
from app.services.faults import fault_fields

log = logging.getLogger(__name__)

_CALLERS_ID = re.compile(r"[0-9A-Za-z-]{8,64}")

_SECURITY_HEADERS = {
    # Every answer is made for one key: shared caches must not keep it, others must ask again.
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class RequestContext:
    """Gives each request an id, writes one access line, and answers when all else failed.

    The line holds the route and not the path's or query's values. A caller's
    ``X-Request-ID`` is taken over when it looks like an id.
    """

    def __init__(self, app: ASGIApp, *, new_id: Callable[[], UUID]) -> None:
        self.app = app
        self.new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _CALLERS_ID.fullmatch(given) else str(self.new_id())
        state: dict[str, Any] = scope.setdefault("state", {})
        state["request_id"] = request_id
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        began = time.perf_counter()
        with bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_id)
            except Exception as error:
                log.error("request_failed", extra={**_fields(scope), **fault_fields(error)})
                if status:
                    raise  # The response has begun; only breaking it off tells the client.
                fault = Unexpected(
                    "The service failed to carry this out. Quote the request id to the operator."
                )
                await problem_response(fault, scope)(scope, receive, send_with_id)
            finally:
                duration_ms = round((time.perf_counter() - began) * 1000, 1)
                log.info("request", extra={**_fields(scope), "status": status, "duration_ms": duration_ms})


class SecurityHeaders:
    """Sets the headers that keep a browser from doing more with an answer than showing it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # A policy of its own says who may frame the page; the older header has no words for that.
                own_policy = "content-security-policy" in headers
                for name, value in _SECURITY_HEADERS.items():
                    if not (own_policy and name == "X-Frame-Options"):
                        headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def _fault(error: Exception) -> AppError:
    if isinstance(error, OperationalError | NoConnectionFree):
        return Busy("Nothing was done. Send the request again in a moment.")
    return Unexpected("The service failed. Give the request id to its operator.")


def _fields(scope: Scope) -> dict[str, Any]:
    actor = scope["state"].get("actor")
    return {
        "method": scope["method"],
        "route": getattr(scope.get("route"), "path_format", None),
        "key_id": None if actor is None or actor.key_id is None else str(actor.key_id),
        "account_id": None if actor is None or actor.account_id is None else str(actor.account_id),
    }
