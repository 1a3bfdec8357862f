"""The description of the interface: what the framework writes, completed.

Rules that hold for many operations (authentication, problems, preconditions) are
added here from what each operation declares, so that none can be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.api.auth import needs_key
from app.api.gate import JSON, MAX_BATCH_BODY, MAX_BODY, MERGE_PATCH
from app.api.idempotency import HEADER as IDEMPOTENCY_KEY
from app.api.idempotency import KEY_PATTERN, REPLAYED
from app.api.problems import MEDIA_TYPE
from app.api.reconciliation import ReconciliationAccess, is_reconciliation
from app.api.schemas.batch import line_schemas
from app.api.schemas.problems import Problem

_METHODS = ("get", "post", "put", "patch", "delete")

_PROBLEMS = {
    400: "The request cannot be read: wrong JSON, wrong encoding.",
    401: "No key, or one that is unknown, expired or revoked.",
    403: "The key's role may not do this.",
    404: "No such record, or none this key may know of.",
    409: "The request contradicts the present state, or repeats one that is still at work.",
    412: "The record has changed since it was read.",
    413: "The body is too large.",
    415: "The body has a media type or encoding that is not read here.",
    422: "A field or parameter is not acceptable; `errors` says which.",
    428: "A change must name in If-Match the version it changes.",
    500: "The service failed; the request id finds the fault in the log.",
    503: "The service is not ready, or busy.",
}

_PROBLEM_HEADERS = {401: ("WWW-Authenticate",), 503: ("Retry-After",)}

_DESCRIPTION = f"""\
Explained, exact matching of trainees to vacancies for EU Talent Partnerships.

**Keys.** Everything below `/v1` needs `Authorization: Bearer tp_…`, and so does `/reconcile` unless its
operator opened it. A key sees the records of its own organisation, or of its partnership for staff; what
it may not know of is answered 404.

**Errors** are problem documents (RFC 9457); `errors` lists each fault with its JSON pointer.

**Bodies** are JSON in UTF-8, at most {MAX_BODY // 1024} KiB ({MAX_BATCH_BODY // 1024 // 1024} MiB for
batches). Refused everywhere: NaN and Infinity, integers beyond ±2^53, repeated keys, the NUL character,
halves of surrogate pairs, more than 32 levels. Keys that are not described are refused too, except in
batches, where they are reported as warnings. `/reconcile` takes forms, as its protocol has it.

**Lists** give at most 200 items; follow `next_cursor`, or the `Link` header.

**Changes** to a record need its `ETag` in `If-Match`. **POST** may be repeated safely with an
`Idempotency-Key`: the first success is kept for a day and given again.
"""

_TAGS = [
    {"name": "vacancies", "description": "Open posts of employers."},
    {"name": "skills needs", "description": "Employers' dated forecasts of demand."},
    {"name": "programmes", "description": "What institutions teach."},
    {"name": "cohorts", "description": "Learners finishing together, and their profiles."},
    {"name": "matching", "description": "Match runs, matches and their explanations."},
    {"name": "reviews", "description": "Decisions on pairs, and employers' answers to introductions."},
    {
        "name": "normalisation",
        "description": "What phrases mean: staff aliases, and phrases that wait for one.",
    },
    {
        "name": "weights",
        "description": "What counts how much: proposed by one administrator, approved by another.",
    },
    {"name": "taxonomy", "description": "Skills and occupations to choose from."},
    {
        "name": "reconciliation",
        "description": "The Reconciliation Service API 0.2 of the W3C community group, for OpenRefine.",
    },
    {"name": "administration", "description": "Organisations, keys, jobs, audit."},
    {"name": "service", "description": "Health, readiness and the meaning of problems."},
]


def install_openapi(app: FastAPI) -> None:
    """Serve the completed description at ``/openapi.json``."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = build_openapi(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # the framework's documented way


