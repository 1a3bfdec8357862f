"""Staff aliases and the normalisation queue."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from app.api.deps import ActorDep, IfMatch, IfNoneMatch, NowDep, RuntimeDep, SessionDep, allow
from app.api.etag import optional_version
from app.api.idempotency import IdempotentRoute
from app.api.pagination import DEFAULT_LIMIT, CursorParam, LimitParam, Page, read_id
from app.api.replies import reply, reply_page, reply_record
from app.api.routing import StrictRoute
from app.api.schemas.administration import JobOut
from app.api.schemas.common import Language, RecordId
from app.api.schemas.normalisation import (
    AliasIn,
    AliasOut,
    AliasPreviewIn,
    AliasPreviewOut,
    QueuedPhraseOut,
)
from app.domain.enums import PhraseKind
from app.domain.permissions import Operation
from app.domain.transitions import AliasState, QueueState
from app.models import ConceptAlias, QueuedPhrase
from app.services.alias_preview import preview_alias
from app.services.aliases import approve_alias, get_alias, list_aliases, propose_alias, withdraw_alias
from app.services.queue import (
    dismiss_phrase,
    get_queued_phrase,
    list_queue,
    reopen_phrase,
    request_renewal,
)

router = APIRouter(tags=["normalisation"], route_class=IdempotentRoute)
# What stores nothing may be repeated anyway.
stateless = APIRouter(tags=["normalisation"], route_class=StrictRoute)

AliasId = Annotated[RecordId, Path(description="`id` of the alias.")]
EntryId = Annotated[RecordId, Path(description="`id` of the queued phrase.")]
KindFilter = Annotated[PhraseKind | None, Query(description="Only phrases for these.")]
LangFilter = Annotated[Language | None, Query(description="Only phrases in this language.")]

_MAY_WRITE = [Depends(allow(Operation.ALIAS_WRITE))]
_MAY_READ = [Depends(allow(Operation.ALIAS_READ))]
_MAY_DECIDE = [Depends(allow(Operation.QUEUE_WRITE))]
_MAY_READ_QUEUE = [Depends(allow(Operation.QUEUE_READ))]


def _alias(row: ConceptAlias, *, created: bool = False, if_none_match: str | None = None) -> Response:
    location = f"/v1/aliases/{row.id}" if created else None
    return reply_record(AliasOut.of(row), row.id, row.version, location, if_none_match)


def _entry(row: QueuedPhrase, *, if_none_match: str | None = None) -> Response:
    return reply_record(QueuedPhraseOut.of(row), row.id, row.version, None, if_none_match)


@router.post(
    "/v1/aliases",
    operation_id="create_alias",
    status_code=201,
    response_model=AliasOut,
    dependencies=_MAY_WRITE,
)
def post_alias(session: SessionDep, actor: ActorDep, now: NowDep, body: AliasIn) -> Response:
    """Propose what a phrase means, or decide it at once.

    An alias in force for the same phrase, language and kind is superseded on approval.
    """
    row = propose_alias(session, actor, body.record(), shared=body.shared, now=now)
    if body.approve:
        row = approve_alias(session, actor, row.id, now=now)
    return _alias(row, created=True)


@router.get("/v1/aliases", operation_id="list_aliases", response_model=Page[AliasOut], dependencies=_MAY_READ)
def get_aliases(
    request: Request,
    session: SessionDep,
    actor: ActorDep,
    kind: KindFilter = None,
    lang: LangFilter = None,
    state: AliasState | None = None,
    shared: Annotated[bool | None, Query(description="Only shared ones, or only the partnership's.")] = None,
    limit: LimitParam = DEFAULT_LIMIT,
    cursor: CursorParam = None,
) -> Response:
    """List the partnership's aliases and the shared ones, oldest first."""
    page = list_aliases(
        session,
        actor,
        after=read_id(cursor),
        limit=limit,
        kind=kind,
        lang=lang,
        state=state,
        shared=shared,
    )
    return reply_page(request, [AliasOut.of(row) for row in page.items], page.next_after)


@router.get(
    "/v1/aliases/{alias_id:id}", operation_id="get_alias", response_model=AliasOut, dependencies=_MAY_READ
)
def get_one_alias(
    session: SessionDep, actor: ActorDep, alias_id: AliasId, if_none_match: IfNoneMatch = None
) -> Response:
    """Read an alias."""
    return _alias(get_alias(session, actor, alias_id), if_none_match=if_none_match)


