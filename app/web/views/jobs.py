"""Jobs as pages show them: how far they are, how long they still take, and why they failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.progress import seconds_left
from app.domain.transitions import JobStatus, allowed_next
from app.models import Job
from app.services.doers import Doers
from app.web.options import PREFIX
from app.web.views.doers import by_whom
from app.web.wording import N_, Words

KINDS: Mapping[str, str] = {
    "match_run": N_("Ranking"),
    "normalisation_queue": N_("Renewal of the normalisation queue"),
    "cohort_upload": N_("Check of an uploaded cohort"),
    "weights_preview": N_("Preview of weights"),
}
"""What kinds of jobs are called; a kind that nobody named is shown as it is."""

_STAGES: Mapping[str, str] = {
    "loading": N_("Reading vacancies and candidates"),
    "reading vacancies": N_("Reading what vacancies ask for"),
    "reading candidates": N_("Reading what candidates offer"),
    "ranking": N_("Ranking"),
    "reading unsure phrases": N_("Looking for phrases that nobody is sure of"),
    "storing": N_("Storing the result"),
    "reading rows": N_("Reading the rows"),
    "checking rows": N_("Checking the rows"),
    "comparing with the cohort": N_("Comparing with the people of the cohort"),
    "linking skills": N_("Looking for the skills in the taxonomy"),
    "storing people": N_("Storing the people"),
}
_COUNTED: Mapping[str, str] = {
    "ranking": N_("%(done)s of %(total)s vacancies"),
    "reading vacancies": N_("%(done)s of %(total)s vacancies"),
    "reading candidates": N_("%(done)s of %(total)s candidates"),
    "storing": N_("%(done)s of %(total)s vacancies"),
    "checking rows": N_("%(done)s of about %(total)s rows"),
    "storing people": N_("%(done)s of %(total)s people"),
}
_FAULTS: Mapping[str, str] = {
    "worker-lost": N_(
        "The program that did the work stopped in the middle, more than once. "
        "Try again; if it happens again, tell whoever runs the server."
    ),
    "internal-error": N_(
        "Something went wrong on our side. Try again; if it fails again, give the number of the job "
        "to whoever runs the server."
    ),
    "not-found": N_("Something that the work needs is not there, such as a taxonomy release."),
    "conflict": N_("Something changed while the work was waiting. Look at it again and start anew."),
    "not-permitted": N_("Whoever asked for the work may no longer do so."),
}


@dataclass(frozen=True, slots=True)
class ProgressView:
    """How far a job is.

    Attributes
    ----------
    poll
        Address of this fragment while the job goes on; empty once it has ended.
    share
        Of the present stage, out of one; None where nobody can tell.
    text
        Such as "312 of 1,000 vacancies, about 2 minutes left in this step".
    fault
        Why it failed, in plain words; empty unless it did.
    """

    job_id: UUID
    status: JobStatus
    poll: str
    stage: str
    share: float | None
    text: str
    fault: str

    @property
    def is_over(self) -> bool:
        return not self.poll


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job in a list."""

    id: UUID
    name: str
    status: JobStatus
    text: str
    who: str
    created_at: datetime
    took: str
    run_id: UUID | None


@dataclass(frozen=True, slots=True)
class JobsView:
    """The list of jobs; ``later`` is the address of the next page, empty on the last."""

    lines: Sequence[JobLine]
    status: str
    statuses: Sequence[JobStatus]
    earlier: str
    later: str


@dataclass(frozen=True, slots=True)
class JobPage:
    """One job. ``subject`` is the address of what it is about, empty where it has none."""

    line: JobLine
    progress: ProgressView
    attempts: int
    max_attempts: int
    started_at: datetime | None
    finished_at: datetime | None
    error_code: str
    can_cancel: bool
    subject: str


def job_name(words: Words, kind: str) -> str:
    return words.gettext(KINDS[kind]) if kind in KINDS else kind


def progress_of(words: Words, job: Job, *, now: datetime) -> ProgressView:
    """Make the view of how far a job is."""
    is_over = not allowed_next(job.status)
    is_counted = job.status is JobStatus.RUNNING and job.progress_total > 1
    return ProgressView(
        job_id=job.id,
        status=job.status,
        poll="" if is_over else f"{PREFIX}/jobs/{job.id}/progress",
        stage=_stage(words, job),
        share=job.progress_done / job.progress_total if is_counted else None,
        text=_text(words, job, now) if is_counted else "",
        fault=fault_of(words, job.error_code) if job.status is JobStatus.FAILED else "",
    )


def job_line(words: Words, job: Job, doers: Doers, *, now: datetime) -> JobLine:
    """Make the line of a job in a list."""
    progress = progress_of(words, job, now=now)
    return JobLine(
        id=job.id,
        name=job_name(words, job.kind),
        status=job.status,
        text=progress.fault or " · ".join(filter(None, (progress.stage, progress.text))),
        who=by_whom(words, doers, job.requested_by_account_id, job.requested_by_key_id),
        created_at=job.created_at,
        took=duration(words, job.started_at, job.finished_at),
        run_id=job.match_run_id,
    )


def fault_of(words: Words, code: str | None) -> str:
    """Why something failed, in plain words."""
    return words.gettext(_FAULTS.get(code or "", _FAULTS["internal-error"]))


def duration(words: Words, start: datetime | None, end: datetime | None) -> str:
    """How long something took; empty while it is not over."""
    return "" if start is None or end is None else period(words, (end - start).total_seconds())


def period(words: Words, seconds: float) -> str:
    """A stretch of time, to a precision that somebody who waits has a use for."""
    if seconds < 1:
        return words.gettext("less than a second")
    if seconds < 90:
        n = round(seconds)
        return words.ngettext("%(n)s second", "%(n)s seconds", n) % {"n": n}
    if seconds < 90 * 60:
        n = round(seconds / 60)
        return words.ngettext("%(n)s minute", "%(n)s minutes", n) % {"n": n}
    n = round(seconds / 3600)
    return words.ngettext("%(n)s hour", "%(n)s hours", n) % {"n": n}


def _stage(words: Words, job: Job) -> str:
    if job.status is JobStatus.QUEUED:
        return words.gettext("Waiting for its turn")
    if job.status is not JobStatus.RUNNING:
        return ""
    stage = _STAGES.get(job.progress_stage, N_("At work"))
    return words.gettext(stage)


def _text(words: Words, job: Job, now: datetime) -> str:
    counts = {"done": words.number(job.progress_done), "total": words.number(job.progress_total)}
    counting = _COUNTED.get(job.progress_stage, N_("%(done)s of %(total)s"))
    counted = words.gettext(counting) % counts
    left = seconds_left(
        job.progress_done,
        job.progress_total,
        since=job.progress_since,
        reported_at=job.heartbeat_at,
        now=now,
    )
    if left is None:
        return counted
    if left < 5:
        return words.gettext("%(counted)s, almost done with this step") % {"counted": counted}
    return words.gettext("%(counted)s, about %(period)s left in this step") % {
        "counted": counted,
        "period": period(words, left),
    }
