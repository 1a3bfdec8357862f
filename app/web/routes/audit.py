"""The audit log: who did what, by filters that are the address, and as a file."""

from __future__ import annotations

import io
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.domain.permissions import Operation
from app.intake.write import write_csv
from app.services.audit import list_audit_events
from app.services.doers import doers_of, list_doers
from app.web.deps import NowDep, SessionDep, ViewerDep, allow
from app.web.options import PREFIX
from app.web.paging import around
from app.web.rendering import render
from app.web.views.audit import (
    CSV_COLUMNS,
    AuditView,
    event_line,
    event_rows,
    read_filters,
    type_choices,
)

router = APIRouter(dependencies=[Depends(allow(Operation.AUDIT_READ))])

_AUDIT = f"{PREFIX}/audit"
_NAMES = ("subject", "type", "operation", "doer", "since", "until")
_AT_ONCE = 1_000
MOST_EXPORTED = 50_000


@router.get("/audit")
def audit_page(
    request: Request, session: SessionDep, viewer: ViewerDep, after: UUID | None = None
) -> Response:
    typed = {name: request.query_params.get(name, "") for name in _NAMES}
    filters, problems = read_filters(viewer.words, typed)
    page = list_audit_events(session, viewer.actor, after=after, limit=50, **filters.as_arguments())
    doers = doers_of(session, viewer.actor, page.items, "actor")
    choices = list_doers(session, viewer.actor)
    earlier, later = around(_AUDIT, filters.values, after, page.next_after)
    view = AuditView(
        filters=filters,
        typed=typed,
        lines=[event_line(viewer, event, doers) for event in page.items],
        types=type_choices(viewer.words),
        people=list(choices.accounts.items()),
        keys=list(choices.keys.items()),
        export=f"{_AUDIT}/export?{filters.query}",
        earlier=earlier,
        later=later,
        problems=problems,
    )
    return render(request, viewer, "audit_list.html", view, status=422 if problems else 200)


@router.get("/audit/export")
def export(request: Request, session: SessionDep, viewer: ViewerDep, now: NowDep) -> Response:
    """The newest events of these filters as CSV; no cell of it runs as a formula."""
    typed = {name: request.query_params.get(name, "") for name in _NAMES}
    filters, problems = read_filters(viewer.words, typed)
    if problems:
        return audit_page(request, session, viewer)
    rows: list[dict[str, object]] = []
    after: UUID | None = None
    while len(rows) < MOST_EXPORTED:
        page = list_audit_events(session, viewer.actor, after=after, limit=_AT_ONCE, **filters.as_arguments())
        rows += event_rows(page.items, doers_of(session, viewer.actor, page.items, "actor"))
        after = page.next_after
        if after is None:
            break
    file = io.BytesIO()
    write_csv(file, CSV_COLUMNS, rows)
    name = f"audit-{now.date().isoformat()}.csv"
    return Response(
        file.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
