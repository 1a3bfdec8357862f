"""The errors the service raises on purpose.

Every class has a stable ``code``; none knows HTTP. ``app.api.problems`` alone
maps codes to statuses, and the command line maps them to exit codes.
Messages say what to do next and carry no personal data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldIssue:
    """One fault in one place of the input.

    Attributes
    ----------
    pointer
        RFC 6901 JSON pointer to the field, ``""`` for the whole document.
    code
        Stable, machine-readable name of the rule that was broken.
    message
        What is wrong, in one sentence, without the offending personal value.
    hint
        How to mend it; empty when the message already says so.
    row
        1-based row of a tabular or line-based file; the header is row 1 of a CSV or XLSX file.
    column
        Column header of a tabular file.
    """

    pointer: str
    code: str
    message: str
    hint: str = ""
    row: int | None = None
    column: str | None = None


class AppError(Exception):
    """Base of every deliberate error."""

    code = "app-error"
    title = "The request could not be carried out"

    def __init__(self, detail: str, *, issues: Sequence[FieldIssue] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.issues = tuple(issues)


class InvalidInput(AppError):
    """The payload or file is malformed; ``issues`` says where."""

    code = "invalid-input"
    title = "The input is not valid"


class NotAuthenticated(AppError):
    """No key, or one that is unknown, expired or revoked."""

    code = "not-authenticated"
    title = "A valid API key is needed"


class NotPermitted(AppError):
    """The actor is known but may not do this."""

    code = "not-permitted"
    title = "This key may not do that"


class NotFound(AppError):
    """No such record, or none the actor may know of."""

    code = "not-found"
    title = "No such record"


class Conflict(AppError):
    """The request contradicts the present state."""

    code = "conflict"
    title = "The request conflicts with the present state"


class WrongTransition(Conflict):
    """A state machine does not allow this step; the detail names the allowed ones."""

    code = "wrong-transition"
    title = "That change of state is not allowed"


class VersionMismatch(Conflict):
    """``If-Match`` names a version that is no longer current."""

    code = "version-mismatch"
    title = "The record has changed since it was read"


class TaxonomyError(InvalidInput):
    """A taxonomy file cannot be read as it stands."""

    code = "invalid-taxonomy"
    title = "The taxonomy files are not valid"


class ReleaseConflict(Conflict):
    """A release is immutable, and other content came under its name."""

    code = "release-conflict"
    title = "The release was imported before with other content"
