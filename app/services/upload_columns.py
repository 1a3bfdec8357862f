"""What the columns of an uploaded file mean, and what an institution's headers meant before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.errors import FieldIssue, InvalidInput
from app.intake.mapped import FIELDS
from app.models import CohortUpload
from app.services.changes import flush, touch
from app.services.cohort_uploads import content_of, get_to_change, opened
from app.services.remembered_columns import remember_fields


def set_columns(
    session: Session, actor: Actor, upload_id: UUID, fields: Sequence[str], *, now: datetime
) -> CohortUpload:
    """Say what each column means, in their order, "" for not at all; remembered for the institution. Flushes.

    Raises
    ------
    InvalidInput
        Two columns mean the same, none is the id, or a field is not known.
    Conflict
        The upload is finished, or being worked on.
    """
    upload = get_to_change(session, actor, upload_id)
    found = opened(upload, content_of(session, actor, upload))
    _require_columns(fields, len(found.head.columns))
    upload.fields = [field or None for field in fields]
    remember_fields(session, actor, upload.institution_id, found.head, fields)
    touch(upload, now)
    flush(session)
    return upload


def _require_columns(fields: Sequence[str], n_columns: int) -> None:
    issues = []
    if len(fields) != n_columns:
        raise InvalidInput("The form does not fit the file. Open the page again.")
    for field, times in Counter(fields).items():
        if field and field not in FIELDS:
            raise InvalidInput("A column is matched to a field that is not known.")
        if field and times > 1:
            where = [position for position, each in enumerate(fields) if each == field]
            message = f"Two columns are matched to {field}. Keep one of them."
            issues.append(FieldIssue(f"/columns/{where[1]}", "repeated", message))
    if "id" not in fields:
        message = "No column is matched to the id of each person."
        issues.append(FieldIssue("/columns/0", "required", message))
    if issues:
        raise InvalidInput("The columns are not matched yet.", issues=issues)
