"""One's own settings: account, blind mode, sessions, keys; and the table of roles."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.domain.accounts import Locale
from app.errors import InvalidInput
from app.services.accounts import (
    get_own_account,
    list_own_sessions,
    set_display_name,
    set_locale,
    set_preferences,
    sign_out_everywhere,
)
from app.web.deps import NowDep, SessionDep, ViewerDep
from app.web.forms import FormDep, text_of
from app.web.hotkeys import ACTIONS
from app.web.options import PREFIX
from app.web.rendering import Notice, keep_locale, redirect, render
from app.web.sessions import forget_session
from app.web.viewer import Viewer
from app.web.views.settings import (
    AccountView,
    Problems,
    SessionLine,
    key_problems,
    keys_view,
    roles_view,
)
from app.web.wording import Words

router = APIRouter()

_SETTINGS = f"{PREFIX}/settings"


@router.get("/settings")
def account_page(request: Request, session: SessionDep, viewer: ViewerDep, now: NowDep) -> Response:
    return render(request, viewer, "settings_account.html", _account(session, viewer, now))


@router.post("/settings")
def post_account(
    request: Request,
    session: SessionDep,
    viewer: ViewerDep,
    now: NowDep,
    name: Annotated[str, Form()] = "",
    locale: Annotated[str, Form()] = "",
    blind: Annotated[str, Form()] = "",
) -> Response:
    problems: list[tuple[str, str]] = []
    if locale not in tuple(Locale):
        problems.append(("locale", viewer.words.gettext("Choose one of the languages.")))
    elif not viewer.is_demo:
        try:
            set_display_name(session, viewer.actor, name, now=now)
        except InvalidInput:
            problems.append(("name", viewer.words.gettext("Write a name of 1 to 100 characters.")))
    if problems:
        view = _account(session, viewer, now, name=name, blind=bool(blind), problems=problems)
        return render(request, viewer, "settings_account.html", view, status=422)
    set_locale(session, viewer.actor, Locale(locale), now=now)
    set_preferences(session, viewer.actor, {"blind": bool(blind)}, now=now)
    response = redirect(_SETTINGS, Notice(Words(locale).gettext("Your settings are saved.")))
    keep_locale(response, locale)
    return response


@router.post("/settings/sign-out-everywhere")
def post_sign_out_everywhere(
    request: Request, session: SessionDep, viewer: ViewerDep, now: NowDep
) -> Response:
    sign_out_everywhere(session, viewer.actor, now=now)
    response = redirect(f"{PREFIX}/sign-in", Notice(viewer.words.gettext("You are signed out everywhere.")))
    forget_session(request, response)
    return response


@router.get("/settings/keys")
def keys_page(request: Request, viewer: ViewerDep) -> Response:
    return render(request, viewer, "settings_keys.html", keys_view(viewer))


@router.post("/settings/keys")
def post_keys(
    request: Request, session: SessionDep, viewer: ViewerDep, now: NowDep, form: FormDep
) -> Response:
    words = viewer.words
    if text_of(form, "reset"):
        set_preferences(session, viewer.actor, {"hotkeys": {}, "hotkeys_on": True}, now=now)
        return redirect(f"{_SETTINGS}/keys", Notice(words.gettext("The keys are as at first.")))
    is_on = bool(text_of(form, "on"))
    typed = {action: text_of(form, action).strip() for action in ACTIONS}
    problems = key_problems(words, typed)
    if problems:
        view = keys_view(viewer, typed=typed, is_on=is_on, problems=problems)
        return render(request, viewer, "settings_keys.html", view, status=422)
    set_preferences(session, viewer.actor, {"hotkeys": typed, "hotkeys_on": is_on}, now=now)
    text = words.gettext("The keys are saved.") if is_on else words.gettext("The keys are switched off.")
    return redirect(f"{_SETTINGS}/keys", Notice(text))


@router.get("/settings/roles")
def roles_page(request: Request, viewer: ViewerDep) -> Response:
    return render(request, viewer, "settings_roles.html", roles_view(viewer.words))


def _account(
    session: Session,
    viewer: Viewer,
    now: datetime,
    *,
    name: str | None = None,
    blind: bool | None = None,
    problems: Problems = (),
) -> AccountView:
    account = get_own_account(session, viewer.actor)
    # Of the account that newcomers share, the others' sessions are nobody's business.
    sessions = [] if account.is_demo else list_own_sessions(session, viewer.actor, now=now)
    return AccountView(
        name=account.display_name if name is None else name,
        email="" if account.is_demo else account.email,
        role=account.role,
        locale=account.locale.value,
        is_blind=account.preferences.get("blind") is True if blind is None else blind,
        is_demo=account.is_demo,
        locales=tuple(Locale),
        sessions=[SessionLine(row.created_at, row.last_used_at, row.expires_at) for row in sessions],
        problems=problems,
    )
