"""Files of cohorts on their way in: received, matched to fields, checked, committed or discarded.

Every step can be repeated. What people wrote is kept only until the last one.
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter
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
from app.errors import Conflict, FieldIssue, InvalidInput, NotFound
from app.intake.columns import MAX_HEADER_CHARS, header_key
from app.intake.mapped import FIELDS, FileHead, MappedFile, read_head, read_mended
from app.intake.source import Format
from app.models import Cohort, CohortUpload, CohortUploadContent, Job
from app.repositories.jobs import JobRepository
from app.repositories.records import CohortRepository
from app.repositories.scoped import Page
from app.repositories.uploads import RememberedColumns, UploadRepository, list_expired
from app.services.audit import record_event
from app.services.bulk import duplicate_id
from app.services.changes import flush, require_external_id, touch
from app.services.jobs import enqueue_job
from app.services.relaying import institution_sent_for, sending

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
    head = read_head(io.BytesIO(content), _format_name(name))
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
        fields=list(_remembered(session, actor, institution_id, head)),
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
    content = _content(session, actor, upload)
    return opened(upload, content)


def opened(upload: CohortUpload, content: CohortUploadContent) -> UploadedFile:
    """Put an upload and its content together."""
    data, name = io.BytesIO(content.content), f"file.{upload.format}"
    mended = {int(row): values for row, values in content.mended.items()}
    return UploadedFile(upload, read_head(data, name), MappedFile(data, name, tuple(upload.fields), mended))


def unsure_phrases(session: Session, actor: Actor, upload: CohortUpload) -> Sequence[Mapping[str, object]]:
    """Skills and occupations of the file that do not link surely, most frequent first, once it is checked."""
    return _content(session, actor, upload).phrases


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
    upload = _get_to_change(session, actor, upload_id)
    found = opened(upload, _content(session, actor, upload))
    _require_columns(fields, len(found.head.columns))
    upload.fields = [field or None for field in fields]
    _remember(session, actor, upload, found.head, fields)
    touch(upload, now)
    flush(session)
    return upload


def begin_check(session: Session, actor: Actor, upload_id: UUID, *, now: datetime) -> CohortUpload:
    """Have an upload checked: by a job if it is large, else by the caller, with ``check_upload``. Flushes.

    An upload whose job was lost is checked anew.

    Raises
    ------
    Conflict
        It is finished, or being worked on.
    """
    upload = _get_to_change(session, actor, upload_id)
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
    upload = _get_to_change(session, actor, upload_id)
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
    upload = _get_to_change(session, actor, upload_id)
    content = _content(session, actor, upload)
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
    upload = _get_to_change(session, actor, upload_id)
    content = _content(session, actor, upload)
    found = opened(upload, content)
    mended = read_mended(io.BytesIO(data), _format_name(name), found.head, upload.fields)
    if not mended:
        raise InvalidInput("The file holds no row that was refused here.")
    content.mended = _merged(content.mended, mended)
    touch(upload, now)
    record_event(
        session, actor, "cohort_upload.mended", "cohort_upload", upload.id, now=now, n_rows=len(mended)
    )
    flush(session)
    return len(mended)


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


def _remembered(session: Session, actor: Actor, institution_id: UUID, head: FileHead) -> Sequence[str | None]:
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


def _remember(
    session: Session, actor: Actor, upload: CohortUpload, head: FileHead, fields: Sequence[str]
) -> None:
    columns = RememberedColumns(session, actor, upload.institution_id)
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


def _merged(
    held: Mapping[str, Mapping[str, object]], mended: Mapping[int, Mapping[str, object]]
) -> dict[str, Mapping[str, object]]:
    """What was mended before and now; JSON has no numbers for keys."""
    now = {str(row): {**held.get(str(row), {}), **values} for row, values in mended.items()}
    return {**held, **now}


def _get_to_change(session: Session, actor: Actor, upload_id: UUID) -> CohortUpload:
    upload = UploadRepository(session, actor).get(upload_id, sending(actor), for_update=True)
    if not allowed_next(upload.state):
        raise Conflict(f"The file is {upload.state}; send it in again to change anything.")
    job = find_job(session, actor, upload)
    if job is not None and job.status in _WORKING:
        raise Conflict("The file is being worked on. Wait until that is done.")
    return upload


def _content(session: Session, actor: Actor, upload: CohortUpload) -> CohortUploadContent:
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


def _format_name(name: str) -> str:
    """A name that says no more than the extension of the one given."""
    stem, _, extension = name.lower().rpartition(".")
    if extension == "gz":
        extension = stem.rpartition(".")[2]
    return f"file.{extension}" if extension in _EXTENSIONS else "file"
