"""Files of cohorts on their way in: received, matched to fields, checked, committed or discarded.

Every step can be repeated. What people wrote is kept only until the last one.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.ids import new_id
from app.domain.permissions import Operation
from app.domain.submissions import CohortRecord
from app.domain.transitions import CohortStatus, JobStatus, UploadState, allowed_next, require_transition
from app.errors import Conflict, InvalidInput, NotFound
from app.intake.mapped import FileHead, MappedFile, read_head
from app.models import Cohort, CohortUpload, CohortUploadContent, Job
from app.repositories.jobs import JobRepository
from app.repositories.records import CohortRepository
from app.repositories.scoped import Page
from app.repositories.uploads import UploadRepository, list_expired
from app.services.audit import record_event
from app.services.bulk import duplicate_id
from app.services.changes import flush, require_external_id, touch
from app.services.jobs import enqueue_job
from app.services.relaying import institution_sent_for, sending
from app.services.remembered_columns import remembered_fields

JOB_KIND = "cohort_upload"

KEPT_FOR = timedelta(days=7)
"""How long a file is kept that nobody commits."""

_EXTENSIONS = frozenset({"csv", "tsv", "xlsx", "xlsm", "xls", "ods", "json", "jsonl", "ndjson"})

MAX_BYTES = 32 * 2**20
# What is checked while the sender waits: a file of some hundred people.
_AT_ONCE_BYTES = 256 * 1024
_AT_ONCE_ROWS = 1_000

_CLOSED_COHORT = (CohortStatus.FAILED, CohortStatus.WITHDRAWN)
_CHECKED = (UploadState.NEEDS_ATTENTION, UploadState.READY)
_WORKING = (JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class UploadTarget:
    """Where the people of a file go: to a cohort that is there, or to one to be made of ``record``."""

    institution_id: UUID | None
    cohort_id: UUID | None = None
    record: CohortRecord | None = None


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """An upload with what was sent, and the columns found in it."""

    upload: CohortUpload
    head: FileHead
    file: MappedFile


def get_upload(session: Session, actor: Actor, upload_id: UUID) -> CohortUpload:
    """Get an upload; raises NotFound."""
    return UploadRepository(session, actor).get(upload_id, Operation.COHORT_READ)


def list_uploads(
    session: Session,
    actor: Actor,
    *,
    after: UUID | None = None,
    limit: int = 50,
    cohort_id: UUID | None = None,
    is_open: bool = False,
) -> Page[CohortUpload]:
    """List the uploads that the actor may know of, newest first; ``is_open`` those not finished only."""
    return UploadRepository(session, actor).list_page(
        after=after, limit=limit, cohort_id=cohort_id, is_open=is_open
    )


def find_job(session: Session, actor: Actor, upload: CohortUpload) -> Job | None:
    """Find the newest job that works on an upload."""
    if upload.job_id is None:
        return None
    return JobRepository(session, actor).get(upload.job_id, Operation.JOB_READ)


def receive_upload(
    session: Session, actor: Actor, target: UploadTarget, content: bytes, *, name: str, now: datetime
) -> CohortUpload:
    """Take a file in, and say what its columns seem to mean. Flushes.

    Parameters
    ----------
    name
        The file's; only what it says of the format is looked at, and nothing of it is kept.

    Raises
    ------
    NotFound
        The actor reaches no such institution or cohort.
    InvalidInput
        The file cannot be read, or the cohort to be made is not described well.
    Conflict
        The cohort takes nobody any more, or the institution has one with this id.
    """
    institution_id, record = _resolve(session, actor, target)
    if len(content) > MAX_BYTES:
        raise InvalidInput(f"The file is larger than {MAX_BYTES // 2**20} MB. Split it.")
    head = read_head(io.BytesIO(content), format_name(name))
    upload = CohortUpload(
        id=new_id(),
        partnership_id=actor.partnership_id,
        institution_id=institution_id,
        cohort_id=target.cohort_id,
        external_id=record.id,
        title=record.title,
        programme=record.programme,
        finishes_on=record.finishes_on,
        state=UploadState.RECEIVED,
        format=head.kind.value,
        sha256=hashlib.sha256(content).hexdigest(),
        n_bytes=len(content),
        fields=list(remembered_fields(session, actor, institution_id, head)),
        report={},
        **dict.fromkeys(
            ("n_rows", "n_refused", "n_new", "n_changed", "n_unchanged", "n_created", "n_replaced"), 0
        ),
        sent_by_key_id=actor.key_id,
        sent_by_account_id=actor.account_id,
        sent_by_role=actor.role,
        expires_at=now + KEPT_FOR,
        version=1,
        created_at=now,
        updated_at=now,
    )
    session.add(upload)
    flush(session)
    session.add(CohortUploadContent(upload_id=upload.id, content=content, mended={}, phrases=[]))
    _record(session, actor, upload, now, n_bytes=upload.n_bytes)
    flush(session)
    return upload


def open_upload(session: Session, actor: Actor, upload_id: UUID) -> UploadedFile:
    """Get an upload with what people wrote, for those who may send it in.

    Raises
    ------
    NotFound
        No such upload within the actor's scope.
    Conflict
        It is committed, discarded or failed: what was sent is gone.
    """
    upload = UploadRepository(session, actor).get(upload_id, sending(actor))
    content = content_of(session, actor, upload)
    return opened(upload, content)


def opened(upload: CohortUpload, content: CohortUploadContent) -> UploadedFile:
    """Put an upload and its content together."""
    data, name = io.BytesIO(content.content), f"file.{upload.format}"
    mended = {int(row): values for row, values in content.mended.items()}
    return UploadedFile(upload, read_head(data, name), MappedFile(data, name, tuple(upload.fields), mended))


def unsure_phrases(session: Session, actor: Actor, upload: CohortUpload) -> Sequence[Mapping[str, object]]:
    """Skills and occupations of the file that do not link surely, most frequent first, once it is checked."""
    return content_of(session, actor, upload).phrases


def begin_check(session: Session, actor: Actor, upload_id: UUID, *, now: datetime) -> CohortUpload:
    """Have an upload checked: by a job if it is large, else by the caller, with ``check_upload``. Flushes.

    An upload whose job was lost is checked anew.

    Raises
    ------
    Conflict
        It is finished, or being worked on.
    """
    upload = get_to_change(session, actor, upload_id)
    if "id" not in upload.fields:
        raise Conflict("Say first which column holds the id of each person.")
    if upload.state is not UploadState.VALIDATING:
        _change(session, actor, upload, UploadState.VALIDATING, now)
    else:
        touch(upload, now)
    upload.job_id = None
    if upload.n_bytes > _AT_ONCE_BYTES:
        _enqueue(session, actor, upload, "check", now)
    flush(session)
    return upload


def begin_commit(session: Session, actor: Actor, upload_id: UUID, *, now: datetime) -> CohortUpload:
    """Have the good rows stored: by a job if they are many, else by the caller, with ``commit_upload``.

    Flushes.

    Raises
    ------
    Conflict
        It is not checked, has no good row, or is being worked on.
    """
    upload = get_to_change(session, actor, upload_id)
    if upload.state not in _CHECKED:
        raise Conflict("The file has to be checked before its rows are taken.")
    if upload.n_rows == upload.n_refused:
        raise Conflict("No row of the file can be taken. Mend the rows first.")
    upload.job_id = None
    if upload.n_rows > _AT_ONCE_ROWS:
        _enqueue(session, actor, upload, "commit", now)
    touch(upload, now)
    flush(session)
    return upload


def discard_upload(session: Session, actor: Actor, upload_id: UUID, *, now: datetime) -> CohortUpload:
    """Forget what was sent; nothing of it is stored. Flushes; raises WrongTransition when it is finished."""
    repository = UploadRepository(session, actor)
    upload = repository.get(upload_id, sending(actor), for_update=True)
    _change(session, actor, upload, UploadState.DISCARDED, now)
    repository.delete_content(upload)
    flush(session)
    return upload


def discard_expired(session: Session, *, now: datetime) -> int:
    """Forget what was sent and left for a week, in every partnership; gives how many uploads. Flushes."""
    expired = list_expired(session, now)
    for upload in expired:
        actor = sender_of(upload)
        _change(session, actor, upload, UploadState.DISCARDED, now, is_expired=True)
        UploadRepository(session, actor).delete_content(upload)
    flush(session)
    return len(expired)


def finish(
    session: Session, actor: Actor, upload: CohortUpload, state: UploadState, now: datetime, **details: int
) -> None:
    """Take an upload to a state, and forget what was sent where that state is final."""
    _change(session, actor, upload, state, now, **details)
    if not allowed_next(state):
        UploadRepository(session, actor).delete_content(upload)


def sender_of(upload: CohortUpload) -> Actor:
    """Act as whoever sent a file in."""
    role = upload.sent_by_role
    return Actor(
        key_id=upload.sent_by_key_id,
        role=role,
        partnership_id=upload.partnership_id,
        organisation_id=upload.institution_id if role.is_organisation else None,
        account_id=upload.sent_by_account_id,
    )


def _resolve(session: Session, actor: Actor, target: UploadTarget) -> tuple[UUID, CohortRecord]:
    """Whose file it is, and how its cohort is described."""
    if target.cohort_id is not None:
        cohort = CohortRepository(session, actor).get(target.cohort_id, sending(actor))
        if cohort.status in _CLOSED_COHORT:
            raise Conflict(f"The cohort is {cohort.status} and takes no more candidates.")
        return cohort.institution_id, CohortRecord(cohort.external_id, title=cohort.title)
    institution_id = institution_sent_for(session, actor, target.institution_id)
    if target.record is None:
        raise NotFound("There is no such cohort.")
    require_external_id(target.record.id)
    if find_cohort_of(session, actor, institution_id, target.record.id) is not None:
        raise duplicate_id("cohort")
    return institution_id, target.record


def find_cohort_of(session: Session, actor: Actor, institution_id: UUID, external_id: str) -> Cohort | None:
    """Find a cohort of an institution by its id for it."""
    return CohortRepository(session, actor).find_of_owner(institution_id, external_id, Operation.COHORT_READ)


def get_to_change(session: Session, actor: Actor, upload_id: UUID) -> CohortUpload:
    upload = UploadRepository(session, actor).get(upload_id, sending(actor), for_update=True)
    if not allowed_next(upload.state):
        raise Conflict(f"The file is {upload.state}; send it in again to change anything.")
    job = find_job(session, actor, upload)
    if job is not None and job.status in _WORKING:
        raise Conflict("The file is being worked on. Wait until that is done.")
    return upload


def content_of(session: Session, actor: Actor, upload: CohortUpload) -> CohortUploadContent:
    content = UploadRepository(session, actor).find_content(upload)
    if content is None:
        raise Conflict(f"The file is {upload.state}; what was sent is no longer kept.")
    return content


def _enqueue(session: Session, actor: Actor, upload: CohortUpload, step: str, now: datetime) -> None:
    job = enqueue_job(
        session,
        actor,
        JOB_KIND,
        {"upload_id": str(upload.id), "step": step},
        subject_id=upload.id,
        max_attempts=3,
        now=now,
    )
    upload.job_id = job.id


def _change(
    session: Session,
    actor: Actor,
    upload: CohortUpload,
    state: UploadState,
    now: datetime,
    **details: int | bool,
) -> None:
    require_transition(upload.state, state)
    upload.state = state
    touch(upload, now)
    _record(session, actor, upload, now, **details)


def _record(
    session: Session, actor: Actor, upload: CohortUpload, now: datetime, **details: int | bool
) -> None:
    record_event(
        session,
        actor,
        f"cohort_upload.{upload.state}",
        "cohort_upload",
        upload.id,
        now=now,
        on_behalf_of=str(upload.institution_id),
        cohort_id=None if upload.cohort_id is None else str(upload.cohort_id),
        **details,
    )


def format_name(name: str) -> str:
    """A name that says no more than the extension of the one given."""
    stem, _, extension = name.lower().rpartition(".")
    if extension == "gz":
        extension = stem.rpartition(".")[2]
    return f"file.{extension}" if extension in _EXTENSIONS else "file"
