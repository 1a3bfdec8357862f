"""Dated tables: what holds in which territory from when to when, and who says so."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from app.domain.enums import Cefr, Need, Rule

_UNION = "EU"
_MEMBER_STATES = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
    *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a table says: ``valid_to`` is the last day, None where no end is known."""

    what: str
    territory: str
    valid_from: date
    valid_to: date | None
    source: str

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class DatedTable:
    """Entries of one table."""

    entries: tuple[Entry, ...]

    def on(self, territory: str, day: date) -> tuple[Entry, ...]:
        """Entries of the narrowest territory that has any on that day.

        A territory is a NUTS code or ISO 3166-1 code. A region without entries of its own is
        looked up as the wider region, then the country, then the Union if it is a member.
        """
        for place in _wider(territory):
            found = tuple(each for each in self.entries if each.territory == place and each.holds_on(day))
            if found:
                return found
        return ()


@dataclass(frozen=True, slots=True)
class RuleSource:
    """How a rule is usually meant, and where it comes from; ``since`` None: from whoever states it."""

    need: Need
    source: str
    since: date | None


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything that eligibility knows beside the two records.

    Attributes
    ----------
    majority
        ``what`` is the age of majority in years.
    shortage
        ``what`` is an ISCO-08 unit group.
    language_weeks
        Planning value for reaching each level from the one below.
    pay_slack_percent
        An expectation this much above what is paid is still worth a talk.
    """

    version: int
    rules: Mapping[Rule, RuleSource]
    majority: DatedTable
    shortage: DatedTable
    language_weeks: Mapping[Cefr, int]
    weeks: Mapping[str, int]
    pay_slack_percent: int


def read_rulebook(
    rules: Mapping[str, Any], majority: Iterable[Mapping[str, str]], shortage: Iterable[Mapping[str, str]]
) -> Rulebook:
    """Make a rulebook of its parts as they stand in files.

    Raises
    ------
    ValueError
        A rule is missing or unknown, or a value is out of range; the message names it.
    """
    given = rules["rules"]
    wrong = sorted(set(given) ^ {rule.value for rule in Rule})
    if wrong:
        raise ValueError(f"the rules must be exactly those of the service; look at {', '.join(wrong)}")
    planned = dict(rules["planning_weeks"])
    return Rulebook(
        version=int(rules["version"]),
        rules={
            Rule(name): RuleSource(
                Need(each["need"]),
                each["source"],
                date.fromisoformat(each["since"]) if "since" in each else None,
            )
            for name, each in given.items()
        },
        majority=_table("age", majority),
        shortage=_table("isco08", shortage),
        language_weeks={Cefr(level): int(weeks) for level, weeks in planned.pop("language_level").items()},
        weeks={name: int(weeks) for name, weeks in planned.items()},
        pay_slack_percent=int(rules["pay_slack_percent"]),
    )


@cache
def default_rulebook() -> Rulebook:
    """The rulebook that the package brings."""
    folder = files("app.eligibility") / "data"
    return read_rulebook(
        json.loads((folder / "rules.json").read_text(encoding="utf-8")),
        _rows((folder / "age_of_majority.csv").read_text(encoding="utf-8")),
        _rows((folder / "shortage_occupations.csv").read_text(encoding="utf-8")),
    )


def _rows(text: str) -> Iterable[Mapping[str, str]]:
    return csv.DictReader(text.splitlines())


def _table(what: str, rows: Iterable[Mapping[str, str]]) -> DatedTable:
    return DatedTable(
        tuple(
            Entry(
                row[what],
                row["territory"],
                date.fromisoformat(row["valid_from"]),
                date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
                row["source"],
            )
            for row in rows
        )
    )


def _wider(territory: str) -> list[str]:
    places = [territory[:length] for length in range(len(territory), 1, -1)]
    if territory[:2] in _MEMBER_STATES:
        places.append(_UNION)
    return places
