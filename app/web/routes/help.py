"""The help page: how the console works, its keys, and what scores and states mean."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.domain.transitions import ReviewState
from app.web.deps import ViewerDep
from app.web.rendering import render
from app.web.views.help import HelpView, evidence_lines, key_lines, relation_lines

router = APIRouter()


@router.get("/help")
def help_page(request: Request, viewer: ViewerDep) -> Response:
    view = HelpView(
        keys=key_lines(viewer),
        states=tuple(ReviewState),
        relations=relation_lines(viewer.words),
        evidence=evidence_lines(viewer.words),
    )
    return render(request, viewer, "help.html", view)
