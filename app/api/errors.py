"""Turns whatever an endpoint or the framework raises into problems."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from app.api.problems import (
    MalformedRequest,
    MethodNotAllowed,
    Unexpected,
    UnknownAddress,
    problem_response,
    request_problem,
)
from app.errors import AppError


def install_error_handlers(app: FastAPI) -> None:
    """Make every error of the application a problem document."""
    app.add_exception_handler(AppError, _on_app_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_framework_error)


async def _on_app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    return problem_response(error, request.scope)


async def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_response(request_problem(error), request.scope)


async def _on_framework_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem_response(_as_app_error(request, error), request.scope)


def _as_app_error(request: Request, error: HTTPException) -> AppError:
    if error.status_code == HTTPStatus.NOT_FOUND:
        return UnknownAddress("Nothing is served at this address. /openapi.json lists what is.")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = sorted(methods_at(request))
        return MethodNotAllowed(f"This address takes {', '.join(allowed)}.", allowed=allowed)
    if error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return MalformedRequest("The request cannot be read.")
    return Unexpected("The service failed. Give the request id to its operator.")


def methods_at(request: Request) -> frozenset[str]:
    """The methods that the application of a request has at its path; none where nothing is."""
    # The router stops at the first route of a path, and so knows only that one's methods.
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return frozenset(
        method
        for route in iter_route_contexts(request.app.routes)
        if route.path is not None and compile_path(route.path)[0].match(path)
        for method in route.methods or ()
    )
