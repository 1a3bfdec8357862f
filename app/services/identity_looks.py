"""Showing who a candidate is: with a reason, and never without a trace."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.identities import IdentityReason
from app.domain.ids import new_id
from app.domain.permissions import Operation, require
from app.domain.reviews import MAX_NOTE
from app.errors import FieldIssue, InvalidInput, NotPermitted
from app.models import CandidateIdentity, CandidateProfile, IdentityLook
from app.repositories.candidates import CandidateRepository
from app.services.audit import record_event
from app.services.candidates import find_identity


def show_identity(
    session: Session,
    actor: Actor,
    candidate_id: UUID,
    *,
    reason: IdentityReason | None,
    note: str = "",
    now: datetime,
) -> tuple[CandidateProfile, CandidateIdentity | None]:
    """Give who a candidate is, None where nobody submitted it, and keep that it was shown, and why. Flushes.

    Raises
    ------
    NotPermitted
        The role may not know, or nobody is signed in.
    NotFound
        The actor knows no such candidate.
    InvalidInput
        There is no reason, or ``other`` comes without a note.
    """
    require(actor, Operation.IDENTITY_READ)
    if actor.account_id is None:
        raise NotPermitted("Only somebody who is signed in is shown an identity here.")
    candidate = CandidateRepository(session, actor).get(candidate_id, Operation.IDENTITY_READ)
    if reason is None:
        raise _invalid("/reason", "required", "Choose what the identity is needed for.")
    if reason is IdentityReason.OTHER and not note.strip():
        raise _invalid("/note", "required", "Write in the note what the other reason is.")
    if len(note) > MAX_NOTE:
        raise _invalid("/note", "too-long", f"At most {MAX_NOTE:,} characters are kept.")
    look = IdentityLook(
        id=new_id(),
        partnership_id=actor.partnership_id,
        candidate_id=candidate_id,
        account_id=actor.account_id,
        reason=reason,
        note=note,
        at=now,
    )
    session.add(look)
    record_event(
        session,
        actor,
        "identity.shown",
        "candidate",
        candidate_id,
        now=now,
        reason=str(reason),
        look_id=str(look.id),
    )
    session.flush()
    return candidate, find_identity(session, actor, candidate_id)


def _invalid(pointer: str, code: str, message: str) -> InvalidInput:
    return InvalidInput(message, issues=[FieldIssue(pointer, code, message)])
