"""What console routes ask for: the session, the viewer, the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from app.api.runtime import Runtime, runtime_of
from app.domain.actor import Actor
from app.domain.permissions import Operation, require
from app.web.sessions import viewer_of
from app.web.viewer import Viewer

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def get_runtime(request: Request) -> Runtime:
    return runtime_of(request)


def get_viewer(request: Request) -> Viewer:
    """Give who is signed in; raises SessionEnded, or PasswordChangeNeeded."""
    viewer = viewer_of(request)
    request.state.actor = viewer.actor
    request.state.viewer = viewer
    return viewer


def get_session(request: Request, _viewer: ViewerDep) -> Iterator[Session]:
    """Give the one session of a request; its transaction ends before the response leaves."""
    with runtime_of(request).transaction(write=request.method not in _READING) as session:
        yield session


def get_now(request: Request) -> datetime:
    return runtime_of(request).now()


def allow(operation: Operation) -> Callable[[Viewer], None]:
    """Make a dependency that refuses roles without a part in ``operation``.

    Services check again, with the row.
    """

    def check(viewer: ViewerDep) -> None:
        require(viewer.actor, operation)

    return check


def get_actor(viewer: ViewerDep) -> Actor:
    return viewer.actor


ViewerDep = Annotated[Viewer, Depends(get_viewer)]
ActorDep = Annotated[Actor, Depends(get_actor)]
# Function scope: with FastAPI's default the commit would run after the response has left.
SessionDep = Annotated[Session, Depends(get_session, scope="function")]
NowDep = Annotated[datetime, Depends(get_now)]
RuntimeDep = Annotated[Runtime, Depends(get_runtime)]
