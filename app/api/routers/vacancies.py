"""Vacancies: submit one or many, read, change, publish, pause, close."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from app.api.batch import BatchMode, DryRun, batch_body, carry_out, judge_vacancies, require_size
from app.api.deps import (
    ActorDep,
    IfMatch,
    IfNoneMatch,
    ItemsDep,
    NowDep,
    SessionDep,
    UpdatedSince,
    allow,
)
from app.api.etag import expected_version, optional_version, require_match
from app.api.idempotency import IdempotentRoute
from app.api.pagination import DEFAULT_LIMIT, CursorParam, LimitParam, Page, read_id
from app.api.replies import reply, reply_page, reply_record
from app.api.schemas.batch import BatchOut
from app.api.schemas.common import Country, ExternalId, RecordId
from app.api.schemas.vacancies import VacancyIn, VacancyOut, VacancyPatch
from app.domain.permissions import Operation
from app.domain.transitions import VacancyStatus
from app.models import Vacancy
from app.services.bulk import BulkMode
from app.services.conversion import vacancy_record
from app.services.vacancies import (
    change_vacancy_status,
    create_vacancies,
    create_vacancy,
    get_vacancy,
    list_vacancies,
    replace_vacancy,
)

router = APIRouter(tags=["vacancies"], route_class=IdempotentRoute)

VacancyId = Annotated[RecordId, Path(description="`id` of the vacancy.")]

_MAY_WRITE = [Depends(allow(Operation.VACANCY_WRITE))]
_MAY_READ = [Depends(allow(Operation.VACANCY_READ))]
_MAY_CLOSE = [Depends(allow(Operation.VACANCY_CLOSE))]


def _reply(row: Vacancy, *, created: bool = False, if_none_match: str | None = None) -> Response:
    location = f"/v1/vacancies/{row.id}" if created else None
    return reply_record(VacancyOut.of(row), row.id, row.version, location, if_none_match)


@router.post(
    "/v1/vacancies",
    operation_id="create_vacancy",
    status_code=201,
    response_model=VacancyOut,
    dependencies=_MAY_WRITE,
)
def post_vacancy(session: SessionDep, actor: ActorDep, now: NowDep, body: VacancyIn) -> Response:
    """Submit a vacancy. It is a draft until it is published."""
    return _reply(create_vacancy(session, actor, body.record(), now=now), created=True)


@router.post(
    "/v1/vacancies:batch",
    operation_id="create_vacancies",
    response_model=BatchOut,
    dependencies=_MAY_WRITE,
    openapi_extra=batch_body("VacancyLine"),
)
def post_vacancies(
    session: SessionDep,
    actor: ActorDep,
    now: NowDep,
    items: ItemsDep,
    mode: BatchMode = BulkMode.PARTIAL,
    dry_run: DryRun = False,
) -> Response:
    """Submit many vacancies, as a JSON array or JSON lines, in the format of vacancy files."""
    require_size(items)
    create = partial(create_vacancies, session, actor, mode=mode, now=now)
    return reply(carry_out(session, judge_vacancies(items), create, mode=mode, dry_run=dry_run))


@router.get(
    "/v1/vacancies",
    operation_id="list_vacancies",
    response_model=Page[VacancyOut],
    dependencies=_MAY_READ,
)
def get_vacancies(
    request: Request,
    session: SessionDep,
    actor: ActorDep,
    status: VacancyStatus | None = None,
    country: Country | None = None,
    external_id: ExternalId | None = None,
    employer_id: RecordId | None = None,
    updated_since: UpdatedSince = None,
    limit: LimitParam = DEFAULT_LIMIT,
    cursor: CursorParam = None,
) -> Response:
    """List vacancies, oldest first: your own, or those you may read."""
    page = list_vacancies(
        session,
        actor,
        after=read_id(cursor),
        limit=limit,
        status=status,
        country=country,
        employer_id=employer_id,
        external_id=external_id,
        updated_since=updated_since,
    )
    return reply_page(request, [VacancyOut.of(row) for row in page.items], page.next_after)


@router.get(
    "/v1/vacancies/{vacancy_id:id}",
    operation_id="get_vacancy",
    response_model=VacancyOut,
    dependencies=_MAY_READ,
)
def get_one_vacancy(
    session: SessionDep,
    actor: ActorDep,
    vacancy_id: VacancyId,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Read a vacancy."""
    return _reply(get_vacancy(session, actor, vacancy_id), if_none_match=if_none_match)


