"""Candidates: add to a cohort, change, withdraw, and load for ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.ids import joined_id, new_id, pseudonym_of
from app.domain.permissions import Operation
from app.domain.records import CandidateRecord
from app.domain.submissions import IdentityRecord
from app.domain.transitions import CandidateStatus, CohortStatus
from app.errors import Conflict
from app.models import CandidateIdentity, CandidateProfile, Cohort
from app.repositories.candidate_pool import CandidatePoolRepository
from app.repositories.candidates import CandidateRepository, IdentityRepository
from app.repositories.records import CohortRepository
from app.repositories.scoped import Page
from app.services.audit import audit_event, record_event
from app.services.bulk import BulkMode, ItemOutcome, create_each
from app.services.changes import change_status, flush, require_version, touch
from app.services.conversion import candidate_record, fill_candidate, identity_row, rankable_record
from app.services.relaying import sending

_CLOSED_COHORT = (CohortStatus.FAILED, CohortStatus.WITHDRAWN)
_GONE = (CandidateStatus.WITHDRAWN, CandidateStatus.ERASED)


def get_candidate(session: Session, actor: Actor, candidate_id: UUID) -> CandidateProfile:
    """Get a candidate's profile, without identity; raises NotFound."""
    return CandidateRepository(session, actor).get(candidate_id, Operation.CANDIDATE_READ)


def find_identity(session: Session, actor: Actor, candidate_id: UUID) -> CandidateIdentity | None:
    """Find who a candidate is, if the actor may know and it was submitted."""
    return IdentityRepository(session, actor).find(candidate_id)


def list_candidates(
    session: Session,
    actor: Actor,
    *,
    after: UUID | None = None,
    limit: int = 50,
    cohort_id: UUID | None = None,
    status: CandidateStatus | None = None,
    external_id: str | None = None,
    pseudonym: str | None = None,
) -> Page[CandidateProfile]:
    """List the profiles that the actor may read, oldest first."""
    return CandidateRepository(session, actor).list_page(
        after=after,
        limit=limit,
        cohort_id=cohort_id,
        status=status,
        external_id=external_id,
        pseudonym=pseudonym,
    )


def add_candidates(
    session: Session,
    actor: Actor,
    cohort_id: UUID,
    records: Sequence[CandidateRecord],
    *,
    identities: Mapping[str, IdentityRecord] | None = None,
    mode: BulkMode,
    now: datetime,
) -> list[ItemOutcome[CandidateProfile]]:
    """Add candidates to a cohort and say what became of each.

    Parameters
    ----------
    identities
        Who they are, by record id; kept apart from the profiles.

    Raises
    ------
    NotFound
        The actor's institution has no such cohort.
    Conflict
        The cohort failed or is withdrawn.
    """
    cohort = CohortRepository(session, actor).get(cohort_id, sending(actor), for_update=True)
    if cohort.status in _CLOSED_COHORT:
        raise Conflict(f"The cohort is {cohort.status} and takes no more candidates.")
    known = identities or {}
    taken = CandidateRepository(session, actor).existing_in_cohort(
        cohort.id, (record.id for record in records)
    )
    outcomes = create_each(
        session,
        records,
        lambda record: _build(actor, cohort, record, known.get(record.id), now),
        taken=taken,
        mode=mode,
        noun="candidate",
    )
    if cohort.status is CohortStatus.COMMITTED:
        added = [outcome.row.id for outcome in outcomes if outcome.row is not None]
        CandidatePoolRepository(session, cohort.partnership_id).note_changes(ids=added)
    return outcomes


def replace_candidate(
    session: Session,
    actor: Actor,
    candidate_id: UUID,
    record: CandidateRecord,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> CandidateProfile:
    """Replace everything a profile says; an equal record changes nothing.

    Raises
    ------
    VersionMismatch
        It is no longer at ``expected_version``.
    Conflict
        The candidate is withdrawn or erased, or the record has another id.
    """
    candidate = CandidateRepository(session, actor).get(candidate_id, Operation.COHORT_WRITE, for_update=True)
    require_version(candidate, expected_version)
    before = candidate_record(candidate)
    if record == before:
        return candidate
    if record.id != before.id:
        raise Conflict("The id of a candidate cannot change; add another one instead.")
    if candidate.status in _GONE:
        raise Conflict(f"The candidate is {candidate.status} and can no longer be changed.")
    fill_candidate(candidate, record)
    touch(candidate, now)
    record_event(session, actor, "candidate.changed", "candidate", candidate.id, now=now)
    flush(session)
    CandidatePoolRepository(session, candidate.partnership_id).note_changes(ids=[candidate.id])
    return candidate


def withdraw_candidate(
    session: Session, actor: Actor, candidate_id: UUID, *, expected_version: int | None = None, now: datetime
) -> CandidateProfile:
    """Withdraw a candidate: they are no longer ranked; raises WrongTransition."""
    candidate = CandidateRepository(session, actor).get(
        candidate_id, Operation.CANDIDATE_WITHDRAW, for_update=True
    )
    require_version(candidate, expected_version)
    change_status(session, actor, candidate, CandidateStatus.WITHDRAWN, now=now, noun="candidate")
    flush(session)
    CandidatePoolRepository(session, candidate.partnership_id).note_changes(ids=[candidate.id])
    return candidate


def list_rankable_candidates(
    session: Session, actor: Actor
) -> list[tuple[CandidateProfile, CandidateRecord]]:
    """Load everyone to rank in the actor's partnership, with their records.

    These are the candidates of committed cohorts that are not paused, placed,
    withdrawn or erased. Until consent is recorded in the service, committing the
    cohort vouches for it.

    Record ids are made of the institution's, the cohort's and the candidate's own
    external ids: unique in the partnership and the same on every database, so that
    equal scores are ordered the same way everywhere. Sorted by that id.
    """
    rows = []
    for candidate, institution, cohort in CandidateRepository(session, actor).list_rankable():
        key = joined_id(institution, cohort, candidate.external_id)
        rows.append((key, candidate))
    rows.sort(key=lambda row: row[0])
    return [(candidate, rankable_record(candidate, record_id=key)) for key, candidate in rows]


def _build(
    actor: Actor, cohort: Cohort, record: CandidateRecord, identity: IdentityRecord | None, now: datetime
) -> tuple[CandidateProfile, Sequence[Any]]:
    candidate_id = new_id()
    candidate = CandidateProfile(
        id=candidate_id,
        partnership_id=cohort.partnership_id,
        institution_id=cohort.institution_id,
        cohort_id=cohort.id,
        pseudonym=pseudonym_of(candidate_id),
        status=CandidateStatus.REGISTERED,
        version=1,
        created_at=now,
        updated_at=now,
    )
    fill_candidate(candidate, record)
    extras: list[Any] = [audit_event(actor, "candidate.created", "candidate", candidate_id, now=now)]
    if identity is not None:
        extras.append(identity_row(candidate, identity))
    return candidate, extras


def rankable_birth_dates(session: Session, actor: Actor, candidate_ids: Sequence[UUID]) -> dict[UUID, date]:
    """Birth dates, where known, of candidates to rank: for the rule on age alone."""
    return IdentityRepository(session, actor).birth_dates(candidate_ids)
