"""``Idempotency-Key`` on POST: a repeated request gets the first one's answer.

The key is claimed in a transaction of its own before the endpoint runs. The answer
is kept in the endpoint's transaction, so a crash leaves either both or neither.
Only successes are kept: a request that failed may be mended and sent again.
"""

from __future__ import annotations

import hashlib
import re
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from app.api.problems import parameter_issue
from app.api.routing import Handler, StrictRoute
from app.api.runtime import runtime_of
from app.errors import InvalidInput
from app.services.idempotency import (
    Answer,
    KeyedRequest,
    claim_key,
    find_answer,
    keep_answer,
    release_claim,
)

HEADER = "Idempotency-Key"
KEY_PATTERN = r"^[!-~]{1,255}$"
REPLAYED = "Idempotency-Replayed"

_KEY = re.compile(KEY_PATTERN)
_KEPT_HEADERS = ("content-type", "location", "etag")


class IdempotentRoute(StrictRoute):
    """A route whose POST may be repeated with ``Idempotency-Key``."""

    def get_route_handler(self) -> Handler:
        carry_out = super().get_route_handler()
        if self.methods != {"POST"}:
            return carry_out

        async def handler(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if key is None:
                return await carry_out(request)
            if not _KEY.fullmatch(key):
                issue = parameter_issue(HEADER, "wrong-form", "1 to 255 visible ASCII characters are taken.")
                raise InvalidInput("The Idempotency-Key cannot be used; see errors.", issues=[issue])
            known = await run_in_threadpool(_claim, request, key)
            if known is not None:
                return Response(known.body, known.status_code, {**known.headers, REPLAYED: "true"})
            request.state.answer = await carry_out(request)
            answer: Response = request.state.answer
            return answer

        return handler


def _claim(request: Request, key: str) -> Answer | None:
    runtime = runtime_of(request)
    path: bytes = request.scope["raw_path"] + b"?" + request.scope["query_string"]
    keyed = KeyedRequest(
        api_key_id=request.state.actor.key_id,
        key=key,
        method=request.method,
        path=path.decode("ascii", "replace"),
        body_digest=hashlib.sha256(getattr(request.state, "body", b"")).hexdigest(),
    )
    # Looked up first, because claiming has to wait for SQLite's one writer, perhaps the
    # very request that this one repeats.
    with runtime.transaction(write=False) as session:
        answer = find_answer(session, keyed, now=runtime.now())
    if answer is not None:
        return answer
    with runtime.transaction() as session:
        claim = claim_key(session, keyed, now=runtime.now())
    if isinstance(claim, Answer):
        return claim
    request.state.claim = keyed, claim
    return None


def keep(session: Session, request: Request) -> None:
    """Keep the answer of this request, if it claimed a key."""
    claim: tuple[KeyedRequest, UUID] | None = getattr(request.state, "claim", None)
    if claim is not None:
        response: Response = request.state.answer
        headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        body: bytes = getattr(request.state, "answer_to_keep", bytes(response.body))
        keep_answer(session, *claim, Answer(response.status_code, headers, body))


def release(request: Request) -> None:
    """Give the claimed key back, because the request failed."""
    claim: tuple[KeyedRequest, UUID] | None = getattr(request.state, "claim", None)
    if claim is not None:
        with runtime_of(request).transaction() as session:
            release_claim(session, *claim)
