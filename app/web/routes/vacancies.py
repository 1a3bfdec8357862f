"""A vacancy: read it, take it on, decide what it asks for, rank it."""

from __future__ import annotations

from textwrap import shorten
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from app.api.schemas.matching import MAX_K
from app.domain.enums import Importance, Settled
from app.domain.permissions import Operation
from app.domain.reviews import FIRST_RANKS
from app.errors import InvalidInput, NotFound
from app.services.assignments import claim_vacancy, release_vacancy
from app.services.concept_catalogue import catalogue_of
from app.services.match_runs import request_match_run
from app.services.requirement_decisions import Verdict, confirm_all, settle_requirements, undo_decisions
from app.services.skill_choices import alike_skills, search_skills
from app.services.vacancies import get_vacancy
from app.services.vacancy_reading import VacancyReading, read_vacancy, requirement_id
from app.web.addresses import known
from app.web.deps import NowDep, RuntimeDep, SessionDep, ViewerDep, allow
from app.web.options import PREFIX
from app.web.rendering import Notice, redirect, render
from app.web.viewer import Viewer
from app.web.views.vacancies import correction_view, takeover_view, vacancy_view

router = APIRouter(prefix="/vacancies/{vacancy_id}", dependencies=[Depends(allow(Operation.RANKING_READ))])

# Enough to choose from, and no more than a run may be asked for.
_LEAST_K, _MOST_K = 50, MAX_K
_MOST_TYPED = 100
_TAKEN_BACK = "taken_back"


@router.get("")
def show_vacancy(
    request: Request, vacancy_id: UUID, session: SessionDep, viewer: ViewerDep, runtime: RuntimeDep
) -> Response:
    index, _ = runtime.indexes.get_for(session, viewer.actor)
    reading = read_vacancy(session, viewer.actor, index, vacancy_id)
    return render(request, viewer, "vacancies_one.html", vacancy_view(reading, index, viewer))


@router.get("/take-over")
def show_takeover(
    request: Request, vacancy_id: UUID, session: SessionDep, viewer: ViewerDep, runtime: RuntimeDep
) -> Response:
    """Ask before a vacancy is taken from a colleague."""
    index, _ = runtime.indexes.get_for(session, viewer.actor)
    reading = read_vacancy(session, viewer.actor, index, vacancy_id)
    return render(request, viewer, "vacancies_take_over.html", takeover_view(reading))


@router.post("/claim")
def post_claim(
    vacancy_id: UUID,
    session: SessionDep,
    viewer: ViewerDep,
    now: NowDep,
    instead_of: Annotated[UUID | None, Form()] = None,
    next: Annotated[str, Form()] = "",
) -> Response:
    claim_vacancy(session, viewer.actor, vacancy_id, instead_of=instead_of, now=now)
    undo = f"{_at(vacancy_id)}/release" if instead_of is None else ""
    text = viewer.words.gettext("%(vacancy)s: you look after it now. Colleagues see your name on it.")
    notice = Notice(text % {"vacancy": _title(session, viewer, vacancy_id)}, undo)
    return redirect(_queue_or(next, vacancy_id), notice)


@router.post("/release")
def post_release(
    vacancy_id: UUID,
    session: SessionDep,
    viewer: ViewerDep,
    now: NowDep,
    next: Annotated[str, Form()] = "",
) -> Response:
    release_vacancy(session, viewer.actor, vacancy_id, now=now)
    text = viewer.words.gettext("%(vacancy)s: you let it go. Anybody can claim it now.")
    notice = Notice(text % {"vacancy": _title(session, viewer, vacancy_id)})
    return redirect(_queue_or(next, vacancy_id), notice)


@router.post("/rank")
def post_rank(vacancy_id: UUID, session: SessionDep, viewer: ViewerDep, now: NowDep) -> Response:
    openings = get_vacancy(session, viewer.actor, vacancy_id).openings
    k = min(_MOST_K, max(_LEAST_K, 2 * FIRST_RANKS * openings))
    run, _ = request_match_run(session, viewer.actor, k=k, vacancy_ids=[vacancy_id], now=now)
    notice = Notice(
        viewer.words.gettext("The ranking is on its way. Its matches are there when it is complete.")
    )
    return redirect(f"{PREFIX}/runs/{run.id}", notice)


@router.post("/requirements/confirm-all")
def post_confirm_all(
    vacancy_id: UUID,
    session: SessionDep,
    viewer: ViewerDep,
    runtime: RuntimeDep,
    now: NowDep,
    version: Annotated[int | None, Form()] = None,
) -> Response:
    index, _ = runtime.indexes.get_for(session, viewer.actor)
    vacancy, n = confirm_all(session, viewer.actor, index, vacancy_id, expected_version=version, now=now)
    text = viewer.words.ngettext(
        "%(num)s requirement was confirmed.", "%(num)s requirements were confirmed.", n
    )
    undo = _undo_at(vacancy_id, vacancy.requirements_version) if n else ""
    return redirect(_at(vacancy_id), Notice(text % {"num": n}, undo))


