"""Check an uploaded file: which rows are good, what they would change, what does not link.

Nothing is held locked while the file is read: what was found is kept only if the upload is still
as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.ids import new_id
from app.domain.records import CandidateRecord
from app.domain.transitions import UploadState
from app.errors import FieldIssue, InvalidInput
from app.intake.mapped import read_mapped
from app.intake.outcome import ReadOutcome
from app.models import CohortUpload
from app.repositories.uploads import UploadRepository
from app.services.changes import flush
from app.services.cohort_rows import RowPlan, plan_rows
from app.services.cohort_uploads import UploadedFile, finish, open_upload
from app.services.queue import collect_unsure
from app.services.relaying import sending
from app.services.taxonomy_cache import TaxonomyIndexCache
from app.services.transactions import Transaction
from app.services.upload_reports import UploadReport, group_issues

MAX_PHRASES = 100
"""Most phrases that are kept for the preview; the rarest are left out."""

Report = Callable[[str, int, int], None]
"""Says how far the work is: stage, done, of how many."""

Ending = Callable[[Session], None]
"""What else belongs into the transaction that stores the result."""


def check_upload(
    transaction: Transaction,
    actor: Actor,
    upload_id: UUID,
    indexes: TaxonomyIndexCache,
    *,
    now: Callable[[], datetime],
    report: Report = lambda stage, done, total: None,
    ending: Ending = lambda session: None,
) -> None:
    """Check a file that is to be checked, and store what was found.

    One that cannot be read as a whole has failed, and what was sent is forgotten. One that was
    discarded or changed meanwhile stays as it is.
    """
    report("reading rows", 0, 0)
    with transaction(write=False) as session:
        found = open_upload(session, actor, upload_id)
        upload = found.upload
        version, n_bytes, cohort_id = upload.version, upload.n_bytes, upload.cohort_id
        is_due = upload.state is UploadState.VALIDATING
    if not is_due:
        with transaction() as session:
            ending(session)
        return
    try:
        # How many rows there are is not known before the last; most take some 200 bytes.
        outcome = read_mapped(
            found.file, found.head, progress=lambda n: report("checking rows", n, max(n, n_bytes // 200))
        )
    except InvalidInput as error:
        with transaction() as session:
            _store_failure(session, actor, upload_id, version, error, now())
            ending(session)
        return
    report("comparing with the cohort", 0, 0)
    with transaction(write=False) as session:
        plan = plan_rows(session, actor, cohort_id, outcome.records, outcome.identities)
        index, _ = indexes.get_for(session, actor)
    report("linking skills", 0, 0)
    unsure = collect_unsure(index, (), [(new_id(), record) for record in outcome.records])
    phrases = [
        {
            "kind": str(phrase.kind),
            "lang": phrase.lang,
            "wording": phrase.wording,
            "reason": str(phrase.reason),
            "n_people": len(phrase.candidates),
            "suggestions": phrase.suggestions[:1],
        }
        for phrase in unsure
        if not phrase.answered
    ]
    with transaction() as session:
        _store(session, actor, upload_id, version, outcome, plan, phrases[:MAX_PHRASES], now())
        ending(session)


def issues_of(outcome: ReadOutcome[CandidateRecord], gone: Collection[str]) -> list[FieldIssue]:
    """The faults of a file, with those rows that are good but come too late, in its order."""
    too_late = [
        FieldIssue(
            "/id",
            "candidate-withdrawn",
            "This person is withdrawn from the cohort, and their profile stays as it is.",
            row=row,
        )
        for record, row in zip(outcome.records, outcome.rows, strict=True)
        if record.id in gone
    ]
    return sorted([*outcome.issues, *too_late], key=lambda issue: issue.row or 0)


def read_again(found: UploadedFile) -> ReadOutcome[CandidateRecord]:
    """Read the rows of an upload, as checking does."""
    return read_mapped(found.file, found.head)


def _store(
    session: Session,
    actor: Actor,
    upload_id: UUID,
    version: int,
    outcome: ReadOutcome[CandidateRecord],
    plan: RowPlan,
    phrases: Sequence[dict[str, Any]],
    now: datetime,
) -> None:
    upload = _still_due(session, actor, upload_id, version)
    if upload is None:
        return
    issues = issues_of(outcome, plan.gone)
    upload.report = UploadReport(group_issues(issues), outcome.warnings).as_dict()
    upload.n_rows = outcome.n_rows
    upload.n_refused = outcome.n_refused + len(plan.gone)
    upload.n_new, upload.n_changed, upload.n_unchanged = map(len, (plan.new, plan.changed, plan.unchanged))
    content = UploadRepository(session, actor).find_content(upload)
    assert content is not None, "what was sent is kept as long as the upload is open"
    content.phrases = list(phrases)
    state = UploadState.NEEDS_ATTENTION if upload.n_refused else UploadState.READY
    finish(session, actor, upload, state, now, n_rows=upload.n_rows, n_refused=upload.n_refused)
    flush(session)


def _store_failure(
    session: Session, actor: Actor, upload_id: UUID, version: int, error: InvalidInput, now: datetime
) -> None:
    upload = _still_due(session, actor, upload_id, version)
    if upload is None:
        return
    upload.problem = error.detail
    finish(session, actor, upload, UploadState.FAILED, now)
    flush(session)


def _still_due(session: Session, actor: Actor, upload_id: UUID, version: int) -> CohortUpload | None:
    upload = UploadRepository(session, actor).get(upload_id, sending(actor), for_update=True)
    return upload if upload.state is UploadState.VALIDATING and upload.version == version else None
