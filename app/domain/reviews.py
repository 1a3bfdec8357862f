"""Decisions of people on a pair of vacancy and candidate: reasons, overrides, what a ranking is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from app.domain.enums import Verdict
from app.domain.ids import joined_id
from app.domain.transitions import ReviewState

MAX_NOTE = 1_000
"""Longest note, in characters."""

FIRST_RANKS = 5
"""Candidates that a ranking proposes for each opening."""

CLAIM_LIFE = timedelta(minutes=30)
"""How long a pair is somebody's to review, unless they go on or decide."""


class Rating(StrEnum):
    """How well somebody fits, in the words of one who has not seen the score."""

    STRONG = "strong"
    GOOD = "good"
    WEAK = "weak"
    NO_FIT = "no_fit"


class ReviewReason(StrEnum):
    """Why somebody decided as they did."""

    SKILLS_MISSING = "skills_missing"
    EXPERIENCE_TOO_SHORT = "experience_too_short"
    LANGUAGE_TOO_LOW = "language_too_low"
    QUALIFICATION_MISSING = "qualification_missing"
    NOT_AVAILABLE = "not_available"
    CONDITIONS_DIFFER = "conditions_differ"  # place, shift, contract, pay
    CANDIDATE_NOT_INTERESTED = "candidate_not_interested"
    PROFILE_DOUBTFUL = "profile_doubtful"
    OTHERS_FIT_BETTER = "others_fit_better"
    OPENINGS_FILLED = "openings_filled"
    FACTS_MISSING = "facts_missing"
    FACTS_CONFIRMED = "facts_confirmed"  # what the profile leaves open, or gets wrong, was found out
    FIX_AGREED = "fix_agreed"  # what a must demands will be there in time
    STRENGTHS_NOT_IN_PROFILE = "strengths_not_in_profile"
    EMPLOYER_ASKED = "employer_asked"
    NO_ANSWER = "no_answer"
    FACTS_CHANGED = "facts_changed"
    DECIDED_BY_MISTAKE = "decided_by_mistake"
    OTHER = "other"  # the note says which


_S, _R = ReviewState, ReviewReason
_AGAINST = (
    _R.SKILLS_MISSING, _R.EXPERIENCE_TOO_SHORT, _R.LANGUAGE_TOO_LOW, _R.QUALIFICATION_MISSING,
    _R.NOT_AVAILABLE, _R.CONDITIONS_DIFFER, _R.CANDIDATE_NOT_INTERESTED, _R.PROFILE_DOUBTFUL,
    _R.OTHERS_FIT_BETTER, _R.OPENINGS_FILLED, _R.OTHER,
)  # fmt: skip
_FOR = (_R.FACTS_CONFIRMED, _R.FIX_AGREED, _R.STRENGTHS_NOT_IN_PROFILE, _R.EMPLOYER_ASKED, _R.OTHER)
_LATER = (_R.FACTS_MISSING, _R.NOT_AVAILABLE, _R.PROFILE_DOUBTFUL, _R.OTHERS_FIT_BETTER, _R.OTHER)

REASONS: Mapping[ReviewState, tuple[ReviewReason, ...]] = {
    _S.PROPOSED: (_R.DECIDED_BY_MISTAKE, _R.FACTS_CHANGED, _R.OTHER),
    _S.SHORTLISTED: _FOR,
    _S.REJECTED: _AGAINST,
    _S.INFO_REQUESTED: _LATER,
    _S.DEFERRED: _LATER,
    _S.INTRODUCED: _FOR,
    _S.ACCEPTED: _FOR,
    _S.DECLINED: _AGAINST,
    _S.LAPSED: (_R.NO_ANSWER, _R.CANDIDATE_NOT_INTERESTED, _R.OPENINGS_FILLED, _R.OTHER),
}
"""The reasons that go with each decision."""

NEED_A_REASON = frozenset({_S.PROPOSED, _S.REJECTED, _S.DECLINED, _S.LAPSED})
"""Decisions that say why, whatever the ranking proposed."""

BY_STAFF = (
    _S.SHORTLISTED, _S.REJECTED, _S.INFO_REQUESTED, _S.DEFERRED, _S.INTRODUCED, _S.LAPSED, _S.PROPOSED,
)  # fmt: skip
BY_EMPLOYER = (_S.ACCEPTED, _S.DECLINED)
"""Answers to an introduction."""

BY_OPINION = (_S.SHORTLISTED, _S.REJECTED, _S.INFO_REQUESTED, _S.DEFERRED)
"""What a second reviewer may hold to be right."""
OPEN_TO_OPINIONS = (*BY_OPINION, _S.INTRODUCED)
"""Decisions on which a second reviewer may have an opinion; the others are not for staff to change."""

