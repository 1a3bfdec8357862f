"""Candidates by pseudonym, and, with a reason that is kept, who they are."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api.runtime import Runtime
from app.domain.identities import IdentityReason
from app.domain.permissions import Operation
from app.domain.transitions import CandidateStatus
from app.errors import InvalidInput
from app.services.candidate_dossier import link_profile, list_dossiers, read_dossier
from app.services.identity_looks import show_identity
from app.web.deps import NowDep, RuntimeDep, SessionDep, ViewerDep, allow
from app.web.fields import FieldsDep
from app.web.options import PREFIX
from app.web.rendering import render
from app.web.viewer import Viewer
from app.web.views.candidates import CandidateView, candidate_view, candidates_view, identity_view
from app.web.views.review import blind_of
from app.web.views.review_problems import problems_of

router = APIRouter(prefix="/candidates")

_MAY_READ = [Depends(allow(Operation.CANDIDATE_READ))]
_MAY_IDENTIFY = [Depends(allow(Operation.IDENTITY_READ))]
_LONGEST = 200


@router.get("", dependencies=_MAY_READ)
def show_list(
    request: Request,
    session: SessionDep,
    viewer: ViewerDep,
    find: Annotated[str, Query(max_length=_LONGEST)] = "",
    status: str = "",
    cohort: str = "",
    after: UUID | None = None,
) -> Response:
    chosen = CandidateStatus(status) if status in set(CandidateStatus) else None
    cohort_id = _id_of(cohort)
    found = list_dossiers(
        session, viewer.actor, find=find.strip(), status=chosen, cohort_id=cohort_id, after=after
    )
    kept = {"find": find.strip(), "status": chosen or "", "cohort": cohort_id or ""}
    filters = {name: str(value) for name, value in kept.items() if value}
    addresses = {}
    if after is not None:
        addresses["first"] = f"{PREFIX}/candidates?{urlencode(filters)}"
    if found.page.next_after is not None:
        query = urlencode({**filters, "after": str(found.page.next_after)})
        addresses["later"] = f"{PREFIX}/candidates?{query}"
    view = candidates_view(found, find=find.strip(), status=chosen, cohort_id=cohort_id, address_of=addresses)
    return render(request, viewer, "candidates.html", view)


@router.get("/{candidate_id}", dependencies=_MAY_READ)
def show(
    request: Request, session: SessionDep, runtime: RuntimeDep, viewer: ViewerDep, candidate_id: UUID
) -> Response:
    view = _view(session, runtime, viewer, candidate_id)
    return render(request, viewer, "candidates_one.html", view)


@router.post("/{candidate_id}/identity", dependencies=_MAY_IDENTIFY)
def identify(
    request: Request,
    session: SessionDep,
    runtime: RuntimeDep,
    viewer: ViewerDep,
    now: NowDep,
    fields: FieldsDep,
    candidate_id: UUID,
) -> Response:
    """Show who somebody is, on this answer alone: no address shows it again without another reason."""
    try:
        reason = fields.choice("reason", IdentityReason)
        candidate, identity = show_identity(
            session, viewer.actor, candidate_id, reason=reason, note=fields.text("note"), now=now
        )
    except InvalidInput as error:
        issues = problems_of(error, viewer.words, {"/reason": "identity-reason", "/note": "identity-note"})
        entered = fields.text("reason"), fields.text("note")
        view = _view(session, runtime, viewer, candidate_id, issues, entered)
        return render(request, viewer, "candidates_one.html", view, status=422)
    assert reason is not None
    shown = identity_view(candidate, identity, reason, viewer.words)
    headers = {"Cache-Control": "no-store, private", "Pragma": "no-cache"}
    return render(request, viewer, "candidates_identity.html", shown, headers=headers)


def _view(
    session: Session,
    runtime: Runtime,
    viewer: Viewer,
    candidate_id: UUID,
    issues: tuple[tuple[str, str], ...] = (),
    entered: tuple[str, str] = ("", ""),
) -> CandidateView:
    dossier = read_dossier(session, viewer.actor, candidate_id)
    index, _ = runtime.indexes.get_for(session, viewer.actor)
    links = link_profile(index, dossier.candidate, viewer.words.locale)
    # Whoever wants to rate first is not told scores and ranks of anybody here.
    hides_scores = blind_of(viewer) and viewer.may(Operation.REVIEW_WRITE)
    return candidate_view(dossier, links, viewer, hides_scores=hides_scores, issues=issues, entered=entered)


def _id_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
