"""The state machines: which state may follow which (DESIGN section 6)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from app.errors import WrongTransition


class VacancyStatus(StrEnum):
    """Life of a vacancy; only a published one is ranked."""

    DRAFT = "draft"
    PUBLISHED = "published"
    PAUSED = "paused"
    FILLED = "filled"
    CLOSED = "closed"
    EXPIRED = "expired"


class SkillsNeedStatus(StrEnum):
    """Life of a skills need."""

    OPEN = "open"
    CLOSED = "closed"


class ProgrammeStatus(StrEnum):
    """Life of a training programme."""

    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"


class CohortStatus(StrEnum):
    """Life of a cohort submission; only the candidates of a committed one are ranked."""

    RECEIVED = "received"
    VALIDATING = "validating"
    NEEDS_ATTENTION = "needs_attention"
    READY = "ready"
    COMMITTED = "committed"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class UploadState(StrEnum):
    """Life of a file that is sent in for a cohort; what it holds is kept until a final state."""

    RECEIVED = "received"
    VALIDATING = "validating"
    NEEDS_ATTENTION = "needs_attention"
    READY = "ready"
    COMMITTED = "committed"
    FAILED = "failed"
    DISCARDED = "discarded"


class CandidateStatus(StrEnum):
    """Life of a candidate profile; an erased one is a tombstone."""

    REGISTERED = "registered"
    CONSENTED = "consented"
    ACTIVE = "active"
    PAUSED = "paused"
    PLACED = "placed"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


class MatchRunState(StrEnum):
    """Life of a match run; a complete one never changes again."""

    REQUESTED = "requested"
    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AliasState(StrEnum):
    """Life of a staff alias; only an approved one links anything."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class QueueState(StrEnum):
    """Whether a phrase of the normalisation queue waits for a decision."""

    OPEN = "open"
    ALIASED = "aliased"
    DISMISSED = "dismissed"


class ReviewState(StrEnum):
    """What people have decided on a pair of vacancy and candidate; nobody yet: proposed."""

    PROPOSED = "proposed"
    SHORTLISTED = "shortlisted"
    REJECTED = "rejected"
    INFO_REQUESTED = "info_requested"
    DEFERRED = "deferred"
    INTRODUCED = "introduced"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"


class WeightsState(StrEnum):
    """Life of a partnership's weight profile; at most one, the approved one, is in force."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class JobStatus(StrEnum):
    """Life of a job; back to queued when its worker is lost."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


_V, _C, _P = VacancyStatus, CohortStatus, CandidateStatus
_R, _J = MatchRunState, JobStatus
_A, _Q, _S, _W = AliasState, QueueState, ReviewState, WeightsState
_U = UploadState
_VACANCY_END = (_V.FILLED, _V.CLOSED, _V.EXPIRED)

