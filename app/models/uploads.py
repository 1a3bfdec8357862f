"""Files of cohorts on their way in, and what the headers of an institution's files mean."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.actor import Role
from app.domain.transitions import UploadState
from app.models.base import (
    Base,
    IdColumn,
    JsonArray,
    JsonObject,
    Versioned,
    by_one,
    enum_type,
    external_id_check,
    scoped_key,
)


class CohortUpload(Versioned, Base):
    """One file for one cohort, from its arrival until it is committed or discarded.

    It holds counts and digests; everything that people wrote is in ``CohortUploadContent``, which is
    gone with the last step. ``external_id``, ``title``, ``programme`` and ``finishes_on`` describe the
    cohort to be made where ``cohort_id`` is None. ``fields`` says by position which field each column
    means, ``report`` what ``app.services.upload_reports.UploadReport.as_dict`` gives: places and rules,
    never values. ``n_new``, ``n_changed`` and ``n_unchanged`` are what checking found, ``n_created`` and
    ``n_replaced`` what has been stored so far.
    """

    __tablename__ = "cohort_upload"
    __table_args__ = (
        scoped_key("institution_id", "organisation"),
        Index(None, "partnership_id", "id"),
        Index(None, "cohort_id"),
        # Serves the search for what has to go.
        Index(None, "state", "expires_at"),
        external_id_check(),
        by_one("sent_by"),
        CheckConstraint(
            "n_rows >= 0 AND n_refused >= 0 AND n_new >= 0 AND n_changed >= 0 AND n_unchanged >= 0"
            " AND n_created >= 0 AND n_replaced >= 0",
            name="counts_not_negative",
        ),
        CheckConstraint("state <> 'committed' OR cohort_id IS NOT NULL", name="committed_to_a_cohort"),
    )

    id: Mapped[IdColumn]
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    institution_id: Mapped[UUID]
    cohort_id: Mapped[UUID | None] = mapped_column(ForeignKey("cohort.id", ondelete="CASCADE"))
    external_id: Mapped[str]
    title: Mapped[str]
    programme: Mapped[str | None]
    finishes_on: Mapped[date | None]
    state: Mapped[UploadState] = mapped_column(enum_type(UploadState))
    format: Mapped[str] = mapped_column(String(8))
    sha256: Mapped[str] = mapped_column(String(64))
    n_bytes: Mapped[int]
    fields: Mapped[JsonArray]
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"))
    problem: Mapped[str | None]
    report: Mapped[JsonObject] = mapped_column(deferred=True)
    n_rows: Mapped[int]
    n_refused: Mapped[int]
    n_new: Mapped[int]
    n_changed: Mapped[int]
    n_unchanged: Mapped[int]
    n_created: Mapped[int]
    n_replaced: Mapped[int]
    sent_by_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_key.id"))
    sent_by_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_account.id"))
    sent_by_role: Mapped[Role] = mapped_column(enum_type(Role))
    expires_at: Mapped[datetime]


class CohortUploadContent(Base):
    """What people wrote: the file, the rows mended since, and what checking found in them.

    ``mended`` is an object of objects: row number, then field, then value. ``phrases`` are those of its
    skills and occupations that do not link surely, most frequent first.
    """

    __tablename__ = "cohort_upload_content"

    upload_id: Mapped[UUID] = mapped_column(
        ForeignKey("cohort_upload.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[bytes] = mapped_column(LargeBinary)
    mended: Mapped[JsonObject]
    phrases: Mapped[JsonArray]

    def __repr__(self) -> str:
        # Reprs end up in logs and test output.
        return f"CohortUploadContent({self.upload_id})"


class RememberedColumn(Base):
    """What a header of an institution's files means, as somebody said when they sent one in.

    ``header`` is in the form of ``app.intake.columns.header_key``; ``field`` is empty for a column
    that is not to be read.
    """

    __tablename__ = "remembered_column"
    __table_args__ = (
        scoped_key("institution_id", "organisation"),
        CheckConstraint("length(header) BETWEEN 1 AND 200", name="header_length"),
    )

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    header: Mapped[str] = mapped_column(primary_key=True)
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    field: Mapped[str] = mapped_column(String(32))
