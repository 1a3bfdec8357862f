"""Every address of the console, found in the application itself."""

from __future__ import annotations

import re
from typing import NamedTuple

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

PREFIX = "/console"


class Address(NamedTuple):
    """A method and a path below the console's prefix, with its parameters."""

    method: str
    path: str

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"\{(\w+)(?::\w+)?\}", self.path)

    def filled(self, values: dict[str, str]) -> str:
        """The address with its parameters filled; one that nobody knows to fill raises KeyError."""
        return PREFIX + re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: values[found[1]], self.path)


def console_of(app: FastAPI) -> FastAPI:
    """The console within the whole application."""
    (pages,) = [route.app for route in app.routes if isinstance(route, Mount) and route.path == PREFIX]
    assert isinstance(pages, FastAPI)
    return pages


def addresses(app: FastAPI) -> list[Address]:
    """Every address of the console, sorted."""
    return sorted(
        Address(method, route.path)
        for route in iter_route_contexts(console_of(app).routes)
        if route.path is not None
        for method in route.methods or ()
        if method != "HEAD"
    )
