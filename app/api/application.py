"""The HTTP application: routes, the layers around them, and its description."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.types import Lifespan

from app.api.auth import Authentication
from app.api.errors import install_error_handlers
from app.api.gate import InputGate
from app.api.middleware import RequestContext, SecurityHeaders
from app.api.openapi import install_openapi
from app.api.routers import (
    administration,
    candidates,
    cohorts,
    matching,
    programmes,
    service,
    skills_needs,
    taxonomy,
    vacancies,
)
from app.api.runtime import Runtime
from app.domain.ids import new_id


def make_application(runtime: Runtime, *, version: str, lifespan: Lifespan[Any] | None = None) -> FastAPI:
    """Put the routes and the layers around them together.

    The order of the layers is that of the checks: a request has an id before
    anything can fail, and a key before anything is read.
    """
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
            Middleware(Authentication),
            Middleware(InputGate),
        ],
    )
    app.state.runtime = runtime
    for module in (vacancies, skills_needs, programmes, cohorts, candidates, matching, taxonomy):
        app.include_router(module.router)
    app.include_router(matching.stateless)
    app.include_router(administration.router)
    app.include_router(service.router)
    install_error_handlers(app)
    install_openapi(app)
    return app
