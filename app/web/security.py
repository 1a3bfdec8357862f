"""The outer layer of the console: what a browser may do with a page, and who may post to it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.gate import check_address
from app.api.problems import CrossSiteRequest, MalformedRequest, PayloadTooLarge, Unexpected
from app.errors import AppError, InvalidInput
from app.services.faults import fault_fields
from app.web.wording import N_

log = logging.getLogger(__name__)

MAX_UPLOAD = 32 * 1024 * 1024
MAX_FORM = 1024 * 1024

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# Pages are opened and forms are posted. Nothing else reaches a route, and so needs no further guard.
_OFFERED = _SAFE | {"POST"}

_ADDRESS = N_("The address cannot be read: it was cut or changed on its way. Start from the first page.")
UNREADABLE = N_("The form cannot be read. Go back and send it again.")
_ELSEWHERE = N_("Open the console and send the form from there. Nothing was changed.")
_FAULT = N_("Nothing was saved. Try again; if it fails again, give the number below to an administrator.")

ErrorPage = Callable[[Request, AppError], Awaitable[Response]]
WrongMethod = Callable[[Request], AppError]


class ConsoleGuard:
    """Sets the policy of a page, refuses what no page should see, and answers when all else failed.

    What is refused: addresses that are no text, methods that no page has, posts of other sites, large bodies.

    Scripts run only from files of the console that carry the request's nonce; styles, images and
    requests are the console's own; no other site may frame a page.
    """

    def __init__(self, app: ASGIApp, *, error_page: ErrorPage, wrong_method: WrongMethod) -> None:
        self.app = app
        self.error_page = error_page
        self.wrong_method = wrong_method

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce
        has_begun = False
        request = Request(scope, receive)

        async def send_with_policy(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                headers = MutableHeaders(scope=message)
                _set_policy(headers, nonce)
                if request.url.scheme == "https":
                    _secure_cookies(headers)
            await send(message)

        try:
            _require_readable_address(scope)
            if scope["method"] not in _OFFERED:
                raise self.wrong_method(request)
            if scope["method"] not in _SAFE:
                _require_same_site(Headers(scope=scope))
                receive = _bounded(scope, receive)
            await self.app(scope, receive, send_with_policy)
        except AppError as error:
            if has_begun:
                raise
            await (await self.error_page(request, error))(scope, receive, send_with_policy)
        except Exception as error:
            if has_begun:
                raise
            log.error("page_failed", extra=fault_fields(error))
            fault = Unexpected(_FAULT)
            await (await self.error_page(request, fault))(scope, receive, send_with_policy)


def _set_policy(headers: MutableHeaders, nonce: str) -> None:
    headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    # With "no-referrer" a browser gives the origin of its own forms as "null".
    headers["Referrer-Policy"] = "same-origin"
    headers["X-Frame-Options"] = "DENY"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if "cache-control" not in headers:
        headers["Cache-Control"] = "private, no-store"


def _secure_cookies(headers: MutableHeaders) -> None:
    """Have every cookie sent back over TLS only: the notice and the language, too."""
    for place, (name, value) in enumerate(headers.raw):
        if name == b"set-cookie" and b"; secure" not in value.lower():
            headers.raw[place] = (name, value + b"; Secure")


def _require_readable_address(scope: Scope) -> None:
    try:
        check_address(scope)
    except MalformedRequest:
        raise MalformedRequest(_ADDRESS) from None


def _require_same_site(headers: Headers) -> None:
    """Refuse what a page of another site sends (the rule of Fetch Metadata, then of the Origin header)."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        if site in ("same-origin", "none"):
            return
        raise CrossSiteRequest(_ELSEWHERE)
    if _host_of(headers.get("origin", "")) != headers.get("host", "").lower():
        raise CrossSiteRequest(_ELSEWHERE)


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None


def _bounded(scope: Scope, receive: Receive) -> Receive:
    headers = Headers(scope=scope)
    is_upload = headers.get("content-type", "").startswith("multipart/form-data")
    limit = MAX_UPLOAD if is_upload else MAX_FORM
    declared = headers.get("content-length", "")
    refusal = PayloadTooLarge(f"At most {limit // 1024 // 1024} MB are taken here. Send it in several parts.")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > limit:
        raise refusal
    size, last = 0, b""

    async def receive_within() -> Message:
        nonlocal size, last
        message = await receive()
        body = message.get("body", b"")
        size += len(body)
        if size > limit:
            raise refusal
        if not is_upload:
            # No text holds the character NUL, and PostgreSQL does not store it.
            body = last + body
            if b"\0" in body or b"%00" in body:
                raise InvalidInput(UNREADABLE)
            last = body[-2:]
        return message

    return receive_within
