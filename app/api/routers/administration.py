"""Organisations, API keys, jobs and the audit log."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from app.api.deps import ActorDep, IfMatch, IfNoneMatch, NowDep, SessionDep, allow
from app.api.etag import expected_version
from app.api.idempotency import IdempotentRoute
from app.api.pagination import DEFAULT_LIMIT, CursorParam, LimitParam, Page, read_id
from app.api.replies import reply, reply_page, reply_record
from app.api.schemas.administration import (
    ApiKeyIn,
    ApiKeyOut,
    AuditEventOut,
    IssuedKeyOut,
    JobOut,
    MeOut,
    OrganisationIn,
    OrganisationOut,
    OrganisationUpdate,
)
from app.api.schemas.common import ExternalId, Moment, RecordId
from app.domain.permissions import Operation
from app.domain.transitions import JobStatus
from app.models import Organisation, OrganisationKind
from app.services.api_keys import get_api_key, issue_api_key, list_api_keys, revoke_api_key
from app.services.audit import list_audit_events
from app.services.jobs import get_job, list_jobs
from app.services.organisations import (
    create_organisation,
    get_organisation,
    list_organisations,
    replace_organisation,
)

router = APIRouter(tags=["administration"], route_class=IdempotentRoute)

OrganisationId = Annotated[RecordId, Path(description="`id` of the organisation.")]
KeyId = Annotated[RecordId, Path(description="`id` of the key.")]
JobId = Annotated[RecordId, Path(description="`id` of the job.")]

_MAY_READ_ORGANISATIONS = [Depends(allow(Operation.ORGANISATION_READ))]
_MAY_WRITE_ORGANISATIONS = [Depends(allow(Operation.ORGANISATION_WRITE))]
_MAY_MANAGE_KEYS = [Depends(allow(Operation.KEY_MANAGE))]
_MAY_READ_JOBS = [Depends(allow(Operation.JOB_READ))]


def _organisation(row: Organisation, *, created: bool = False, if_none_match: str | None = None) -> Response:
    location = f"/v1/organisations/{row.id}" if created else None
    return reply_record(OrganisationOut.of(row), row.id, row.version, location, if_none_match)


@router.get("/v1/me", operation_id="get_me", response_model=MeOut)
def get_me(session: SessionDep, actor: ActorDep) -> Response:
    """Read what your key stands for: its role, and the organisation it acts for."""
    organisation = None
    if actor.organisation_id is not None:
        organisation = OrganisationOut.of(get_organisation(session, actor, actor.organisation_id))
    return reply(MeOut(key_id=actor.key_id, role=actor.role, organisation=organisation))


@router.post(
    "/v1/organisations",
    operation_id="create_organisation",
    status_code=201,
    response_model=OrganisationOut,
    dependencies=_MAY_WRITE_ORGANISATIONS,
)
def post_organisation(session: SessionDep, actor: ActorDep, now: NowDep, body: OrganisationIn) -> Response:
    """Add an employer or a training institution to the partnership."""
    row = create_organisation(
        session,
        actor,
        body.external_id,
        kind=body.kind,
        name=body.name.strip(),
        country=body.country,
        now=now,
    )
    return _organisation(row, created=True)


@router.get(
    "/v1/organisations",
    operation_id="list_organisations",
    response_model=Page[OrganisationOut],
    dependencies=_MAY_READ_ORGANISATIONS,
)
def get_organisations(
    request: Request,
    session: SessionDep,
    actor: ActorDep,
    kind: OrganisationKind | None = None,
    external_id: ExternalId | None = None,
    limit: LimitParam = DEFAULT_LIMIT,
    cursor: CursorParam = None,
) -> Response:
    """List organisations, oldest first; employers and institutions see their own."""
    page = list_organisations(
        session, actor, after=read_id(cursor), limit=limit, kind=kind, external_id=external_id
    )
    return reply_page(request, [OrganisationOut.of(row) for row in page.items], page.next_after)


@router.get(
    "/v1/organisations/{organisation_id:id}",
    operation_id="get_organisation",
    response_model=OrganisationOut,
    dependencies=_MAY_READ_ORGANISATIONS,
)
def get_one_organisation(
    session: SessionDep, actor: ActorDep, organisation_id: OrganisationId, if_none_match: IfNoneMatch = None
) -> Response:
    """Read an organisation."""
    row = get_organisation(session, actor, organisation_id)
    return _organisation(row, if_none_match=if_none_match)


@router.put(
    "/v1/organisations/{organisation_id:id}",
    operation_id="replace_organisation",
    response_model=OrganisationOut,
    dependencies=_MAY_WRITE_ORGANISATIONS,
)
def put_organisation(
    session: SessionDep,
    actor: ActorDep,
    now: NowDep,
    organisation_id: OrganisationId,
    body: OrganisationUpdate,
    if_match: IfMatch = None,
) -> Response:
    """Change an organisation's name and country. Its kind and `external_id` stay."""
    row = replace_organisation(
        session,
        actor,
        organisation_id,
        name=body.name.strip(),
        country=body.country,
        expected_version=expected_version(if_match, organisation_id),
        now=now,
    )
    return _organisation(row)


