"""API keys: issue, revoke, and tell from one who is asking.

A key reads ``tp_test_<public id>_<secret>`` or ``tp_live_…``. The database keeps
the public id and the SHA-256 of the whole key. The secret is 256 random bits, so
a slow password hash would add nothing but delay.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor, Role
from app.domain.ids import new_id
from app.domain.permissions import Operation, Scope, require
from app.errors import Conflict, InvalidInput, NotAuthenticated, NotPermitted
from app.models import ApiKey
from app.repositories.organisations import (
    ApiKeyRepository,
    OrganisationRepository,
    PartnershipRepository,
    find_api_key,
    find_own_api_key,
)
from app.repositories.scoped import Page
from app.services.audit import record_event
from app.services.changes import flush

_PATTERN = re.compile(r"tp_(?:test|live)_([0-9a-f]{16})_[A-Za-z0-9_-]{43}", re.ASCII)
_NOBODY_SHA256 = hashlib.sha256(b"nobody").hexdigest()
_USE_GRANULARITY = timedelta(hours=1)
_UNKNOWN = "This API key is unknown, expired or revoked; ask your administrator for another one."


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key; ``secret`` is the whole key and can never be shown again."""

    row: ApiKey
    secret: str = field(repr=False)


def authenticate(session: Session, presented: str, *, now: datetime) -> Actor:
    """Tell who presents this key. Only reads: one lookup by the public id.

    Raises
    ------
    NotAuthenticated
        The key is malformed, unknown, expired or revoked; it is not said which.
    """
    shape = _PATTERN.fullmatch(presented)
    row = None if shape is None else find_api_key(session, shape[1])
    # Always compare, so that the time taken does not tell whether the public id exists.
    expected = _NOBODY_SHA256 if row is None else row.secret_sha256
    genuine = hmac.compare_digest(_sha256(presented), expected)
    if row is None or not genuine or not _is_valid(row, now):
        raise NotAuthenticated(_UNKNOWN)
    return Actor(
        key_id=row.id,
        role=row.role,
        partnership_id=row.partnership_id,
        organisation_id=row.organisation_id,
    )


def record_key_use(session: Session, actor: Actor, *, now: datetime) -> None:
    """Note that the actor's key was used, at most once an hour; for transactions that write anyway."""
    key = find_own_api_key(session, actor)
    if key is not None and (key.last_used_at is None or now - key.last_used_at >= _USE_GRANULARITY):
        key.last_used_at = now
        flush(session)


def issue_api_key(
    session: Session,
    actor: Actor,
    *,
    role: Role,
    label: str,
    organisation_id: UUID | None = None,
    expires_at: datetime | None = None,
    now: datetime,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> IssuedKey:
    """Issue a key and give its secret, this once.

    An admin issues keys for any role in the partnership; an organisation only for
    itself and its own role.

    Raises
    ------
    NotPermitted
        An organisation asked for another role or organisation.
    NotFound
        The actor's partnership has no such organisation.
    Conflict
        The organisation is of another kind than the role.
    InvalidInput
        The role needs an organisation or must have none, or the key would already be expired.
    """
    scope = require(actor, Operation.KEY_MANAGE)
    if scope is Scope.OWN:
        organisation_id = organisation_id or actor.organisation_id
        if role is not actor.role or organisation_id != actor.organisation_id:
            raise NotPermitted("An organisation issues keys only for itself and for its own role.")
    if role.is_organisation != (organisation_id is not None):
        raise InvalidInput("A key for an employer or institution names it; a key for staff names none.")
    if organisation_id is not None:
        organisation = OrganisationRepository(session, actor).get(
            organisation_id, Operation.ORGANISATION_READ
        )
        if organisation.kind.value != role.value:
            raise Conflict(f"The organisation is an {organisation.kind}; the key's role must be the same.")
    if expires_at is not None and expires_at <= now:
        raise InvalidInput("The key would already have expired; choose a time in the future.")
    partnership = PartnershipRepository(session).get_own(actor)
    public_id = random_bytes(8).hex()
    random_part = base64.urlsafe_b64encode(random_bytes(32)).rstrip(b"=").decode("ascii")
    secret = f"tp_{'test' if partnership.is_test else 'live'}_{public_id}_{random_part}"
    key = ApiKey(
        id=new_id(),
        partnership_id=actor.partnership_id,
        organisation_id=organisation_id,
        role=role,
        label=label,
        public_id=public_id,
        secret_sha256=_sha256(secret),
        created_at=now,
        expires_at=expires_at,
    )
    session.add(key)
    record_event(session, actor, "api_key.issued", "api_key", key.id, now=now, role=str(role))
    flush(session)
    return IssuedKey(key, secret)


def get_api_key(session: Session, actor: Actor, key_id: UUID) -> ApiKey:
    """Get a key's description, never its secret; raises NotFound."""
    return ApiKeyRepository(session, actor).get(key_id, Operation.KEY_MANAGE)


def list_api_keys(
    session: Session, actor: Actor, *, after: UUID | None = None, limit: int = 50
) -> Page[ApiKey]:
    """List the keys that the actor manages, revoked ones too, oldest first."""
    return ApiKeyRepository(session, actor).list_page(after=after, limit=limit)


def revoke_api_key(session: Session, actor: Actor, key_id: UUID, *, now: datetime) -> ApiKey:
    """Revoke a key for good; it is refused from the moment of the commit.

    Raises
    ------
    Conflict
        It is revoked already.
    """
    key = ApiKeyRepository(session, actor).get(key_id, Operation.KEY_MANAGE, for_update=True)
    if key.revoked_at is not None:
        raise Conflict("The key is revoked already.")
    key.revoked_at = now
    record_event(session, actor, "api_key.revoked", "api_key", key.id, now=now)
    flush(session)
    return key


def _is_valid(key: ApiKey, now: datetime) -> bool:
    return key.revoked_at is None and (key.expires_at is None or now < key.expires_at)


def _sha256(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
