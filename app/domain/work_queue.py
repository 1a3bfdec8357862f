"""What staff ask their work queue for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.domain.transitions import VacancyStatus


class QueueTab(StrEnum):
    """Whose vacancies."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    ALL = "all"


class QueueNeed(StrEnum):
    """What a vacancy waits for."""

    PENDING = "pending"  # somebody is listed on whom nobody has decided
    STALE = "stale"  # its requirements have changed since its ranking, or it was never ranked


class QueueOrder(StrEnum):
    """Which vacancy comes first."""

    OLDEST = "oldest"
    NEWEST = "newest"
    START = "start"  # whose work begins soonest; without a date last


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which vacancies, in which order.

    Attributes
    ----------
    status
        None is every open one: published or paused.
    words
        Part of the title or of the employer's own id, in any case.
    """

    tab: QueueTab = QueueTab.MINE
    status: VacancyStatus | None = None
    country: str = ""
    words: str = ""
    need: QueueNeed | None = None
    order: QueueOrder = QueueOrder.OLDEST
