"""Queries over files of cohorts on their way in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.permissions import Operation
from app.domain.transitions import TRANSITIONS, UploadState
from app.models import CohortUpload, CohortUploadContent, RememberedColumn
from app.repositories.scoped import Page, ScopedRepository, chunks

OPEN = tuple(state for state in UploadState if state in TRANSITIONS[UploadState])
"""States in which what was sent is still there."""


class UploadRepository(ScopedRepository[CohortUpload]):
    """Uploads within the actor's scope, newest first."""

    model = CohortUpload
    noun = "upload"
    owner = "institution_id"
    newest_first = True

    def list_page(
        self, *, after: UUID | None, limit: int, cohort_id: UUID | None = None, is_open: bool = False
    ) -> Page[CohortUpload]:
        where: list[ColumnElement[bool]] = []
        if cohort_id is not None:
            where.append(CohortUpload.cohort_id == cohort_id)
        if is_open:
            where.append(CohortUpload.state.in_(OPEN))
        return self.page(Operation.COHORT_READ, *where, after=after, limit=limit)

    def find_content(self, upload: CohortUpload) -> CohortUploadContent | None:
        """Find what people wrote, of an upload that the actor may send in; None once it is gone."""
        return self.session.get(CohortUploadContent, upload.id, populate_existing=True)

    def delete_content(self, upload: CohortUpload) -> None:
        """Forget what people wrote."""
        delete_contents(self.session, [upload.id])


class RememberedColumns:
    """What the headers of one institution's files mean."""

    def __init__(self, session: Session, actor: Actor, institution_id: UUID) -> None:
        self.session = session
        self.actor = actor
        self.institution_id = institution_id

    def find(self, headers: Sequence[str]) -> dict[str, str]:
        """Find what these headers mean, where somebody has said so; "" is a column not to be read."""
        found: dict[str, str] = {}
        for chunk in chunks(dict.fromkeys(headers)):
            query = select(RememberedColumn.header, RememberedColumn.field).where(
                RememberedColumn.partnership_id == self.actor.partnership_id,
                RememberedColumn.institution_id == self.institution_id,
                RememberedColumn.header.in_(chunk),
            )
            found.update((header, field) for header, field in self.session.execute(query))
        return found

    def keep(self, fields: Mapping[str, str]) -> None:
        """Remember what these headers mean, in place of what they meant before."""
        for header, field in fields.items():
            self.session.merge(
                RememberedColumn(
                    institution_id=self.institution_id,
                    header=header,
                    partnership_id=self.actor.partnership_id,
                    field=field,
                )
            )


def list_expired(session: Session, now: datetime, limit: int = 100) -> list[CohortUpload]:
    """List and lock open uploads, of every partnership, that were left for too long."""
    query = (
        select(CohortUpload)
        .where(CohortUpload.state.in_(OPEN), CohortUpload.expires_at <= now)
        .order_by(CohortUpload.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(query))


def delete_contents(session: Session, upload_ids: Sequence[UUID]) -> None:
    """Forget what people wrote in these uploads."""
    for chunk in chunks(upload_ids):
        session.execute(delete(CohortUploadContent).where(CohortUploadContent.upload_id.in_(chunk)))
