"""Unexpected exceptions as log fields: where and what kind, never their text."""

from __future__ import annotations

import traceback
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def fault_fields(error: BaseException) -> dict[str, object]:
    """Describe an exception for the log.

    Its message is left out: those of databases and parsers quote the values they
    stumbled on, which may be somebody's name.
    """
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < 10:
        kinds.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        cause = cause.__cause__ or cause.__context__
    frames = [
        f"{_short(frame.filename)}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    return {"error": kinds[0], "caused_by": kinds[1:], "frames": frames[-30:]}


def _short(filename: str) -> str:
    path = Path(filename)
    if path.is_relative_to(_PACKAGE):
        return str(path.relative_to(_PACKAGE.parent))
    return "/".join(path.parts[-3:])