@router.post(
    "/v1/api-keys",
    operation_id="issue_api_key",
    status_code=201,
    response_model=IssuedKeyOut,
    dependencies=_MAY_MANAGE_KEYS,
)
def post_api_key(
    request: Request, session: SessionDep, actor: ActorDep, now: NowDep, body: ApiKeyIn
) -> Response:
    """Issue a key. Its secret is in this answer and nowhere else, ever."""
    issued = issue_api_key(
        session,
        actor,
        role=body.role or actor.role,
        label=body.label.strip(),
        organisation_id=body.organisation_id,
        expires_at=body.expires_at,
        now=now,
    )
    key = ApiKeyOut.of(issued.row)
    # A repeated request must not find the secret in the database.
    request.state.answer_to_keep = IssuedKeyOut(key=key, secret=None).model_dump_json().encode()
    location = f"/v1/api-keys/{issued.row.id}"
    return reply(IssuedKeyOut(key=key, secret=issued.secret), status=201, headers={"Location": location})


@router.get(
    "/v1/api-keys",
    operation_id="list_api_keys",
    response_model=Page[ApiKeyOut],
    dependencies=_MAY_MANAGE_KEYS,
)
def get_api_keys(
    request: Request,
    session: SessionDep,
    actor: ActorDep,
    limit: LimitParam = DEFAULT_LIMIT,
    cursor: CursorParam = None,
) -> Response:
    """List the keys you manage, oldest first, revoked ones too."""
    page = list_api_keys(session, actor, after=read_id(cursor), limit=limit)
    return reply_page(request, [ApiKeyOut.of(row) for row in page.items], page.next_after)


@router.get(
    "/v1/api-keys/{key_id:id}",
    operation_id="get_api_key",
    response_model=ApiKeyOut,
    dependencies=_MAY_MANAGE_KEYS,
)
def get_one_api_key(session: SessionDep, actor: ActorDep, key_id: KeyId) -> Response:
    """Read a key's description, never its secret."""
    return reply(ApiKeyOut.of(get_api_key(session, actor, key_id)))


@router.post(
    "/v1/api-keys/{key_id:id}:revoke",
    operation_id="revoke_api_key",
    response_model=ApiKeyOut,
    dependencies=_MAY_MANAGE_KEYS,
)
def post_revoke(session: SessionDep, actor: ActorDep, now: NowDep, key_id: KeyId) -> Response:
    """Revoke a key for good. It is refused from now on, even if it is the one you use."""
    return reply(ApiKeyOut.of(revoke_api_key(session, actor, key_id, now=now)))


@router.get("/v1/jobs", operation_id="list_jobs", response_model=Page[JobOut], dependencies=_MAY_READ_JOBS)
def get_jobs(
    request: Request,
    session: SessionDep,
    actor: ActorDep,
    status: JobStatus | None = None,
    limit: LimitParam = DEFAULT_LIMIT,
    cursor: CursorParam = None,
) -> Response:
    """List jobs, newest first."""
    page = list_jobs(session, actor, after=read_id(cursor), limit=limit, status=status)
    return reply_page(request, [JobOut.of(row) for row in page.items], page.next_after)


@router.get(
    "/v1/jobs/{job_id:id}", operation_id="get_job", response_model=JobOut, dependencies=_MAY_READ_JOBS
)
def get_one_job(session: SessionDep, actor: ActorDep, job_id: JobId) -> Response:
    """Read a job: its state, and how far it is."""
    return reply(JobOut.of(get_job(session, actor, job_id)))


@router.get(
    "/v1/audit-events",
    operation_id="list_audit_events",
    response_model=Page[AuditEventOut],
    dependencies=[Depends(allow(Operation.AUDIT_READ))],
)
def get_audit_events(
    request: Request,
    session: SessionDep,
    actor: ActorDep,
    subject_id: RecordId | None = None,
    operation: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    since: Moment | None = None,
    limit: LimitParam = DEFAULT_LIMIT,
    cursor: CursorParam = None,
) -> Response:
    """List what was done, newest first."""
    page = list_audit_events(
        session,
        actor,
        after=read_id(cursor),
        limit=limit,
        subject_id=subject_id,
        operation=operation,
        since=since,
    )
    return reply_page(request, [AuditEventOut.of(row) for row in page.items], page.next_after)
