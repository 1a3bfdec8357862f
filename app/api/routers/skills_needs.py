"""Skills needs: submit, read, replace, close."""

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
from app.api.schemas.common import Country, ExternalId, RecordId
from app.api.schemas.skills_needs import SkillsNeedIn, SkillsNeedOut
from app.domain.permissions import Operation
from app.domain.transitions import SkillsNeedStatus
from app.models import SkillsNeed
from app.services.skills_needs import (
    close_skills_need,
    create_skills_need,
    get_skills_need,
    list_skills_needs,
    replace_skills_need,
)

router = APIRouter(tags=["skills needs"], route_class=IdempotentRoute)

NeedId = Annotated[RecordId, Path(description="`id` of the skills need.")]

_MAY_WRITE = [Depends(allow(Operation.SKILLS_NEED_WRITE))]
_MAY_READ = [Depends(allow(Operation.SKILLS_NEED_READ))]


def _reply(row: SkillsNeed, *, created: bool = False, if_none_match: str | None = None) -> Response:
    location = f"/v1/skills-needs/{row.id}" if created else None
    return reply_record(SkillsNeedOut.of(row), row.id, row.version, location, if_none_match)


@router.post(
    "/v1/skills-needs",
    operation_id="create_skills_need",
    status_code=201,
    response_model=SkillsNeedOut,
    dependencies=_MAY_WRITE,
)
def post_skills_need(session: SessionDep, actor: ActorDep, now: NowDep, body: SkillsNeedIn) -> Response:
    """Submit a forecast of demand."""
    return _reply(create_skills_need(session, actor, body.record(), now=now), created=True)


@router.get(
    "/v1/skills-needs",
    operation_id="list_skills_needs",
    response_model=Page[SkillsNeedOut],
    dependencies=_MAY_READ,
)
def get_skills_needs(
    request: Request,
    session: SessionDep,
    actor: ActorDep,
    status: SkillsNeedStatus | None = None,
    country: Country | None = None,
    external_id: ExternalId | None = None,
    updated_since: UpdatedSince = None,
    limit: LimitParam = DEFAULT_LIMIT,
    cursor: CursorParam = None,
) -> Response:
    """List skills needs, oldest first."""
    page = list_skills_needs(
        session,
        actor,
        after=read_id(cursor),
        limit=limit,
        status=status,
        country=country,
        external_id=external_id,
        updated_since=updated_since,
    )
    return reply_page(request, [SkillsNeedOut.of(row) for row in page.items], page.next_after)


@router.get(
    "/v1/skills-needs/{need_id:id}",
    operation_id="get_skills_need",
    response_model=SkillsNeedOut,
    dependencies=_MAY_READ,
)
def get_one_skills_need(
    session: SessionDep, actor: ActorDep, need_id: NeedId, if_none_match: IfNoneMatch = None
) -> Response:
    """Read a skills need."""
    return _reply(get_skills_need(session, actor, need_id), if_none_match=if_none_match)


@router.put(
    "/v1/skills-needs/{need_id:id}",
    operation_id="replace_skills_need",
    response_model=SkillsNeedOut,
    dependencies=_MAY_WRITE,
)
def put_skills_need(
    session: SessionDep,
    actor: ActorDep,
    now: NowDep,
    need_id: NeedId,
    body: SkillsNeedIn,
    if_match: IfMatch = None,
) -> Response:
    """Replace everything a skills need says. Its `external_id` stays."""
    wanted = expected_version(if_match, need_id)
    return _reply(
        replace_skills_need(session, actor, need_id, body.record(), expected_version=wanted, now=now)
    )


@router.post(
    "/v1/skills-needs/{need_id:id}:close",
    operation_id="close_skills_need",
    response_model=SkillsNeedOut,
    dependencies=[Depends(allow(Operation.SKILLS_NEED_CLOSE))],
)
def post_close(
    session: SessionDep, actor: ActorDep, now: NowDep, need_id: NeedId, if_match: IfMatch = None
) -> Response:
    """Close a skills need for good."""
    wanted = optional_version(if_match, need_id)
    return _reply(close_skills_need(session, actor, need_id, expected_version=wanted, now=now))
