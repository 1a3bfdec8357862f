"""Entity tags: strong validators made of a record's version, and the conditions on them."""

from __future__ import annotations

import re
from uuid import UUID

from app.api.problems import PreconditionRequired
from app.errors import VersionMismatch

NO_VERSION = -1

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')


def etag_of(record_id: UUID, version: int) -> str:
    """Make the strong entity tag of one version of a record."""
    return f'"{record_id.hex[-12:]}-{version}"'


def expected_version(if_match: str | None, record_id: UUID) -> int | None:
    """Read from ``If-Match`` which version the caller means to change.

    Returns
    -------
    int or None
        None for ``*``: whatever the version is. ``NO_VERSION`` when it names none of this
        record, so that a record nobody knows is reported as such first. Weak tags never
        match (RFC 9110, section 13.1.1).

    Raises
    ------
    PreconditionRequired
        There is no ``If-Match``.
    """
    if if_match is None or not if_match.strip():
        raise PreconditionRequired("Read the record, then send its ETag as If-Match.")
    if if_match.strip() == "*":
        return None
    prefix = f"{record_id.hex[-12:]}-"
    for weak, tag in _TAG.findall(if_match):
        version = tag.removeprefix(prefix)
        if not weak and version != tag and version.isdecimal() and len(version) <= 9:
            return int(version)
    return NO_VERSION


def optional_version(if_match: str | None, record_id: UUID) -> int | None:
    """Read ``If-Match`` where it may be left out: None then, as for ``*``."""
    return None if if_match is None else expected_version(if_match, record_id)


def require_match(version: int, wanted: int | None) -> None:
    """Refuse a change of another version than the caller wanted to change."""
    if wanted is not None and version != wanted:
        raise VersionMismatch(f"This is version {version}. Read the record again and repeat the change.")


def is_unchanged(if_none_match: str | None, etag: str) -> bool:
    """Say whether the caller already holds this version (weak comparison, RFC 9110, section 13.1.2)."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    return any(f'"{tag}"' == etag for _, tag in _TAG.findall(if_none_match))
