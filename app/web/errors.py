"""Errors as pages: what is wrong, and the way on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.api.errors import methods_at
from app.api.problems import MethodNotAllowed, status_of
from app.errors import AppError, InvalidInput, NotAuthenticated, NotFound
from app.services.staff_sessions import PasswordChangeNeeded
from app.web.options import PREFIX
from app.web.rendering import is_fragment, locale_of, redirect, render
from app.web.security import UNREADABLE
from app.web.sentences import sentence_of
from app.web.sessions import viewer_of
from app.web.viewer import Viewer
from app.web.wording import N_

_NOTHING = N_("There is nothing at this address.")
_OTHERWISE = N_("This address is not opened like this. Start from the first page. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class ErrorView:
    """An error as a page shows it."""

    title: str
    detail: str
    way_out: str
    way_out_name: str
    shows_number: bool


def install_error_pages(app: FastAPI) -> None:
    """Make every error of the console a page."""
    app.add_exception_handler(AppError, _on_app_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_framework_error)


async def error_page(request: Request, error: AppError) -> Response:
    """Show an error; who is not signed in, or has to change a password, is sent there."""
    if isinstance(error, NotAuthenticated):
        return _to_sign_in(request)
    if isinstance(error, PasswordChangeNeeded):
        return redirect(f"{PREFIX}/password")
    viewer = await run_in_threadpool(_viewer_if_any, request)
    words = viewer.words if viewer is not None else locale_of(request)
    status = status_of(type(error))
    view = ErrorView(
        title=_title(status, words.gettext),
        detail=sentence_of(error, words),
        way_out=f"{PREFIX}/",
        way_out_name=words.gettext("Go to the start page"),
        shows_number=status >= HTTPStatus.INTERNAL_SERVER_ERROR,
    )
    headers = {"Allow": ", ".join(error.allowed)} if isinstance(error, MethodNotAllowed) else None
    return render(request, viewer, "error.html", view, status=status, headers=headers)


def _viewer_if_any(request: Request) -> Viewer | None:
    """Who is signed in, for the navigation around the error; nobody when that cannot be found out either."""
    known: Viewer | None = getattr(request.state, "viewer", None)
    if known is not None:
        return known
    with contextlib.suppress(AppError, SQLAlchemyError):
        return viewer_of(request)
    return None


def _title(status: HTTPStatus, gettext: Callable[[str], str]) -> str:
    if status == HTTPStatus.NOT_FOUND:
        return gettext("This page is not there")
    if status == HTTPStatus.FORBIDDEN:
        return gettext("You may not do this")
    if status == HTTPStatus.CONFLICT:
        return gettext("Something changed meanwhile")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return gettext("Something went wrong on our side")
    return gettext("This cannot be done as it was sent")


def _to_sign_in(request: Request) -> Response:
    target = f"{PREFIX}/sign-in"
    if request.method == "GET" and not is_fragment(request):
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        target += f"?next={quote(here, safe='')}"
    if is_fragment(request):
        # A redirect would be followed by the script, and the form put into the middle of a page.
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": target})
    return redirect(target)


async def _on_app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    return await error_page(request, error)


async def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if any(each["loc"][:1] == ("path",) for each in error.errors()):
        return await error_page(request, NotFound(_NOTHING))
    return await error_page(
        request, InvalidInput(N_("The form or the address has a value that is not known here."))
    )


async def _on_framework_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return await error_page(request, wrong_method(request, (error.headers or {}).get("Allow", "")))
    if error.status_code == HTTPStatus.NOT_FOUND:
        return await error_page(request, NotFound(_NOTHING))
    return await error_page(request, InvalidInput(UNREADABLE))


def wrong_method(request: Request, allowed: str = "") -> AppError:
    """What to say where an address is not opened as it was: which ways it has, or that nothing is there.

    Parameters
    ----------
    allowed
        The methods as far as whoever refused knows them.
    """
    methods = methods_at(request) or {each.strip() for each in allowed.split(",") if each.strip()}
    if not methods:
        return NotFound(_NOTHING)
    return MethodNotAllowed(_OTHERWISE, allowed=sorted(methods))