@router.put(
    "/v1/vacancies/{vacancy_id:id}",
    operation_id="replace_vacancy",
    response_model=VacancyOut,
    dependencies=_MAY_WRITE,
)
def put_vacancy(
    session: SessionDep,
    actor: ActorDep,
    now: NowDep,
    vacancy_id: VacancyId,
    body: VacancyIn,
    if_match: IfMatch = None,
) -> Response:
    """Replace everything a vacancy says. Its `external_id` stays."""
    row = replace_vacancy(
        session,
        actor,
        vacancy_id,
        body.record(),
        expected_version=expected_version(if_match, vacancy_id),
        now=now,
    )
    return _reply(row)


@router.patch(
    "/v1/vacancies/{vacancy_id:id}",
    operation_id="change_vacancy",
    response_model=VacancyOut,
    dependencies=_MAY_WRITE,
)
def patch_vacancy(
    session: SessionDep,
    actor: ActorDep,
    now: NowDep,
    vacancy_id: VacancyId,
    body: VacancyPatch,
    if_match: IfMatch = None,
) -> Response:
    """Change some fields of a vacancy, as a JSON merge patch (RFC 7396)."""
    wanted = expected_version(if_match, vacancy_id)
    row = get_vacancy(session, actor, vacancy_id)
    require_match(row.version, wanted)
    # The version the patch was applied to is named again, under the row's lock.
    row = replace_vacancy(
        session,
        actor,
        vacancy_id,
        body.applied_to(vacancy_record(row)),
        expected_version=row.version,
        now=now,
    )
    return _reply(row)


@router.delete(
    "/v1/vacancies/{vacancy_id:id}",
    operation_id="delete_vacancy",
    status_code=204,
    dependencies=_MAY_CLOSE,
)
def delete_vacancy(
    session: SessionDep, actor: ActorDep, now: NowDep, vacancy_id: VacancyId, if_match: IfMatch = None
) -> Response:
    """Close a vacancy for good, as `:close` does. It can still be read, as closed."""
    change_vacancy_status(
        session,
        actor,
        vacancy_id,
        VacancyStatus.CLOSED,
        expected_version=optional_version(if_match, vacancy_id),
        now=now,
    )
    return Response(status_code=204)


_STEPS = (
    ("publish", VacancyStatus.PUBLISHED, _MAY_WRITE, "Publish a draft or a paused vacancy: it is ranked."),
    ("pause", VacancyStatus.PAUSED, _MAY_WRITE, "Pause a published vacancy: it is not ranked for now."),
    ("fill", VacancyStatus.FILLED, _MAY_WRITE, "Say that every opening is filled. Final."),
    ("close", VacancyStatus.CLOSED, _MAY_CLOSE, "Close a vacancy for good. Final."),
)


def _step(target: VacancyStatus) -> Callable[..., Response]:
    def take_step(
        session: SessionDep, actor: ActorDep, now: NowDep, vacancy_id: VacancyId, if_match: IfMatch = None
    ) -> Response:
        wanted = optional_version(if_match, vacancy_id)
        return _reply(
            change_vacancy_status(session, actor, vacancy_id, target, expected_version=wanted, now=now)
        )

    return take_step


for _name, _target, _may, _description in _STEPS:
    router.add_api_route(
        f"/v1/vacancies/{{vacancy_id:id}}:{_name}",
        _step(_target),
        methods=["POST"],
        operation_id=f"{_name}_vacancy",
        response_model=VacancyOut,
        summary=f"{_name.capitalize()} Vacancy",
        description=_description,
        dependencies=_may,
    )
