"""Organisations: who takes part, and for administrators new ones and other names."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from app.api.problems import status_of
from app.domain.permissions import Operation
from app.errors import AppError, Conflict, InvalidInput
from app.models import OrganisationKind
from app.services.organisations import (
    create_organisation,
    get_organisation,
    list_organisations,
    replace_organisation,
)
from app.web.deps import NowDep, SessionDep, ViewerDep, allow
from app.web.options import PREFIX
from app.web.paging import around
from app.web.rendering import Notice, redirect, render
from app.web.viewer import Viewer
from app.web.views.people import (
    OrganisationForm,
    OrganisationLine,
    OrganisationsView,
    Problems,
    country_choices,
    kind_choices,
    organisation_line,
)
from app.web.wording import Words

router = APIRouter(dependencies=[Depends(allow(Operation.ORGANISATION_READ))])

_ORGANISATIONS = f"{PREFIX}/settings/organisations"
_MAY_WRITE = [Depends(allow(Operation.ORGANISATION_WRITE))]
_MOST_NAME = 200


@router.get("/settings/organisations")
def organisations_page(
    request: Request, session: SessionDep, viewer: ViewerDep, after: UUID | None = None
) -> Response:
    page = list_organisations(session, viewer.actor, after=after, limit=50)
    earlier, later = around(_ORGANISATIONS, {}, after, page.next_after)
    view = OrganisationsView(
        lines=[organisation_line(viewer.words, row) for row in page.items],
        may_write=viewer.may(Operation.ORGANISATION_WRITE),
        earlier=earlier,
        later=later,
    )
    return render(request, viewer, "settings_organisations.html", view)


@router.get("/settings/organisations/new", dependencies=_MAY_WRITE)
def new_page(request: Request, viewer: ViewerDep) -> Response:
    view = _form(viewer, None, external_id="", kind="", name="", country="")
    return render(request, viewer, "settings_organisation.html", view)


@router.post("/settings/organisations", dependencies=_MAY_WRITE)
def post_new(
    request: Request,
    session: SessionDep,
    viewer: ViewerDep,
    now: NowDep,
    external_id: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    country: Annotated[str, Form()] = "",
) -> Response:
    words = viewer.words
    error: AppError | None = None
    problems = _problems(words, name, country)
    if kind not in tuple(OrganisationKind):
        problems.append(("kind", words.gettext("Choose what the organisation is.")))
    if not problems:
        try:
            create_organisation(
                session,
                viewer.actor,
                external_id.strip(),
                kind=OrganisationKind(kind),
                name=name.strip(),
                country=country or None,
                now=now,
            )
            return redirect(_ORGANISATIONS, Notice(words.gettext("The organisation was added.")))
        except InvalidInput as invalid:
            error = invalid
            problems.append(("external_id", words.gettext("Write an id of 1 to 200 printable characters.")))
        except Conflict as conflict:
            # Where the database refused, its transaction is of no use any more.
            session.rollback()
            error = conflict
            text = words.gettext("Another organisation has this id. Write one of its own.")
            problems.append(("external_id", text))
    view = _form(
        viewer, None, external_id=external_id, kind=kind, name=name, country=country, problems=problems
    )
    return render(request, viewer, "settings_organisation.html", view, status=_status(error))


@router.get("/settings/organisations/{organisation_id}", dependencies=_MAY_WRITE)
def one_page(request: Request, session: SessionDep, viewer: ViewerDep, organisation_id: UUID) -> Response:
    held = organisation_line(viewer.words, get_organisation(session, viewer.actor, organisation_id))
    view = _form(viewer, held, external_id="", kind="", name=held.name, country=held.country or "")
    return render(request, viewer, "settings_organisation.html", view)


@router.post("/settings/organisations/{organisation_id}", dependencies=_MAY_WRITE)
def post_change(
    request: Request,
    session: SessionDep,
    viewer: ViewerDep,
    now: NowDep,
    organisation_id: UUID,
    version: Annotated[int, Form()],
    name: Annotated[str, Form()] = "",
    country: Annotated[str, Form()] = "",
) -> Response:
    held = organisation_line(viewer.words, get_organisation(session, viewer.actor, organisation_id))
    problems = _problems(viewer.words, name, country)
    if problems:
        view = _form(viewer, held, external_id="", kind="", name=name, country=country, problems=problems)
        return render(request, viewer, "settings_organisation.html", view, status=422)
    replace_organisation(
        session,
        viewer.actor,
        organisation_id,
        name=name.strip(),
        country=country or None,
        expected_version=version,
        now=now,
    )
    return redirect(_ORGANISATIONS, Notice(viewer.words.gettext("The organisation was changed.")))


def _problems(words: Words, name: str, country: str) -> list[tuple[str, str]]:
    problems: list[tuple[str, str]] = []
    if not 1 <= len(name.strip()) <= _MOST_NAME or not name.strip().isprintable():
        problems.append(("name", words.gettext("Write a name of 1 to 200 characters.")))
    if country and country not in dict(country_choices(words)):
        problems.append(("country", words.gettext("Choose one of the countries, or none.")))
    return problems


def _form(
    viewer: Viewer,
    held: OrganisationLine | None,
    *,
    external_id: str,
    kind: str,
    name: str,
    country: str,
    problems: Problems = (),
) -> OrganisationForm:
    return OrganisationForm(
        held=held,
        external_id=external_id,
        kind=kind,
        name=name,
        country=country,
        version=0 if held is None else held.version,
        kinds=kind_choices(viewer.words),
        countries=country_choices(viewer.words),
        problems=problems,
    )


def _status(error: AppError | None) -> int:
    return 422 if error is None else int(status_of(type(error)))
