"""Store the good rows of a checked file: in parts, so that a restart goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.records import CandidateRecord
from app.domain.submissions import CohortRecord
from app.domain.transitions import CohortStatus, UploadState
from app.errors import FieldIssue
from app.intake.outcome import ReadOutcome
from app.models import CohortUpload
from app.repositories.records import CohortRepository
from app.repositories.scoped import chunks
from app.repositories.uploads import UploadRepository
from app.services.changes import flush
from app.services.cohort_rows import RowCounts, store_rows
from app.services.cohort_uploads import finish, open_upload
from app.services.cohorts import commit_cohort, create_cohort, record_validation, replace_cohort_issues
from app.services.jobs import finish_job
from app.services.relaying import sending
from app.services.taxonomy_cache import TaxonomyIndexCache
from app.services.transactions import Transaction
from app.services.upload_checks import Ending, Report, check_upload, issues_of, read_again
from app.services.worker import Handler, JobContext

_PART = 500
_CHECKED = (UploadState.NEEDS_ATTENTION, UploadState.READY)


def commit_upload(
    transaction: Transaction,
    actor: Actor,
    upload_id: UUID,
    *,
    now: Callable[[], datetime],
    report: Report = lambda stage, done, total: None,
    ending: Ending = lambda session: None,
) -> None:
    """Store the good rows of an upload in its cohort, commit the cohort, and forget what was sent.

    The rows are stored in parts of 500, each a transaction. What was stored before a crash is found
    unchanged by the next attempt. An upload that is no longer open stays as it is.

    Raises
    ------
    NotFound, Conflict, InvalidInput
        The cohort cannot be made, or takes nobody any more.
    """
    report("reading rows", 0, 0)
    with transaction() as session:
        upload = _get(session, actor, upload_id)
        if upload.state not in _CHECKED:
            ending(session)
            return
        found = open_upload(session, actor, upload_id)
        cohort_id = upload.cohort_id or _make_cohort(session, actor, upload, now())
    outcome = read_again(found)
    n_done = 0
    gone: set[str] = set()
    for part in chunks(outcome.records, _PART):
        with transaction() as session:
            stored = _store_part(session, actor, upload_id, cohort_id, part, outcome, now())
        if stored is None:
            break
        gone |= stored.gone
        n_done += len(part)
        report("storing people", n_done, len(outcome.records))
    with transaction() as session:
        upload = _get(session, actor, upload_id)
        if upload.state in _CHECKED:
            _close(session, actor, upload, cohort_id, issues_of(outcome, gone), now())
        ending(session)


def upload_handler(indexes: TaxonomyIndexCache) -> Handler:
    """Make the job handler that checks and commits large uploads."""

    def handle(context: JobContext) -> None:
        upload_id = UUID(context.job.payload["upload_id"])

        def ending(session: Session) -> None:
            finish_job(session, context.job, now=context.now())

        if context.job.payload["step"] == "check":
            check_upload(
                context.transaction,
                context.job.actor,
                upload_id,
                indexes,
                now=context.now,
                report=context.report,
                ending=ending,
            )
        else:
            commit_upload(
                context.transaction,
                context.job.actor,
                upload_id,
                now=context.now,
                report=context.report,
                ending=ending,
            )

    return handle


def _get(session: Session, actor: Actor, upload_id: UUID) -> CohortUpload:
    return UploadRepository(session, actor).get(upload_id, sending(actor), for_update=True)


def _make_cohort(session: Session, actor: Actor, upload: CohortUpload, now: datetime) -> UUID:
    record = CohortRecord(
        upload.external_id,
        title=upload.title,
        programme=upload.programme,
        finishes_on=upload.finishes_on,
    )
    cohort = create_cohort(session, actor, record, institution_id=upload.institution_id, now=now)
    upload.cohort_id = cohort.id
    flush(session)
    return cohort.id


def _store_part(
    session: Session,
    actor: Actor,
    upload_id: UUID,
    cohort_id: UUID,
    part: Sequence[CandidateRecord],
    outcome: ReadOutcome[CandidateRecord],
    now: datetime,
) -> RowCounts | None:
    """Store some rows; None when the upload was discarded meanwhile."""
    upload = _get(session, actor, upload_id)
    if upload.state not in _CHECKED:
        return None
    stored = store_rows(session, actor, cohort_id, part, outcome.identities, now=now)
    upload.n_created += stored.n_created
    upload.n_replaced += stored.n_replaced
    flush(session)
    return stored


def _close(
    session: Session,
    actor: Actor,
    upload: CohortUpload,
    cohort_id: UUID,
    issues: Sequence[FieldIssue],
    now: datetime,
) -> None:
    cohort = CohortRepository(session, actor).get(cohort_id, sending(actor))
    if cohort.status is CohortStatus.COMMITTED:
        replace_cohort_issues(session, actor, cohort_id, issues)
    else:
        record_validation(session, actor, cohort_id, issues, now=now)
        commit_cohort(session, actor, cohort_id, now=now)
    finish(
        session,
        actor,
        upload,
        UploadState.COMMITTED,
        now,
        n_created=upload.n_created,
        n_replaced=upload.n_replaced,
        n_refused=upload.n_refused,
    )
    flush(session)
