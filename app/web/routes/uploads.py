"""Sending a file of people in: file, columns, check, preview, done. Each step is an address of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import islice
from math import ceil
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Query, Request, UploadFile
from starlette.datastructures import FormData
from starlette.responses import Response

from app.domain.actor import Actor
from app.domain.ids import is_external_id
from app.domain.permissions import Operation
from app.domain.submissions import CohortRecord
from app.domain.transitions import UploadState
from app.errors import Conflict, InvalidInput
from app.intake.mapped import SourceRow, iter_source
from app.services.cohort_overview import list_institutions, list_open_cohorts
from app.services.cohort_uploads import (
    MAX_BYTES,
    UploadedFile,
    UploadTarget,
    begin_check,
    begin_commit,
    discard_upload,
    find_job,
    get_upload,
    open_upload,
    receive_upload,
    unsure_phrases,
)
from app.services.organisations import get_organisation
from app.services.upload_checks import check_upload
from app.services.upload_columns import set_columns
from app.services.upload_commits import commit_upload
from app.services.upload_files import values_of_rows
from app.services.upload_mending import mend_rows, mend_values
from app.services.upload_reports import UploadReport
from app.web.deps import ActorDep, NowDep, RuntimeDep, SessionDep, ViewerDep, allow
from app.web.forms import FormDep
from app.web.options import PREFIX
from app.web.rendering import Notice, is_fragment, redirect, render
from app.web.sentences import sentence_of
from app.web.viewer import Viewer
from app.web.views.uploads import (
    Issues,
    PreviewView,
    SendView,
    base_of,
    by_institution,
    column_issues,
    columns_view,
    page_of,
    phrase_rows,
    preview_groups,
    receipt_view,
    shown_rows,
    wait_view,
    warnings_of,
)
from app.web.wording import N_

router = APIRouter(dependencies=[Depends(allow(Operation.COHORT_RELAY))])
# Whoever may see a cohort may see what became of its files: counts, places and rules.
reading = APIRouter(dependencies=[Depends(allow(Operation.COHORT_READ))])

_SAMPLES = 20
_VALUE = re.compile(r"v-([0-9]{1,7})-([a-z_]{1,32})")
FileField = Annotated[UploadFile | None, File()]


@router.get("/cohorts/upload")
def send_page(
    request: Request,
    viewer: ViewerDep,
    session: SessionDep,
    cohort: Annotated[str, Query(max_length=36)] = "",
    institution: Annotated[str, Query(max_length=36)] = "",
) -> Response:
    typed = {"cohort": cohort, "institution": institution}
    return _send_page(request, viewer, session, typed)


@router.post("/cohorts/upload")
def post_file(
    request: Request,
    viewer: ViewerDep,
    actor: ActorDep,
    runtime: RuntimeDep,
    now: NowDep,
    file: FileField = None,
    cohort: Annotated[str, Form()] = "",
    institution: Annotated[str, Form()] = "",
    external_id: Annotated[str, Form()] = "",
    title: Annotated[str, Form()] = "",
    programme: Annotated[str, Form()] = "",
    finishes_on: Annotated[str, Form()] = "",
) -> Response:
    typed = {
        "cohort": cohort,
        "institution": institution,
        "external_id": external_id,
        "title": title,
        "programme": programme,
        "finishes_on": finishes_on,
    }
    issues = _form_issues(viewer, typed, file)
    if not issues:
        assert file is not None
        try:
            with runtime.transaction() as session:
                upload = receive_upload(
                    session,
                    actor,
                    _target(typed),
                    file.file.read(MAX_BYTES + 1),
                    name=file.filename or "",
                    now=now,
                )
            return redirect(f"{base_of(upload.id)}/columns")
        except InvalidInput as error:
            programme_is_wrong = any(each.code == "unknown-programme" for each in error.issues)
            issues = [("programme" if programme_is_wrong else "file", sentence_of(error, viewer.words))]
        except Conflict as error:
            issues = [("external_id" if not cohort else "cohort", sentence_of(error, viewer.words))]
    with runtime.transaction(write=False) as session:
        return _send_page(request, viewer, session, typed, issues)


@router.get("/cohorts/uploads/{upload_id}")
def upload_page(viewer: ViewerDep, session: SessionDep, upload_id: UUID) -> Response:
    upload = get_upload(session, viewer.actor, upload_id)
    return redirect(page_of(upload, find_job(session, viewer.actor, upload)))


@router.get("/cohorts/uploads/{upload_id}/columns")
def columns_page(request: Request, viewer: ViewerDep, session: SessionDep, upload_id: UUID) -> Response:
    found = open_upload(session, viewer.actor, upload_id)
    view = columns_view(viewer.words, found, _samples(found))
    return render(request, viewer, "uploads_columns.html", view)


@router.post("/cohorts/uploads/{upload_id}/columns")
def post_columns(
    request: Request, viewer: ViewerDep, runtime: RuntimeDep, now: NowDep, form: FormDep, upload_id: UUID
) -> Response:
    chosen = [str(value) for value in form.getlist("column")]
    try:
        with runtime.transaction() as session:
            set_columns(session, viewer.actor, upload_id, chosen, now=now)
    except InvalidInput as error:
        if not error.issues:
            raise
        with runtime.transaction(write=False) as session:
            found = open_upload(session, viewer.actor, upload_id)
            issues = column_issues(viewer.words, error.issues)
            view = columns_view(viewer.words, found, _samples(found), chosen=chosen, issues=issues)
            return render(request, viewer, "uploads_columns.html", view, status=422)
    return _check(viewer.actor, runtime, upload_id)


@router.post("/cohorts/uploads/{upload_id}/check")
def post_check(viewer: ViewerDep, runtime: RuntimeDep, upload_id: UUID) -> Response:
    return _check(viewer.actor, runtime, upload_id)


@router.get("/cohorts/uploads/{upload_id}/progress")
def progress_page(
    request: Request, viewer: ViewerDep, session: SessionDep, now: NowDep, upload_id: UUID
) -> Response:
    upload = get_upload(session, viewer.actor, upload_id)
    job = find_job(session, viewer.actor, upload)
    page = page_of(upload, job)
    is_here = page.endswith("/progress")
    has_failed = job is not None and job.status in ("failed", "cancelled")
    if not is_here and not (has_failed and page.endswith("/preview")):
        if is_fragment(request):
            return Response(status_code=204, headers={"HX-Redirect": page})
        return redirect(page)
    return render(request, viewer, "uploads_progress.html", wait_view(viewer.words, upload, job, now))


@router.get("/cohorts/uploads/{upload_id}/preview")
def preview_page(
    request: Request,
    viewer: ViewerDep,
    session: SessionDep,
    now: NowDep,
    upload_id: UUID,
    repair: Annotated[int | None, Query(ge=1, le=10_000)] = None,
) -> Response:
    upload = get_upload(session, viewer.actor, upload_id)
    page = page_of(upload, find_job(session, viewer.actor, upload))
    if not page.endswith("/preview"):
        return redirect(page)
    return _preview(request, viewer, session, now, upload_id, repair)


@router.post("/cohorts/uploads/{upload_id}/values")
def post_values(
    viewer: ViewerDep, runtime: RuntimeDep, now: NowDep, form: FormDep, upload_id: UUID
) -> Response:
    typed = _typed_values(form)
    with runtime.transaction(write=False) as session:
        held = values_of_rows(open_upload(session, viewer.actor, upload_id), set(typed))
    mended = {
        row: {
            name: value for name, value in values.items() if str(held.get(row, {}).get(name) or "") != value
        }
        for row, values in typed.items()
    }
    mended = {row: values for row, values in mended.items() if values}
    if not mended:
        text = viewer.words.gettext("Nothing was changed.")
        return redirect(f"{base_of(upload_id)}/preview", Notice(text))
    with runtime.transaction() as session:
        mend_values(session, viewer.actor, upload_id, mended, now=now)
    n_rows = len(mended)
    text = viewer.words.ngettext(
        "%(n)s row was mended and checked again.", "%(n)s rows were mended and checked again.", n_rows
    )
    return _check(viewer.actor, runtime, upload_id, Notice(text % {"n": viewer.words.number(n_rows)}))


@router.post("/cohorts/uploads/{upload_id}/refused")
def post_refused(
    request: Request,
    viewer: ViewerDep,
    runtime: RuntimeDep,
    now: NowDep,
    upload_id: UUID,
    file: FileField = None,
) -> Response:
    try:
        if file is None or not file.filename:
            raise InvalidInput(viewer.words.gettext("Choose the file with the mended rows."))
        with runtime.transaction() as session:
            data = file.file.read(MAX_BYTES + 1)
            n_rows = mend_rows(session, viewer.actor, upload_id, data, name=file.filename, now=now)
    except InvalidInput as error:
        with runtime.transaction(write=False) as session:
            return _preview(
                request, viewer, session, now, upload_id, None, [("mended", sentence_of(error, viewer.words))]
            )
    text = viewer.words.ngettext(
        "%(n)s row came back and was checked again.", "%(n)s rows came back and were checked again.", n_rows
    )
    return _check(viewer.actor, runtime, upload_id, Notice(text % {"n": viewer.words.number(n_rows)}))


@router.post("/cohorts/uploads/{upload_id}/commit")
def post_commit(viewer: ViewerDep, runtime: RuntimeDep, now: NowDep, upload_id: UUID) -> Response:
    with runtime.transaction() as session:
        is_queued = begin_commit(session, viewer.actor, upload_id, now=now).job_id is not None
    if is_queued:
        return redirect(f"{base_of(upload_id)}/progress")
    commit_upload(runtime.transaction, viewer.actor, upload_id, now=runtime.now)
    text = viewer.words.gettext("The people are stored and will be ranked. The file was deleted.")
    return redirect(f"{base_of(upload_id)}/receipt", Notice(text))


@router.post("/cohorts/uploads/{upload_id}/discard")
def post_discard(viewer: ViewerDep, session: SessionDep, now: NowDep, upload_id: UUID) -> Response:
    discard_upload(session, viewer.actor, upload_id, now=now)
    text = viewer.words.gettext("The file was deleted. Nothing more of it is stored.")
    return redirect(f"{PREFIX}/cohorts", Notice(text))


@reading.get("/cohorts/uploads/{upload_id}/receipt")
def receipt_page(request: Request, viewer: ViewerDep, session: SessionDep, upload_id: UUID) -> Response:
    upload = get_upload(session, viewer.actor, upload_id)
    report = UploadReport.from_dict(upload.report)
    institution = get_organisation(session, viewer.actor, upload.institution_id).name
    view = receipt_view(viewer.words, upload, report, institution)
    return render(request, viewer, "uploads_receipt.html", view)


router.include_router(reading)


def _send_page(
    request: Request, viewer: Viewer, session: SessionDep, typed: Mapping[str, str], issues: Issues = ()
) -> Response:
    institutions = list_institutions(session, viewer.actor)
    cohorts = by_institution(list_open_cohorts(session, viewer.actor), institutions)
    view = SendView(institutions=institutions, cohorts=cohorts, typed=typed, issues=issues)
    return render(request, viewer, "uploads_file.html", view, status=422 if issues else 200)


def _form_issues(viewer: Viewer, typed: Mapping[str, str], file: UploadFile | None) -> Issues:
    say = viewer.words.gettext
    issues = []
    if not typed["cohort"]:
        if not _is_id(typed["institution"]):
            issues.append(("institution", say(N_("Choose the institution that the cohort is of."))))
        if not is_external_id(typed["external_id"].strip()):
            issues.append(("external_id", say(N_("Give the cohort a code, such as WELD-2026-1."))))
        if typed["finishes_on"] and _day(typed["finishes_on"]) is None:
            issues.append(("finishes_on", say(N_("Write the day as YYYY-MM-DD, or leave it empty."))))
    elif not _is_id(typed["cohort"]):
        issues.append(("cohort", say(N_("Choose a cohort from the list."))))
    if file is None or not file.filename:
        issues.append(("file", say(N_("Choose a file."))))
    return issues


def _target(typed: Mapping[str, str]) -> UploadTarget:
    if typed["cohort"]:
        return UploadTarget(None, UUID(typed["cohort"]))
    record = CohortRecord(
        typed["external_id"].strip(),
        title=typed["title"].strip()[:1_000],
        programme=typed["programme"].strip() or None,
        finishes_on=_day(typed["finishes_on"]),
    )
    return UploadTarget(UUID(typed["institution"]), None, record)


def _check(actor: Actor, runtime: RuntimeDep, upload_id: UUID, notice: Notice | None = None) -> Response:
    """Have an upload checked, here or by a job, and go to where it is then."""
    with runtime.transaction() as session:
        upload = begin_check(session, actor, upload_id, now=runtime.now())
    if upload.job_id is not None:
        return redirect(f"{base_of(upload_id)}/progress")
    check_upload(runtime.transaction, actor, upload_id, runtime.indexes, now=runtime.now)
    return redirect(base_of(upload_id) + "/preview", notice)


def _preview(
    request: Request,
    viewer: Viewer,
    session: SessionDep,
    now: NowDep,
    upload_id: UUID,
    only: int | None,
    issues: Issues = (),
) -> Response:
    found = open_upload(session, viewer.actor, upload_id)
    upload = found.upload
    if upload.state not in (UploadState.NEEDS_ATTENTION, UploadState.READY):
        raise Conflict("The file has to be checked first.")
    report = UploadReport.from_dict(upload.report)
    rows = {
        row
        for number, group in enumerate(report.groups, start=1)
        if only in (None, number)
        for row in shown_rows(group, only is not None)
    }
    values = values_of_rows(found, rows) if rows else {}
    extensions = ("xlsx", "csv") if found.head.tabular else ("jsonl",)
    view = PreviewView(
        upload=upload,
        base=base_of(upload_id),
        cohort_name=upload.title or upload.external_id,
        institution=get_organisation(session, viewer.actor, upload.institution_id).name,
        groups=preview_groups(viewer.words, report, values, tabular=found.head.tabular, only=only),
        warnings=warnings_of(viewer.words, report),
        phrases=phrase_rows(unsure_phrases(session, viewer.actor, upload)),
        formats=[(f"{base_of(upload_id)}/refused.{each}", each.upper()) for each in extensions],
        only=only,
        days_left=max(0, ceil((upload.expires_at - now) / timedelta(days=1))),
        issues=issues,
    )
    return render(request, viewer, "uploads_preview.html", view, status=422 if issues else 200)


def _typed_values(form: FormData) -> dict[int, dict[str, str]]:
    """What was typed beside the faults, by row and field."""
    typed: dict[int, dict[str, str]] = {}
    for name, value in form.multi_items():
        match = _VALUE.fullmatch(name)
        if match and isinstance(value, str):
            typed.setdefault(int(match[1]), {})[match[2]] = value.strip()
    return typed


def _samples(found: UploadedFile) -> list[SourceRow]:
    return list(islice((row for row in iter_source(found.file, found.head) if not row.fault), _SAMPLES))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False
