"""The work queue as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from app.domain.transitions import VacancyStatus
from app.domain.work_queue import QueueFilter, QueueNeed, QueueOrder, QueueTab
from app.services.saved_views import SavedView
from app.services.work_queue import QueueRow, WorkQueue
from app.web.options import PREFIX
from app.web.wording import N_, Words

TAB_NAMES: Mapping[QueueTab, str] = {
    QueueTab.MINE: N_("Mine"),
    QueueTab.UNASSIGNED: N_("Nobody's"),
    QueueTab.ALL: N_("All"),
}
NEED_NAMES: Mapping[QueueNeed, str] = {
    QueueNeed.PENDING: N_("Matches to decide on"),
    QueueNeed.STALE: N_("A new ranking"),
}
ORDER_NAMES: Mapping[QueueOrder, str] = {
    QueueOrder.OLDEST: N_("Oldest first"),
    QueueOrder.NEWEST: N_("Newest first"),
    QueueOrder.START: N_("Work begins soonest"),
}
_ADDRESS = f"{PREFIX}/queue"


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a filter, or one tab."""

    value: str
    name: str
    is_chosen: bool
    href: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class RowView:
    """One vacancy of the queue."""

    row: QueueRow
    age_days: int
    is_late: bool
    is_mine: bool
    disagreements: int


@dataclass(frozen=True, slots=True)
class ViewLink:
    """A view that somebody saved."""

    name: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class QueueView:
    """The page; ``query`` is the present view, to be saved."""

    tabs: Sequence[Choice]
    rows: Sequence[RowView]
    views: Sequence[ViewLink]
    statuses: Sequence[VacancyStatus]
    wanted: QueueFilter
    countries: Sequence[str]
    needs: Sequence[Choice]
    orders: Sequence[Choice]
    query: str
    address: str
    next_page: str
    first_page: str
    is_filtered: bool
    n_all: int
    n_mine: int
    problems: Sequence[tuple[str, str]]
    typed_name: str


def queue_view(
    queue: WorkQueue,
    wanted: QueueFilter,
    views: Sequence[SavedView],
    disagreements: Mapping[UUID, int],
    *,
    account_id: UUID,
    after: str,
    now: datetime,
    words: Words,
    problems: Sequence[tuple[str, str]] = (),
    typed_name: str = "",
) -> QueueView:
    """Lay the queue out."""
    query = query_of(wanted)
    return QueueView(
        tabs=[
            Choice(
                tab.value,
                words.gettext(name),
                tab is wanted.tab,
                _at(query_of(replace(wanted, tab=tab))),
                queue.n_by_tab[tab],
            )
            for tab, name in TAB_NAMES.items()
        ],
        rows=[_row(row, account_id, disagreements, now) for row in queue.rows],
        views=[ViewLink(view.name, _at(view.query), view.query == query) for view in views],
        statuses=tuple(VacancyStatus),
        wanted=wanted,
        countries=queue.countries,
        needs=[
            Choice(need.value, words.gettext(name), need is wanted.need) for need, name in NEED_NAMES.items()
        ],
        orders=[
            Choice(order.value, words.gettext(name), order is wanted.order)
            for order, name in ORDER_NAMES.items()
        ],
        query=query,
        address=_at(query),
        next_page=_at(query, after=queue.next_after) if queue.next_after else "",
        first_page=_at(query) if after else "",
        is_filtered=wanted != QueueFilter(tab=wanted.tab, order=wanted.order),
        n_all=queue.n_by_tab[QueueTab.ALL],
        n_mine=queue.n_by_tab[QueueTab.MINE],
        problems=problems,
        typed_name=typed_name,
    )


def query_of(wanted: QueueFilter) -> str:
    """What stands behind the question mark for these filters; what is usual is left out."""
    usual = QueueFilter()
    fields = {
        # Always: without one, the page opens the first tab that lists anything.
        "tab": wanted.tab.value,
        "status": wanted.status.value if wanted.status is not None else "",
        "country": wanted.country,
        "q": wanted.words,
        "need": wanted.need.value if wanted.need is not None else "",
        "order": wanted.order.value if wanted.order is not usual.order else "",
    }
    return urlencode({name: value for name, value in fields.items() if value})


def _row(row: QueueRow, account_id: UUID, disagreements: Mapping[UUID, int], now: datetime) -> RowView:
    return RowView(
        row=row,
        age_days=(now - row.vacancy.created_at).days,
        is_late=row.starts_on is not None and row.starts_on < now.date(),
        is_mine=row.vacancy.holder_id == account_id,
        disagreements=disagreements.get(row.vacancy.id, 0),
    )


def _at(query: str, after: str = "") -> str:
    both = "&".join(filter(None, [query, urlencode({"after": after}) if after else ""]))
    return f"{_ADDRESS}?{both}" if both else _ADDRESS
