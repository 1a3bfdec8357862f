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


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request with an ``Idempotency-Key``: whose it is, and what tells it from others."""

    api_key_id: UUID
    key: str
    method: str
    path: str
    body_digest: str


def find_answer(session: Session, request: KeyedRequest, *, now: datetime) -> Answer | None:
    """Give the answer that the request had before, None when it is new. Only reads.

    Raises
    ------
    KeyReused
        The key belongs to a request with another method, path or body.
    KeyInFlight
        The first request is not finished.
    """
    known = IdempotencyRepository(session, request.api_key_id).find(request.key, for_update=False)
    return None if known is None or known.created_at < now - KEPT_FOR else _answer(known, request, now)


def claim_key(session: Session, request: KeyedRequest, *, now: datetime) -> UUID | Answer:
    """Claim the key for a new request; else as ``find_answer``.

    The caller commits the claim before carrying the request out, in a transaction
    of its own, so that a second request sees it.

    Returns
    -------
    UUID
        Of the claim; pass it to ``keep_answer`` or ``release_claim``.
    Answer
        The request was carried out meanwhile.
    """
    repository = IdempotencyRepository(session, request.api_key_id)
    repository.delete_before(now - KEPT_FOR)
    known = repository.find(request.key)
    if known is not None:
        answer = _answer(known, request, now)
        if answer is not None:
            return answer
        # The process that claimed it was lost. What it did was never committed, because the
        # answer is kept in the same transaction; without its claim it cannot commit any more.
        repository.delete(request.key)
    claim = IdempotencyKey(
        api_key_id=request.api_key_id,
        key=request.key,
        method=request.method,
        path=request.path,
        body_digest=request.body_digest,
        state=IdempotencyState.IN_FLIGHT,
        created_at=now,
    )
    session.add(claim)
    try:
        session.flush()
    except IntegrityError:
        raise _in_flight() from None
    return claim.id


def _answer(known: IdempotencyKey, request: KeyedRequest, now: datetime) -> Answer | None:
    """Give the kept answer; None when the claim outlived the process that made it."""
    if (known.method, known.path, known.body_digest) != (request.method, request.path, request.body_digest):
        raise KeyReused("This Idempotency-Key was sent with another request before. Use a new one.")
    if known.state is IdempotencyState.DONE:
        return Answer(known.status_code or 200, known.response_headers or {}, known.response_body or b"")
    if known.created_at > now - LEASE:
        raise _in_flight()
    return None


def keep_answer(session: Session, request: KeyedRequest, claim_id: UUID, answer: Answer) -> None:
    """Keep the answer, in the transaction of what the request did.

    Raises
    ------
    KeyInFlight
        The claim was taken over by another request; this one must not commit.
    """
    claim = IdempotencyRepository(session, request.api_key_id).find(request.key)
    if claim is None or claim.id != claim_id:
        raise _in_flight()
    claim.state = IdempotencyState.DONE
    claim.status_code = answer.status_code
    claim.response_headers = answer.headers
    claim.response_body = answer.body
    session.flush()


def release_claim(session: Session, request: KeyedRequest, claim_id: UUID) -> None:
    """Give a claim back, because the request failed; it may be sent again with the same key."""
    repository = IdempotencyRepository(session, request.api_key_id)
    claim = repository.find(request.key)
    if claim is not None and claim.id == claim_id:
        repository.delete(request.key)


def _in_flight() -> KeyInFlight:
    return KeyInFlight("The first request with this Idempotency-Key is still at work. Try again in a second.")
