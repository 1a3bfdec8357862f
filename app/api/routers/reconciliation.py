"""The Reconciliation Service API 0.2 over a taxonomy release, for OpenRefine and its like.

Two addresses serve the same: ``/reconcile`` takes the default release and the
language the caller likes best, ``/reconcile/{taxonomy}/{lang}`` names both.
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple, TypeVar

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel, ValidationError

from app.api.gate import FORM
from app.api.languages import accepted_language
from app.api.problems import PayloadTooLarge, validation_issues
from app.api.reconciliation import RECONCILE_PREFIX, reconciliation_of
from app.api.reconciliation_pages import PREVIEW_POLICY, preview_page
from app.api.replies import JSON
from app.api.schemas.common import Language
from app.api.schemas.reconciliation import (
    BATCH_SIZE,
    EXTENSION_NAMES,
    MAX_EXTENDED_IDS,
    QUERY_PROPERTIES,
    TYPES,
    CandidateOut,
    ExtendedOut,
    ExtendIn,
    PropertyOut,
    ProposedProperties,
    QueryBatch,
    ResultBatch,
    ResultOut,
    SuggestedEntities,
    SuggestedEntity,
    SuggestedProperties,
    SuggestedTypes,
    TypeOut,
)
from app.api.schemas.reconciliation_manifest import ManifestOut
from app.api.strict_json import MalformedJson, parse_json
from app.domain.enums import ConceptKind
from app.errors import InvalidInput, NotFound
from app.intake.codes import language_code
from app.services.concept_catalogue import LINKED_KINDS, ConceptCatalogue, catalogue_of
from app.services.reconciliation import reconcile

# Clients of this protocol send parameters of their own (callback, type_strict): unknown ones are passed over.
router = APIRouter(tags=["reconciliation"], prefix=RECONCILE_PREFIX)

_NAMED = "/{taxonomy}/{lang}"
_MAX_SUGGESTED = 20
_MAX_SKIPPED = 1_000

ModelT = TypeVar("ModelT", bound=BaseModel)


class Scene(NamedTuple):
    """The release a request is about, and the language it is answered in."""

    catalogue: ConceptCatalogue
    lang: str


def _default_scene(
    request: Request,
    taxonomy: Annotated[
        str | None,
        Query(min_length=1, max_length=64, description="Name of a release; the default one when left out."),
    ] = None,
    lang: Annotated[
        Language | None, Query(description="Language of labels; by Accept-Language when left out.")
    ] = None,
    accepted: Annotated[str, Header(alias="Accept-Language")] = "",
) -> Scene:
    catalogue = catalogue_of(reconciliation_of(request).index_of(taxonomy))
    return Scene(catalogue, lang or accepted_language(accepted, catalogue.languages))


def _named_scene(
    request: Request,
    taxonomy: Annotated[str, Path(max_length=64, description="Name of a release.")],
    lang: Annotated[str, Path(max_length=35, description="Language of labels, such as fr.")],
) -> Scene:
    catalogue = catalogue_of(reconciliation_of(request).index_of(taxonomy))
    code = language_code(lang)
    if code is None:
        raise NotFound("There is no such language. Use an ISO 639-1 code such as fr.")
    return Scene(catalogue, code)


DefaultScene = Annotated[Scene, Depends(_default_scene)]
NamedScene = Annotated[Scene, Depends(_named_scene)]

Queries = Annotated[
    str | None,
    Query(
        description="A reconciliation query batch, as JSON.",
        json_schema_extra={"format": "reconciliation-queries"},
    ),
]
Extend = Annotated[
    str | None,
    Query(
        description="A data extension query, as JSON.", json_schema_extra={"format": "reconciliation-extend"}
    ),
]
Prefix = Annotated[str, Query(max_length=200, description="What has been typed so far.")]
Cursor = Annotated[int, Query(ge=0, le=_MAX_SKIPPED, description="How many suggestions to skip.")]

_FORM_BODY = {
    "x-not-idempotent": True,
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "queries": {"type": "string", "format": "reconciliation-queries"},
                        "extend": {"type": "string", "format": "reconciliation-extend"},
                    },
                    "oneOf": [{"required": ["queries"]}, {"required": ["extend"]}],
                }
            }
        },
    },
}
_ANSWERS: dict[int | str, dict[str, Any]] = {200: {"model": ManifestOut | ResultBatch | ExtendedOut}}
_POSTED: dict[int | str, dict[str, Any]] = {200: {"model": ResultBatch | ExtendedOut}}


@router.get("", operation_id="get_reconciliation_of_default", responses=_ANSWERS)
def get_of_default(
    request: Request, scene: DefaultScene, queries: Queries = None, extend: Extend = None
) -> Response:
    """Give the manifest, or answer queries, on the default release."""
    return _get(request, scene, queries, extend)


@router.post("", operation_id="post_reconciliation_of_default", responses=_POSTED, openapi_extra=_FORM_BODY)
def post_of_default(request: Request, scene: DefaultScene) -> Response:
    """Answer queries on the default release."""
    return _post(request, scene)


@router.get(_NAMED, operation_id="get_reconciliation", responses=_ANSWERS)
def get_named(
    request: Request, scene: NamedScene, queries: Queries = None, extend: Extend = None
) -> Response:
    """Give the manifest, or answer queries, on a release in a language."""
    return _get(request, scene, queries, extend)


@router.post(_NAMED, operation_id="post_reconciliation", responses=_POSTED, openapi_extra=_FORM_BODY)
def post_named(request: Request, scene: NamedScene) -> Response:
    """Answer queries on a release in a language."""
    return _post(request, scene)


@router.get(
    f"{_NAMED}/suggest/entity",
    operation_id="suggest_reconciliation_entities",
    response_model=SuggestedEntities,
)
def suggest_entities(
    scene: NamedScene,
    prefix: Prefix,
    cursor: Cursor = 0,
    kind: Annotated[
        ConceptKind | None, Query(alias="type", description="Only concepts of this type.")
    ] = None,
) -> Response:
    """Suggest skills and occupations by what someone has typed so far."""
    kinds = LINKED_KINDS if kind is None else tuple({kind} & set(LINKED_KINDS))
    found = scene.catalogue.search(prefix, kinds, scene.lang, limit=_MAX_SUGGESTED, offset=cursor)
    return _reply(
        SuggestedEntities(result=[SuggestedEntity.of(uri, scene.catalogue, scene.lang) for uri in found])
    )


@router.get(
    f"{_NAMED}/suggest/type", operation_id="suggest_reconciliation_types", response_model=SuggestedTypes
)
def suggest_types(_scene: NamedScene, prefix: Prefix, cursor: Cursor = 0) -> Response:
    """Suggest types of concepts."""
    return _reply(SuggestedTypes(result=_beginning(TYPES, prefix)[cursor:]))


@router.get(
    f"{_NAMED}/suggest/property",
    operation_id="suggest_reconciliation_properties",
    response_model=SuggestedProperties,
)
def suggest_properties(_scene: NamedScene, prefix: Prefix, cursor: Cursor = 0) -> Response:
    """Suggest what a query can say beside its phrase."""
    return _reply(SuggestedProperties(result=_beginning(QUERY_PROPERTIES, prefix)[cursor:]))


@router.get(
    f"{_NAMED}/properties",
    operation_id="propose_reconciliation_properties",
    response_model=ProposedProperties,
)
def propose_properties(
    _scene: NamedScene,
    kind: Annotated[str, Query(alias="type", max_length=200, description="A type of concepts.")] = "",
    limit: Annotated[int | None, Query(ge=1, le=1_000)] = None,
) -> Response:
    """Propose what reconciled concepts can be extended with: the same for every type."""
    proposed = list(EXTENSION_NAMES.values())[:limit]
    return _reply(ProposedProperties(type=kind, limit=limit, properties=proposed))


@router.get(
    f"{_NAMED}/preview",
    operation_id="preview_reconciliation_entity",
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
    response_class=Response,
)
def preview(
    scene: NamedScene,
    uri: Annotated[str, Query(alias="id", max_length=2_000, description="A concept's URI.")],
) -> Response:
    """Show one concept as a small page for a frame."""
    view = scene.catalogue.view(uri, scene.lang)
    if view is None:
        raise NotFound(f"{scene.catalogue.release} has no concept with this id.")
    page = preview_page(view, release=scene.catalogue.release, notice=scene.catalogue.notice)
    return Response(page, media_type="text/html", headers={"Content-Security-Policy": PREVIEW_POLICY})


def _get(request: Request, scene: Scene, queries: str | None, extend: str | None) -> Response:
    if not queries and not extend:
        return _reply(
            ManifestOut.of(
                scene.catalogue,
                base_url=str(request.base_url).rstrip("/"),
                lang=scene.lang,
                version=request.app.version,
                access=reconciliation_of(request).access,
            )
        )
    return _answer(scene, queries, extend)


def _post(request: Request, scene: Scene) -> Response:
    form: list[tuple[str, str]] = getattr(request.state, "form", [])
    return _answer(scene, _field(form, "queries"), _field(form, "extend"))


def _field(form: list[tuple[str, str]], name: str) -> str | None:
    values = [value for key, value in form if key == name]
    if len(values) > 1:
        raise InvalidInput(f"The form has {name} more than once.")
    return values[0] if values else None


def _answer(scene: Scene, queries: str | None, extend: str | None) -> Response:
    if bool(queries) == bool(extend):
        raise InvalidInput("Send either queries or extend, as JSON in a field of that name.")
    return _reconciled(scene, queries) if queries else _extended(scene, extend or "")


def _reconciled(scene: Scene, text: str) -> Response:
    raw = _parsed("queries", text)
    if isinstance(raw, dict) and len(raw) > BATCH_SIZE:
        raise PayloadTooLarge(f"At most {BATCH_SIZE} queries are taken at once; the manifest says so.")
    batch = _validated("queries", raw, QueryBatch).root
    found = reconcile(scene.catalogue, [query.wanted() for query in batch.values()])
    results = {
        key: ResultOut(result=[CandidateOut.of(each, scene.catalogue, scene.lang) for each in candidates])
        for key, candidates in zip(batch, found, strict=True)
    }
    return _reply(ResultBatch(results))


def _extended(scene: Scene, text: str) -> Response:
    wanted = _validated("extend", _parsed("extend", text), ExtendIn)
    if len(wanted.ids) > MAX_EXTENDED_IDS:
        raise PayloadTooLarge(f"At most {MAX_EXTENDED_IDS} ids are taken at once.")
    return _reply(ExtendedOut.of(wanted, scene.catalogue, scene.lang))


def _parsed(name: str, text: str) -> Any:
    try:
        value, issues = parse_json(text.encode())
    except MalformedJson as error:
        raise MalformedJson(f"{name}: {error.detail}") from None
    if issues:
        raise InvalidInput(f"{name} holds values that are not acceptable; see errors.", issues=issues)
    return value


def _validated(name: str, value: Any, model: type[ModelT]) -> ModelT:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        issues = validation_issues(error.errors())
        raise InvalidInput(f"{name} is not valid; see errors.", issues=issues) from None


_NamedT = TypeVar("_NamedT", TypeOut, PropertyOut)


def _beginning(items: list[_NamedT], prefix: str) -> list[_NamedT]:
    """Items whose id or name begins with what was typed."""
    typed = prefix.strip().casefold()
    return [item for item in items if item.id.startswith(typed) or item.name.casefold().startswith(typed)]


def _reply(body: BaseModel) -> Response:
    """Answer in the protocol's names, with members left out that have no value."""
    return Response(body.model_dump_json(by_alias=True, exclude_none=True), media_type=JSON)
