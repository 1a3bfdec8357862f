"""Weights: the profile in force, proposals, what they would move, and the second person's approval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api.problems import status_of
from app.domain.actor import Actor
from app.domain.permissions import Operation
from app.domain.transitions import WeightsState
from app.errors import AppError, Conflict, InvalidInput
from app.matching.weights import WeightProfile
from app.services.doers import doers_of
from app.services.vacancies import vacancy_titles
from app.services.weight_previews import find_preview, request_preview
from app.services.weight_profiles import (
    approve_weights,
    get_weights,
    label_of,
    list_weights,
    profile_in_force,
    proposal_issues,
    propose_weights,
    readable_weights,
    withdraw_weights,
)
from app.web.deps import NowDep, SessionDep, ViewerDep, allow
from app.web.forms import FormDep, text_of
from app.web.options import PREFIX
from app.web.paging import around
from app.web.rendering import Notice, redirect, render
from app.web.sentences import sentence_of
from app.web.viewer import Viewer
from app.web.views.weights import (
    ProposalView,
    WeightsView,
    entry_names,
    groups_of,
    nested,
    number_in,
    preview_view,
    problem_of,
    profile_line,
    profile_page,
    range_problem,
    vacancies_of,
)

router = APIRouter(dependencies=[Depends(allow(Operation.WEIGHTS_READ))])

_WEIGHTS = f"{PREFIX}/weights"
_DEEDS = ("proposed_by", "approved_by", "ended_by")
_MAY_WRITE = [Depends(allow(Operation.WEIGHTS_WRITE))]


@router.get("/weights")
def weights_page(
    request: Request, session: SessionDep, viewer: ViewerDep, after: UUID | None = None
) -> Response:
    page = list_weights(session, viewer.actor, after=after, limit=25)
    doers = doers_of(session, viewer.actor, page.items, *_DEEDS)
    held, held_id = _held(session, viewer.actor)
    earlier, later = around(_WEIGHTS, {}, after, page.next_after)
    view = WeightsView(
        in_force="" if held is None else label_of(held),
        in_force_id=held_id,
        groups=() if held is None else groups_of(viewer.words, held, held),
        lines=[profile_line(viewer.words, row, doers) for row in page.items],
        may_write=viewer.may(Operation.WEIGHTS_WRITE),
        earlier=earlier,
        later=later,
    )
    return render(request, viewer, "weights_list.html", view)


@router.get("/weights/new", dependencies=_MAY_WRITE)
def new_page(request: Request, session: SessionDep, viewer: ViewerDep) -> Response:
    return _form(request, session, viewer, {}, ())


@router.post("/weights", dependencies=_MAY_WRITE)
def post_weights(
    request: Request, session: SessionDep, viewer: ViewerDep, now: NowDep, form: FormDep
) -> Response:
    typed = {name: text_of(form, name) for name in ("name", "reason", *entry_names())}
    values, problems = _read_values(viewer, typed)
    words_amiss = proposal_issues(typed["name"].strip(), typed["reason"])
    problems = [problem_of(viewer.words, issue) for issue in words_amiss] + problems
    if problems:
        return _form(request, session, viewer, typed, problems)
    try:
        row = propose_weights(
            session,
            viewer.actor,
            typed["name"].strip(),
            nested(values),
            reason=typed["reason"].strip(),
            now=now,
        )
        request_preview(session, viewer.actor, row.id, now=now)
    except InvalidInput as error:
        found = [problem_of(viewer.words, issue) for issue in error.issues] or [
            ("", sentence_of(error, viewer.words))
        ]
        return _form(request, session, viewer, typed, found, error)
    except Conflict as error:
        # Where the database refused, its transaction is of no use any more.
        session.rollback()
        text = viewer.words.gettext("Change at least one weight, and give the proposal a name of its own.")
        return _form(request, session, viewer, typed, [("name", text)], error)
    text = viewer.words.gettext(
        "The weights are proposed. Nothing is ranked by them until a second person approves."
    )
    return redirect(f"{_WEIGHTS}/{row.id}", Notice(text))


@router.get("/weights/{row_id}")
def one_page(request: Request, session: SessionDep, viewer: ViewerDep, now: NowDep, row_id: UUID) -> Response:
    row = get_weights(session, viewer.actor, row_id)
    held, _ = _held(session, viewer.actor)
    job = find_preview(session, viewer.actor, row_id)
    preview = None
    if job is not None:
        titles = vacancy_titles(session, viewer.actor, vacancies_of(job))
        preview = preview_view(viewer.words, job, "" if held is None else label_of(held), titles, now=now)
    doers = doers_of(session, viewer.actor, [row], *_DEEDS)
    view = profile_page(viewer, row, readable_weights(row), held, doers, preview)
    return render(request, viewer, "weights_one.html", view)


@router.post("/weights/{row_id}/preview", dependencies=_MAY_WRITE)
def post_preview(session: SessionDep, viewer: ViewerDep, now: NowDep, row_id: UUID) -> Response:
    request_preview(session, viewer.actor, row_id, now=now)
    return redirect(f"{_WEIGHTS}/{row_id}", Notice(viewer.words.gettext("The preview was asked for.")))


@router.post("/weights/{row_id}/approve", dependencies=_MAY_WRITE)
def post_approve(
    session: SessionDep, viewer: ViewerDep, now: NowDep, row_id: UUID, version: Annotated[int, Form()]
) -> Response:
    row = approve_weights(session, viewer.actor, row_id, expected_version=version, now=now)
    text = viewer.words.gettext("%(name)s is in force from the next ranking on.")
    return redirect(f"{_WEIGHTS}/{row_id}", Notice(text % {"name": f"{row.name}-{row.number}"}))


@router.post("/weights/{row_id}/withdraw", dependencies=_MAY_WRITE)
def post_withdraw(
    session: SessionDep, viewer: ViewerDep, now: NowDep, row_id: UUID, version: Annotated[int, Form()]
) -> Response:
    was_in_force = get_weights(session, viewer.actor, row_id).state is WeightsState.APPROVED
    withdraw_weights(session, viewer.actor, row_id, expected_version=version, now=now)
    text = viewer.words.gettext("The weights are out of force; the built-in ones hold again.")
    if not was_in_force:
        text = viewer.words.gettext("The proposal is withdrawn.")
    return redirect(f"{_WEIGHTS}/{row_id}", Notice(text))


def _held(session: Session, actor: Actor) -> tuple[WeightProfile | None, UUID | None]:
    """The weights in force and their id; None where this version cannot rank by them."""
    try:
        return profile_in_force(session, actor)
    except Conflict:
        return None, None


def _form(
    request: Request,
    session: Session,
    viewer: Viewer,
    typed: Mapping[str, str],
    problems: Sequence[tuple[str, str]],
    error: AppError | None = None,
) -> Response:
    held, _ = profile_in_force(session, viewer.actor)
    faulty = [field for field, _ in problems]
    view = ProposalView(
        name=typed.get("name", ""),
        reason=typed.get("reason", ""),
        groups=groups_of(viewer.words, held, held, typed=typed, faulty=faulty),
        in_force=label_of(held),
        problems=problems,
    )
    status = 200 if not problems else 422 if error is None else int(status_of(type(error)))
    return render(request, viewer, "weights_new.html", view, status=status)


def _read_values(viewer: Viewer, typed: Mapping[str, str]) -> tuple[dict[str, float], list[tuple[str, str]]]:
    """Weights by name; what is no number within its bounds is a problem of its field."""
    values: dict[str, float] = {}
    problems = []
    for entry in entry_names():
        value = number_in(entry, typed[entry])
        if value is None:
            problems.append(range_problem(viewer.words, entry))
        else:
            values[entry] = value
    return values, problems
