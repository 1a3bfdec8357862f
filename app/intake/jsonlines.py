"""Rows of a JSON Lines file: one object a line, one fault a bad line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO

from app.errors import FieldIssue
from app.intake.source import RawRow, ReadLimits, detect_encoding, has_bad_characters, iter_lines


class _DuplicateKey(ValueError):
    """An object names one key twice, and no reading of it is the right one."""


class _NotFinite(ValueError):
    """NaN or Infinity, which JSON does not know."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise _DuplicateKey
    return values


def _refuse_constant(_name: str) -> object:
    raise _NotFinite


def iter_jsonl(stream: BinaryIO, name: str, head: bytes, limits: ReadLimits) -> Iterator[RawRow]:
    """Give one raw row per line that is not blank; lines are counted from 1."""
    encoding = detect_encoding(name, head)
    for number, line in enumerate(iter_lines(stream, encoding, limits.max_line_chars), start=1):
        if line.too_long:
            yield _fault(
                number, "line-too-long", f"The line is longer than {limits.max_line_chars:,} characters."
            )
        elif line.text.strip():
            yield _parse(number, line.text)


def _parse(number: int, text: str) -> RawRow:
    if has_bad_characters(text):
        return _fault(
            number, "invalid-encoding", "The line is not valid UTF-8 text.", "Save the file as UTF-8."
        )
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        hint = "Each line must be one whole JSON object."
        return _fault(number, "invalid-json", f"The line is not JSON from character {error.colno} on.", hint)
    except _DuplicateKey:
        return _fault(number, "duplicate-key", "An object names the same key twice.")
    except _NotFinite:
        return _fault(number, "invalid-number", "NaN and Infinity are not JSON.", "Leave the key out.")
    except RecursionError:
        return _fault(number, "too-deep", "The line is nested too deeply.")
    except ValueError:
        return _fault(number, "invalid-number", "The line holds a number of too many digits.")
    if not isinstance(value, dict):
        hint = "An array of objects must be written one object a line." if isinstance(value, list) else ""
        return _fault(number, "not-an-object", "The line is not a JSON object.", hint)
    return RawRow(number, value)


def _fault(row: int, code: str, message: str, hint: str = "") -> RawRow:
    return RawRow(row, fault=FieldIssue("", code, message, hint, row=row))
