"""Errors as RFC 9457 problems: the one place that knows which code has which status."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import Scope

from app.api.strict_json import MalformedJson, escape_pointer
from app.errors import (
    AppError,
    Conflict,
    FieldIssue,
    InvalidInput,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    ReleaseConflict,
    TaxonomyError,
    VersionMismatch,
    WrongTransition,
)
from app.services.idempotency import KeyInFlight, KeyReused
from app.services.review_work import ClaimedByAnother
from app.services.sign_in import SignInRefused, TooManyAttempts
from app.services.staff_sessions import PasswordChangeNeeded, SessionEnded

MEDIA_TYPE = "application/problem+json"


class MalformedRequest(InvalidInput):
    """The address or a header cannot be read: invalid UTF-8, a NUL character, a wrong encoding."""

    code = "malformed-request"
    title = "The request cannot be read"


class UnknownAddress(NotFound):
    """Nothing is served at this address."""

    code = "unknown-address"
    title = "Nothing is served here"


class MethodNotAllowed(AppError):
    """The address exists, but not for this method; ``Allow`` lists the methods it has."""

    code = "method-not-allowed"
    title = "That method is not offered here"

    def __init__(self, detail: str, *, allowed: Sequence[str]) -> None:
        super().__init__(detail)
        self.allowed = tuple(allowed)


class PayloadTooLarge(AppError):
    """The body is larger than this operation takes."""

    code = "payload-too-large"
    title = "The body is too large"


class UnsupportedMediaType(AppError):
    """The body's ``Content-Type`` or ``Content-Encoding`` is not one this operation reads."""

    code = "unsupported-media-type"
    title = "The body has a media type that is not read here"


class CrossSiteRequest(NotPermitted):
    """A form of the console came from another site's page, or from a program that does not say from where."""

    code = "cross-site-request"
    title = "This form was sent from elsewhere"


class PreconditionRequired(AppError):
    """A change must say which version it changes, in ``If-Match``."""

    code = "precondition-required"
    title = "If-Match is needed"


class NotReady(AppError):
    """The service is up but cannot serve yet; the detail says what is missing."""

    code = "not-ready"
    title = "The service is not ready"


class Busy(AppError):
    """The database cannot be reached or is at work for others; nothing was done."""

    code = "busy"
    title = "The service is busy"


class Unexpected(AppError):
    """A fault of the service; the request id finds it in the log."""

    code = "internal-error"
    title = "The service failed"


# Keyed by class, so that a subclass without an entry of its own is found by the test that
# walks every AppError, not by a caller.
STATUSES: Mapping[type[AppError], HTTPStatus] = {
    AppError: HTTPStatus.BAD_REQUEST,
    InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    MalformedJson: HTTPStatus.BAD_REQUEST,
    MalformedRequest: HTTPStatus.BAD_REQUEST,
    NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    SessionEnded: HTTPStatus.UNAUTHORIZED,
    SignInRefused: HTTPStatus.UNAUTHORIZED,
    NotPermitted: HTTPStatus.FORBIDDEN,
    CrossSiteRequest: HTTPStatus.FORBIDDEN,
    PasswordChangeNeeded: HTTPStatus.FORBIDDEN,
    TooManyAttempts: HTTPStatus.TOO_MANY_REQUESTS,
    NotFound: HTTPStatus.NOT_FOUND,
    UnknownAddress: HTTPStatus.NOT_FOUND,
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    Conflict: HTTPStatus.CONFLICT,
    WrongTransition: HTTPStatus.CONFLICT,
    ClaimedByAnother: HTTPStatus.CONFLICT,
    VersionMismatch: HTTPStatus.PRECONDITION_FAILED,
    PreconditionRequired: HTTPStatus.PRECONDITION_REQUIRED,
    PayloadTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    KeyInFlight: HTTPStatus.CONFLICT,
    TaxonomyError: HTTPStatus.UNPROCESSABLE_ENTITY,
    ReleaseConflict: HTTPStatus.CONFLICT,
    Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    NotReady: HTTPStatus.SERVICE_UNAVAILABLE,
    Unexpected: HTTPStatus.INTERNAL_SERVER_ERROR,
}

