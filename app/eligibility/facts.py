"""What rules look at: the two records, and what was looked up about them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from app.domain.records import CandidateRecord, ExperienceRecord, VacancyRecord

_NUTS_CHARS = 5
_BREAKS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Demand:
    """A vacancy as rules see it.

    Attributes
    ----------
    isco
        ISCO-08 code of its occupation by code, address or equal name; empty where only alike
        words say so.
    is_regulated
        Whether the taxonomy release calls the occupation a regulated profession.
    today
        Day of the evaluation.
    """

    record: VacancyRecord
    isco: str
    is_regulated: bool
    today: date

    @property
    def territory(self) -> str:
        """NUTS code of the region if it is one, else the country; empty if neither is stated."""
        country, region = self.record.country or "", self.record.conditions.region.strip()
        # NUTS calls Greece EL.
        region = "GR" + region[2:] if region.startswith("EL") else region
        is_nuts = region[:2].isupper() and region.isalnum() and len(region) <= _NUTS_CHARS
        return region if is_nuts and region[:2] == country else country

    @property
    def starts_on(self) -> date:
        """Day on which work begins: today where it is not stated."""
        return self.record.conditions.starts_on or self.today


@dataclass(frozen=True, slots=True)
class Work:
    """A period of work; ``months`` None is not known, ``isco`` as that of a demand."""

    isco: str
    months: int | None


@dataclass(frozen=True, slots=True)
class Offer:
    """A candidate as rules see them. ``birth_date`` is read by the rule on age alone and shown by none."""

    record: CandidateRecord
    work: tuple[Work, ...] = ()
    birth_date: date | None = None


def months_of(work: ExperienceRecord) -> int | None:
    """Length of a period of work: as stated, or whole months between its ends; None if neither is known."""
    if work.months is not None:
        return work.months
    if work.started is None or work.ended is None:
        return None
    months = (work.ended.year - work.started.year) * 12 + work.ended.month - work.started.month
    return max(0, months)


def name_key(name: str) -> str:
    """What equal names of roles and licences share: words without case, hyphens and stops.

    >>> name_key("PHP-Developer") == name_key("php developer")
    True
    """
    return _BREAKS.sub(" ", name.casefold()).strip()
