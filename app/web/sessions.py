"""The cookie that says who is signed in, and the viewer behind it."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from app.api.runtime import runtime_of
from app.domain.accounts import SESSION_LIFE
from app.models import Partnership
from app.services.staff_sessions import PasswordChangeNeeded, SessionEnded, SignedIn, note_use, resume_session
from app.web.viewer import Viewer
from app.web.wording import Words

_NAME = "tb_session"


def viewer_of(request: Request, *, may_owe_password: bool = False) -> Viewer:
    """Tell who is signed in.

    Raises
    ------
    SessionEnded
        Nobody is.
    PasswordChangeNeeded
        Somebody is by a one-time password, and this is not the page to change it.
    """
    token = token_of(request)
    if not token:
        raise SessionEnded("Sign in to go on.")
    runtime = runtime_of(request)
    now = runtime.now()
    with runtime.transaction(write=False) as session:
        signed_in = resume_session(session, token, now=now)
        partnership = session.get_one(Partnership, signed_in.actor.partnership_id)
        left_s = int((signed_in.expires_at - now).total_seconds())
        viewer = _viewer(signed_in, partnership.name, left_s)
        owes_password = signed_in.must_change_password
    if signed_in.use_is_due:
        with runtime.transaction() as session:
            note_use(session, signed_in.session_id, now=now)
    if owes_password and not may_owe_password:
        raise PasswordChangeNeeded("Choose a password of your own first.")
    return viewer


def token_of(request: Request) -> str:
    """The token of the session cookie; empty without one."""
    return request.cookies.get(_cookie_name(request), "")


def set_session(request: Request, response: Response, token: str) -> None:
    """Keep a session in the browser; over TLS under a name that only this host can set."""
    response.set_cookie(
        _cookie_name(request),
        token,
        max_age=int(SESSION_LIFE.total_seconds()),
        path="/",
        secure=_is_secure(request),
        httponly=True,
        samesite="lax",
    )


def forget_session(request: Request, response: Response) -> None:
    """Take the session out of the browser."""
    response.delete_cookie(
        _cookie_name(request), path="/", secure=_is_secure(request), httponly=True, samesite="lax"
    )


def client_address(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client is not None else ""


def _viewer(signed_in: SignedIn, partnership: str, left_s: int) -> Viewer:
    account_id = signed_in.actor.account_id
    assert account_id is not None
    return Viewer(
        actor=signed_in.actor,
        account_id=account_id,
        name=signed_in.display_name,
        partnership=partnership,
        words=Words(signed_in.locale.value),
        session_left_s=left_s,
        is_demo=signed_in.is_demo,
        preferences=signed_in.preferences,
    )


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _cookie_name(request: Request) -> str:
    return f"__Host-{_NAME}" if _is_secure(request) else _NAME