OF_THE_CONSOLE: frozenset[type[AppError]] = frozenset(
    {CrossSiteRequest, PasswordChangeNeeded, SessionEnded, SignInRefused, TooManyAttempts}
)
"""What only pages of the console meet: the API has no forms and no sessions, and never answers so."""


def every_error() -> Iterator[type[AppError]]:
    """Walk AppError and every subclass that is loaded."""
    waiting: list[type[AppError]] = [AppError]
    while waiting:
        kind = waiting.pop()
        yield kind
        waiting.extend(kind.__subclasses__())


def status_of(kind: type[AppError]) -> HTTPStatus:
    """Give the status of an error class: its own, else that of the nearest base."""
    return next(STATUSES[base] for base in kind.__mro__ if base in STATUSES)


def describe(kind: type[AppError]) -> dict[str, Any]:
    """Explain one kind of problem, as ``GET /problems/{code}`` answers."""
    return {
        "type": f"/problems/{kind.code}",
        "code": kind.code,
        "title": kind.title,
        "status": int(status_of(kind)),
        "description": inspect.cleandoc(kind.__doc__ or kind.title).replace("``", ""),
    }


def problem_document(error: AppError, scope: Scope) -> dict[str, Any]:
    """Lay out an error as the members of a problem document."""
    state = scope.get("state") or {}
    document: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": error.title,
        "status": int(status_of(type(error))),
        "detail": error.detail,
        # The path only: a query may hold what a person typed.
        "instance": _instance(scope),
    }
    if "request_id" in state:
        document["request_id"] = state["request_id"]
    if error.issues:
        document["errors"] = [issue_members(issue) for issue in error.issues]
    return document


def issue_members(issue: FieldIssue) -> dict[str, Any]:
    """Lay out one issue as a member of ``errors``."""
    members: dict[str, Any] = {"code": issue.code, "detail": issue.message}
    if issue.pointer.startswith(_PARAMETER):
        members["parameter"] = issue.pointer.removeprefix(_PARAMETER)
    else:
        members["pointer"] = issue.pointer
    if issue.hint:
        members["hint"] = issue.hint
    if issue.row is not None:
        members["row"] = issue.row
    if issue.column is not None:
        members["column"] = issue.column
    return members


def problem_response(error: AppError, scope: Scope) -> Response:
    """Make the response for an error, with the headers its status calls for."""
    status = status_of(type(error))
    response = Response(
        json.dumps(problem_document(error, scope), ensure_ascii=False).encode("utf-8", "replace"),
        status_code=int(status),
        media_type=MEDIA_TYPE,
    )
    headers = MutableHeaders(raw=response.raw_headers)
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="talentbridge"'
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = ", ".join(error.allowed)
    if isinstance(error, KeyInFlight | Busy | NotReady):
        headers["Retry-After"] = "1"
    if isinstance(error, TooManyAttempts):
        headers["Retry-After"] = str(error.retry_after_s)
    return response


