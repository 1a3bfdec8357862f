"""A vacancy's ranking: the list, a few beside each other, and what changed since the run before."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from app.domain.enums import Verdict
from app.domain.permissions import Operation
from app.domain.reviews import FIRST_RANKS
from app.domain.transitions import ReviewState
from app.errors import InvalidInput
from app.services.pair_comparison import compare_pairs
from app.services.ranked_list import MatchFilter, read_ranking
from app.services.ranking_changes import compare_rankings
from app.web.addresses import known
from app.web.deps import RuntimeDep, SessionDep, ViewerDep, allow
from app.web.rendering import render
from app.web.views.ranked import ranked_view
from app.web.views.ranked_changes import changes_view
from app.web.views.ranked_comparison import compare_view

router = APIRouter(prefix="/vacancies/{vacancy_id}", dependencies=[Depends(allow(Operation.RANKING_READ))])


def read_filter(state: str = "", eligible: str = "", country: str = "", essentials: str = "") -> MatchFilter:
    """Read the filters of an address; what is not known there is as if it were left out."""
    return MatchFilter(
        state=known(ReviewState, state),
        verdict=known(Verdict, eligible),
        country=country if len(country) == 2 else "",
        least_essentials=int(essentials[:9]) if essentials.isascii() and essentials.isdigit() else 0,
    )


def read_run(run: str = "") -> UUID | None:
    """Read the run of an address; an empty one is the newest."""
    try:
        return UUID(run) if run else None
    except ValueError:
        raise InvalidInput("The address names no match run.") from None


RunDep = Annotated[UUID | None, Depends(read_run)]


@router.get("/matches")
def show_ranking(
    request: Request,
    vacancy_id: UUID,
    session: SessionDep,
    viewer: ViewerDep,
    wanted: Annotated[MatchFilter, Depends(read_filter)],
    run: RunDep,
    after: int = 0,
    apart: str = "",
) -> Response:
    ranking = read_ranking(session, viewer.actor, vacancy_id, run_id=run)
    view = ranked_view(
        ranking,
        wanted,
        viewer,
        named_run=run,
        after=after,
        with_all_apart=apart == "all",
        first_ranks=FIRST_RANKS * ranking.vacancy.openings,
    )
    return render(request, viewer, "ranked_list.html", view)


@router.get("/compare")
def show_comparison(
    request: Request,
    vacancy_id: UUID,
    session: SessionDep,
    viewer: ViewerDep,
    runtime: RuntimeDep,
    run: RunDep,
    candidate: Annotated[list[UUID] | None, Query()] = None,
) -> Response:
    index, _ = runtime.indexes.get_for(session, viewer.actor)
    try:
        comparison = compare_pairs(session, viewer.actor, vacancy_id, candidate or [], run_id=run)
    except InvalidInput:
        # Known vacancies only: whoever may not know of one gets what everybody gets.
        ranking = read_ranking(session, viewer.actor, vacancy_id, run_id=run)
        view = ranked_view(
            ranking,
            MatchFilter(),
            viewer,
            named_run=run,
            after=0,
            with_all_apart=False,
            first_ranks=FIRST_RANKS * ranking.vacancy.openings,
            problem=viewer.words.gettext("Choose two to four candidates to compare."),
            chosen=candidate or [],
        )
        return render(request, viewer, "ranked_list.html", view, status=422)
    return render(
        request, viewer, "ranked_compare.html", compare_view(comparison, index, viewer, named_run=run)
    )


@router.get("/changes")
def show_changes(
    request: Request,
    vacancy_id: UUID,
    session: SessionDep,
    viewer: ViewerDep,
    run: RunDep,
    before: str = "",
) -> Response:
    changes = compare_rankings(session, viewer.actor, vacancy_id, run_id=run, before_id=read_run(before))
    return render(request, viewer, "ranked_changes.html", changes_view(changes, viewer))
