"""The work queue, and the views of it that people save."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from app.domain.permissions import Operation
from app.domain.transitions import VacancyStatus
from app.domain.work_queue import QueueFilter, QueueNeed, QueueOrder, QueueTab
from app.errors import InvalidInput
from app.services.review_work import open_disagreements
from app.services.saved_views import delete_view, save_view, saved_views
from app.services.work_queue import list_work, tab_with_work
from app.web.addresses import known
from app.web.deps import NowDep, SessionDep, ViewerDep, allow
from app.web.options import PREFIX
from app.web.rendering import Notice, redirect, render
from app.web.views.queue import query_of, queue_view

router = APIRouter(dependencies=[Depends(allow(Operation.REVIEW_READ))])

_MOST_WORDS = 100


def read_filter(
    tab: str = "", status: str = "", country: str = "", q: str = "", need: str = "", order: str = ""
) -> QueueFilter:
    """Read the filters of an address; what is not known there is as if it were left out."""
    usual = QueueFilter()
    return QueueFilter(
        tab=known(QueueTab, tab) or usual.tab,
        status=known(VacancyStatus, status),
        country=country if len(country) == 2 else "",
        words=q.strip()[:_MOST_WORDS],
        need=known(QueueNeed, need),
        order=known(QueueOrder, order) or usual.order,
    )


FilterDep = Annotated[QueueFilter, Depends(read_filter)]


@router.get("/queue")
def show_queue(
    request: Request, session: SessionDep, viewer: ViewerDep, wanted: FilterDep, now: NowDep, after: str = ""
) -> Response:
    if "tab" not in request.query_params:
        wanted = replace(wanted, tab=tab_with_work(session, viewer.actor, wanted, today=now.date()))
    return _page(request, session, viewer, wanted, now, after)


@router.post("/queue/views")
def post_view(
    request: Request,
    session: SessionDep,
    viewer: ViewerDep,
    now: NowDep,
    name: Annotated[str, Form()] = "",
    query: Annotated[str, Form()] = "",
) -> Response:
    wanted = read_filter(**_fields(query))
    try:
        save_view(session, viewer.actor, name, query_of(wanted), now=now)
    except InvalidInput as error:
        return _page(request, session, viewer, wanted, now, "", name, error)
    notice = viewer.words.gettext("The view was saved. You find it above the list.")
    return redirect(_queue_at(query_of(wanted)), Notice(notice))


@router.post("/queue/views/delete")
def post_delete_view(
    session: SessionDep,
    viewer: ViewerDep,
    now: NowDep,
    name: Annotated[str, Form()] = "",
    query: Annotated[str, Form()] = "",
) -> Response:
    delete_view(session, viewer.actor, name, now=now)
    notice = Notice(viewer.words.gettext("The view was deleted. The vacancies are as they were."))
    return redirect(_queue_at(query_of(read_filter(**_fields(query)))), notice)


def _page(
    request: Request,
    session: SessionDep,
    viewer: ViewerDep,
    wanted: QueueFilter,
    now: NowDep,
    after: str,
    name: str = "",
    error: InvalidInput | None = None,
) -> Response:
    queue = list_work(session, viewer.actor, wanted, after=after, now=now)
    view = queue_view(
        queue,
        wanted,
        saved_views(viewer.preferences),
        open_disagreements(session, viewer.actor, [row.vacancy.id for row in queue.rows]),
        account_id=viewer.account_id,
        after=after,
        now=now,
        words=viewer.words,
        problems=[] if error is None else [("view-name", issue.message) for issue in error.issues],
        typed_name=name,
    )
    return render(request, viewer, "queue.html", view, status=200 if error is None else 422)


def _fields(query: str) -> dict[str, str]:
    known = ("tab", "status", "country", "q", "need", "order")
    return {name: value for name, value in parse_qsl(query) if name in known}


def _queue_at(query: str) -> str:
    return f"{PREFIX}/queue?{query}" if query else f"{PREFIX}/queue"
