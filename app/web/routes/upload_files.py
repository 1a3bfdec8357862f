"""Files to download for who sends people in: empty templates, and refused rows with what mends them."""

from __future__ import annotations

import io
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.domain.permissions import Operation
from app.errors import NotFound
from app.intake.source import Format
from app.intake.template import MEND_TITLES, write_template
from app.services.cohort_uploads import open_upload
from app.services.upload_files import write_refused
from app.web.deps import SessionDep, ViewerDep, allow
from app.web.repairs import say_issue
from app.web.views.template_hints import HINTS

router = APIRouter(dependencies=[Depends(allow(Operation.COHORT_RELAY))])

_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
}


@router.get("/cohorts/template.{extension}")
def template_file(viewer: ViewerDep, extension: str) -> Response:
    if extension not in ("csv", "xlsx"):
        raise NotFound("There is nothing at this address.")
    target = io.BytesIO()
    hints = {key: viewer.words.gettext(text) for key, text in HINTS.items()}
    write_template(target, Format(extension), viewer.words.locale, hints)
    return _download(target, f"cohort-{viewer.words.locale}.{extension}", extension)


@router.get("/cohorts/uploads/{upload_id}/refused.{extension}")
def refused_file(viewer: ViewerDep, session: SessionDep, upload_id: UUID, extension: str) -> Response:
    found = open_upload(session, viewer.actor, upload_id)
    if extension not in (("csv", "xlsx") if found.head.tabular else ("jsonl",)):
        raise NotFound("There is nothing at this address.")
    target = io.BytesIO()
    write_refused(
        target,
        found,
        kind=Format(extension),
        titles=MEND_TITLES[viewer.words.locale],
        say=lambda issue: say_issue(viewer.words, issue),
    )
    return _download(target, f"refused-rows.{extension}", extension)


def _download(target: io.BytesIO, name: str, extension: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(target.getvalue(), media_type=_MEDIA[extension], headers=headers)
