"""Jobs of any kind: list, one job, and how far it is."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.domain.permissions import Operation
from app.domain.transitions import JobStatus, allowed_next
from app.models import Job
from app.services.doers import doers_of
from app.services.jobs import cancel_job, get_job, list_jobs
from app.web.deps import NowDep, SessionDep, ViewerDep, allow
from app.web.labels import label
from app.web.options import PREFIX
from app.web.paging import around
from app.web.rendering import Notice, is_fragment, keep_notice, redirect, render
from app.web.views.jobs import JobPage, JobsView, job_line, job_name, progress_of

router = APIRouter(dependencies=[Depends(allow(Operation.JOB_READ))])

_JOBS = f"{PREFIX}/jobs"


@router.get("/jobs")
def jobs_page(
    request: Request,
    session: SessionDep,
    viewer: ViewerDep,
    now: NowDep,
    status: str = "",
    after: UUID | None = None,
) -> Response:
    wanted = JobStatus(status) if status in tuple(JobStatus) else None
    page = list_jobs(session, viewer.actor, after=after, limit=50, status=wanted)
    doers = doers_of(session, viewer.actor, page.items, "requested_by")
    earlier, later = around(_JOBS, {"status": status}, after, page.next_after)
    view = JobsView(
        lines=[job_line(viewer.words, job, doers, now=now) for job in page.items],
        status=status,
        statuses=tuple(JobStatus),
        earlier=earlier,
        later=later,
    )
    return render(request, viewer, "jobs_list.html", view)


@router.get("/jobs/{job_id}")
def one_job_page(
    request: Request, session: SessionDep, viewer: ViewerDep, now: NowDep, job_id: UUID
) -> Response:
    job = get_job(session, viewer.actor, job_id)
    view = JobPage(
        line=job_line(viewer.words, job, doers_of(session, viewer.actor, [job], "requested_by"), now=now),
        progress=progress_of(viewer.words, job, now=now),
        attempts=job.attempts,
        max_attempts=job.max_attempts,
        started_at=job.started_at,
        finished_at=job.finished_at,
        error_code=job.error_code or "",
        can_cancel=bool(allowed_next(job.status)) and viewer.may(Operation.JOB_CANCEL),
        subject=_subject(job),
    )
    return render(request, viewer, "jobs_one.html", view)


@router.get("/jobs/{job_id}/progress")
def progress_fragment(
    request: Request, session: SessionDep, viewer: ViewerDep, now: NowDep, job_id: UUID
) -> Response:
    """How far a job is; once it has ended, the page around it is loaded anew and says so."""
    job = get_job(session, viewer.actor, job_id)
    view = progress_of(viewer.words, job, now=now)
    response = render(request, viewer, "jobs_progress.html", view)
    if view.is_over and is_fragment(request):
        response.headers["HX-Refresh"] = "true"
        text = viewer.words.gettext("%(job)s: %(state)s") % {
            "job": job_name(viewer.words, job.kind),
            "state": label(viewer.words, job.status),
        }
        keep_notice(response, Notice(text, is_error=job.status is JobStatus.FAILED))
    return response


@router.post("/jobs/{job_id}/cancel")
def post_cancel(session: SessionDep, viewer: ViewerDep, now: NowDep, job_id: UUID) -> Response:
    cancel_job(session, viewer.actor, job_id, now=now)
    return redirect(f"{_JOBS}/{job_id}", Notice(viewer.words.gettext("The job was cancelled.")))


def _subject(job: Job) -> str:
    if job.match_run_id is not None:
        return f"{PREFIX}/runs/{job.match_run_id}"
    if job.kind == "weights_preview":
        return f"{PREFIX}/weights/{job.subject_id}"
    if job.kind == "cohort_upload":
        return f"{PREFIX}/cohorts/uploads/{job.payload['upload_id']}"
    return f"{PREFIX}/normalisation" if job.kind == "normalisation_queue" else ""
