"""Cohorts: the list, one of them, and what may be done with it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from app.domain.permissions import Operation
from app.domain.transitions import CohortStatus
from app.services.candidates import list_candidates
from app.services.cohort_overview import get_cohort_overview, list_cohort_overviews, list_institutions
from app.services.cohort_uploads import list_uploads
from app.services.cohorts import commit_cohort, list_cohort_issues, withdraw_cohort
from app.web.addresses import known
from app.web.deps import ActorDep, NowDep, SessionDep, ViewerDep, allow
from app.web.options import PREFIX
from app.web.paging import around
from app.web.rendering import Notice, redirect, render
from app.web.views.cohorts import CohortFilters, CohortsView, cohort_row, cohort_view, upload_row

router = APIRouter(dependencies=[Depends(allow(Operation.COHORT_READ))])

_ROWS = 50
_PEOPLE = 60
_MOST_WAITING = 20


def _chosen(value: str) -> UUID | None:
    """An id of a filter; anything else is none."""
    try:
        return UUID(value) if value else None
    except ValueError:
        return None


@router.get("/cohorts")
def cohorts_page(
    request: Request,
    viewer: ViewerDep,
    session: SessionDep,
    status: Annotated[str, Query(max_length=32)] = "",
    institution: Annotated[str, Query(max_length=36)] = "",
    after: Annotated[str, Query(max_length=36)] = "",
) -> Response:
    filters = CohortFilters(known(CohortStatus, status), _chosen(institution))
    page = list_cohort_overviews(
        session,
        viewer.actor,
        after=_chosen(after),
        limit=_ROWS,
        status=filters.status,
        institution_id=filters.institution_id,
    )
    institutions = list_institutions(session, viewer.actor)
    names = {each.id: each.name for each in institutions}
    waiting = list_uploads(session, viewer.actor, limit=_MOST_WAITING, is_open=True).items
    first_page, next_page = around(f"{PREFIX}/cohorts", filters.as_query(), _chosen(after), page.next_after)
    view = CohortsView(
        rows=[cohort_row(each) for each in page.items],
        waiting=[upload_row(each, names.get(each.institution_id, "")) for each in waiting],
        filters=filters,
        statuses=tuple(CohortStatus),
        institutions=institutions,
        first_page=first_page,
        next_page=next_page,
        may_send=viewer.may(Operation.COHORT_RELAY),
    )
    return render(request, viewer, "cohorts_list.html", view)


@router.get("/cohorts/{cohort_id}")
def cohort_page(
    request: Request,
    viewer: ViewerDep,
    session: SessionDep,
    cohort_id: UUID,
    after: Annotated[str, Query(max_length=36)] = "",
) -> Response:
    actor, after_id = viewer.actor, _chosen(after)
    overview = get_cohort_overview(session, actor, cohort_id)
    people, pages = None, ("", "")
    if viewer.may(Operation.CANDIDATE_READ):
        page = list_candidates(session, actor, after=after_id, limit=_PEOPLE, cohort_id=cohort_id)
        people, pages = page.items, around(f"{PREFIX}/cohorts/{cohort_id}", {}, after_id, page.next_after)
    issues = list_cohort_issues(session, actor, cohort_id)
    uploads = list_uploads(session, actor, limit=_ROWS, cohort_id=cohort_id).items
    view = cohort_view(viewer, overview, issues, people, uploads, pages=pages)
    return render(request, viewer, "cohorts_one.html", view)


@router.post("/cohorts/{cohort_id}/commit")
def post_commit(
    viewer: ViewerDep, actor: ActorDep, session: SessionDep, now: NowDep, cohort_id: UUID
) -> Response:
    commit_cohort(session, actor, cohort_id, now=now)
    text = viewer.words.gettext("The cohort is committed. Its people are ranked from now on.")
    return redirect(f"{PREFIX}/cohorts/{cohort_id}", Notice(text))


@router.post("/cohorts/{cohort_id}/withdraw")
def post_withdraw(
    viewer: ViewerDep, actor: ActorDep, session: SessionDep, now: NowDep, cohort_id: UUID
) -> Response:
    withdraw_cohort(session, actor, cohort_id, now=now)
    text = viewer.words.gettext("The cohort is withdrawn. Its people are no longer ranked.")
    return redirect(f"{PREFIX}/cohorts/{cohort_id}", Notice(text))
