"""Taxonomy releases: which there are, what is in them, and what an upgrade would change."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api.runtime import Runtime
from app.domain.enums import ConceptKind
from app.domain.permissions import Operation
from app.services.concept_pages import get_concept_page
from app.services.taxonomy import ReleaseSummary, list_releases, search_concepts
from app.web.deps import RuntimeDep, SessionDep, ViewerDep, allow
from app.web.rendering import render
from app.web.views.taxonomy import (
    SEARCHED,
    ComparisonView,
    Hit,
    SearchView,
    TaxonomyView,
    comparison_view,
    concept_view,
    hit_of,
    release_line,
)
from app.web.wording import Words

router = APIRouter(dependencies=[Depends(allow(Operation.TAXONOMY_READ))])

_MOST_HITS = 25
_MOST_TYPED = 200


@router.get("/taxonomy")
def taxonomy_page(request: Request, session: SessionDep, viewer: ViewerDep, runtime: RuntimeDep) -> Response:
    releases = list_releases(session)
    used = _used(runtime, releases)
    view = TaxonomyView(
        releases=[release_line(each, used) for each in releases],
        search=SearchView("", "", used or "", _names(releases)),
    )
    return render(request, viewer, "taxonomy_list.html", view)


@router.get("/taxonomy/search")
def search_page(
    request: Request,
    session: SessionDep,
    viewer: ViewerDep,
    runtime: RuntimeDep,
    q: str = "",
    kind: str = "",
    release: str = "",
) -> Response:
    releases = list_releases(session)
    wanted = release or _used(runtime, releases) or ""
    kinds = [each for each in SEARCHED if kind in ("", each.value)] or list(SEARCHED)
    typed = q.strip()[:_MOST_TYPED]
    found = _search(session, viewer.words, wanted, kinds, typed) if typed and wanted else []
    view = SearchView(typed, kind, wanted, _names(releases), found, bool(typed))
    return render(request, viewer, "taxonomy_search.html", view)


@router.get("/taxonomy/concept")
def concept_page(
    request: Request,
    session: SessionDep,
    viewer: ViewerDep,
    runtime: RuntimeDep,
    uri: str,
    release: str = "",
) -> Response:
    wanted = release or _used(runtime, list_releases(session)) or ""
    page = get_concept_page(session, wanted, uri, viewer.words.locale)
    return render(request, viewer, "taxonomy_concept.html", concept_view(viewer.words, page))


@router.get("/taxonomy/compare", dependencies=[Depends(allow(Operation.TAXONOMY_COMPARE))])
def compare_page(
    request: Request,
    session: SessionDep,
    viewer: ViewerDep,
    runtime: RuntimeDep,
    before: str = "",
    after: str = "",
) -> Response:
    releases = list_releases(session)
    names = _names(releases)
    if before and after and before != after:
        found = runtime.comparisons.get(session, before, after)
        view = comparison_view(viewer.words, found, names)
    else:
        problem = viewer.words.gettext("Choose two different releases.") if before and after else ""
        chosen = before or _used(runtime, releases) or ""
        view = ComparisonView(chosen, after, names, (), (), (), (), is_chosen=False, problem=problem)
    return render(request, viewer, "taxonomy_compare.html", view, status=422 if view.problem else 200)


def _search(
    session: Session, words: Words, release: str, kinds: Sequence[ConceptKind], typed: str
) -> list[Hit]:
    return [
        hit_of(words, hit, kind, release)
        for kind in kinds
        for hit in search_concepts(session, release, kind, typed, words.locale, _MOST_HITS)
    ]


def _names(releases: Sequence[ReleaseSummary]) -> list[str]:
    return [each.name for each in releases]


def _used(runtime: Runtime, releases: Sequence[ReleaseSummary]) -> str | None:
    """The release that rankings use: as the settings say, else the database's default."""
    default = next((each.name for each in releases if each.is_default), None)
    return runtime.taxonomy_release or default
