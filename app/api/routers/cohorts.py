"""Cohorts: submit, read, replace, commit, withdraw."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from app.api.deps import (
    ActorDep,
    IfMatch,
    IfNoneMatch,
    NowDep,
    SessionDep,
    UpdatedSince,
    allow,
)
from app.api.etag import expected_version, optional_version
from app.api.idempotency import IdempotentRoute
from app.api.pagination import DEFAULT_LIMIT, CursorParam, LimitParam, Page, read_id
from app.api.replies import reply, reply_page, reply_record
from app.api.schemas.cohorts import CohortIn, CohortIssueOut, CohortIssuesOut, CohortOut
from app.api.schemas.common import ExternalId, RecordId
from app.domain.permissions import Operation
from app.domain.transitions import CohortStatus
from app.models import Cohort
from app.services.cohorts import (
    commit_cohort,
    create_cohort,
    get_cohort,
    list_cohort_issues,
    list_cohorts,
    replace_cohort,
    withdraw_cohort,
)

router = APIRouter(tags=["cohorts"], route_class=IdempotentRoute)

CohortId = Annotated[RecordId, Path(description="`id` of the cohort.")]

_MAY_WRITE = [Depends(allow(Operation.COHORT_WRITE))]
_MAY_READ = [Depends(allow(Operation.COHORT_READ))]


def _reply(row: Cohort, *, created: bool = False, if_none_match: str | None = None) -> Response:
    location = f"/v1/cohorts/{row.id}" if created else None
    return reply_record(CohortOut.of(row), row.id, row.version, location, if_none_match)


@router.post(
    "/v1/cohorts",
    operation_id="create_cohort",
    status_code=201,
    response_model=CohortOut,
    dependencies=_MAY_WRITE,
)
def post_cohort(session: SessionDep, actor: ActorDep, now: NowDep, body: CohortIn) -> Response:
    """Open a cohort. Its candidates are ranked once it is committed."""
    return _reply(create_cohort(session, actor, body.record(), now=now), created=True)


@router.get(
    "/v1/cohorts", operation_id="list_cohorts", response_model=Page[CohortOut], dependencies=_MAY_READ
)
def get_cohorts(
    request: Request,
    session: SessionDep,
    actor: ActorDep,
    status: CohortStatus | None = None,
    external_id: ExternalId | None = None,
    institution_id: RecordId | None = None,
    updated_since: UpdatedSince = None,
    limit: LimitParam = DEFAULT_LIMIT,
    cursor: CursorParam = None,
) -> Response:
    """List cohorts, oldest first."""
    page = list_cohorts(
        session,
        actor,
        after=read_id(cursor),
        limit=limit,
        status=status,
        institution_id=institution_id,
        external_id=external_id,
        updated_since=updated_since,
    )
    return reply_page(request, [CohortOut.of(row) for row in page.items], page.next_after)


@router.get(
    "/v1/cohorts/{cohort_id:id}",
    operation_id="get_cohort",
    response_model=CohortOut,
    dependencies=_MAY_READ,
)
def get_one_cohort(
    session: SessionDep, actor: ActorDep, cohort_id: CohortId, if_none_match: IfNoneMatch = None
) -> Response:
    """Read a cohort."""
    return _reply(get_cohort(session, actor, cohort_id), if_none_match=if_none_match)


@router.get(
    "/v1/cohorts/{cohort_id:id}/issues",
    operation_id="list_cohort_issues",
    response_model=CohortIssuesOut,
    dependencies=_MAY_READ,
)
def get_cohort_issues(session: SessionDep, actor: ActorDep, cohort_id: CohortId) -> Response:
    """List what was wrong with the rows of a cohort's file: places and rules, never values."""
    issues = [CohortIssueOut.model_validate(row) for row in list_cohort_issues(session, actor, cohort_id)]
    return reply(CohortIssuesOut(items=issues))


@router.put(
    "/v1/cohorts/{cohort_id:id}",
    operation_id="replace_cohort",
    response_model=CohortOut,
    dependencies=_MAY_WRITE,
)
def put_cohort(
    session: SessionDep,
    actor: ActorDep,
    now: NowDep,
    cohort_id: CohortId,
    body: CohortIn,
    if_match: IfMatch = None,
) -> Response:
    """Replace what is said about the cohort itself. Its `external_id` and candidates stay."""
    wanted = expected_version(if_match, cohort_id)
    return _reply(replace_cohort(session, actor, cohort_id, body.record(), expected_version=wanted, now=now))


@router.post(
    "/v1/cohorts/{cohort_id:id}:commit",
    operation_id="commit_cohort",
    response_model=CohortOut,
    dependencies=_MAY_WRITE,
)
def post_commit(
    session: SessionDep, actor: ActorDep, now: NowDep, cohort_id: CohortId, if_match: IfMatch = None
) -> Response:
    """Commit a cohort: from now on its candidates are ranked."""
    wanted = optional_version(if_match, cohort_id)
    return _reply(commit_cohort(session, actor, cohort_id, expected_version=wanted, now=now))


@router.post(
    "/v1/cohorts/{cohort_id:id}:withdraw",
    operation_id="withdraw_cohort",
    response_model=CohortOut,
    dependencies=[Depends(allow(Operation.COHORT_WITHDRAW))],
)
def post_withdraw(
    session: SessionDep, actor: ActorDep, now: NowDep, cohort_id: CohortId, if_match: IfMatch = None
) -> Response:
    """Withdraw a committed cohort: its candidates are no longer ranked."""
    wanted = optional_version(if_match, cohort_id)
    return _reply(withdraw_cohort(session, actor, cohort_id, expected_version=wanted, now=now))
