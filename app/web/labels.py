"""What the states and reasons of the domain are called on a page."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from app.domain.actor import Role
from app.domain.confidence import Confidence
from app.domain.enums import LinkMethod, QueueReason
from app.domain.identities import IdentityReason
from app.domain.reviews import Rating
from app.domain.reviews import ReviewReason as _Reason
from app.domain.transitions import (
    AliasState,
    CandidateStatus,
    CohortStatus,
    JobStatus,
    MatchRunState,
    ProgrammeStatus,
    QueueState,
    ReviewState,
    UploadState,
    VacancyStatus,
    WeightsState,
)
from app.web.wording import N_, Words

_LABELS: Mapping[type[StrEnum], Mapping[str, str]] = {
    Role: {
        "employer": N_("Employer"),
        "institution": N_("Training institution"),
        "reviewer": N_("Reviewer"),
        "admin": N_("Administrator"),
        "auditor": N_("Auditor"),
    },
    VacancyStatus: {
        "draft": N_("Draft"),
        "published": N_("Published"),
        "paused": N_("Paused"),
        "filled": N_("Filled"),
        "closed": N_("Closed"),
        "expired": N_("Expired"),
    },
    ProgrammeStatus: {"submitted": N_("Submitted"), "withdrawn": N_("Withdrawn")},
    CohortStatus: {
        "received": N_("Received"),
        "validating": N_("Being checked"),
        "needs_attention": N_("Needs attention"),
        "ready": N_("Ready to commit"),
        "committed": N_("Committed"),
        "failed": N_("Failed"),
        "withdrawn": N_("Withdrawn"),
    },
    UploadState: {
        "received": N_("Columns to be matched"),
        "validating": N_("Being checked"),
        "needs_attention": N_("Rows to be mended"),
        "ready": N_("Ready to commit"),
        "committed": N_("Committed"),
        "failed": N_("Failed"),
        "discarded": N_("Deleted"),
    },
    CandidateStatus: {
        "registered": N_("Registered"),
        "consented": N_("Consented"),
        "active": N_("Active"),
        "paused": N_("Paused"),
        "placed": N_("Placed"),
        "withdrawn": N_("Withdrawn"),
        "erased": N_("Erased"),
    },
    MatchRunState: {
        "requested": N_("Waiting to start"),
        "running": N_("Running"),
        "complete": N_("Complete"),
        "failed": N_("Failed"),
        "cancelled": N_("Cancelled"),
    },
    JobStatus: {
        "queued": N_("Waiting to start"),
        "running": N_("Running"),
        "succeeded": N_("Done"),
        "failed": N_("Failed"),
        "cancelled": N_("Cancelled"),
    },
    AliasState: {
        "proposed": N_("Proposed"),
        "approved": N_("Approved"),
        "superseded": N_("Superseded"),
        "withdrawn": N_("Withdrawn"),
    },
    WeightsState: {
        "proposed": N_("Proposed"),
        "approved": N_("In force"),
        "superseded": N_("Superseded"),
        "withdrawn": N_("Withdrawn"),
    },
    QueueState: {
        "open": N_("Open"),
        "aliased": N_("Decided"),
        "dismissed": N_("Dismissed"),
    },
    QueueReason: {
        "unlinked": N_("Nothing found"),
        "low_confidence": N_("Not sure enough"),
    },
    ReviewState: {
        "proposed": N_("Not decided"),
        "shortlisted": N_("Shortlisted"),
        "rejected": N_("Rejected"),
        "info_requested": N_("Information asked for"),
        "deferred": N_("Deferred"),
        "introduced": N_("Introduced"),
        "accepted": N_("Accepted by the employer"),
        "declined": N_("Declined by the employer"),
        "lapsed": N_("Lapsed"),
    },
    _Reason: {
        "skills_missing": N_("Skills are missing"),
        "experience_too_short": N_("Experience is too short"),
        "language_too_low": N_("Language level is too low"),
        "qualification_missing": N_("A qualification is missing"),
        "not_available": N_("Not available in time"),
        "conditions_differ": N_("Place, hours, contract or pay differ"),
        "candidate_not_interested": N_("The candidate is not interested"),
        "profile_doubtful": N_("The profile is doubtful"),
        "others_fit_better": N_("Others fit better"),
        "openings_filled": N_("The openings are filled"),
        "facts_missing": N_("Facts are missing"),
        "facts_confirmed": N_("Facts were confirmed"),
        "fix_agreed": N_("What is missing will be there in time"),
        "strengths_not_in_profile": N_("Strengths that the profile does not show"),
        "employer_asked": N_("The employer asked for this person"),
        "no_answer": N_("No answer"),
        "facts_changed": N_("Facts have changed"),
        "decided_by_mistake": N_("Decided by mistake"),
        "other": N_("Another reason (say which in the note)"),
    },
    Rating: {
        "strong": N_("Strong"),
        "good": N_("Good"),
        "weak": N_("Weak"),
        "no_fit": N_("No fit"),
    },
    IdentityReason: {
        "contact": N_("To speak with the candidate"),
        "facts": N_("To confirm what the profile says"),
        "introduction": N_("To prepare or follow an introduction"),
        "duplicate": N_("To see whether two profiles are one person"),
        "rights": N_("The person asks what is kept, or for its erasure"),
        "other": N_("Another reason (say which in the note)"),
    },
    Confidence: {
        "high": N_("High"),
        "medium": N_("Medium"),
        "low": N_("Low"),
    },
    LinkMethod: {
        "uri": N_("named by its address"),
        "code": N_("named by its code"),
        "exact_preferred": N_("same as the preferred label"),
        "exact_alternative": N_("same as an alternative label"),
        "alias": N_("decided by staff"),
        "fuzzy": N_("similar wording"),
        "isco_group": N_("group of likely occupations"),
    },
}


def label(words: Words, code: StrEnum) -> str:
    """What a state, reason or role is called.

    Raises
    ------
    KeyError
        Nothing names it.
    """
    return words.gettext(_LABELS[type(code)][code.value])
