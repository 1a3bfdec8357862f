"""Authentication: the key is judged before a byte of the body is read."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.problems import problem_response
from app.api.reconciliation import ReconciliationAccess, is_reconciliation
from app.api.runtime import Runtime
from app.domain.actor import Actor
from app.errors import NotAuthenticated
from app.services.api_keys import authenticate

PROTECTED_PREFIX = "/v1/"


def needs_key(path: str, reconciliation: ReconciliationAccess) -> bool:
    """Whether an address is only for holders of a key."""
    if is_reconciliation(path):
        return reconciliation is not ReconciliationAccess.OPEN
    return f"{path}/".startswith(PROTECTED_PREFIX)


class Authentication:
    """Turns ``Authorization: Bearer tp_…`` into the actor of the request, or answers 401.

    Everything below ``/v1`` needs a key, whether or not it exists, so nobody without
    one learns what is served. So does the reconciliation service, unless it was
    opened. The actor is left in ``scope["state"]``.
    """

    def __init__(self, app: ASGIApp, *, reconciliation: ReconciliationAccess) -> None:
        self.app = app
        self.reconciliation = reconciliation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and needs_key(scope["path"], self.reconciliation):
            try:
                token = _bearer_token(Headers(scope=scope))
                actor = await run_in_threadpool(_actor_of, scope["app"].state.runtime, token)
            except NotAuthenticated as error:
                await problem_response(error, scope)(scope, receive, send)
                return
            scope["state"]["actor"] = actor
        await self.app(scope, receive, send)


def _bearer_token(headers: Headers) -> str:
    values = headers.getlist("authorization")
    scheme, _, token = values[0].partition(" ") if len(values) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticated("Send your key as 'Authorization: Bearer tp_…'.")
    return token.strip()


def _actor_of(runtime: Runtime, token: str) -> Actor:
    with runtime.transaction(write=False) as session:
        return authenticate(session, token, now=runtime.now())
