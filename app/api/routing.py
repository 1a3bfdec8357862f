"""Routes that take the parameters they describe and no others."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app.api.problems import parameter_issue
from app.errors import FieldIssue, InvalidInput

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRoute(APIRoute):
    """A route that refuses unknown and repeated query parameters.

    A mistyped filter would otherwise answer with everything, and look like success.
    """

    def get_route_handler(self) -> Handler:
        carry_out = super().get_route_handler()
        known = frozenset(_query_names(self.dependant))

        async def handler(request: Request) -> Response:
            issues = list(_query_issues(request, known))
            if issues:
                raise InvalidInput("The query is not understood; see errors.", issues=issues)
            return await carry_out(request)

        return handler


def _query_names(dependant: Dependant) -> Iterator[str]:
    for parameter in dependant.query_params:
        yield parameter.alias
    for dependency in dependant.dependencies:
        yield from _query_names(dependency)


def _query_issues(request: Request, known: frozenset[str]) -> Iterator[FieldIssue]:
    names = [name for name, _ in request.query_params.multi_items()]
    hint = f"Known here: {', '.join(sorted(known))}." if known else "None are known here."
    for name in sorted(set(names)):
        if name not in known:
            yield parameter_issue(name[:100], "unknown-parameter", "There is no such query parameter.", hint)
        elif names.count(name) > 1:
            yield parameter_issue(name, "repeated-parameter", "This query parameter is given more than once.")
