"""Whether the service lives and can serve, and what its problems mean."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from app.api.deps import RuntimeDep
from app.api.problems import OF_THE_CONSOLE, NotReady, describe, every_error
from app.api.replies import reply
from app.api.routing import StrictRoute
from app.api.schemas.problems import ProblemKind

router = APIRouter(tags=["service"], route_class=StrictRoute)

_KINDS = {kind.code: kind for kind in every_error() if kind not in OF_THE_CONSOLE}

if TYPE_CHECKING:
    ProblemCode = str
else:
    # The codes are listed in the description of the interface, as choices.
    ProblemCode = StrEnum("ProblemCode", {code.replace("-", "_").upper(): code for code in sorted(_KINDS)})


class Health(BaseModel):
    """The service answers."""

    status: str = "ok"


@router.get("/healthz", operation_id="get_health", response_model=Health)
def get_health() -> Response:
    """Say that the process lives. Asks nothing of the database."""
    return reply(Health())


@router.get("/readyz", operation_id="get_readiness", response_model=Health)
def get_readiness(runtime: RuntimeDep) -> Response:
    """Say whether requests can be served: the database answers, is migrated, and has a taxonomy."""
    unmet = runtime.unmet()
    if unmet:
        raise NotReady(" ".join(unmet))
    return reply(Health())


@router.get("/problems/{code}", operation_id="get_problem_kind", response_model=ProblemKind)
def get_problem_kind(
    code: Annotated[ProblemCode, Path(description="Last part of a problem's `type`.")],
) -> Response:
    """Explain a kind of problem."""
    return reply(ProblemKind(**describe(_KINDS[code])))
