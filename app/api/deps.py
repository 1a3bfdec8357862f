"""What endpoints ask for: the session, the actor, the clock, what the gate parsed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Query, Request
from sqlalchemy.orm import Session

from app.api import idempotency
from app.api.gate import BatchItem
from app.api.runtime import Runtime, runtime_of
from app.api.schemas.common import Moment
from app.domain.actor import Actor
from app.domain.permissions import Operation, require
from app.errors import InvalidInput
from app.services.api_keys import record_key_use

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def get_runtime(request: Request) -> Runtime:
    return runtime_of(request)


def get_session(request: Request) -> Iterator[Session]:
    """Give the one session of a request; its transaction ends before the response leaves."""
    runtime = runtime_of(request)
    writing = request.method not in _READING
    try:
        with runtime.transaction(write=writing) as session:
            yield session
            if writing:
                record_key_use(session, request.state.actor, now=runtime.now())
                idempotency.keep(session, request)
    except BaseException:
        idempotency.release(request)
        raise


def get_actor(request: Request) -> Actor:
    """Give the actor that authentication found."""
    actor: Actor = request.state.actor
    return actor


def get_now(request: Request) -> datetime:
    return runtime_of(request).now()


def get_items(request: Request) -> list[BatchItem]:
    """Give the items of a batch, as the gate parsed them."""
    items: list[BatchItem] | None = getattr(request.state, "items", None)
    if items is None:
        raise InvalidInput("The body is missing. Send a JSON array, or JSON lines.")
    return items


def allow(operation: Operation) -> Callable[[Actor], None]:
    """Make a dependency that refuses roles without a part in ``operation``.

    It runs before the body is validated, so a role that may not do something does
    not learn how it would be done. Services check again, with the row.
    """

    def check(actor: ActorDep) -> None:
        require(actor, operation)

    return check


# Function scope: with FastAPI's default the commit would run after the response has left.
SessionDep = Annotated[Session, Depends(get_session, scope="function")]
ActorDep = Annotated[Actor, Depends(get_actor)]
NowDep = Annotated[datetime, Depends(get_now)]
RuntimeDep = Annotated[Runtime, Depends(get_runtime)]
ItemsDep = Annotated[list[BatchItem], Depends(get_items)]

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        min_length=1,
        description="The ETag of the version to change, or * for whichever it is.",
        json_schema_extra={"example": '"9f8a3c1e77b2-3"'},
    ),
]
IfNoneMatch = Annotated[
    str | None,
    Header(alias="If-None-Match", description="ETags already held; 304 when one is still current."),
]
UpdatedSince = Annotated[Moment | None, Query(description="Only records changed at or after this time.")]
