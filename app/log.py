"""Logging: one event per line, with request and run ids; never names or profile text."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog

_SHARED: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)


# Their messages quote the offending values: rows, parameters, inputs.
_QUOTING_LIBRARIES = frozenset({"psycopg", "pydantic_core", "sqlalchemy", "sqlite3"})


def _describe_exception(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Render ``exc_info`` without local variables and without messages that quote data."""
    exc_info = event.pop("exc_info", None)
    error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    blocks: list[str] = []
    while isinstance(error, BaseException) and len(blocks) < 5:
        kind = type(error)
        quoting = kind.__module__.partition(".")[0] in _QUOTING_LIBRARIES
        last = f"{kind.__module__}.{kind.__qualname__}" + ("" if quoting else f": {error}")
        blocks.append("".join(traceback.format_tb(error.__traceback__)) + last)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if blocks:
        event["exception"] = "\n\ncaused by\n\n".join(blocks)
    return event


def configure_logging(*, level: str = "INFO", json: bool = False) -> None:
    """Send every standard library logger through one formatter on standard error.

    Modules call ``logging.getLogger(__name__)`` and pass fields as ``extra``; only
    entry points call this. JSON in production, readable text otherwise.
    """
    renderer: Any = structlog.processors.JSONRenderer()
    if not json:
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _describe_exception,
            renderer,
        ],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


@contextmanager
def log_context(**fields: object) -> Iterator[None]:
    """Add fields, for example ``request_id`` or ``run_id``, to every line logged inside."""
    with structlog.contextvars.bound_contextvars(**fields):
        yield
