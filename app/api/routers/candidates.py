"""Candidates of a cohort: add one or many, read, replace, withdraw. Never with identity."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from app.api.batch import BatchMode, DryRun, batch_body, carry_out, judge_candidates, require_size
from app.api.deps import ActorDep, IfMatch, IfNoneMatch, ItemsDep, NowDep, SessionDep, allow
from app.api.etag import expected_version, optional_version
from app.api.idempotency import IdempotentRoute
from app.api.pagination import DEFAULT_LIMIT, CursorParam, LimitParam, Page, read_id
from app.api.replies import reply, reply_page, reply_record
from app.api.routers.cohorts import CohortId
from app.api.schemas.batch import BatchOut
from app.api.schemas.cohorts import CandidateIn, CandidateOut, ProfileIn
from app.api.schemas.common import ExternalId, RecordId
from app.domain.permissions import Operation
from app.domain.transitions import CandidateStatus
from app.models import CandidateProfile
from app.services.bulk import BulkMode
from app.services.candidates import (
    add_candidates,
    get_candidate,
    list_candidates,
    replace_candidate,
    withdraw_candidate,
)
from app.services.cohorts import get_cohort
from app.services.conversion import candidate_record

router = APIRouter(tags=["cohorts"], route_class=IdempotentRoute)

CandidateId = Annotated[RecordId, Path(description="`id` of the candidate.")]

_MAY_WRITE = [Depends(allow(Operation.COHORT_WRITE))]
_MAY_READ = [Depends(allow(Operation.CANDIDATE_READ))]


def _reply(row: CandidateProfile, *, created: bool = False, if_none_match: str | None = None) -> Response:
    location = f"/v1/candidates/{row.id}" if created else None
    return reply_record(CandidateOut.of(row), row.id, row.version, location, if_none_match)


@router.post(
    "/v1/cohorts/{cohort_id:id}/candidates",
    operation_id="add_candidate",
    status_code=201,
    response_model=CandidateOut,
    dependencies=_MAY_WRITE,
)
def post_candidate(
    session: SessionDep, actor: ActorDep, now: NowDep, cohort_id: CohortId, body: CandidateIn
) -> Response:
    """Add a candidate to a cohort."""
    record = body.record()
    identities = {} if body.identity is None else {record.id: body.identity.record()}
    [outcome] = add_candidates(
        session, actor, cohort_id, [record], identities=identities, mode=BulkMode.ATOMIC, now=now
    )
    if outcome.error is not None:
        raise outcome.error
    assert outcome.row is not None
    return _reply(outcome.row, created=True)


@router.post(
    "/v1/cohorts/{cohort_id:id}/candidates:batch",
    operation_id="add_candidates",
    response_model=BatchOut,
    dependencies=_MAY_WRITE,
    openapi_extra=batch_body("CandidateLine"),
)
def post_candidates(
    session: SessionDep,
    actor: ActorDep,
    now: NowDep,
    cohort_id: CohortId,
    items: ItemsDep,
    mode: BatchMode = BulkMode.PARTIAL,
    dry_run: DryRun = False,
) -> Response:
    """Add many candidates, as a JSON array or JSON lines, in the format of candidate files."""
    require_size(items)
    judged = judge_candidates(items)
    identities = {item.record.id: item.identity for item in judged if item.record and item.identity}
    add = partial(add_candidates, session, actor, cohort_id, identities=identities, mode=mode, now=now)
    return reply(carry_out(session, judged, add, mode=mode, dry_run=dry_run))


@router.get(
    "/v1/cohorts/{cohort_id:id}/candidates",
    operation_id="list_candidates",
    response_model=Page[CandidateOut],
    dependencies=_MAY_READ,
)
def get_candidates(
    request: Request,
    session: SessionDep,
    actor: ActorDep,
    cohort_id: CohortId,
    status: CandidateStatus | None = None,
    external_id: ExternalId | None = None,
    limit: LimitParam = DEFAULT_LIMIT,
    cursor: CursorParam = None,
) -> Response:
    """List the candidates of a cohort, oldest first."""
    get_cohort(session, actor, cohort_id)
    page = list_candidates(
        session,
        actor,
        after=read_id(cursor),
        limit=limit,
        cohort_id=cohort_id,
        status=status,
        external_id=external_id,
    )
    return reply_page(request, [CandidateOut.of(row) for row in page.items], page.next_after)


@router.get(
    "/v1/candidates/{candidate_id:id}",
    operation_id="get_candidate",
    response_model=CandidateOut,
    dependencies=_MAY_READ,
)
def get_one_candidate(
    session: SessionDep, actor: ActorDep, candidate_id: CandidateId, if_none_match: IfNoneMatch = None
) -> Response:
    """Read a candidate's profile."""
    return _reply(get_candidate(session, actor, candidate_id), if_none_match=if_none_match)


@router.put(
    "/v1/candidates/{candidate_id:id}",
    operation_id="replace_candidate",
    response_model=CandidateOut,
    dependencies=_MAY_WRITE,
)
def put_candidate(
    session: SessionDep,
    actor: ActorDep,
    now: NowDep,
    candidate_id: CandidateId,
    body: ProfileIn,
    if_match: IfMatch = None,
) -> Response:
    """Replace everything a profile says. Its `external_id` and identity stay."""
    wanted = expected_version(if_match, candidate_id)
    # What a candidate said on consent came from elsewhere: replacing the profile must not lose a no.
    stated = candidate_record(get_candidate(session, actor, candidate_id)).circumstances
    record = body.record(consent=stated.consent)
    return _reply(replace_candidate(session, actor, candidate_id, record, expected_version=wanted, now=now))


@router.post(
    "/v1/candidates/{candidate_id:id}:withdraw",
    operation_id="withdraw_candidate",
    response_model=CandidateOut,
    dependencies=[Depends(allow(Operation.CANDIDATE_WITHDRAW))],
)
def post_withdraw(
    session: SessionDep, actor: ActorDep, now: NowDep, candidate_id: CandidateId, if_match: IfMatch = None
) -> Response:
    """Withdraw a candidate: they are no longer ranked."""
    wanted = optional_version(if_match, candidate_id)
    return _reply(withdraw_candidate(session, actor, candidate_id, expected_version=wanted, now=now))
