"""The HTTP application: routes, the layers around them, and its description."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Lifespan

from app.api.auth import Authentication
from app.api.deps import allow
from app.api.errors import install_error_handlers
from app.api.gate import InputGate
from app.api.middleware import RequestContext, SecurityHeaders
from app.api.openapi import install_openapi
from app.api.reconciliation import Reconciliation, ReconciliationAccess, ReconciliationCors
from app.api.routers import (
    administration,
    candidates,
    cohorts,
    matching,
    normalisation,
    programmes,
    reconciliation,
    reviews,
    service,
    skills_needs,
    taxonomy,
    vacancies,
    weights,
)
from app.api.runtime import Runtime
from app.domain.ids import new_id
from app.domain.permissions import Operation


@dataclass(frozen=True, slots=True)
class Mounted:
    """Another application, served at ``prefix`` beside the API."""

    prefix: str
    app: ASGIApp


def make_application(
    runtime: Runtime,
    reconciling: Reconciliation,
    *,
    version: str,
    lifespan: Lifespan[Any] | None = None,
    beside: Mounted | None = None,
) -> FastAPI:
    """Put the routes and the layers around them together.

    The order of the layers is that of the checks: a request has an id before
    anything can fail, and a key before anything is read.
    """
    app = _bare_application(
        reconciling,
        [Middleware(Authentication, reconciliation=reconciling.access)],
        version,
        lifespan,
        beside=None if beside is None else beside.prefix,
    )
    app.state.runtime = runtime
    for module in (
        vacancies,
        skills_needs,
        programmes,
        cohorts,
        candidates,
        matching,
        reviews,
        normalisation,
        weights,
        taxonomy,
    ):
        app.include_router(module.router)
    app.include_router(matching.stateless)
    app.include_router(normalisation.stateless)
    app.include_router(administration.router)
    app.include_router(service.router)
    if reconciling.access is ReconciliationAccess.KEYS:
        app.include_router(reconciliation.router, dependencies=[Depends(allow(Operation.TAXONOMY_READ))])
    elif reconciling.access is ReconciliationAccess.OPEN:
        app.include_router(reconciliation.router)
    if beside is not None:
        app.mount(beside.prefix, beside.app)
        for address in ("/", beside.prefix):
            app.add_route(address, _to(f"{beside.prefix}/"), include_in_schema=False)
    install_openapi(app)
    return app


def make_reconciliation_application(reconciling: Reconciliation, *, version: str) -> FastAPI:
    """Make an application that serves open reconciliation and nothing else; it needs no database."""
    app = _bare_application(reconciling, [], version, None)
    app.include_router(reconciliation.router)
    install_openapi(app)
    return app


def _to(address: str) -> Callable[[Request], Response]:
    """Make a handler that sends whoever comes on to an address."""
    return lambda _request: RedirectResponse(address)


def _bare_application(
    reconciling: Reconciliation,
    checks: Sequence[Middleware],
    version: str,
    lifespan: Lifespan[Any] | None,
    beside: str | None = None,
) -> FastAPI:
    """Make an application without routes; ``checks`` come before anything is read."""
    app = FastAPI(
        title="TalentBridge",
        version=version,
        lifespan=lifespan,
        # The built-in pages load their scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(RequestContext, new_id=new_id),
            Middleware(ReconciliationCors),
            *checks,
            Middleware(InputGate, beside=beside),
        ],
    )
    app.state.reconciliation = reconciling
    install_error_handlers(app)
    return app
