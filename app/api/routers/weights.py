"""Weight profiles: proposed by one administrator, put in force by another."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from app.api.deps import ActorDep, IfMatch, IfNoneMatch, NowDep, SessionDep, allow
from app.api.etag import optional_version
from app.api.idempotency import IdempotentRoute
from app.api.pagination import DEFAULT_LIMIT, CursorParam, LimitParam, Page, read_id
from app.api.replies import reply_page, reply_record
from app.api.schemas.common import RecordId
from app.api.schemas.weights import WeightProfileIn, WeightProfileOut
from app.domain.permissions import Operation
from app.domain.transitions import WeightsState
from app.models import StoredWeights
from app.services.weight_profiles import (
    approve_weights,
    get_weights,
    list_weights,
    propose_weights,
    withdraw_weights,
)

router = APIRouter(tags=["weights"], route_class=IdempotentRoute)

ProfileId = Annotated[RecordId, Path(description="`id` of the weight profile.")]

_MAY_WRITE = [Depends(allow(Operation.WEIGHTS_WRITE))]
_MAY_READ = [Depends(allow(Operation.WEIGHTS_READ))]


def _profile(row: StoredWeights, *, created: bool = False, if_none_match: str | None = None) -> Response:
    location = f"/v1/weight-profiles/{row.id}" if created else None
    return reply_record(WeightProfileOut.of(row), row.id, row.version, location, if_none_match)


@router.post(
    "/v1/weight-profiles",
    operation_id="create_weight_profile",
    status_code=201,
    response_model=WeightProfileOut,
    dependencies=_MAY_WRITE,
)
def post_weight_profile(session: SessionDep, actor: ActorDep, now: NowDep, body: WeightProfileIn) -> Response:
    """Propose weights. Nothing ranks by them until another administrator approves."""
    row = propose_weights(session, actor, body.name, body.values, reason=body.reason, now=now)
    return _profile(row, created=True)


@router.get(
    "/v1/weight-profiles",
    operation_id="list_weight_profiles",
    response_model=Page[WeightProfileOut],
    dependencies=_MAY_READ,
)
def get_weight_profiles(
    request: Request,
    session: SessionDep,
    actor: ActorDep,
    state: WeightsState | None = None,
    limit: LimitParam = DEFAULT_LIMIT,
    cursor: CursorParam = None,
) -> Response:
    """List the partnership's weight profiles, newest first. Without an approved one the built-in holds."""
    page = list_weights(session, actor, after=read_id(cursor), limit=limit, state=state)
    return reply_page(request, [WeightProfileOut.of(row) for row in page.items], page.next_after)


@router.get(
    "/v1/weight-profiles/{profile_id:id}",
    operation_id="get_weight_profile",
    response_model=WeightProfileOut,
    dependencies=_MAY_READ,
)
def get_one_weight_profile(
    session: SessionDep, actor: ActorDep, profile_id: ProfileId, if_none_match: IfNoneMatch = None
) -> Response:
    """Read a weight profile, with what it rests on."""
    return _profile(get_weights(session, actor, profile_id), if_none_match=if_none_match)


@router.post(
    "/v1/weight-profiles/{profile_id:id}:approve",
    operation_id="approve_weight_profile",
    response_model=WeightProfileOut,
    dependencies=_MAY_WRITE,
)
def post_approve(
    session: SessionDep, actor: ActorDep, now: NowDep, profile_id: ProfileId, if_match: IfMatch = None
) -> Response:
    """Put proposed weights in force; 409 for who proposed them. Match runs asked for before keep theirs."""
    wanted = optional_version(if_match, profile_id)
    return _profile(approve_weights(session, actor, profile_id, expected_version=wanted, now=now))


@router.post(
    "/v1/weight-profiles/{profile_id:id}:withdraw",
    operation_id="withdraw_weight_profile",
    response_model=WeightProfileOut,
    dependencies=_MAY_WRITE,
)
def post_withdraw(
    session: SessionDep, actor: ActorDep, now: NowDep, profile_id: ProfileId, if_match: IfMatch = None
) -> Response:
    """Withdraw a proposal, or take weights out of force: the built-in ones hold again. It stays readable."""
    wanted = optional_version(if_match, profile_id)
    return _profile(withdraw_weights(session, actor, profile_id, expected_version=wanted, now=now))
