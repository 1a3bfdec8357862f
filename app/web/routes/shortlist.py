"""A vacancy's shortlist: introduce people, follow the answers, take the list along as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from app.domain.permissions import Operation
from app.domain.reviews import ReviewReason
from app.domain.transitions import ReviewState
from app.errors import AppError, Conflict, InvalidInput
from app.services.reviews import record_review
from app.services.shortlist_export import ExportFormat, export_shortlist
from app.services.shortlists import MAX_INTRODUCED, Introduction, introduce_all, read_shortlist
from app.web.deps import NowDep, SessionDep, ViewerDep, allow
from app.web.fields import Fields, FieldsDep
from app.web.options import PREFIX
from app.web.rendering import Notice, redirect, render
from app.web.views.review_problems import problems_of
from app.web.views.shortlist import check_view, shortlist_view

router = APIRouter(prefix="/vacancies/{vacancy_id}")

_MAY_READ = [Depends(allow(Operation.REVIEW_READ))]
_MAY_WRITE = [Depends(allow(Operation.REVIEW_WRITE))]
_MEDIA = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@router.get("/shortlist", dependencies=_MAY_READ)
def show(
    request: Request, session: SessionDep, viewer: ViewerDep, vacancy_id: UUID, after: UUID | None = None
) -> Response:
    shortlist = read_shortlist(session, viewer.actor, vacancy_id, after=after)
    return render(request, viewer, "shortlist.html", shortlist_view(shortlist, viewer))


@router.get("/shortlist/introduce", dependencies=_MAY_WRITE)
def check(
    request: Request,
    session: SessionDep,
    viewer: ViewerDep,
    vacancy_id: UUID,
    candidate: Annotated[list[UUID], Query()] = [],  # noqa: B006  # FastAPI copies it
) -> Response:
    """Show what to know before those chosen are introduced, which cannot be taken back."""
    if not candidate or len(candidate) > MAX_INTRODUCED:
        text = viewer.words.gettext("Choose 1 to %(most)s people to introduce.") % {"most": MAX_INTRODUCED}
        shortlist = read_shortlist(session, viewer.actor, vacancy_id)
        view = shortlist_view(shortlist, viewer, (("shortlisted", text),))
        return render(request, viewer, "shortlist.html", view, status=422)
    chosen = read_shortlist(session, viewer.actor, vacancy_id, candidate_ids=candidate)
    return render(request, viewer, "shortlist_check.html", check_view(chosen, viewer))


@router.post("/shortlist/introduce", dependencies=_MAY_WRITE)
def introduce(
    request: Request,
    session: SessionDep,
    viewer: ViewerDep,
    now: NowDep,
    fields: FieldsDep,
    vacancy_id: UUID,
) -> Response:
    """Introduce those chosen, all or nobody."""
    chosen = [UUID(each) for each in fields.texts("candidate") if _is_id(each)]
    faults: Mapping[UUID, AppError]
    try:
        asked = [_introduction(fields, candidate_id) for candidate_id in chosen]
        faults = introduce_all(session, viewer.actor, vacancy_id, asked, now=now)
    except InvalidInput as error:
        faults = dict.fromkeys(chosen[:1] or [vacancy_id], error)
    if faults:
        shortlist = read_shortlist(session, viewer.actor, vacancy_id, candidate_ids=chosen)
        entered = {name: fields.text(name) for each in chosen for name in (f"reason_{each}", f"note_{each}")}
        view = check_view(shortlist, viewer, faults, entered)
        return render(request, viewer, "shortlist_check.html", view, status=422)
    words = viewer.words
    text = words.ngettext(
        "%(number)s person is introduced. The employer has to answer now.",
        "%(number)s people are introduced. The employer has to answer now.",
        len(chosen),
    )
    return redirect(_address(vacancy_id), Notice(text % {"number": len(chosen)}))


@router.post("/shortlist/{candidate_id}/lapse", dependencies=_MAY_WRITE)
def lapse(
    request: Request,
    session: SessionDep,
    viewer: ViewerDep,
    now: NowDep,
    fields: FieldsDep,
    vacancy_id: UUID,
    candidate_id: UUID,
) -> Response:
    """Say that an introduction came to nothing without an answer."""
    try:
        with session.begin_nested():
            record_review(
                session,
                viewer.actor,
                vacancy_id,
                candidate_id,
                ReviewState.LAPSED,
                reason=fields.choice("reason", ReviewReason),
                note=fields.text("note"),
                after=fields.id("after"),
                now=now,
            )
    except (InvalidInput, Conflict) as error:
        places = {"/reason": f"lapse-{candidate_id}", "/note": f"lapse-note-{candidate_id}"}
        issues = problems_of(error, viewer.words, places)
        view = shortlist_view(read_shortlist(session, viewer.actor, vacancy_id), viewer, issues)
        status = 422 if isinstance(error, InvalidInput) else 409
        return render(request, viewer, "shortlist.html", view, status=status)
    return redirect(_address(vacancy_id), Notice(viewer.words.gettext("The introduction has lapsed.")))


@router.get("/shortlist.{kind}", dependencies=_MAY_READ)
def export(session: SessionDep, viewer: ViewerDep, vacancy_id: UUID, kind: ExportFormat) -> Response:
    content = export_shortlist(session, viewer.actor, vacancy_id, kind)
    headers = {
        "Content-Disposition": f'attachment; filename="shortlist-{vacancy_id}.{kind}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=_MEDIA[kind], headers=headers)


def _introduction(fields: Fields, candidate_id: UUID) -> Introduction:
    after = fields.id(f"after_{candidate_id}")
    if after is None:
        raise InvalidInput("The form was changed on its way. Load the page again.")
    reason = fields.choice(f"reason_{candidate_id}", ReviewReason)
    return Introduction(candidate_id, after, reason, fields.text(f"note_{candidate_id}"))


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _address(vacancy_id: UUID) -> str:
    return f"{PREFIX}/vacancies/{vacancy_id}/shortlist"
