"""Rows of a file beside the candidates whom their cohort holds already: who is new, changed, the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.records import CandidateRecord
from app.domain.submissions import IdentityRecord
from app.domain.transitions import CandidateStatus
from app.models import CandidateIdentity, CandidateProfile
from app.repositories.candidate_pool import CandidatePoolRepository
from app.repositories.candidates import CandidateRepository, IdentityRepository
from app.repositories.records import CohortRepository
from app.services.audit import record_event
from app.services.bulk import BulkMode, ItemStatus
from app.services.candidates import add_candidates
from app.services.changes import flush, touch
from app.services.conversion import candidate_record, fill_candidate, identity_row
from app.services.relaying import sending

GONE = (CandidateStatus.WITHDRAWN, CandidateStatus.ERASED)
"""Candidates whom no file brings back."""

_IDENTITY = tuple(each.name for each in fields(IdentityRecord))

Identities = Mapping[str, IdentityRecord]


@dataclass(frozen=True, slots=True)
class RowPlan:
    """What storing some records would do; each field holds their ids."""

    new: frozenset[str]
    changed: frozenset[str]
    unchanged: frozenset[str]
    gone: frozenset[str]


@dataclass(frozen=True, slots=True)
class RowCounts:
    """What storing some records did; ``gone`` are the ids of those whom no file brings back."""

    n_created: int
    n_replaced: int
    gone: frozenset[str]


def plan_rows(
    session: Session,
    actor: Actor,
    cohort_id: UUID | None,
    records: Sequence[CandidateRecord],
    identities: Identities,
) -> RowPlan:
    """Say what storing these records in a cohort would do; all are new to one that is yet to be made."""
    held = {} if cohort_id is None else _held(session, actor, cohort_id, records)
    known = IdentityRepository(session, actor).list_of([row.id for row in held.values()]) if held else {}
    changed = {
        record.id
        for record in records
        if record.id in held and _differs(held[record.id], known, record, identities.get(record.id))
    }
    gone = {key for key, row in held.items() if row.status in GONE}
    return RowPlan(
        new=frozenset(record.id for record in records if record.id not in held),
        changed=frozenset(changed - gone),
        unchanged=frozenset(held.keys() - changed - gone),
        gone=frozenset(gone),
    )


def store_rows(
    session: Session,
    actor: Actor,
    cohort_id: UUID,
    records: Sequence[CandidateRecord],
    identities: Identities,
    *,
    now: datetime,
) -> RowCounts:
    """Add the new candidates among these to a cohort, and bring those it holds up to their records.

    What a record says of a person replaces the profile; of who they are, only what is given.
    Storing the same records again changes nothing. Flushes.
    """
    # The order in which everybody locks: the cohort, its candidates, the count of changes.
    CohortRepository(session, actor).get(cohort_id, sending(actor), for_update=True)
    held = _held(session, actor, cohort_id, records, for_update=True)
    known = IdentityRepository(session, actor).list_of([row.id for row in held.values()]) if held else {}
    replaced = [
        held[record.id]
        for record in records
        if record.id in held
        and held[record.id].status not in GONE
        and _replace(session, held[record.id], known, record, identities.get(record.id))
    ]
    for row in replaced:
        touch(row, now)
        record_event(session, actor, "candidate.changed", "candidate", row.id, now=now)
    flush(session)
    if replaced:
        pool = CandidatePoolRepository(session, actor.partnership_id)
        pool.note_changes(ids=[row.id for row in replaced])
    new = [record for record in records if record.id not in held]
    added = add_candidates(
        session, actor, cohort_id, new, identities=identities, mode=BulkMode.PARTIAL, now=now
    )
    return RowCounts(
        n_created=sum(each.status is ItemStatus.CREATED for each in added),
        n_replaced=len(replaced),
        gone=frozenset(key for key, row in held.items() if row.status in GONE),
    )


def _held(
    session: Session,
    actor: Actor,
    cohort_id: UUID,
    records: Sequence[CandidateRecord],
    *,
    for_update: bool = False,
) -> dict[str, CandidateProfile]:
    return CandidateRepository(session, actor).list_in_cohort(
        cohort_id, [record.id for record in records], sending(actor), for_update=for_update
    )


def _differs(
    row: CandidateProfile,
    known: Mapping[UUID, CandidateIdentity],
    record: CandidateRecord,
    identity: IdentityRecord | None,
) -> bool:
    return candidate_record(row) != record or bool(_news(known.get(row.id), identity))


def _replace(
    session: Session,
    row: CandidateProfile,
    known: Mapping[UUID, CandidateIdentity],
    record: CandidateRecord,
    identity: IdentityRecord | None,
) -> bool:
    """Bring one candidate up to a record; False where nothing had to change."""
    is_other = candidate_record(row) != record
    if is_other:
        fill_candidate(row, record)
    held = known.get(row.id)
    news = _news(held, identity)
    if held is not None:
        for name, value in news.items():
            setattr(held, name, value)
    elif identity is not None:
        session.add(identity_row(row, identity))
    return is_other or bool(news)


def _news(held: CandidateIdentity | None, given: IdentityRecord | None) -> dict[str, object]:
    """What an identity says that is not known yet."""
    if given is None:
        return {}
    said = {name: getattr(given, name) for name in _IDENTITY}
    return {
        name: value
        for name, value in said.items()
        if value is not None and (held is None or getattr(held, name) != value)
    }
