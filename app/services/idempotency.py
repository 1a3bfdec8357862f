"""Repeated requests: the first one is carried out, the others get its answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import AppError, Conflict
from app.models import IdempotencyKey, IdempotencyState
from app.repositories.idempotency import IdempotencyRepository

KEPT_FOR = timedelta(hours=24)
LEASE = timedelta(minutes=5)


class KeyReused(AppError):
    """The ``Idempotency-Key`` was used before with another request."""

    code = "idempotency-key-reused"
    title = "The Idempotency-Key belongs to another request"


class KeyInFlight(Conflict):
    """The first request with this ``Idempotency-Key`` is still being carried out."""

    code = "idempotency-key-in-flight"
    title = "The first request with this Idempotency-Key is not finished"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the first request was answered."""

    status_code: int
    headers: dict[str, str]
    body: bytes


def claim_key(
    session: Session,
    *,
    api_key_id: UUID,
    key: str,
    method: str,
    path: str,
    body_digest: str,
    now: datetime,
) -> UUID | Answer:
    """Claim an ``Idempotency-Key`` for a request, or give the answer it had before.

    The caller commits the claim before carrying the request out, in a transaction
    of its own, so that a second request sees it.

    Returns
    -------
    UUID
        Of the claim; pass it to ``keep_answer`` or ``release_claim``.
    Answer
        The first request was carried out.

    Raises
    ------
    KeyReused
        The key belongs to a request with another method, path or body.
    KeyInFlight
        The first request is not finished.
    """
    repository = IdempotencyRepository(session, api_key_id)
    repository.delete_before(now - KEPT_FOR)
    known = repository.find(key)
    if known is not None:
        if (known.method, known.path, known.body_digest) != (method, path, body_digest):
            raise KeyReused("This Idempotency-Key was sent with another request before. Use a new one.")
        if known.state is IdempotencyState.DONE:
            return Answer(known.status_code or 200, known.response_headers or {}, known.response_body or b"")
        if known.created_at > now - LEASE:
            raise _in_flight()
        # The process that claimed it was lost. What it did was never committed, because the
        # answer is kept in the same transaction; without its claim it cannot commit any more.
        repository.delete(key)
    claim = IdempotencyKey(
        api_key_id=api_key_id,
        key=key,
        method=method,
        path=path,
        body_digest=body_digest,
        state=IdempotencyState.IN_FLIGHT,
        created_at=now,
    )
    session.add(claim)
    try:
        session.flush()
    except IntegrityError:
        raise _in_flight() from None
    return claim.id


def keep_answer(session: Session, *, api_key_id: UUID, key: str, claim_id: UUID, answer: Answer) -> None:
    """Keep the answer, in the transaction of what the request did.

    Raises
    ------
    KeyInFlight
        The claim was taken over by another request; this one must not commit.
    """
    claim = IdempotencyRepository(session, api_key_id).find(key)
    if claim is None or claim.id != claim_id:
        raise _in_flight()
    claim.state = IdempotencyState.DONE
    claim.status_code = answer.status_code
    claim.response_headers = answer.headers
    claim.response_body = answer.body
    session.flush()


def release_claim(session: Session, *, api_key_id: UUID, key: str, claim_id: UUID) -> None:
    """Give a claim back, because the request failed; it may be sent again with the same key."""
    repository = IdempotencyRepository(session, api_key_id)
    claim = repository.find(key)
    if claim is not None and claim.id == claim_id:
        repository.delete(key)


def _in_flight() -> KeyInFlight:
    return KeyInFlight("The first request with this Idempotency-Key is still at work. Try again in a second.")