@router.post("/requirements/undo/{requirements_version}")
def post_undo(
    vacancy_id: UUID, requirements_version: int, session: SessionDep, viewer: ViewerDep, now: NowDep
) -> Response:
    undo_decisions(session, viewer.actor, vacancy_id, requirements_version, now=now)
    notice = Notice(viewer.words.gettext("The decision was taken back. What counted before counts again."))
    return redirect(_at(vacancy_id), notice)


@router.get("/requirements/{requirement}")
def show_requirement(
    request: Request,
    vacancy_id: UUID,
    requirement: str,
    session: SessionDep,
    viewer: ViewerDep,
    runtime: RuntimeDep,
    q: str = "",
) -> Response:
    """Show what else a requirement may mean, and search the taxonomy for it."""
    index, _ = runtime.indexes.get_for(session, viewer.actor)
    reading = read_vacancy(session, viewer.actor, index, vacancy_id)
    found = next((each for each in reading.requirements if each.id == requirement), None)
    if found is None:
        raise NotFound("The vacancy does not ask for this.")
    catalogue, typed = catalogue_of(index), q.strip()[:_MOST_TYPED]
    view = correction_view(
        reading,
        found,
        catalogue,
        viewer,
        q=typed,
        results=search_skills(catalogue, typed, viewer.words.locale) if typed else (),
        candidates=alike_skills(catalogue, found.phrase or found.requirement.label, reading.vacancy.lang),
    )
    return render(request, viewer, "vacancies_requirement.html", view)


@router.post("/requirements/{requirement}")
def post_requirement(
    vacancy_id: UUID,
    requirement: str,
    session: SessionDep,
    viewer: ViewerDep,
    runtime: RuntimeDep,
    now: NowDep,
    settled: Annotated[str, Form()] = "",
    decided_uri: Annotated[str, Form()] = "",
    importance: Annotated[str, Form()] = "",
    version: Annotated[int | None, Form()] = None,
) -> Response:
    index, _ = runtime.indexes.get_for(session, viewer.actor)
    reading = read_vacancy(session, viewer.actor, index, vacancy_id)
    phrase, found_uri = _named(reading, requirement)
    what = known(Settled, settled)
    if what is None and settled != _TAKEN_BACK:
        raise InvalidInput("A requirement is confirmed, corrected, dropped, or its decision taken back.")
    verdict = Verdict(phrase, found_uri, what, decided_uri or None, known(Importance, importance))
    vacancy = settle_requirements(
        session, viewer.actor, index, vacancy_id, [verdict], expected_version=version, now=now
    )
    undo = _undo_at(vacancy_id, vacancy.requirements_version)
    return redirect(_next_open(reading, requirement), Notice(_done(what, viewer), undo))


def _named(reading: VacancyReading, name: str) -> tuple[str, str | None]:
    """The words and the concept of a requirement, be it dropped."""
    for each in reading.requirements:
        if each.id == name:
            return each.names
    for row in reading.dropped:
        if requirement_id(row.phrase, row.found_uri) == name:
            return row.phrase, row.found_uri
    raise NotFound("The vacancy does not ask for this.")


def _next_open(reading: VacancyReading, done: str) -> str:
    """Where to go on: at the next requirement on which nobody has decided."""
    names = [each.id for each in reading.requirements]
    at = names.index(done) + 1 if done in names else 0
    later = [each for each in (*reading.requirements[at:], *reading.requirements[:at]) if each.id != done]
    following = next((f"r-{each.id}" for each in later if each.settled is None), "requirements")
    return f"{_at(reading.vacancy.id)}#{following}"


def _done(settled: Settled | None, viewer: Viewer) -> str:
    return {
        None: viewer.words.gettext("The decision was taken back."),
        Settled.CONFIRMED: viewer.words.gettext("The requirement was confirmed. Rank again for it to count."),
        Settled.CORRECTED: viewer.words.gettext("The requirement was corrected. Rank again for it to count."),
        Settled.DROPPED: viewer.words.gettext("The requirement was dropped. Rank again for it to count."),
    }[settled]


def _title(session: SessionDep, viewer: ViewerDep, vacancy_id: UUID) -> str:
    """Its title for a notice: short, since notices travel in a cookie, and in a direction of its own."""
    title = shorten(get_vacancy(session, viewer.actor, vacancy_id).title, 80, placeholder="…")
    return f"\u2068{title}\u2069"


def _at(vacancy_id: UUID) -> str:
    return f"{PREFIX}/vacancies/{vacancy_id}"


def _undo_at(vacancy_id: UUID, requirements_version: int) -> str:
    return f"{_at(vacancy_id)}/requirements/undo/{requirements_version}"


def _queue_or(address: str, vacancy_id: UUID) -> str:
    """Back to the view of the queue where the button was, else to the vacancy."""
    is_queue = address.split("?")[0] == f"{PREFIX}/queue" and address.isprintable()
    return address if is_queue else _at(vacancy_id)
