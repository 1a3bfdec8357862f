"""What the headers of an institution's files meant when somebody said so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.intake.columns import MAX_HEADER_CHARS, header_key
from app.intake.mapped import FileHead
from app.repositories.uploads import RememberedColumns


def remembered_fields(
    session: Session, actor: Actor, institution_id: UUID, head: FileHead
) -> Sequence[str | None]:
    """What the columns mean: as somebody said for this institution before, else as their names say."""
    headers = _header_keys(head)
    known = RememberedColumns(session, actor, institution_id).find(headers)
    fields: list[str | None] = [
        known.get(header, guess or "") or None for header, guess in zip(headers, head.suggested, strict=True)
    ]
    times = Counter(field for field in fields if field)
    # Where what was said and what the names say meet in one field, the former holds.
    return [
        field if field is None or times[field] == 1 or known.get(header) == field else None
        for header, field in zip(headers, fields, strict=True)
    ]


def remember_fields(
    session: Session, actor: Actor, institution_id: UUID, head: FileHead, fields: Sequence[str]
) -> None:
    columns = RememberedColumns(session, actor, institution_id)
    headers = _header_keys(head)
    before = columns.find(headers)
    times = Counter(headers)
    columns.keep(
        {
            header: field
            for header, field, guess in zip(headers, fields, head.suggested, strict=True)
            # A header that is not read and that nothing knows is not kept: where a file has no
            # headers, its first row is somebody's data.
            if header and times[header] == 1 and (field or guess or header in before)
        }
    )


def _header_keys(head: FileHead) -> list[str]:
    return [header_key(column[:MAX_HEADER_CHARS])[:MAX_HEADER_CHARS] for column in head.columns]
