"""API keys, for administrators: issue with the secret shown once, and revoke."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.domain.actor import Actor, Role
from app.domain.permissions import Operation
from app.models import Organisation
from app.services.api_keys import issue_api_key, list_api_keys, revoke_api_key
from app.services.organisations import list_organisations, organisation_names
from app.web.deps import NowDep, SessionDep, ViewerDep, allow
from app.web.options import PREFIX
from app.web.paging import around
from app.web.rendering import Notice, redirect, render
from app.web.viewer import Viewer
from app.web.views.people import ApiKeyForm, ApiKeysView, SecretView, api_key_line
from app.web.views.settings import role_choices
from app.web.wording import Words

# Organisations manage their own keys through the API; these pages are for staff.
router = APIRouter(dependencies=[Depends(allow(Operation.KEY_MANAGE))])

_KEYS = f"{PREFIX}/settings/api-keys"
_MOST_ORGANISATIONS = 500
_MOST_LABEL = 100


@router.get("/settings/api-keys")
def keys_page(
    request: Request, session: SessionDep, viewer: ViewerDep, now: NowDep, after: UUID | None = None
) -> Response:
    page = list_api_keys(session, viewer.actor, after=after, limit=50)
    names = organisation_names(
        session, viewer.actor, [key.organisation_id for key in page.items if key.organisation_id is not None]
    )
    earlier, later = around(_KEYS, {}, after, page.next_after)
    view = ApiKeysView(
        lines=[api_key_line(key, names, now) for key in page.items],
        earlier=earlier,
        later=later,
    )
    return render(request, viewer, "settings_api_keys.html", view)


@router.get("/settings/api-keys/new")
def new_key_page(request: Request, session: SessionDep, viewer: ViewerDep) -> Response:
    view = _form(session, viewer, "", "", "")
    return render(request, viewer, "settings_api_key_new.html", view)


@router.post("/settings/api-keys")
def post_key(
    request: Request,
    session: SessionDep,
    viewer: ViewerDep,
    now: NowDep,
    label: Annotated[str, Form()] = "",
    choice: Annotated[str, Form()] = "",
    expires: Annotated[str, Form()] = "",
) -> Response:
    """Issue a key and show it, this once."""
    words, label = viewer.words, label.strip()
    organisations = _organisations(session, viewer.actor)
    chosen = next((each for each in organisations if str(each.id) == choice), None)
    problems: list[tuple[str, str]] = []
    if not 1 <= len(label) <= _MOST_LABEL or not label.isprintable():
        problems.append(("label", words.gettext("Say in 1 to 100 characters what the key is for.")))
    if chosen is None and choice not in dict(role_choices(words)):
        problems.append(("choice", words.gettext("Choose for whom the key is.")))
    ends = _end_of(expires)
    if expires.strip() and (ends is None or ends <= now):
        problems.append(("expires", words.gettext("Choose a day in the future, or none.")))
    if problems:
        view = _form(session, viewer, label, choice, expires, problems)
        return render(request, viewer, "settings_api_key_new.html", view, status=422)
    issued = issue_api_key(
        session,
        viewer.actor,
        role=Role(choice) if chosen is None else Role(chosen.kind.value),
        label=label,
        organisation_id=None if chosen is None else chosen.id,
        expires_at=ends,
        now=now,
    )
    return render(request, viewer, "settings_secret.html", _secret(words, label, issued.secret))


@router.post("/settings/api-keys/{key_id}/revoke")
def post_revoke(session: SessionDep, viewer: ViewerDep, now: NowDep, key_id: UUID) -> Response:
    revoke_api_key(session, viewer.actor, key_id, now=now)
    return redirect(_KEYS, Notice(viewer.words.gettext("The key is revoked and refused from now on.")))


def _form(
    session: Session,
    viewer: Viewer,
    label: str,
    choice: str,
    expires: str,
    problems: Sequence[tuple[str, str]] = (),
) -> ApiKeyForm:
    organisations = [(str(each.id), each.name) for each in _organisations(session, viewer.actor)]
    return ApiKeyForm(label, choice, expires, role_choices(viewer.words), organisations, problems)


def _organisations(session: Session, actor: Actor) -> list[Organisation]:
    page = list_organisations(session, actor, limit=_MOST_ORGANISATIONS)
    return sorted(page.items, key=lambda each: (each.name.casefold(), each.id))


def _end_of(day: str) -> datetime | None:
    """The last moment of a day; None where it cannot be read."""
    try:
        return datetime.combine(date.fromisoformat(day.strip()), time(23, 59, 59), tzinfo=UTC)
    except ValueError:
        return None


def _secret(words: Words, label: str, secret: str) -> SecretView:
    return SecretView(
        title=words.gettext("Key for %(label)s") % {"label": label},
        text=words.gettext("Copy it now to where it will be used. It is shown this once."),
        secret=secret,
        after=words.gettext(
            "Whoever has it may do what its role may do. Revoke it as soon as it is no longer needed."
        ),
        back=_KEYS,
        back_name=words.gettext("Back to the API keys"),
    )