SHOWN_TO_EMPLOYER = (_S.INTRODUCED, _S.ACCEPTED, _S.DECLINED, _S.LAPSED)
RULED_OUT = (_S.REJECTED, _S.DECLINED)
"""Whoever is in one of these is not among the matches of that vacancy."""
SPOKEN_FOR = (_S.INTRODUCED, _S.ACCEPTED)
"""Whoever is in one of these is flagged where other vacancies rank them."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The newest decision on a pair, as rankings show it.

    ``decided_at`` and ``review_id`` are None in file mode. ``is_stale``: the vacancy's
    requirements or the profile have changed since.
    """

    state: ReviewState
    reason: ReviewReason | None = None
    decided_at: datetime | None = None
    review_id: UUID | None = None
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class PairReview:
    """What people have decided that concerns a pair.

    ``introduced_elsewhere`` names other vacancies to which the candidate was introduced or
    whose employer accepted them.
    """

    decision: Decision | None = None
    introduced_elsewhere: tuple[str, ...] = ()

    @property
    def is_ruled_out(self) -> bool:
        """Whether the pair is not for the list."""
        return self.decision is not None and self.decision.state in RULED_OUT


NOT_REVIEWED = PairReview()


class Elsewhere(NamedTuple):
    """Another vacancy that a candidate was introduced to, or that accepted them."""

    vacancy_id: UUID
    title: str
    lang: str | None
    employer: str
    state: ReviewState
    decided_at: datetime


class Neighbours(NamedTuple):
    """The candidates before and after a pair in its list; None at its ends."""

    before: UUID | None
    after: UUID | None


class Progress(NamedTuple):
    """How many of a ranking's matches are decided, and of how many."""

    n_decided: int
    n_matches: int


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A decision as a file says it, under the records' own ids; the newest on its pair."""

    vacancy_id: str
    candidate_id: str
    decision: Decision

    @property
    def id(self) -> str:
        """What two rows of one file may not share."""
        return joined_id(self.vacancy_id, self.candidate_id)


@dataclass(frozen=True, slots=True)
class ReviewEntry:
    """A decision with what it was made on, as those read it who learn from reviews.

    Names are those of the match export: the vacancy's own id and the candidate's pseudonym. Who
    decided and the note are left out. ``weight_profile`` to ``verdict`` are None where no match
    run gave the pair.
    """

    vacancy_id: str
    candidate_id: str
    decision: ReviewState
    reason: ReviewReason | None
    number: int
    is_override: bool
    is_stale: bool
    decided_at: datetime
    run_id: UUID | None
    weight_profile: str | None
    rank: int | None
    score: float | None
    verdict: Verdict | None


class DecisionBook:
    """Decisions on many pairs, and what they say on one.

    Examples
    --------
    >>> book = DecisionBook([("v1", "c1", Decision(ReviewState.REJECTED))])
    >>> book.review("v1", "c1").is_ruled_out, book.review("v2", "c1").is_ruled_out
    (True, False)
    """

    def __init__(self, decisions: Iterable[tuple[str, str, Decision]] = ()) -> None:
        """Take the newest decision on each pair of (vacancy id, candidate id)."""
        self._by_candidate: dict[str, dict[str, Decision]] = {}
        for vacancy_id, candidate_id, decision in decisions:
            self._by_candidate.setdefault(candidate_id, {})[vacancy_id] = decision

    def review(self, vacancy_id: str, candidate_id: str) -> PairReview:
        """What was decided that concerns a pair."""
        decisions = self._by_candidate.get(candidate_id)
        if decisions is None:
            return NOT_REVIEWED
        elsewhere = sorted(
            other
            for other, decision in decisions.items()
            if other != vacancy_id and decision.state in SPOKEN_FOR
        )
        return PairReview(decisions.get(vacancy_id), tuple(elsewhere))

    def ruled_out(self) -> list[tuple[str, str]]:
        """The pairs that are not for the list, sorted by vacancy and candidate."""
        return sorted(
            (vacancy_id, candidate_id)
            for candidate_id, decisions in self._by_candidate.items()
            for vacancy_id, decision in decisions.items()
            if decision.state in RULED_OUT
        )


def disagrees(decision: ReviewState, opinion: ReviewState) -> bool:
    """Whether a second reviewer's opinion is another one than what was decided.

    Whoever would shortlist agrees with an introduction, which follows from it.
    """
    if decision not in OPEN_TO_OPINIONS:
        return False
    agrees = decision is opinion or (decision is _S.INTRODUCED and opinion is _S.SHORTLISTED)
    return not agrees


def is_override(
    state: ReviewState, *, is_listed: bool, rank: int | None, verdict: Verdict | None, openings: int
) -> bool:
    """Whether a decision goes against what the ranking proposed.

    It does in two cases: somebody whom a must rules out, or whom no ranking lists, is
    shortlisted or introduced; or somebody whom no must rules out is rejected from the first
    ranks, of which there are ``FIRST_RANKS`` for each opening.

    Parameters
    ----------
    is_listed
        Whether a match run gave the pair, be it apart.
    rank
        The rank in that run, or the one that the candidate would have.
    """
    if state in (ReviewState.SHORTLISTED, ReviewState.INTRODUCED):
        return not is_listed or verdict is Verdict.NO
    if state is ReviewState.REJECTED:
        return rank is not None and rank <= FIRST_RANKS * openings and verdict is not Verdict.NO
    return False
