"""Rows of an uploaded file that are mended: on the page, or in a file of the refused rows that comes back."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.errors import InvalidInput
from app.intake.mapped import read_mended
from app.intake.source import Format
from app.models import CohortUpload
from app.services.audit import record_event
from app.services.changes import flush, touch
from app.services.cohort_uploads import content_of, format_name, get_to_change, opened


def mend_values(
    session: Session,
    actor: Actor,
    upload_id: UUID,
    values: Mapping[int, Mapping[str, str]],
    *,
    now: datetime,
) -> CohortUpload:
    """Write some values anew, by row and field; they are checked with the next check. Flushes.

    Raises
    ------
    InvalidInput
        A field is not one that the file has, or lists of the file are no texts.
    Conflict
        The upload is finished, or being worked on.
    """
    upload = get_to_change(session, actor, upload_id)
    content = content_of(session, actor, upload)
    is_table = upload.format != Format.JSONL
    if not is_table or any(field not in upload.fields for row in values.values() for field in row):
        raise InvalidInput("This cannot be mended here. Mend it in the file of refused rows.")
    content.mended = _merged(content.mended, values)
    touch(upload, now)
    flush(session)
    return upload


def mend_rows(
    session: Session, actor: Actor, upload_id: UUID, data: bytes, *, name: str, now: datetime
) -> int:
    """Take the mended rows of a file of refused rows, and only those; gives how many there were. Flushes.

    Raises
    ------
    InvalidInput
        The file cannot be read, or does not say which rows it mends.
    Conflict
        The upload is finished, or being worked on.
    """
    upload = get_to_change(session, actor, upload_id)
    content = content_of(session, actor, upload)
    found = opened(upload, content)
    mended = read_mended(io.BytesIO(data), format_name(name), found.head, upload.fields)
    if not mended:
        raise InvalidInput("The file holds no row that was refused here.")
    content.mended = _merged(content.mended, mended)
    touch(upload, now)
    record_event(
        session, actor, "cohort_upload.mended", "cohort_upload", upload.id, now=now, n_rows=len(mended)
    )
    flush(session)
    return len(mended)


def _merged(
    held: Mapping[str, Mapping[str, object]], mended: Mapping[int, Mapping[str, object]]
) -> dict[str, Mapping[str, object]]:
    """What was mended before and now; JSON has no numbers for keys."""
    now = {str(row): {**held.get(str(row), {}), **values} for row, values in mended.items()}
    return {**held, **now}
