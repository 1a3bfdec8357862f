"""Templates: one environment for each language, and the way from a view to a response."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, cast

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.domain.accounts import IDLE_LIFE, SESSION_LIFE, USE_GRANULARITY
from app.web.hotkeys import ACTIONS, hotkeys_of
from app.web.labels import label
from app.web.navigation import entries
from app.web.options import PREFIX
from app.web.viewer import Viewer
from app.web.wording import LOCALES, NAMES, Words, best_locale, translations
from app.wording import say, say_all, term

NOTICE_COOKIE = "tb_notice"
_LOCALE_COOKIE = "tb_locale"
_A_YEAR_S = 365 * 24 * 3600
_MOST_NOTICE = 1_000


@dataclass(frozen=True, slots=True)
class Notice:
    """What the next page tells once, after something was done.

    ``undo`` is an address of the console that takes it back when posted to; empty for none.
    """

    text: str
    undo: str = ""
    is_error: bool = False


def render(
    request: Request,
    viewer: Viewer | None,
    template: str,
    view: object,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Print a view: the whole page, or its ``main`` block when htmx asks for a fragment.

    Parameters
    ----------
    template
        Below ``templates/pages``; it extends ``base.html``.
    view : object
        The frozen view model; the template knows it as ``view``.
    """
    words = viewer.words if viewer is not None else locale_of(request)
    notice = _read_notice(request)
    context = {
        "view": view,
        "viewer": viewer,
        "words": words,
        "nonce": request.state.nonce,
        "request_id": getattr(request.state, "request_id", ""),
        "path": request.url.path,
        "address": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "navigation": entries(viewer, request.url.path) if viewer is not None else (),
        "hotkeys": hotkeys_of(viewer) if viewer is not None else {},
        "notice": notice,
        "is_fragment": is_fragment(request),
    }
    # The base template decides: a block alone would know none of what its page imports.
    body = environment(words.locale).get_template(f"pages/{template}").render(context)
    response = HTMLResponse(body, status_code=status, headers=dict(headers or {}))
    response.headers["Vary"] = "HX-Request, Cookie"
    response.headers["Content-Language"] = words.locale
    if notice is not None:
        response.delete_cookie(NOTICE_COOKIE, path=PREFIX)
    return response


def is_fragment(request: Request) -> bool:
    """Whether htmx asks for the part of a page that changes."""
    return "hx-request" in request.headers and "hx-history-restore-request" not in request.headers


def redirect(to: str, notice: Notice | None = None) -> Response:
    """Send the browser on after a form was posted; the page there shows ``notice`` once."""
    response = RedirectResponse(to, status_code=303)
    if notice is not None:
        keep_notice(response, notice)
    return response


def keep_notice(response: Response, notice: Notice) -> None:
    """Let the next page that is opened show ``notice`` once."""
    packed = base64.urlsafe_b64encode(json.dumps(asdict(notice)).encode()).decode()
    response.set_cookie(NOTICE_COOKIE, packed, max_age=60, path=PREFIX, httponly=True, samesite="strict")


def locale_of(request: Request) -> Words:
    """The language for somebody who is not signed in: as chosen before, else as the browser prefers."""
    chosen = request.cookies.get(_LOCALE_COOKIE, "")
    return Words(chosen if chosen in LOCALES else best_locale(request.headers.get("accept-language", "")))


def keep_locale(response: Response, locale: str) -> None:
    """Keep the chosen language in the browser, for when nobody is signed in."""
    response.set_cookie(_LOCALE_COOKIE, locale, max_age=_A_YEAR_S, path=PREFIX, httponly=True, samesite="lax")


@cache
def environment(locale: str) -> Environment:
    """The templates in one language."""
    env = Environment(
        loader=PackageLoader("app.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )
    cast(Any, env).install_gettext_translations(translations(locale), newstyle=True)
    words = Words(locale)
    env.filters.update(
        day=words.day,
        moment=words.moment,
        number=words.number,
        score=words.score,
        percent=words.percent,
        country=words.country,
        language=words.language,
        listed=words.listed,
        label=lambda code: label(words, code),
        term=lambda code, vocabulary: term(vocabulary, str(code), locale),
        say=lambda message: say(message, locale),
        say_all=lambda messages: say_all(messages, locale),
    )
    env.globals.update(actions=ACTIONS, static=static_url, prefix=PREFIX, locales=LOCALES, locale_names=NAMES)
    env.globals.update(comma=words.comma)
    env.globals.update(
        idle_minutes=IDLE_LIFE // timedelta(minutes=1),
        session_hours=SESSION_LIFE // timedelta(hours=1),
        # The last use that is noted may be that much older than the last one.
        idle_left_s=int((IDLE_LIFE - USE_GRANULARITY).total_seconds()),
    )
    return env


@cache
def static_url(name: str) -> str:
    """The address of a file below ``static``; it changes with the content, so browsers may keep the file."""
    digest = sha256((files("app.web") / "static" / name).read_bytes()).hexdigest()[:12]
    return f"{PREFIX}/static/{name}?v={digest}"


def _read_notice(request: Request) -> Notice | None:
    packed = request.cookies.get(NOTICE_COOKIE, "")
    if not packed or len(packed) > 4 * _MOST_NOTICE:
        return None
    try:
        read = json.loads(base64.urlsafe_b64decode(packed.encode()))
        text, undo = str(read["text"])[:_MOST_NOTICE], str(read["undo"])
        return Notice(text, undo if undo.startswith(f"{PREFIX}/") else "", bool(read["is_error"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
