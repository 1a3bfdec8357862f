"""A vacancy's shortlist, and the check before people are introduced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.domain.eligibility import Eligibility
from app.domain.enums import Verdict
from app.domain.permissions import Operation
from app.domain.reviews import REASONS, Elsewhere, ReviewReason
from app.domain.transitions import ReviewState, VacancyStatus
from app.errors import AppError
from app.services.match_runs import place_of
from app.services.shortlists import Shortlist, Shortlisted
from app.web.options import PREFIX
from app.web.viewer import Viewer
from app.web.views.decisions import decider
from app.web.views.review_problems import problems_of
from app.web.wording import N_, Words

_WAITING, _ASKED, _ANSWERED = "shortlisted", "introduced", "answered"
_GROUPS: Mapping[ReviewState, str] = {
    ReviewState.SHORTLISTED: _WAITING,
    ReviewState.INTRODUCED: _ASKED,
}
_TITLES = (
    (_WAITING, N_("On the shortlist"), N_("Nobody is waiting to be introduced.")),
    (_ASKED, N_("Introduced, the employer has to answer"), N_("No introduction is open.")),
    (_ANSWERED, N_("Answered or lapsed"), N_("The employer has not answered yet.")),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the shortlist, as a row."""

    id: UUID
    after: UUID
    pseudonym: str
    address: str
    state: ReviewState
    reason: ReviewReason | None
    note: str
    by: str
    at: datetime
    rank: int | None
    verdict: Verdict | None
    is_stale: bool
    differs: bool
    elsewhere: Sequence[Elsewhere]
    needs_reason: str
    hindrance: str


@dataclass(frozen=True, slots=True)
class Group:
    """Those of the shortlist who are equally far."""

    key: str
    title: str
    empty: str
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class ShortlistView:
    """The page."""

    address: str
    vacancy_address: str
    vacancy_title: str
    vacancy_lang: str | None
    openings: int
    n_accepted: int
    n_on_list: int
    groups: tuple[Group, ...]
    may_write: bool
    is_open: bool
    lapse_reasons: tuple[ReviewReason, ...]
    later: str
    issues: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CheckView:
    """The check before people are introduced."""

    address: str
    vacancy_address: str
    vacancy_title: str
    vacancy_lang: str | None
    people: tuple[Person, ...]
    reasons: tuple[ReviewReason, ...]
    issues: tuple[tuple[str, str], ...] = ()
    entered: Mapping[str, str] = field(default_factory=dict)


def shortlist_view(
    shortlist: Shortlist, viewer: Viewer, issues: tuple[tuple[str, str], ...] = ()
) -> ShortlistView:
    words = viewer.words
    people = [_person(each, shortlist, viewer) for each in shortlist.people]
    groups = tuple(
        Group(
            key,
            words.gettext(title),
            words.gettext(empty),
            tuple(each for each in people if _GROUPS.get(each.state, _ANSWERED) == key),
        )
        for key, title, empty in _TITLES
    )
    vacancy = shortlist.vacancy
    address = f"{PREFIX}/vacancies/{vacancy.id}/shortlist"
    return ShortlistView(
        address=address,
        vacancy_address=f"{PREFIX}/vacancies/{vacancy.id}",
        vacancy_title=vacancy.title,
        vacancy_lang=vacancy.lang,
        openings=vacancy.openings,
        n_accepted=sum(each.state is ReviewState.ACCEPTED for each in people),
        n_on_list=len(groups[0].people),
        groups=groups,
        may_write=viewer.may(Operation.REVIEW_WRITE),
        is_open=vacancy.status in (VacancyStatus.PUBLISHED, VacancyStatus.PAUSED),
        lapse_reasons=REASONS[ReviewState.LAPSED],
        later="" if shortlist.next_after is None else f"{address}?after={shortlist.next_after}",
        issues=issues,
    )


def check_view(
    shortlist: Shortlist,
    viewer: Viewer,
    faults: Mapping[UUID, AppError] | None = None,
    entered: Mapping[str, str] | None = None,
) -> CheckView:
    """The check of those chosen; ``faults`` say what stood in the way of introducing them."""
    people = tuple(
        _person(each, shortlist, viewer)
        for each in shortlist.people
        if each.review.state is ReviewState.SHORTLISTED
    )
    names = {each.id: each.pseudonym for each in people}
    issues = tuple(
        (place, viewer.words.pair(names.get(candidate_id, ""), text))
        for candidate_id, error in (faults or {}).items()
        for place, text in problems_of(
            error,
            viewer.words,
            {"/reason": f"reason-{candidate_id}", "/note": f"note-{candidate_id}"},
        )
    )
    vacancy = shortlist.vacancy
    return CheckView(
        address=f"{PREFIX}/vacancies/{vacancy.id}/shortlist",
        vacancy_address=f"{PREFIX}/vacancies/{vacancy.id}",
        vacancy_title=vacancy.title,
        vacancy_lang=vacancy.lang,
        people=people,
        reasons=REASONS[ReviewState.INTRODUCED],
        issues=issues,
        entered=entered or {},
    )


def _person(each: Shortlisted, shortlist: Shortlist, viewer: Viewer) -> Person:
    row, pair = each.review, each.pair
    return Person(
        id=row.candidate_id,
        after=row.id,
        pseudonym=row.candidate.pseudonym,
        address=f"{PREFIX}/vacancies/{row.vacancy_id}/matches/{row.candidate_id}" if pair is not None else "",
        state=row.state,
        reason=row.reason,
        note="" if shortlist.pseudonymous else row.note,
        by=decider(row, shortlist.names, viewer.words),
        at=row.decided_at,
        rank=None if pair is None else place_of(pair),
        verdict=None if pair is None else Eligibility.from_list(pair.eligibility).verdict,
        is_stale=row.is_stale,
        differs=each.differs,
        elsewhere=each.elsewhere,
        needs_reason=each.needs_reason,
        hindrance=_hindrance(each, viewer.words),
    )


def _hindrance(each: Shortlisted, words: Words) -> str:
    """Why the viewer cannot introduce them; empty where they can."""
    if each.needs_second_person:
        return words.gettext(
            "Somebody else has to introduce this candidate: there are doubts, and you have shortlisted them."
        )
    return ""
