"""The work queue: which vacancies wait for staff, and for what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.reviews import FIRST_RANKS
from app.domain.transitions import ReviewState
from app.domain.work_queue import QueueFilter, QueueTab
from app.errors import InvalidInput
from app.repositories.work_queue import QueuedVacancy, WorkQueueRepository, position_of

_INTRODUCED = (ReviewState.INTRODUCED, ReviewState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A vacancy and what is to be done for it.

    Attributes
    ----------
    ranked_at
        When its newest complete run ended; None where it was never ranked.
    pending
        Listed matches of that run on whom nobody has decided, or whom somebody deferred to a day that
        has come.
    target
        How many are to be shortlisted: ``FIRST_RANKS`` for each opening.
    shortlisted
        Those who are, be it that they were introduced since.
    introduced
        Those the employer knows of who have not said no, accepted ones among them.
    is_stale
        The requirements have changed since the ranking.
    stale_decisions
        Decisions whose requirements or profile have changed since.
    """

    vacancy: QueuedVacancy
    starts_on: date | None
    ranked_at: datetime | None
    pending: int
    target: int
    shortlisted: int
    introduced: int
    accepted: int
    is_stale: bool
    stale_decisions: int


@dataclass(frozen=True, slots=True)
class WorkQueue:
    """One page of the queue; ``next_after`` goes on from here, empty on the last page."""

    rows: Sequence[QueueRow]
    next_after: str
    n_by_tab: Mapping[QueueTab, int]
    countries: Sequence[str]


def tab_with_work(session: Session, actor: Actor, wanted: QueueFilter, *, today: date) -> QueueTab:
    """The first tab that lists anything: own vacancies, then those that nobody has, then all."""
    counts = WorkQueueRepository(session, actor).count_tabs(wanted, today)
    return next((tab for tab in QueueTab if counts[tab]), QueueTab.MINE)


def list_work(
    session: Session, actor: Actor, wanted: QueueFilter, *, after: str = "", limit: int = 50, now: datetime
) -> WorkQueue:
    """List the vacancies that the actor's partnership works on, in a fixed number of queries.

    Raises
    ------
    NotPermitted
        The role reads no decisions.
    InvalidInput
        ``after`` is not what a page gave.
    """
    repository, today = WorkQueueRepository(session, actor), now.date()
    found = repository.list_page(wanted, today, after=_read_position(after), limit=limit + 1)
    page = found[:limit]
    ids = [row.id for row in page]
    rankings = repository.latest_rankings(ids)
    pending = repository.count_pending(rankings, today)
    counts: dict[UUID, dict[ReviewState, int]] = {}
    stale: dict[UUID, int] = {}
    for count in repository.count_decisions(ids):
        counts.setdefault(count.vacancy_id, {})[count.state] = count.n_pairs
        stale[count.vacancy_id] = stale.get(count.vacancy_id, 0) + count.n_stale
    rows = []
    for row in page:
        ranking, decided = rankings.get(row.id), counts.get(row.id, {})
        introduced = sum(decided.get(state, 0) for state in _INTRODUCED)
        rows.append(
            QueueRow(
                vacancy=row,
                starts_on=None if row.starts_on is None else date.fromisoformat(row.starts_on),
                ranked_at=None if ranking is None else ranking.finished_at,
                pending=pending.get(row.id, 0),
                target=FIRST_RANKS * row.openings,
                shortlisted=decided.get(ReviewState.SHORTLISTED, 0) + introduced,
                introduced=introduced,
                accepted=decided.get(ReviewState.ACCEPTED, 0),
                is_stale=ranking is not None and ranking.requirements_version != row.requirements_version,
                stale_decisions=stale.get(row.id, 0),
            )
        )
    return WorkQueue(
        rows=rows,
        next_after=_write_position(page[-1]) if len(found) > limit else "",
        n_by_tab=repository.count_tabs(wanted, today),
        countries=repository.list_countries(),
    )


def _write_position(row: QueuedVacancy) -> str:
    start, row_id = position_of(row)
    return f"{start}~{row_id.hex}"


def _read_position(written: str) -> tuple[str, UUID] | None:
    if not written:
        return None
    start, _, row_id = written.partition("~")
    try:
        return start, UUID(row_id)
    except ValueError:
        raise InvalidInput("Go back to the first page: this place of the list is not known.") from None
