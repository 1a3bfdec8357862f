"""The candidate of a pair as callers get it."""

from __future__ import annotations

from uuid import UUID

from app.api.schemas.common import Given
from app.models import CandidateProfile


class MatchedCandidate(Given):
    """The candidate of a pair. `external_id` is null for who may see people by pseudonym only."""

    id: UUID
    pseudonym: str
    external_id: str | None


def matched_candidate(row: CandidateProfile, *, pseudonymous: bool) -> MatchedCandidate:
    """Show a candidate without more than the reader may know."""
    return MatchedCandidate(
        id=row.id, pseudonym=row.pseudonym, external_id=None if pseudonymous else row.external_id
    )
