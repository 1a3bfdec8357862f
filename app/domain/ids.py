"""Identifiers: time-ordered ids, pseudonyms, and the rule for callers' own ids."""

from __future__ import annotations

import os
import threading
import time
from uuid import UUID

MAX_EXTERNAL_ID = 200
"""Longest external id, in characters; PostgreSQL cannot index much longer text."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_lock = threading.Lock()
_last: tuple[int, int] = (0, 0)


def uuid7(unix_ms: int, counter: int, tail: int) -> UUID:
    """Lay out a version 7 UUID (RFC 9562, section 5.7).

    Parameters
    ----------
    unix_ms
        Milliseconds since 1970, 48 bits.
    counter
        12 bits that order ids within one millisecond.
    tail
        62 random bits.
    """
    value = (unix_ms & (1 << 48) - 1) << 80 | 0x7 << 76 | (counter & 0xFFF) << 64
    return UUID(int=value | 0b10 << 62 | tail & (1 << 62) - 1)


def new_id() -> UUID:
    """Make an id that sorts after every earlier one of this process.

    The counter makes rows that are written together list in the order they came.
    """
    global _last
    with _lock:
        unix_ms, counter = time.time_ns() // 1_000_000, 0
        if unix_ms <= _last[0]:
            # Same millisecond, or a clock that was set back: go on from the last id.
            unix_ms, counter = _last[0], _last[1] + 1
            if counter > 0xFFF:
                unix_ms, counter = unix_ms + 1, 0
        _last = (unix_ms, counter)
    return uuid7(unix_ms, counter, int.from_bytes(os.urandom(8), "big"))


def pseudonym_of(candidate_id: UUID) -> str:
    """Name a candidate in public views, for example ``C-7F3K9-Q2M4X``.

    Made of 50 random bits of the id, so it says nothing about the person and is
    the same wherever it is shown.
    """
    bits = candidate_id.int & (1 << 50) - 1
    digits = "".join(_CROCKFORD[bits >> shift & 31] for shift in range(45, -1, -5))
    return f"C-{digits[:5]}-{digits[5:]}"


def is_external_id(value: str) -> bool:
    """Say whether ``value`` may be a caller's own id: 1 to 200 printable characters, no outer spaces."""
    return 0 < len(value) <= MAX_EXTERNAL_ID and value.isprintable() and value == value.strip()


def joined_id(*external_ids: str) -> str:
    """Join ids of nested records into one that is unique and sorts as its parts do.

    The separator sorts before every character that an external id may hold.
    """
    return "\x1f".join(external_ids)
