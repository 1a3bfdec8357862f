"""Strict JSON: what the service refuses before any schema is looked at.

Python's parser accepts more than RFC 8259 and passes on values that a database
or a JavaScript client cannot hold. Two kinds of refusal are kept apart: text
that is not JSON (``MalformedJson``, no value exists), and JSON whose values are
not acceptable (``FieldIssue`` per place, so that one bad item of a batch can be
reported beside its good neighbours).
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

from app.errors import FieldIssue, InvalidInput

MAX_DEPTH = 32
MAX_INTEGER = 2**53
MAX_ISSUES = 100

_SURROGATE = re.compile("[\ud800-\udfff]")
_SUSPECT_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


class MalformedJson(InvalidInput):
    """The body is not JSON text: wrong syntax, wrong encoding, NaN, or nested too deeply."""

    code = "malformed-json"
    title = "The body is not valid JSON"


@dataclass(frozen=True, slots=True)
class _Repeated:
    """Stands in for an object that names one key twice, until its pointer is known."""

    key: str
    members: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _TooLarge:
    """Stands in for a number that cannot be held exactly."""


_TOO_LARGE = _TooLarge()
_Mark = _Repeated | _TooLarge


def parse_json(data: bytes) -> tuple[Any, list[FieldIssue]]:
    """Parse one JSON text.

    Returns
    -------
    value
        The parsed value. Where an issue was found it holds ``None`` (numbers) or
        is left as parsed, and must not be used beyond reporting.
    issues
        At most ``MAX_ISSUES`` unacceptable values, each with its RFC 6901 pointer.

    Raises
    ------
    MalformedJson
        No value exists.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedJson(
            f"The body is not UTF-8: byte {error.start + 1} cannot be decoded. Send UTF-8 text.",
        ) from None
    marks: list[_Mark] = []
    try:
        raw = json.loads(
            text,
            object_pairs_hook=partial(_object, marks),
            parse_constant=_refuse_constant,
            parse_int=partial(_integer, marks),
            parse_float=partial(_float, marks),
        )
    except json.JSONDecodeError as error:
        raise MalformedJson(
            f"Not JSON at line {error.lineno}, column {error.colno}: {error.msg}.",
        ) from None
    except RecursionError:
        raise _too_deep() from None
    _check_depth(raw)
    # Raw control characters are a syntax error and UTF-8 holds no surrogates, so only an
    # escape can bring one in: most bodies need no second look at every string.
    if not marks and not _SUSPECT_ESCAPE.search(text):
        return raw, []
    issues: list[FieldIssue] = []
    return _walk(raw, "", issues), issues


def escape_pointer(token: str) -> str:
    """Escape one reference token of an RFC 6901 pointer."""
    return token.replace("~", "~0").replace("/", "~1")


def _too_deep() -> MalformedJson:
    return MalformedJson(f"The JSON is nested more than {MAX_DEPTH} levels deep. Flatten it.")


def _check_depth(value: Any) -> None:
    level = [value] if isinstance(value, dict | list | _Repeated) else []
    for _ in range(MAX_DEPTH):
        level = [item for box in level for item in _members(box) if isinstance(item, dict | list | _Repeated)]
        if not level:
            return
    raise _too_deep()


def _members(box: Any) -> Iterable[Any]:
    if isinstance(box, list):
        return box
    return box.values() if isinstance(box, dict) else box.members.values()


def _object(marks: list[_Mark], pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Repeated:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    counts = Counter(key for key, _ in pairs)
    repeated = _Repeated(next(key for key, n in counts.items() if n > 1), members)
    marks.append(repeated)
    return repeated


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedJson(f"{name} is not JSON. Leave the field out or send null.")


def _integer(marks: list[_Mark], digits: str) -> int | _TooLarge:
    # The length check comes first: converting thousands of digits is slow, and Python refuses to.
    if len(digits) <= 17 and abs(int(digits)) <= MAX_INTEGER:
        return int(digits)
    marks.append(_TOO_LARGE)
    return _TOO_LARGE


def _float(marks: list[_Mark], digits: str) -> float | _TooLarge:
    value = float(digits)
    if math.isfinite(value):
        return value
    marks.append(_TOO_LARGE)
    return _TOO_LARGE


def _walk(value: Any, pointer: str, issues: list[FieldIssue]) -> Any:
    if isinstance(value, _Repeated):
        place = _child(pointer, value.key, issues)
        _report(issues, place, "duplicate-key", "This key appears more than once in its object.")
        value = value.members
    if isinstance(value, dict):
        return {key: _walk(item, _child(pointer, key, issues), issues) for key, item in value.items()}
    if isinstance(value, list):
        return [_walk(item, f"{pointer}/{position}", issues) for position, item in enumerate(value)]
    if isinstance(value, str):
        _check_text(value, pointer, issues)
    elif isinstance(value, _TooLarge):
        _report(
            issues,
            pointer,
            "number-out-of-range",
            "The number is too large to be held exactly.",
            "Integers must lie between -2^53 and 2^53.",
        )
        return None
    return value


def _child(pointer: str, key: str, issues: list[FieldIssue]) -> str:
    before = len(issues)
    _check_text(key, pointer, issues)
    # A key that cannot be written into a response is reported at its object instead.
    return pointer if len(issues) > before else f"{pointer}/{escape_pointer(key)}"


def _check_text(text: str, pointer: str, issues: list[FieldIssue]) -> None:
    if "\x00" in text:
        _report(issues, pointer, "nul-character", "Text must not contain the NUL character (U+0000).")
    if _SURROGATE.search(text):
        _report(
            issues,
            pointer,
            "lone-surrogate",
            "Text contains half of a surrogate pair, which is not a character.",
            "Send the whole character, or both halves of its escape.",
        )


def _report(issues: list[FieldIssue], pointer: str, code: str, message: str, hint: str = "") -> None:
    if len(issues) < MAX_ISSUES:
        issues.append(FieldIssue(pointer, code, message, hint))
