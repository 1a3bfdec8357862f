"""Profiles in linked form: kept ones where they are of today, linked now and kept otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.domain.records import CandidateRecord
from app.repositories.candidate_pool import CandidatePoolRepository
from app.services.preparation import PreparedCandidate, Progress, prepare_candidates
from app.services.prepared_profiles import dump_profile, load_profile
from app.services.taxonomy_index import TaxonomyIndex
from app.services.transactions import Transaction

AT_ONCE = 500
"""Profiles linked and kept in one transaction."""


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """A profile as it was read: whose, at which version, and what it says."""

    candidate_id: UUID
    version: int
    record: CandidateRecord


def link_and_keep(
    transaction: Transaction,
    index: TaxonomyIndex,
    basis: str,
    partnership_id: UUID,
    profiles: Sequence[StoredProfile],
) -> list[tuple[PreparedCandidate, str]]:
    """Link profiles, keep what came of it, and give both in the order given."""
    people = prepare_candidates(index, [profile.record for profile in profiles])
    contents = [dump_profile(person) for person in people]
    rows = [
        (profile.candidate_id, profile.version, content)
        for profile, content in zip(profiles, contents, strict=True)
    ]
    with transaction() as session:
        CandidatePoolRepository(session, partnership_id).store_prepared(basis, rows)
    return list(zip(people, contents, strict=True))


def linked_profiles(
    transaction: Transaction,
    index: TaxonomyIndex,
    basis: str,
    partnership_id: UUID,
    profiles: Sequence[StoredProfile],
    progress: Progress,
) -> list[PreparedCandidate]:
    """Give profiles in linked form, in the order given; only those that changed are linked."""
    wanted = {profile.candidate_id: profile for profile in profiles}
    found: dict[UUID, PreparedCandidate] = {}
    with transaction(write=False) as session:
        repository = CandidatePoolRepository(session, partnership_id)
        for candidate_id, version, content in repository.iter_prepared(basis, list(wanted)):
            if wanted[candidate_id].version == version:
                record = wanted[candidate_id].record
                found[candidate_id] = load_profile(record.id, content)
                found[candidate_id].record = record
    missing = [profile for profile in profiles if profile.candidate_id not in found]
    for start in range(0, len(missing), AT_ONCE):
        progress("reading candidates", start, len(missing))
        block = missing[start : start + AT_ONCE]
        linked = link_and_keep(transaction, index, basis, partnership_id, block)
        found |= {profile.candidate_id: person for profile, (person, _) in zip(block, linked, strict=True)}
    progress("reading candidates", len(missing), len(missing))
    return [found[profile.candidate_id] for profile in profiles]
