"""Rows of a JSON Lines file, one object a line, or of a JSON array: one fault a bad line or item."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from app.errors import FieldIssue, InvalidInput
from app.intake.source import BAD_BYTES, RawRow, ReadLimits, detect_encoding, has_bad_characters, iter_lines

_BETWEEN = re.compile(r"[ \t\r\n]*")


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
    return _iter_lines(stream, detect_encoding(name, head), limits)


def iter_json(stream: BinaryIO, name: str, head: bytes, limits: ReadLimits) -> Iterator[RawRow]:
    """Give one raw row per line that is not blank, or per item of the one array that the file is.

    Lines and items are counted from 1.

    Raises
    ------
    InvalidInput
        The array is too large to be read at once, or is no JSON from some place on.
    """
    encoding = detect_encoding(name, head)
    if not head.decode(encoding, errors="replace").lstrip().startswith("["):
        yield from _iter_lines(stream, encoding, limits)
        return
    data = stream.read(limits.max_array_bytes + 1)
    if len(data) > limits.max_array_bytes:
        raise InvalidInput(
            f"{name} is one array of more than {limits.max_array_bytes:,} bytes. Write one object a line."
        )
    text = data.decode(encoding, errors="talentbridge-mark")
    if _is_one_array(text):
        yield from _iter_array(text, name)
    else:
        yield from _iter_lines(io.BytesIO(data), encoding, limits)


def _iter_lines(stream: BinaryIO, encoding: str, limits: ReadLimits) -> Iterator[RawRow]:
    for number, line in enumerate(iter_lines(stream, encoding, limits.max_line_chars), start=1):
        if line.too_long:
            yield _fault(
                number, "line-too-long", f"The line is longer than {limits.max_line_chars:,} characters."
            )
        elif line.text.strip():
            yield _parse(number, line.text)


def _is_one_array(text: str) -> bool:
    """Whether an array goes on after its first line, as no line of JSON Lines does."""
    first, _, rest = text.lstrip().partition("\n")
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return True
    return not rest.strip()


def _iter_array(text: str, name: str) -> Iterator[RawRow]:
    strict = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)
    at = _after_blanks(text, text.index("[") + 1)
    number = 0
    while not text.startswith("]", at):
        number += 1
        row, at = _item(strict, text, at, number, name)
        yield row
        at = _after_blanks(text, at)
        if text.startswith(",", at):
            at = _after_blanks(text, at + 1)
        elif not text.startswith("]", at):
            raise _broken(name, at)
    if text[at + 1 :].strip():
        raise _broken(name, at + 1)


def _item(strict: json.JSONDecoder, text: str, start: int, number: int, name: str) -> tuple[RawRow, int]:
    """Read the item at ``start``, and tell where it ends even if it is at fault."""
    try:
        value, end = strict.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise _broken(name, error.pos) from None
    except RecursionError:
        raise InvalidInput(f"{name} is nested too deeply.") from None
    except ValueError as error:
        # Python refuses numbers of thousands of digits; as text they do no harm.
        _, end = json.JSONDecoder(parse_int=str, parse_constant=str).raw_decode(text, start)
        return _refused(number, error), end
    if BAD_BYTES in text[start:end]:
        return _badly_encoded(number), end
    return _object(number, value), end


def _after_blanks(text: str, at: int) -> int:
    match = _BETWEEN.match(text, at)
    return match.end() if match else at


def _broken(name: str, at: int) -> InvalidInput:
    return InvalidInput(f"{name} is not JSON from character {at + 1:,} on.")


def _parse(number: int, text: str) -> RawRow:
    if has_bad_characters(text):
        return _badly_encoded(number)
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        hint = "Each line must be one whole JSON object."
        return _fault(number, "invalid-json", f"The line is not JSON from character {error.colno} on.", hint)
    except RecursionError:
        return _fault(number, "too-deep", "The line is nested too deeply.")
    except ValueError as error:
        return _refused(number, error)
    return _object(number, value)


def _refused(number: int, error: ValueError) -> RawRow:
    if isinstance(error, _DuplicateKey):
        return _fault(number, "duplicate-key", "An object names the same key twice.")
    if isinstance(error, _NotFinite):
        return _fault(number, "invalid-number", "NaN and Infinity are not JSON.", "Leave the key out.")
    return _fault(number, "invalid-number", "The line holds a number of too many digits.")


def _badly_encoded(number: int) -> RawRow:
    return _fault(number, "invalid-encoding", "The line is not valid UTF-8 text.", "Save the file as UTF-8.")


def _object(number: int, value: object) -> RawRow:
    if not isinstance(value, dict):
        hint = "An array of objects must be written one object a line." if isinstance(value, list) else ""
        return _fault(number, "not-an-object", "The line is not a JSON object.", hint)
    return RawRow(number, value)


def _fault(row: int, code: str, message: str, hint: str = "") -> RawRow:
    return RawRow(row, fault=FieldIssue("", code, message, hint, row=row))
