"""The notation for lists in one cell of a table.

Items are separated by ``;`` or a line break, the parts of an item by ``|``. A
backslash before one of ``; | \\`` takes away its meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_ITEM_BREAK = re.compile(r"[;\n\r]")
_ITEM = re.compile(r"(?:\\[;|\\]|[^;\n\r])+")
_PART = re.compile(r"((?:\\[;|\\]|[^|])*)(?:\||\Z)")
_ESCAPED = re.compile(r"\\([;|\\])")
_SPECIAL = re.compile(r"[;|\\]")
_LINE_BREAK = re.compile(r"\s*[\n\r]\s*")


def split_items(cell: str) -> Iterator[str]:
    """Give the items of a cell that are not blank, still escaped.

    >>> list(split_items("welding|advanced; C\\\\;D"))
    ['welding|advanced', 'C\\\\;D']
    """
    if "\\" not in cell:
        return filter(None, map(str.strip, _ITEM_BREAK.split(cell)))
    return (text for match in _ITEM.finditer(cell) if (text := match[0].strip()))


def split_parts(item: str) -> list[str]:
    """Give the parts of an item, unescaped and stripped; the first is always there.

    >>> split_parts("TIG welding|advanced|certified")
    ['TIG welding', 'advanced', 'certified']
    """
    if "\\" not in item:
        return [part.strip() for part in item.split("|")]
    parts = []
    position = 0
    while True:
        match = _PART.match(item, position)
        assert match is not None  # the pattern also matches nothing
        parts.append(_ESCAPED.sub(r"\1", match[1]).strip())
        if match.end() == match.end(1):
            return parts  # no separator follows
        position = match.end()


def join_items(items: Iterable[Iterable[str]]) -> str:
    """Write items of parts as one cell, the inverse of the two functions above.

    A line break becomes a space, since it would end the item.

    >>> join_items([["C|C++", "expert"], ["TIG welding"]])
    'C\\\\|C++|expert; TIG welding'
    """
    return "; ".join("|".join(map(_escape, parts)) for parts in items)


def _escape(part: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", _LINE_BREAK.sub(" ", part))
