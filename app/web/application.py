"""The console as an application of its own, mounted beside the API."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from types import ModuleType

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.api.runtime import Runtime
from app.web.errors import error_page, install_error_pages, wrong_method
from app.web.options import ConsoleOptions
from app.web.routes import (
    access_keys,
    audit,
    candidates,
    cohorts,
    entry,
    help,
    jobs,
    normalisation,
    organisations,
    queue,
    ranked,
    review,
    runs,
    settings,
    shortlist,
    taxonomy,
    upload_files,
    uploads,
    users,
    vacancies,
    weights,
)
from app.web.security import ConsoleGuard

PAGES: Sequence[ModuleType] = (
    entry,
    queue,
    vacancies,
    ranked,
    review,
    shortlist,
    candidates,
    upload_files,
    uploads,
    cohorts,
    normalisation,
    runs,
    jobs,
    taxonomy,
    weights,
    audit,
    settings,
    users,
    access_keys,
    organisations,
    help,
)
_A_YEAR_S = 365 * 24 * 3600


def make_console(runtime: Runtime, options: ConsoleOptions) -> FastAPI:
    """Put the pages and the layers around them together."""
    app = FastAPI(
        title="TalentBridge console",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(GZipMiddleware, minimum_size=1_000),
            Middleware(ConsoleGuard, error_page=error_page, wrong_method=wrong_method),
        ],
    )
    app.state.runtime = runtime
    app.state.options = options
    install_error_pages(app)
    for module in PAGES:
        app.include_router(module.router)
    app.mount("/static", _Files(packages=[("app.web", "static")]))
    return app


class _Files(StaticFiles):
    """Files whose addresses change with their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            _, found = await run_in_threadpool(self.lookup_path, path)
            status = HTTPStatus.NOT_FOUND if found is None else HTTPStatus.METHOD_NOT_ALLOWED
            raise HTTPException(status, headers={"Allow": "GET, HEAD"})
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = f"public, max-age={_A_YEAR_S}, immutable"
        return response
