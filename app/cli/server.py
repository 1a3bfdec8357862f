"""A server of this process: its socket and its loop."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.errors import InvalidInput

if TYPE_CHECKING:
    from fastapi import FastAPI

# Longer than the pause of a client that polls, or than a worker in this process can hold
# the interpreter: a connection closed in between would fail the next request.
_KEEP_ALIVE_S = 75


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Take the port before anything slow, so that a taken one is told at once and early requests wait.

    Raises
    ------
    InvalidInput
        The address is not this machine's, or something else listens there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise InvalidInput(f"Cannot listen on {host}, port {port}: {error.strerror}. See --port.") from error
    # Connections inherit it. asyncio sets it only on sockets it made itself; without it the two
    # parts of an answer wait for each other's acknowledgement, 40 ms on every kept connection.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with listener:
        yield listener


def run_server(app: FastAPI, listener: socket.socket) -> None:
    """Serve until interrupted."""
    import uvicorn

    # Its access log would repeat query strings, which may hold what somebody searched for.
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_keep_alive=_KEEP_ALIVE_S)
    uvicorn.Server(config).run(sockets=[listener])


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