def build_openapi(app: FastAPI) -> dict[str, Any]:
    """Write the description of the interface."""
    document = get_openapi(
        title="TalentBridge",
        version=app.version,
        summary="Matching for EU Talent Partnerships",
        description=_DESCRIPTION,
        routes=app.routes,
        tags=_TAGS,
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
    )
    components = document["components"]
    for name in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    for name, schema in {"Problem": problem, **line_schemas()}.items():
        components["schemas"] |= {**schema.pop("$defs", {}), name: schema}
    components["schemas"] = dict(sorted(components["schemas"].items()))
    components |= _shared_parts()
    components["securitySchemes"] = {
        "api_key": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "tp_…",
            "description": "An API key, shown once when it is issued.",
        }
    }
    versioned = {
        f"#/components/schemas/{name}"
        for name, schema in components["schemas"].items()
        if "version" in schema.get("properties", {})
    }
    access: ReconciliationAccess = app.state.reconciliation.access
    for path, method, operation in operations(document):
        _complete(path, method, operation, versioned, protected=needs_key(path, access))
    _add_links(document)
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Walk (path, method, operation) of a description."""
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _complete(
    path: str, method: str, operation: dict[str, Any], versioned: set[str], *, protected: bool
) -> None:
    operation["summary"] = operation["operationId"].replace("_", " ").capitalize()
    if protected:
        operation["security"] = [{"api_key": []}]
    if method == "post" and not operation.pop("x-not-idempotent", False):
        operation.setdefault("parameters", []).append(_idempotency_parameter())
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
        if parameter["name"] == "If-Match":
            parameter["required"] = method in ("put", "patch")
    if method == "patch" and "requestBody" in operation:
        content = operation["requestBody"]["content"]
        content[MERGE_PATCH] = dict(content[JSON])
    for code, response in operation["responses"].items():
        _describe_success(response, code, path, operation, versioned)
    _complete_responses(path, method, operation, protected)


# Which answer gives the value of a path parameter.
_SOURCES = {
    "vacancy_id": ("create_vacancy", "#/id"),
    "need_id": ("create_skills_need", "#/id"),
    "programme_id": ("create_programme", "#/id"),
    "cohort_id": ("create_cohort", "#/id"),
    "candidate_id": ("add_candidate", "#/id"),
    "organisation_id": ("create_organisation", "#/id"),
    "key_id": ("issue_api_key", "#/key/id"),
    "run_id": ("request_match_run", "#/id"),
    "job_id": ("request_match_run", "#/job_id"),
    "match_id": ("list_matches", "#/items/0/id"),
    "alias_id": ("create_alias", "#/id"),
    "profile_id": ("create_weight_profile", "#/id"),
    "entry_id": ("list_normalisation_queue", "#/items/0/id"),
}


def _add_links(document: dict[str, Any]) -> None:
    """Say what can be done with a record that was just made (OpenAPI links)."""
    by_id = {operation["operationId"]: operation for _, _, operation in operations(document)}
    for _, _, operation in operations(document):
        names = [item["name"] for item in operation.get("parameters", ()) if item["in"] == "path"]
        if len(names) == 1 and names[0] in _SOURCES:
            source, place = _SOURCES[names[0]]
            responses = by_id[source]["responses"]
            success = next(responses[code] for code in ("200", "201", "202") if code in responses)
            success.setdefault("links", {})[operation["operationId"]] = {
                "operationId": operation["operationId"],
                "parameters": {names[0]: f"$response.body{place}"},
            }


def _idempotency_parameter() -> dict[str, Any]:
    return {
        "name": IDEMPOTENCY_KEY,
        "in": "header",
        "required": False,
        "description": "Any text of yours that is new for each new request, for example a UUID.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": KEY_PATTERN},
    }


def _complete_responses(path: str, method: str, operation: dict[str, Any], protected: bool) -> None:
    parameters = {(item["in"], item["name"]) for item in operation.get("parameters", ())}
    takes_body = method in ("post", "put", "patch")
    statuses = {400, 422, 500}
    if protected:
        # 404 also where no path parameter is: a parameter or the body may name a record.
        statuses |= {401, 403, 404, 503}
    if is_reconciliation(path) or any(place == "path" for place, _ in parameters):
        statuses.add(404)
    if takes_body:
        statuses |= {409, 413, 415}
    if is_reconciliation(path):
        statuses |= {413, 503}
    if ("header", "If-Match") in parameters:
        statuses |= {409, 412}
    if method in ("put", "patch"):
        statuses.add(428)
    if path == "/readyz":
        statuses.add(503)
    responses: dict[str, Any] = operation["responses"]
    if ("header", "If-None-Match") in parameters:
        responses["304"] = {"description": "The version held is current.", "headers": _headers("ETag")}
    for status in statuses:
        responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    operation["responses"] = dict(sorted(responses.items()))


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """An optional parameter is left out, and never null: an address has no way to say null."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) != 1:
        return schema
    return {**{key: value for key, value in schema.items() if key != "anyOf"}, **choices[0]}


def _describe_success(
    response: dict[str, Any], code: str, path: str, operation: dict[str, Any], versioned: set[str]
) -> None:
    parameters = {(item["in"], item["name"]) for item in operation.get("parameters", ())}
    schema = response.get("content", {}).get(JSON, {}).get("schema", {})
    names = []
    if code in ("201", "202"):
        names.append("Location")
    if schema.get("$ref") in versioned:
        names.append("ETag")
    # The reconciliation protocol has a cursor of another kind, and no links.
    if ("query", "cursor") in parameters and not is_reconciliation(path):
        names.append("Link")
    response["headers"] = _headers(*names)
    if ("header", IDEMPOTENCY_KEY) in parameters:
        response["headers"][REPLAYED] = {"$ref": f"#/components/headers/{REPLAYED}"}


_HEADERS: dict[str, tuple[str, dict[str, Any]]] = {
    "X-Request-ID": ("Finds this request in the log.", {"type": "string", "minLength": 8}),
    "ETag": ("Strong tag of this version.", {"type": "string", "pattern": '^"[^"]+"$'}),
    "Location": ("Address of what was made.", {"type": "string", "format": "uri-reference"}),
    "Link": ("First and next page (RFC 8288).", {"type": "string"}),
    "WWW-Authenticate": ("How to authenticate.", {"type": "string"}),
    REPLAYED: ("This is the answer of an earlier request.", {"type": "string", "enum": ["true"]}),
    "Retry-After": ("Seconds to wait.", {"type": "string", "pattern": "^[0-9]+$"}),
}


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-ID", *names)}


def _shared_parts() -> dict[str, Any]:
    """Describe once what nearly every operation refers to."""
    return {
        "headers": {
            name: {"description": description, "required": name != REPLAYED, "schema": schema}
            for name, (description, schema) in _HEADERS.items()
        },
        "responses": {
            f"Problem{status}": {
                "description": description,
                "headers": _headers(*_PROBLEM_HEADERS.get(status, ())),
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
            for status, description in _PROBLEMS.items()
        },
    }
