"""Decisions on a match: those made, the opinions on them, and those that are possible now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.domain.permissions import Operation
from app.domain.reviews import (
    BY_OPINION,
    BY_STAFF,
    NEED_A_REASON,
    OPEN_TO_OPINIONS,
    REASONS,
    ReviewReason,
    disagrees,
)
from app.domain.transitions import ReviewState, VacancyStatus, allowed_next
from app.models import Review
from app.services.match_review import MatchReview
from app.services.review_rules import state_of
from app.web.viewer import Viewer
from app.web.wording import N_, Words

_HOTKEYS: Mapping[ReviewState, str] = {
    ReviewState.SHORTLISTED: "shortlist",
    ReviewState.REJECTED: "reject",
    ReviewState.INFO_REQUESTED: "ask",
    ReviewState.DEFERRED: "defer",
}
_NAMES: Mapping[ReviewState, str] = {
    ReviewState.SHORTLISTED: N_("Put on the shortlist"),
    ReviewState.REJECTED: N_("Reject"),
    ReviewState.INFO_REQUESTED: N_("Ask for information"),
    ReviewState.DEFERRED: N_("Defer"),
    ReviewState.PROPOSED: N_("Take the decision back"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision that is possible now, with the reasons that go with it.

    ``override`` says why it would go against the ranking; empty where it would not.
    """

    state: ReviewState
    name: str
    hotkey: str
    reasons: tuple[ReviewReason, ...]
    needs_reason: bool
    override: str


@dataclass(frozen=True, slots=True)
class Entered:
    """What was typed into a form that had a fault, to be shown again."""

    decision: str = ""
    reason: str = ""
    note: str = ""
    deferred_until: str = ""
    despite_claim: bool = False
    is_opinion: bool = False


@dataclass(frozen=True, slots=True)
class PastDecision:
    """A decision as the history lists it."""

    state: ReviewState
    reason: ReviewReason | None
    note: str
    by: str
    at: datetime
    is_override: bool
    is_stale: bool
    deferred_until: date | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class Opinion:
    """A second reviewer's opinion."""

    state: ReviewState
    reason: ReviewReason | None
    note: str
    by: str
    at: datetime
    is_own: bool
    differs: bool


def past_decision(row: Review, review: MatchReview, words: Words) -> PastDecision:
    return PastDecision(
        state=row.state,
        reason=row.reason,
        note="" if review.pseudonymous else row.note,
        by=decider(row, review.names, words),
        at=row.decided_at,
        is_override=row.is_override,
        is_stale=row.requirements_version != review.vacancy.requirements_version
        or row.candidate_version != review.candidate.version,
        deferred_until=row.deferred_until,
        rank=row.rank,
    )


def decider(row: Review, names: Mapping[UUID, str], words: Words) -> str:
    """Who decided, as colleagues call them."""
    if row.decided_by_account_id is not None:
        return names.get(row.decided_by_account_id, words.gettext("a former colleague"))
    if row.decided_by_role.is_organisation:
        return words.gettext("the employer")
    if row.decided_by_key_id is not None:
        return words.gettext("a program with an API key")
    return words.gettext("an operator")


def opinions_of(review: MatchReview, viewer: Viewer) -> tuple[Opinion, ...]:
    state = state_of(review.history)
    return tuple(
        Opinion(
            state=each.state,
            reason=each.reason,
            note="" if review.pseudonymous else each.note,
            by=review.names.get(each.account_id, viewer.words.gettext("a former colleague")),
            at=each.given_at,
            is_own=each.account_id == viewer.account_id,
            differs=disagrees(state, each.state),
        )
        for each in review.opinions
    )


def may_give_opinion(review: MatchReview, viewer: Viewer) -> bool:
    if not review.history or review.history[0].state not in OPEN_TO_OPINIONS:
        return False
    newest = review.history[0]
    return not viewer.actor.is_who(newest.decided_by_key_id, newest.decided_by_account_id)


def choices_of(review: MatchReview, words: Words) -> tuple[Choice, ...]:
    if review.vacancy.status not in (VacancyStatus.PUBLISHED, VacancyStatus.PAUSED):
        return ()
    following = allowed_next(state_of(review.history))
    states = [state for state in _NAMES if state in following and state in BY_STAFF]
    return tuple(_choice(review, state, words) for state in states)


def opinion_choices(review: MatchReview, words: Words) -> tuple[Choice, ...]:
    return tuple(_choice(review, state, words) for state in BY_OPINION)


def _choice(review: MatchReview, state: ReviewState, words: Words) -> Choice:
    overrides = review.basis.overrides(state, review.vacancy.openings)
    return Choice(
        state=state,
        name=words.gettext(_NAMES[state]),
        hotkey=_HOTKEYS.get(state, ""),
        reasons=REASONS[state],
        needs_reason=overrides or state in NEED_A_REASON,
        override=words.gettext(_OVERRIDES[state]) if overrides else "",
    )


def why_not(review: MatchReview, viewer: Viewer) -> str:
    """Why nothing can be decided here; empty where something can."""
    words = viewer.words
    if not viewer.may(Operation.REVIEW_WRITE):
        return words.gettext("Reviewers decide; you can read.")
    if review.vacancy.status not in (VacancyStatus.PUBLISHED, VacancyStatus.PAUSED):
        return words.gettext("The vacancy is not open, so nothing is decided on it.")
    if state_of(review.history) is ReviewState.INTRODUCED:
        return words.gettext("The employer was introduced to this candidate and has to answer now.")
    if not choices_of(review, words):
        return words.gettext("The employer has accepted this candidate.")
    return ""


_OVERRIDES: Mapping[ReviewState, str] = {
    ReviewState.SHORTLISTED: N_(
        "This goes against the ranking: a must rules this candidate out. Say why it is right all the same."
    ),
    ReviewState.REJECTED: N_(
        "This goes against the ranking: it proposes this candidate among the first. Say why not."
    ),
}
