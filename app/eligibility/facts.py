"""What rules look at: the two records, and what was looked up about them."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.records import CandidateRecord, ExperienceRecord, VacancyRecord

SAME_FIELD = 3
"""Digits of an ISCO-08 code that experience shares with the occupation: its minor group."""

_NUTS_CHARS = 5
_STRAY_SIGNS = re.compile(r"(?<!\S)[+#]+|[+#]+(?=[^\s+#])")


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
        """Day on which work begins: today where it is not stated, or has passed."""
        return max(self.record.conditions.starts_on or self.today, self.today)


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
    """Length of a period of work: as stated, or whole months with both its ends; None if neither is known.

    >>> months_of(ExperienceRecord(started=date(2024, 3, 1), ended=date(2026, 2, 28)))
    24
    """
    if work.months is not None:
        return work.months
    if work.started is None or work.ended is None:
        return None
    started, ended = work.started, work.ended
    months = (ended.year - started.year) * 12 + ended.month - started.month
    if ended.day == monthrange(ended.year, ended.month)[1]:
        months += started.day == 1
    elif ended.day + 1 < started.day:
        months -= 1
    return max(0, months)


def added_months(periods: Sequence[ExperienceRecord]) -> list[int | None]:
    """What each period adds to the others, in months: what is worked at the same time counts once.

    Periods of which an end is not known add their whole length.

    >>> year = ExperienceRecord(started=date(2024, 1, 1), ended=date(2024, 12, 31))
    >>> added_months([year, year])
    [12, 0]
    """
    added = [months_of(each) for each in periods]
    dated = [(each.started, each.ended, at) for at, each in enumerate(periods) if each.started and each.ended]
    first = last = None
    for started, ended, at in sorted(dated):
        if first is None or last is None or started > last:
            first, last = started, ended
            continue
        before = months_of(ExperienceRecord(started=first, ended=last)) or 0
        last = max(last, ended)
        together = months_of(ExperienceRecord(started=first, ended=last)) or 0
        added[at] = min(added[at] or 0, together - before)
    return added


def name_key(name: str) -> str:
    """What equal names of roles and licences share: words without case, hyphens and stops.

    Signs at the end of a word belong to it, and so do the vowel signs of a script.

    >>> name_key("PHP-Developer") == name_key("php developer")
    True
    >>> name_key("C++ developer") == name_key("C# developer")
    False
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    spaced = "".join(
        each if each.isalnum() or each in "+#" or unicodedata.category(each).startswith("M") else " "
        for each in folded
    )
    return " ".join(_STRAY_SIGNS.sub(" ", spaced).split()) or folded.strip()
