"""What a decision on a pair is made on, and what it needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.eligibility import Eligibility
from app.domain.enums import Verdict
from app.domain.permissions import Operation
from app.domain.reviews import MAX_NOTE, NEED_A_REASON, REASONS, ReviewReason, is_override
from app.domain.transitions import ReviewState, VacancyStatus
from app.errors import Conflict, FieldIssue, InvalidInput, NotFound
from app.matching.vetting.passages import Reason as VettingReason
from app.models import CandidateProfile, Match, MatchApart, RankedVacancy, Review, Vacancy
from app.repositories.candidates import RANKABLE_STATUSES
from app.repositories.match_runs import MatchRepository, MatchRunRepository

_OPEN = (VacancyStatus.PUBLISHED, VacancyStatus.PAUSED)
_PUT_FORWARD = (ReviewState.SHORTLISTED, ReviewState.INTRODUCED)
_DOUBTS = frozenset(VettingReason)


class Basis(NamedTuple):
    """What a decision is made on."""

    run_id: UUID | None
    rank: int | None
    score: float | None
    verdict: Verdict | None
    is_doubtful: bool
    requirements_version: int
    candidate_version: int

    def overrides(self, state: ReviewState, openings: int) -> bool:
        """Whether a decision goes against what was proposed."""
        is_listed = self.run_id is not None
        return is_override(
            state, is_listed=is_listed, rank=self.rank, verdict=self.verdict, openings=openings
        )


def basis_of(
    session: Session, actor: Actor, vacancy: Vacancy, candidate: CandidateProfile, run_id: UUID | None
) -> Basis:
    """What a run says of a pair, the newest complete one where none is named; raises NotFound."""
    runs = MatchRunRepository(session, actor)
    if run_id is None:
        run = runs.find_latest_complete(vacancy.id)
    else:
        run = runs.get(run_id, Operation.RANKING_READ)
    ranked = None if run is None else runs.find_ranked_vacancy(run, vacancy.id)
    if run_id is not None and ranked is None:
        raise NotFound("That match run did not rank this vacancy.")
    pair: Match | MatchApart | None = None
    if run is not None:
        pair = MatchRepository(session, actor).find_pair(run.id, vacancy.id, candidate.id)
    if run is None or ranked is None or pair is None:
        return unlisted_basis(vacancy, candidate)
    return basis_of_pair(pair, ranked, candidate)


def unlisted_basis(vacancy: Vacancy, candidate: CandidateProfile) -> Basis:
    """What there is to decide on where no run gave the pair."""
    return Basis(None, None, None, None, False, vacancy.requirements_version, candidate.version)


def basis_of_pair(pair: Match | MatchApart, ranked: RankedVacancy, candidate: CandidateProfile) -> Basis:
    """What a run says of a pair that it gave."""
    return Basis(
        run_id=ranked.run_id,
        rank=pair.rank if isinstance(pair, Match) else pair.place,
        score=pair.score,
        verdict=Eligibility.from_list(pair.eligibility).verdict,
        is_doubtful=not _DOUBTS.isdisjoint(pair.flags),
        requirements_version=ranked.requirements_version,
        candidate_version=pair.candidate_version or candidate.version,
    )


def state_of(history: Sequence[Review]) -> ReviewState:
    """The state of a pair whose decisions, newest first, these are."""
    return history[0].state if history else ReviewState.PROPOSED


def require_open(vacancy: Vacancy, candidate: CandidateProfile, state: ReviewState) -> None:
    """Check that something is decided on the vacancy, and that the candidate may be put forward."""
    if vacancy.status not in _OPEN:
        raise Conflict(f"The vacancy is {vacancy.status}: nothing is decided on it.")
    if state in _PUT_FORWARD and candidate.status not in RANKABLE_STATUSES:
        raise Conflict(f"The candidate is {candidate.status} and cannot be put forward.")


def require_reason(
    state: ReviewState,
    reason: ReviewReason | None,
    note: str,
    *,
    overrides: bool,
    is_promised: bool = False,
) -> None:
    """Check reason and note.

    Parameters
    ----------
    overrides
        The decision goes against what the ranking proposed.
    is_promised
        The candidate was introduced to another vacancy, or accepted for it.
    """
    fitting = ", ".join(REASONS[state])
    if len(note) > MAX_NOTE:
        raise invalid_review("/note", "too-long", f"At most {MAX_NOTE:,} characters are kept.")
    if reason is None and (overrides or is_promised or state in NEED_A_REASON):
        why = f"{state} always has one"
        if overrides:
            why = "it goes against what the ranking proposed"
        elif is_promised:
            why = "another vacancy's employer was introduced to this candidate"
        raise invalid_review("/reason", "required", f"A reason is needed: {why}.", f"Use one of {fitting}.")
    if reason is not None and reason not in REASONS[state]:
        raise invalid_review(
            "/reason", "other-decision", f"This reason does not go with {state}.", f"Use one of {fitting}."
        )
    if reason is ReviewReason.OTHER and not note.strip():
        raise invalid_review("/note", "required", "The reason other needs a note that says which.")


def invalid_review(pointer: str, code: str, message: str, hint: str = "") -> InvalidInput:
    """Make the error for one field."""
    return InvalidInput(message, issues=[FieldIssue(pointer, code, message, hint)])