@router.post(
    "/v1/aliases/{alias_id:id}:approve",
    operation_id="approve_alias",
    response_model=AliasOut,
    dependencies=_MAY_WRITE,
)
def post_approve(
    session: SessionDep, actor: ActorDep, now: NowDep, alias_id: AliasId, if_match: IfMatch = None
) -> Response:
    """Put a proposed alias in force; the one it replaces is superseded."""
    wanted = optional_version(if_match, alias_id)
    return _alias(approve_alias(session, actor, alias_id, expected_version=wanted, now=now))


@router.post(
    "/v1/aliases/{alias_id:id}:withdraw",
    operation_id="withdraw_alias",
    response_model=AliasOut,
    dependencies=_MAY_WRITE,
)
def post_withdraw(
    session: SessionDep, actor: ActorDep, now: NowDep, alias_id: AliasId, if_match: IfMatch = None
) -> Response:
    """Withdraw a proposal, or take an alias out of force. It stays readable."""
    wanted = optional_version(if_match, alias_id)
    return _alias(withdraw_alias(session, actor, alias_id, expected_version=wanted, now=now))


@stateless.post(
    "/v1/aliases:preview",
    operation_id="preview_alias",
    response_model=AliasPreviewOut,
    dependencies=_MAY_WRITE,
    openapi_extra={"x-not-idempotent": True},
)
def post_preview(runtime: RuntimeDep, actor: ActorDep, body: AliasPreviewIn) -> Response:
    """Say which links of the partnership's records an alias would change. Nothing is stored."""
    with runtime.transaction(write=False) as session:
        preview = preview_alias(
            session, actor, runtime.indexes, body.record(), shared=body.shared, n_examples=body.n_examples
        )
    return reply(AliasPreviewOut.of(preview, body.lang))


@router.get(
    "/v1/normalisation-queue",
    operation_id="list_normalisation_queue",
    response_model=Page[QueuedPhraseOut],
    dependencies=_MAY_READ_QUEUE,
)
def get_queue(
    request: Request,
    session: SessionDep,
    actor: ActorDep,
    kind: KindFilter = None,
    lang: LangFilter = None,
    state: QueueState | None = None,
    limit: LimitParam = DEFAULT_LIMIT,
    cursor: CursorParam = None,
) -> Response:
    """List phrases that link to nothing, or not surely, the most frequent first."""
    page = list_queue(session, actor, after=read_id(cursor), limit=limit, kind=kind, lang=lang, state=state)
    return reply_page(request, [QueuedPhraseOut.of(row) for row in page.items], page.next_after)


@router.post(
    "/v1/normalisation-queue:refresh",
    operation_id="refresh_normalisation_queue",
    status_code=202,
    response_model=JobOut,
    dependencies=_MAY_DECIDE,
)
def post_refresh(session: SessionDep, actor: ActorDep, now: NowDep) -> Response:
    """Read all records again for phrases that do not link surely. Match runs do the same.

    It is carried out in the background; read the job to follow it.
    """
    job = request_renewal(session, actor, now=now)
    return reply(JobOut.of(job), status=202, headers={"Location": f"/v1/jobs/{job.id}"})


@router.get(
    "/v1/normalisation-queue/{entry_id:id}",
    operation_id="get_queued_phrase",
    response_model=QueuedPhraseOut,
    dependencies=_MAY_READ_QUEUE,
)
def get_one_entry(
    session: SessionDep, actor: ActorDep, entry_id: EntryId, if_none_match: IfNoneMatch = None
) -> Response:
    """Read a queued phrase."""
    return _entry(get_queued_phrase(session, actor, entry_id), if_none_match=if_none_match)


@router.post(
    "/v1/normalisation-queue/{entry_id:id}:dismiss",
    operation_id="dismiss_queued_phrase",
    response_model=QueuedPhraseOut,
    dependencies=_MAY_DECIDE,
)
def post_dismiss(
    session: SessionDep, actor: ActorDep, now: NowDep, entry_id: EntryId, if_match: IfMatch = None
) -> Response:
    """Decide that a phrase needs no alias; it does not come back by itself."""
    wanted = optional_version(if_match, entry_id)
    return _entry(dismiss_phrase(session, actor, entry_id, expected_version=wanted, now=now))


@router.post(
    "/v1/normalisation-queue/{entry_id:id}:reopen",
    operation_id="reopen_queued_phrase",
    response_model=QueuedPhraseOut,
    dependencies=_MAY_DECIDE,
)
def post_reopen(
    session: SessionDep, actor: ActorDep, now: NowDep, entry_id: EntryId, if_match: IfMatch = None
) -> Response:
    """Take a dismissal back."""
    wanted = optional_version(if_match, entry_id)
    return _entry(reopen_phrase(session, actor, entry_id, expected_version=wanted, now=now))
