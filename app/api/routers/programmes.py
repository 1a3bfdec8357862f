"""Training programmes: submit, read, replace, withdraw."""

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
from app.api.replies import reply_page, reply_record
from app.api.schemas.common import ExternalId, RecordId
from app.api.schemas.programmes import ProgrammeIn, ProgrammeOut
from app.domain.permissions import Operation
from app.domain.transitions import ProgrammeStatus
from app.models import TrainingProgramme
from app.services.programmes import (
    create_programme,
    get_programme,
    list_programmes,
    replace_programme,
    withdraw_programme,
)

router = APIRouter(tags=["programmes"], route_class=IdempotentRoute)

ProgrammeId = Annotated[RecordId, Path(description="`id` of the programme.")]

_MAY_WRITE = [Depends(allow(Operation.PROGRAMME_WRITE))]
_MAY_READ = [Depends(allow(Operation.PROGRAMME_READ))]


def _reply(row: TrainingProgramme, *, created: bool = False, if_none_match: str | None = None) -> Response:
    location = f"/v1/programmes/{row.id}" if created else None
    return reply_record(ProgrammeOut.of(row), row.id, row.version, location, if_none_match)


@router.post(
    "/v1/programmes",
    operation_id="create_programme",
    status_code=201,
    response_model=ProgrammeOut,
    dependencies=_MAY_WRITE,
)
def post_programme(session: SessionDep, actor: ActorDep, now: NowDep, body: ProgrammeIn) -> Response:
    """Submit a training programme."""
    return _reply(create_programme(session, actor, body.record(), now=now), created=True)


@router.get(
    "/v1/programmes",
    operation_id="list_programmes",
    response_model=Page[ProgrammeOut],
    dependencies=_MAY_READ,
)
def get_programmes(
    request: Request,
    session: SessionDep,
    actor: ActorDep,
    status: ProgrammeStatus | None = None,
    external_id: ExternalId | None = None,
    updated_since: UpdatedSince = None,
    limit: LimitParam = DEFAULT_LIMIT,
    cursor: CursorParam = None,
) -> Response:
    """List training programmes, oldest first."""
    page = list_programmes(
        session,
        actor,
        after=read_id(cursor),
        limit=limit,
        status=status,
        external_id=external_id,
        updated_since=updated_since,
    )
    return reply_page(request, [ProgrammeOut.of(row) for row in page.items], page.next_after)


@router.get(
    "/v1/programmes/{programme_id:id}",
    operation_id="get_programme",
    response_model=ProgrammeOut,
    dependencies=_MAY_READ,
)
def get_one_programme(
    session: SessionDep, actor: ActorDep, programme_id: ProgrammeId, if_none_match: IfNoneMatch = None
) -> Response:
    """Read a training programme."""
    return _reply(get_programme(session, actor, programme_id), if_none_match=if_none_match)


@router.put(
    "/v1/programmes/{programme_id:id}",
    operation_id="replace_programme",
    response_model=ProgrammeOut,
    dependencies=_MAY_WRITE,
)
def put_programme(
    session: SessionDep,
    actor: ActorDep,
    now: NowDep,
    programme_id: ProgrammeId,
    body: ProgrammeIn,
    if_match: IfMatch = None,
) -> Response:
    """Replace everything a training programme says. Its `external_id` stays."""
    wanted = expected_version(if_match, programme_id)
    return _reply(
        replace_programme(session, actor, programme_id, body.record(), expected_version=wanted, now=now)
    )


@router.post(
    "/v1/programmes/{programme_id:id}:withdraw",
    operation_id="withdraw_programme",
    response_model=ProgrammeOut,
    dependencies=[Depends(allow(Operation.PROGRAMME_WITHDRAW))],
)
def post_withdraw(
    session: SessionDep, actor: ActorDep, now: NowDep, programme_id: ProgrammeId, if_match: IfMatch = None
) -> Response:
    """Withdraw a training programme for good."""
    wanted = optional_version(if_match, programme_id)
    return _reply(withdraw_programme(session, actor, programme_id, expected_version=wanted, now=now))
