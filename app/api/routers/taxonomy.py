"""Skills and occupations to choose from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from app.api.deps import RuntimeDep, SessionDep, allow
from app.api.replies import reply
from app.api.routing import StrictRoute
from app.api.schemas.administration import ConceptOut, ConceptsOut, TaxonomiesOut, TaxonomyOut
from app.api.schemas.common import Language
from app.api.schemas.release_comparison import MAX_LISTED, ReleaseComparisonOut
from app.domain.enums import ConceptKind
from app.domain.permissions import Operation
from app.errors import NotFound
from app.services.taxonomy import find_default_release, list_releases, search_concepts

MAX_HITS = 50

router = APIRouter(
    tags=["taxonomy"], route_class=StrictRoute, dependencies=[Depends(allow(Operation.TAXONOMY_READ))]
)

Typed = Annotated[
    str, Query(min_length=1, max_length=200, description="What has been typed so far.", examples=["weld"])
]
Lang = Annotated[Language, Query(description="Language of the labels.")]
Hits = Annotated[int, Query(ge=1, le=MAX_HITS)]
Release = Annotated[
    str | None,
    Query(min_length=1, max_length=64, description="Name of a release; the default one when left out."),
]

ReleaseName = Annotated[str, Path(max_length=64, description="Name of a release.")]


@router.get("/v1/skills", operation_id="search_skills", response_model=ConceptsOut)
def search_skills(
    session: SessionDep,
    runtime: RuntimeDep,
    q: Typed,
    lang: Lang = "en",
    limit: Hits = 10,
    taxonomy: Release = None,
) -> Response:
    """Find skills by what someone has typed so far."""
    release = _release(session, taxonomy or runtime.taxonomy_release)
    return _found(session, release, ConceptKind.SKILL, q, lang, limit)


@router.get("/v1/occupations", operation_id="search_occupations", response_model=ConceptsOut)
def search_occupations(
    session: SessionDep,
    runtime: RuntimeDep,
    q: Typed,
    lang: Lang = "en",
    limit: Hits = 10,
    taxonomy: Release = None,
) -> Response:
    """Find occupations by what someone has typed so far."""
    release = _release(session, taxonomy or runtime.taxonomy_release)
    return _found(session, release, ConceptKind.OCCUPATION, q, lang, limit)


@router.get("/v1/taxonomies", operation_id="list_taxonomies", response_model=TaxonomiesOut)
def list_taxonomies(session: SessionDep) -> Response:
    """List the imported releases, by name."""
    releases = [TaxonomyOut.model_validate(release) for release in list_releases(session)]
    return reply(TaxonomiesOut(items=releases))


@router.get(
    "/v1/taxonomies/{before}/comparison/{after}",
    operation_id="compare_taxonomies",
    response_model=ReleaseComparisonOut,
    dependencies=[Depends(allow(Operation.TAXONOMY_COMPARE))],
)
def compare_taxonomies(
    session: SessionDep,
    runtime: RuntimeDep,
    before: ReleaseName,
    after: ReleaseName,
    limit: Annotated[int, Query(ge=1, le=MAX_LISTED, description="Most entries of any list.")] = 100,
) -> Response:
    """Tell what changes from one release to another: concepts, labels, relations, skill lists."""
    comparison = runtime.comparisons.get(session, before, after)
    return reply(ReleaseComparisonOut.of(comparison, limit=limit))


def _release(session: SessionDep, name: str | None) -> str:
    if name is not None:
        return name
    default = find_default_release(session)
    if default is None:
        raise NotFound("No taxonomy release has been imported yet.")
    return default.name


def _found(session: SessionDep, release: str, kind: ConceptKind, q: str, lang: str, limit: int) -> Response:
    hits = search_concepts(session, release, kind, q, lang, limit)
    return reply(ConceptsOut(items=[ConceptOut.of(hit) for hit in hits]))