def _instance(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or b""
    # raw_path is percent-encoded; anything else in it did not come from a well-behaved client.
    return raw.split(b"?")[0].decode("ascii", "replace")


# A parameter of the request has no JSON pointer. Its issue carries this mark and the name.
_PARAMETER = "parameter:"


def parameter_issue(name: str, code: str, message: str, hint: str = "") -> FieldIssue:
    """Describe a fault in a query, path or header parameter."""
    return FieldIssue(_PARAMETER + name, code, message, hint)


def validation_issues(errors: Sequence[Any], *, root: str = "") -> list[FieldIssue]:
    """Turn pydantic's errors into issues, without repeating any value of the input.

    Parameters
    ----------
    errors
        As ``ValidationError.errors()`` gives them. For framework errors the first
        part of ``loc`` says where the value came from.
    root
        Pointer of the validated value within the document.
    """
    return [_issue(error, root) for error in errors]


def request_problem(error: RequestValidationError) -> InvalidInput:
    """Turn the framework's validation error into one of ours."""
    issues: list[FieldIssue] = []
    for item in error.errors():
        origin, *rest = item["loc"]
        if origin == "body":
            issues.append(_issue({**item, "loc": rest}, ""))
        else:
            code, message, hint = _explain(item)
            issues.append(parameter_issue(".".join(str(part) for part in rest), code, message, hint))
    count = len(issues)
    places = "1 place" if count == 1 else f"{count} places"
    return InvalidInput(f"The request is not valid in {places}; see errors.", issues=issues)


def _issue(error: Any, root: str) -> FieldIssue:
    pointer = root + "".join(f"/{escape_pointer(str(part))}" for part in error["loc"])
    return FieldIssue(pointer, *_explain(error))


def _explain(error: Any) -> tuple[str, str, str]:
    kind: str = error["type"]
    context: dict[str, Any] = error.get("ctx") or {}
    if kind == "value_error" and isinstance(context.get("error"), Issue):
        told: Issue = context["error"]
        return told.code, told.message, told.hint
    code, template, hint = _EXPLANATIONS.get(kind, (kind.replace("_", "-"), "The value is not valid.", ""))
    return code, template.format_map(_Words(context)), hint


class Issue(ValueError):
    """Raised by validators of the schemas: carries a code and a hint of its own."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


class _Words(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


# Our own words, because pydantic's messages sometimes quote the input.
_EXPLANATIONS: Mapping[str, tuple[str, str, str]] = {
    "missing": ("missing", "This field is required.", ""),
    "extra_forbidden": ("unknown-field", "There is no such field.", "Check the spelling, or leave it out."),
    "string_type": ("wrong-type", "Text is expected here.", ""),
    "string_too_short": ("too-short", "At least {min_length} character(s) are needed.", ""),
    "string_too_long": ("too-long", "At most {max_length} characters are taken.", ""),
    "string_pattern_mismatch": ("wrong-form", "The text does not have the form {pattern}.", ""),
    "too_short": ("too-few", "At least {min_length} entry is needed.", ""),
    "too_long": ("too-many", "At most {max_length} entries are taken.", ""),
    "int_type": ("wrong-type", "A whole number is expected here.", ""),
    "int_parsing": ("wrong-type", "A whole number is expected here.", ""),
    "int_from_float": ("wrong-type", "A whole number is expected here.", ""),
    "float_type": ("wrong-type", "A number is expected here.", ""),
    "float_parsing": ("wrong-type", "A number is expected here.", ""),
    "bool_type": ("wrong-type", "true or false is expected here.", ""),
    "bool_parsing": ("wrong-type", "true or false is expected here.", ""),
    "list_type": ("wrong-type", "A list is expected here.", ""),
    "tuple_type": ("wrong-type", "A list is expected here.", ""),
    "dict_type": ("wrong-type", "An object is expected here.", ""),
    "model_type": ("wrong-type", "An object is expected here.", ""),
    "model_attributes_type": ("wrong-type", "An object is expected here.", ""),
    "greater_than_equal": ("too-small", "The least value is {ge}.", ""),
    "less_than_equal": ("too-large", "The greatest value is {le}.", ""),
    "enum": ("not-a-choice", "The value must be one of {expected}.", ""),
    "literal_error": ("not-a-choice", "The value must be one of {expected}.", ""),
    "date_from_datetime_parsing": ("invalid-date", "There is no such day.", ""),
    "datetime_from_date_parsing": ("invalid-time", "There is no such time.", ""),
    "datetime_parsing": ("invalid-time", "There is no such time.", ""),
    "uuid_type": ("wrong-type", "An id is expected here.", ""),
    "uuid_parsing": ("wrong-form", "This is not an id.", "Copy it from a response."),
}