# A tuple keeps the order in which messages name the next states; a missing state is final.
TRANSITIONS: Mapping[type[StrEnum], Mapping[StrEnum, tuple[StrEnum, ...]]] = {
    VacancyStatus: {
        _V.DRAFT: (_V.PUBLISHED, _V.CLOSED),
        _V.PUBLISHED: (_V.PAUSED, *_VACANCY_END),
        _V.PAUSED: (_V.PUBLISHED, *_VACANCY_END),
    },
    SkillsNeedStatus: {SkillsNeedStatus.OPEN: (SkillsNeedStatus.CLOSED,)},
    ProgrammeStatus: {ProgrammeStatus.SUBMITTED: (ProgrammeStatus.WITHDRAWN,)},
    CohortStatus: {
        _C.RECEIVED: (_C.VALIDATING,),
        _C.VALIDATING: (_C.NEEDS_ATTENTION, _C.READY, _C.FAILED),
        # Mended rows are validated again; what is valid may be committed without the rest.
        _C.NEEDS_ATTENTION: (_C.VALIDATING, _C.COMMITTED, _C.FAILED),
        _C.READY: (_C.VALIDATING, _C.COMMITTED, _C.FAILED),
        _C.COMMITTED: (_C.WITHDRAWN,),
    },
    UploadState: {
        _U.RECEIVED: (_U.VALIDATING, _U.DISCARDED),
        _U.VALIDATING: (_U.NEEDS_ATTENTION, _U.READY, _U.FAILED, _U.DISCARDED),
        # Mended rows are checked again; what is good may be committed without the rest.
        _U.NEEDS_ATTENTION: (_U.VALIDATING, _U.COMMITTED, _U.DISCARDED),
        _U.READY: (_U.VALIDATING, _U.COMMITTED, _U.DISCARDED),
    },
    CandidateStatus: {
        _P.REGISTERED: (_P.CONSENTED, _P.WITHDRAWN),
        _P.CONSENTED: (_P.ACTIVE, _P.WITHDRAWN),
        _P.ACTIVE: (_P.PAUSED, _P.PLACED, _P.WITHDRAWN),
        _P.PAUSED: (_P.ACTIVE, _P.WITHDRAWN),
        _P.PLACED: (_P.WITHDRAWN,),
        _P.WITHDRAWN: (_P.ERASED,),
    },
    MatchRunState: {
        _R.REQUESTED: (_R.RUNNING, _R.FAILED, _R.CANCELLED),
        _R.RUNNING: (_R.COMPLETE, _R.FAILED, _R.CANCELLED),
    },
    AliasState: {
        _A.PROPOSED: (_A.APPROVED, _A.WITHDRAWN),
        _A.APPROVED: (_A.SUPERSEDED, _A.WITHDRAWN),
    },
    WeightsState: {
        _W.PROPOSED: (_W.APPROVED, _W.WITHDRAWN),
        _W.APPROVED: (_W.SUPERSEDED, _W.WITHDRAWN),
    },
    QueueState: {
        _Q.OPEN: (_Q.ALIASED, _Q.DISMISSED),
        # A withdrawn alias brings the question back.
        _Q.ALIASED: (_Q.OPEN,),
        _Q.DISMISSED: (_Q.OPEN, _Q.ALIASED),
    },
    ReviewState: {
        _S.PROPOSED: (_S.SHORTLISTED, _S.REJECTED, _S.INFO_REQUESTED, _S.DEFERRED),
        _S.SHORTLISTED: (_S.INTRODUCED, _S.REJECTED, _S.INFO_REQUESTED, _S.DEFERRED, _S.PROPOSED),
        # A rejection is taken back in words of its own, never in passing.
        _S.REJECTED: (_S.PROPOSED,),
        _S.INFO_REQUESTED: (_S.SHORTLISTED, _S.REJECTED, _S.DEFERRED, _S.PROPOSED),
        _S.DEFERRED: (_S.SHORTLISTED, _S.REJECTED, _S.INFO_REQUESTED, _S.PROPOSED),
        _S.INTRODUCED: (_S.ACCEPTED, _S.DECLINED, _S.LAPSED),
        _S.DECLINED: (_S.PROPOSED,),
        _S.LAPSED: (_S.PROPOSED,),
    },
    JobStatus: {
        _J.QUEUED: (_J.RUNNING, _J.CANCELLED),
        _J.RUNNING: (_J.SUCCEEDED, _J.FAILED, _J.CANCELLED, _J.QUEUED),
    },
}


def allowed_next(state: StrEnum) -> tuple[StrEnum, ...]:
    """Give the states that may follow ``state``; none when it is final."""
    return TRANSITIONS[type(state)].get(state, ())


def require_transition(state: StrEnum, target: StrEnum) -> None:
    """Check that ``target`` may follow ``state``.

    Raises
    ------
    WrongTransition
        It may not; the detail names the states that may.
    """
    allowed = allowed_next(state)
    if target in allowed:
        return
    if allowed:
        way_out = "Allowed next: " + ", ".join(allowed) + "."
    else:
        way_out = f"{state.capitalize()} is final."
    raise WrongTransition(f"The state cannot change from {state} to {target}. {way_out}")
