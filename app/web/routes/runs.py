"""Match runs: list, one run with its progress, a new ranking, and two runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api.problems import status_of
from app.domain.actor import Actor
from app.domain.permissions import Operation
from app.domain.transitions import MatchRunState
from app.errors import Conflict, NotFound
from app.services.doers import doers_of
from app.services.match_runs import (
    cancel_match_run,
    get_run_details,
    list_match_runs,
    repeat_match_run,
    request_match_run,
)
from app.services.run_comparison import compare_runs
from app.services.vacancies import list_published_titles, vacancy_titles
from app.web.deps import NowDep, SessionDep, ViewerDep, allow
from app.web.options import PREFIX
from app.web.paging import around
from app.web.rendering import Notice, redirect, render
from app.web.sentences import sentence_of
from app.web.views.runs import (
    MOST_CHOICES,
    MOST_K,
    Choice,
    NewRunView,
    RunsView,
    comparison_view,
    run_line,
    run_page,
)

router = APIRouter(dependencies=[Depends(allow(Operation.RANKING_READ))])

_RUNS = f"{PREFIX}/runs"
_MAY_RUN = [Depends(allow(Operation.RANKING_RUN))]
_ALL, _CHOSEN = "all", "chosen"
_DEFAULT_K = "20"


@router.get("/runs")
def runs_page(
    request: Request,
    session: SessionDep,
    viewer: ViewerDep,
    state: str = "",
    after: UUID | None = None,
) -> Response:
    wanted = MatchRunState(state) if state in tuple(MatchRunState) else None
    page, _ = list_match_runs(session, viewer.actor, after=after, limit=25, state=wanted)
    doers = doers_of(session, viewer.actor, page.items, "requested_by")
    earlier, later = around(_RUNS, {"state": state}, after, page.next_after)
    view = RunsView(
        lines=[run_line(viewer.words, run, doers) for run in page.items],
        state=state,
        states=tuple(MatchRunState),
        may_run=viewer.may(Operation.RANKING_RUN),
        earlier=earlier,
        later=later,
    )
    return render(request, viewer, "runs_list.html", view)


@router.get("/runs/new", dependencies=_MAY_RUN)
def new_run_page(request: Request, session: SessionDep, viewer: ViewerDep, vacancy: str = "") -> Response:
    chosen = [vacancy] if vacancy else []
    view = _new_run(session, viewer.actor, k=_DEFAULT_K, chosen=chosen, whole=not chosen)
    return render(request, viewer, "runs_new.html", view)


@router.post("/runs", dependencies=_MAY_RUN)
def post_run(
    request: Request,
    session: SessionDep,
    viewer: ViewerDep,
    now: NowDep,
    k: Annotated[str, Form()] = "",
    scope: Annotated[str, Form()] = _ALL,
    vacancy: Annotated[list[str] | None, Form()] = None,
) -> Response:
    words, chosen = viewer.words, vacancy or []
    problems: list[tuple[str, str]] = []
    if not (k.isascii() and k.isdigit() and len(k) <= 9 and 1 <= int(k) <= MOST_K):
        text = words.gettext("Write a whole number from 1 to %(most)s for the length of each list.")
        problems.append(("k", text % {"most": MOST_K}))
    ids = [each for each in map(_id, chosen) if each is not None]
    if scope == _CHOSEN and not ids:
        problems.append(("choices", words.gettext("Choose at least one vacancy, or rank all of them.")))
    status = 422
    if not problems:
        try:
            wanted = ids if scope == _CHOSEN else None
            run, _ = request_match_run(session, viewer.actor, k=int(k), vacancy_ids=wanted, now=now)
            return redirect(f"{_RUNS}/{run.id}", Notice(words.gettext("The ranking was asked for.")))
        except (Conflict, NotFound) as error:
            text = words.gettext("One of the vacancies is no longer published. Choose again from the list.")
            problems.append(("choices" if wanted else "", text if wanted else sentence_of(error, words)))
            status = int(status_of(type(error)))
    view = _new_run(session, viewer.actor, k=k, chosen=chosen, whole=scope != _CHOSEN, problems=problems)
    return render(request, viewer, "runs_new.html", view, status=status)


@router.get("/runs/compare")
def compare_page(
    request: Request,
    session: SessionDep,
    viewer: ViewerDep,
    before: UUID | None = None,
    after: UUID | None = None,
    next: UUID | None = None,
) -> Response:
    if before is None or after is None:
        text = viewer.words.gettext("Choose an earlier and a later run to compare.")
        return redirect(_RUNS, Notice(text, is_error=True))
    found = compare_runs(session, viewer.actor, before, after, after_vacancy=next)
    doers = doers_of(session, viewer.actor, [found.before, found.after], "requested_by")
    titles = vacancy_titles(session, viewer.actor, [each.vacancy_id for each in found.vacancies])
    view = comparison_view(viewer, found, doers, titles, is_first=next is None)
    return render(request, viewer, "runs_compare.html", view)


@router.get("/runs/{run_id}")
def one_run_page(
    request: Request, session: SessionDep, viewer: ViewerDep, now: NowDep, run_id: UUID
) -> Response:
    found = get_run_details(session, viewer.actor, run_id)
    doers = doers_of(session, viewer.actor, [found.run], "requested_by")
    titles = vacancy_titles(session, viewer.actor, [row.vacancy_id for row in found.ranked])
    view = run_page(viewer, found, doers, titles, now=now)
    return render(request, viewer, "runs_one.html", view)


@router.post("/runs/{run_id}/cancel")
def post_cancel(session: SessionDep, viewer: ViewerDep, now: NowDep, run_id: UUID) -> Response:
    cancel_match_run(session, viewer.actor, run_id, now=now)
    return redirect(f"{_RUNS}/{run_id}", Notice(viewer.words.gettext("The run was cancelled.")))


@router.post("/runs/{run_id}/repeat", dependencies=_MAY_RUN)
def post_repeat(session: SessionDep, viewer: ViewerDep, now: NowDep, run_id: UUID) -> Response:
    run, _ = repeat_match_run(session, viewer.actor, run_id, now=now)
    return redirect(f"{_RUNS}/{run.id}", Notice(viewer.words.gettext("The ranking was asked for again.")))


def _new_run(
    session: Session,
    actor: Actor,
    *,
    k: str,
    chosen: Sequence[str],
    whole: bool,
    problems: Sequence[tuple[str, str]] = (),
) -> NewRunView:
    rows = list_published_titles(session, actor, limit=MOST_CHOICES + 1)
    choices = [Choice(str(key), title, lang, str(key) in chosen) for key, title, lang in rows]
    return NewRunView(k, whole, choices[:MOST_CHOICES], len(choices) > MOST_CHOICES, problems)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
