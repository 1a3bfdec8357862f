"""Coming in and going out: sign-in, the demo reviewer, passwords, the language."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from app.api.problems import status_of
from app.api.runtime import Runtime
from app.domain.accounts import Locale
from app.domain.passwords import MAX_LENGTH, MIN_LENGTH
from app.errors import AppError, FieldIssue, InvalidInput, NotAuthenticated, NotFound
from app.services.accounts import set_locale
from app.services.sign_in import SignInRefused, TooManyAttempts, change_own_password, sign_in
from app.services.staff_sessions import PasswordChangeNeeded, demo_reviewer, sign_out
from app.web.deps import RuntimeDep, ViewerDep
from app.web.options import PREFIX, ConsoleOptions
from app.web.rendering import Notice, keep_locale, locale_of, redirect, render
from app.web.sentences import sentence_of
from app.web.sessions import client_address, forget_session, set_session, token_of, viewer_of
from app.web.viewer import Viewer
from app.web.wording import LOCALES, N_, Words

router = APIRouter()

_FAULTS: Mapping[str, str] = {
    "too-short": N_(
        "At least %(least)s characters are needed. Three or four words that do not belong together are "
        "easy to remember."
    ),
    "too-long": N_("At most %(most)s characters are taken."),
    "too-common": N_("This is one of the passwords that are tried first."),
    "own-name": N_("A password must not be your own e-mail address or name."),
    "unchanged": N_("This is the current password; choose another one."),
}
"""What can be wrong with a password, by the code of the issue."""

_MAY_BE_NEXT = f"{PREFIX}/"


@dataclass(frozen=True, slots=True)
class SignInView:
    """The sign-in page."""

    next: str
    email: str = ""
    problem: str = ""
    offers_demo: bool = False


@dataclass(frozen=True, slots=True)
class PasswordView:
    """The page to choose a password on; problems are (field id, text)."""

    must_change: bool
    problems: tuple[tuple[str, str], ...] = ()


@router.get("/")
def start(_viewer: ViewerDep) -> Response:
    return redirect(f"{PREFIX}/queue")


@router.get("/sign-in")
def sign_in_page(request: Request, next: str = "") -> Response:
    return _sign_in_page(request, SignInView(next=_safe(next)))


@router.post("/sign-in")
def post_sign_in(
    request: Request,
    runtime: RuntimeDep,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
) -> Response:
    try:
        opened = sign_in(
            runtime.transaction, email, password, address=client_address(request), now=runtime.now()
        )
    except (SignInRefused, TooManyAttempts) as error:
        view = SignInView(next=_safe(next), email=email, problem=sentence_of(error, locale_of(request)))
        response = _sign_in_page(request, view, status=status_of(type(error)))
        if isinstance(error, TooManyAttempts):
            response.headers["Retry-After"] = str(error.retry_after_s)
        return response
    return _signed_in(request, runtime, opened.token, _safe(next))


@router.post("/demo")
def post_demo(request: Request, runtime: RuntimeDep) -> Response:
    partnership_id = _options(request).demo_partnership_id
    if partnership_id is None:
        raise NotFound("There is nothing at this address.")
    with runtime.transaction() as session:
        opened = demo_reviewer(session, partnership_id, now=runtime.now())
    return _signed_in(request, runtime, opened.token, f"{PREFIX}/")


@router.post("/stay")
def post_stay(_viewer: ViewerDep) -> Response:
    """Stay signed in: being asked for anything is a use of the session."""
    return Response(status_code=204)


@router.post("/sign-out")
def post_sign_out(request: Request, runtime: RuntimeDep) -> Response:
    with runtime.transaction() as session:
        sign_out(session, token_of(request), now=runtime.now())
    text = locale_of(request).gettext("You are signed out.")
    response = redirect(f"{PREFIX}/sign-in", Notice(text))
    forget_session(request, response)
    return response


@router.get("/password")
def password_page(request: Request) -> Response:
    viewer = viewer_of(request, may_owe_password=True)
    return render(request, viewer, "new_password.html", PasswordView(_owes_password(request)))


@router.post("/password")
def post_password(
    request: Request,
    runtime: RuntimeDep,
    current: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
) -> Response:
    viewer = viewer_of(request, may_owe_password=True)
    try:
        opened = change_own_password(
            runtime.transaction,
            viewer.actor,
            current=current,
            new=new,
            address=client_address(request),
            now=runtime.now(),
        )
    except (SignInRefused, TooManyAttempts) as error:
        return _password_again(request, viewer, [("current", sentence_of(error, viewer.words))], error)
    except InvalidInput as error:
        problems = [("new", _fault(each, viewer.words)) for each in error.issues]
        return _password_again(
            request, viewer, problems or [("new", sentence_of(error, viewer.words))], error
        )
    notice = Notice(viewer.words.gettext("Your password was changed. You are signed out everywhere else."))
    response = redirect(f"{PREFIX}/", notice)
    set_session(request, response, opened.token)
    return response


@router.post("/language")
def post_language(
    request: Request,
    runtime: RuntimeDep,
    locale: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
) -> Response:
    """Change the language: of the account, and of this browser for when nobody is signed in."""
    if locale not in LOCALES:
        raise InvalidInput("This language is not offered.")
    if token_of(request):
        with contextlib.suppress(NotAuthenticated):
            viewer = viewer_of(request, may_owe_password=True)
            with runtime.transaction() as session:
                set_locale(session, viewer.actor, Locale(locale), now=runtime.now())
    response = redirect(_safe(next) or f"{PREFIX}/")
    keep_locale(response, locale)
    return response


def _sign_in_page(request: Request, view: SignInView, *, status: int = 200) -> Response:
    offered = _options(request).demo_partnership_id is not None
    return render(request, None, "sign_in.html", replace(view, offers_demo=offered), status=status)


def _signed_in(request: Request, runtime: Runtime, token: str, to: str) -> Response:
    """Take over the browser: the session that it had before ends."""
    with runtime.transaction() as session:
        sign_out(session, token_of(request), now=runtime.now())
    response = redirect(to or f"{PREFIX}/")
    set_session(request, response, token)
    return response


def _fault(issue: FieldIssue, words: Words) -> str:
    text = words.gettext(_FAULTS.get(issue.code, issue.message))
    return text % {"least": MIN_LENGTH, "most": MAX_LENGTH} if issue.code in _FAULTS else text


def _password_again(
    request: Request, viewer: Viewer, problems: Sequence[tuple[str, str]], error: AppError
) -> Response:
    view = PasswordView(_owes_password(request), tuple(problems))
    return render(request, viewer, "new_password.html", view, status=status_of(type(error)))


def _owes_password(request: Request) -> bool:
    with contextlib.suppress(PasswordChangeNeeded):
        viewer_of(request)
        return False
    return True


def _safe(address: str) -> str:
    """An address of the console, or nothing: a link must not lead elsewhere after sign-in."""
    is_own = address.startswith(_MAY_BE_NEXT) and "\\" not in address and address.isprintable()
    return address if is_own else ""


def _options(request: Request) -> ConsoleOptions:
    options: ConsoleOptions = request.app.state.options
    return options
