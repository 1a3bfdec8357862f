"""Who may use the reconciliation service, from where, and over which releases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from app.services.taxonomy_index import TaxonomyIndex

RECONCILE_PREFIX = "/reconcile"

_PREFLIGHT_S = 600


class ReconciliationAccess(StrEnum):
    """Who may use the service (ADR 0006)."""

    OFF = "off"  # nobody: nothing is served
    KEYS = "keys"  # holders of an API key, like everything else
    OPEN = "open"  # everybody who reaches the server


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What the service's routes need from the composition root.

    Attributes
    ----------
    access
        Who may use it.
    index_of
        Gives the index of a release, or of the one to use when the name is None;
        raises NotFound. It holds taxonomy data only, never a partnership's own.
    """

    access: ReconciliationAccess
    index_of: Callable[[str | None], TaxonomyIndex]


def is_reconciliation(path: str) -> bool:
    """Whether an address belongs to the service."""
    return f"{path}/".startswith(f"{RECONCILE_PREFIX}/")


def reconciliation_of(connection: HTTPConnection) -> Reconciliation:
    """Give the service's part of the application that serves this request."""
    reconciliation: Reconciliation = connection.app.state.reconciliation
    return reconciliation


class ReconciliationCors:
    """Lets pages of any origin read the reconciliation service, as its protocol demands, and nothing else.

    No cookie is ever looked at, so another site's page can do no more than its own
    server could: an API key has to be typed into it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.with_cors = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["X-Request-ID"],
            max_age=_PREFLIGHT_S,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        inside = scope["type"] == "http" and is_reconciliation(scope["path"])
        await (self.with_cors if inside else self.app)(scope, receive, send)
