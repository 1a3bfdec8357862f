"""How a candidate claims occupations: trained for, left, named or worked in, and for how long."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from app.domain.enums import EvidenceGrade, Tenure
from app.domain.records import ExperienceRecord
from app.domain.tenure import EVIDENCE_OF
from app.matching.titles import names_learner
from app.services.work_terms import work_terms, worked_term

LEFT_AFTER = 60
"""Months after its last period by which an occupation counts as left."""

_ORDER = {tenure: place for place, tenure in enumerate(Tenure)}


class OccupationClaim(NamedTuple):
    """The best that is said of one occupation, or of a group around it.

    Attributes
    ----------
    level
        Half years worked in it; 0 where that is not known or does not count.
    words
        The candidate's own, that say it.
    """

    tenure: Tenure
    level: int
    words: str

    @property
    def evidence(self) -> EvidenceGrade | None:
        """The grade that it is written down with."""
        return EVIDENCE_OF[self.tenure]


def occupation_claims(
    named: Sequence[tuple[Sequence[str], str]], experience: Sequence[ExperienceRecord], lang: str | None
) -> dict[str, OccupationClaim]:
    """The best claim of each occupation and group by its name; more that is said of one never lowers it.

    Parameters
    ----------
    named
        Names of an occupation and of the groups around it, and the words that it was found by: once
        for each time they stand in the profile, a title of ``experience`` among them.
    lang
        ISO 639-1 code of the profile, if known.
    """
    times_said = Counter(words for _, words in named)
    periods = Counter(period.occupation for period in experience)
    learned = {words for words in times_said if names_learner(words, lang)}
    names_of: defaultdict[str, set[str]] = defaultdict(set)
    for names, words in named:
        if words in periods:
            names_of[words].update(names)
    work = {words: names for words, names in names_of.items() if words not in learned}
    dated = _until_the_latest_date(list(dict.fromkeys(experience)))
    worked, left = work_terms(dated, work), dict(_left(dated, names_of))
    # What was left does not count, but what is said beside it without dates may be of today.
    undated = work_terms([each for each in dated if not each.started and not each.ended], work)
    best: dict[str, OccupationClaim] = {}
    for names, words in named:
        for name in names:
            tenure, level = Tenure.NAMED, 0
            if words in learned:
                tenure = Tenure.TAUGHT
            elif words in periods and name in left and worked_term(name) in undated:
                tenure, level = Tenure.WORKED, max(undated[worked_term(name)])
            elif words in periods and name in left:
                # Said elsewhere, too, or of a period without dates, it may be theirs now.
                is_named = times_said[words] > periods[words] or left[name]
                tenure = Tenure.NAMED if is_named else Tenure.LEFT
            elif words in periods and worked_term(name) in worked:
                tenure, level = Tenure.WORKED, max(worked[worked_term(name)])
            held = best.get(name)
            if held is None or (_ORDER[tenure], level) > (_ORDER[held.tenure], held.level):
                best[name] = OccupationClaim(tenure, level, words)
    return best


def _latest(experience: Sequence[ExperienceRecord]) -> date | None:
    titled = (each for each in experience if each.occupation.strip())
    return max((day for each in titled for day in (each.started, each.ended) if day), default=None)


def _until_the_latest_date(experience: Sequence[ExperienceRecord]) -> list[ExperienceRecord]:
    """The periods, those that still go on ended by the latest date of all that have a title.

    That date stands for the day, on which no score depends.
    """
    latest = _latest(experience)
    return [
        replace(each, ended=max(latest, each.started))
        if latest and each.started and not each.ended and each.months is None
        else each
        for each in experience
    ]


def _left(
    experience: Sequence[ExperienceRecord], names_of: Mapping[str, set[str]]
) -> Iterator[tuple[str, bool]]:
    """Names whose last period ended long before the latest date, and whether undated ones have them, too.

    A period that began and has no end goes on.
    """
    latest = _latest(experience)
    periods: defaultdict[str, list[ExperienceRecord]] = defaultdict(list)
    for period in experience:
        for name in names_of.get(period.occupation, ()):
            periods[name].append(period)
    for name, found in periods.items():
        ends = [each.ended for each in found if each.ended is not None]
        goes_on = any(each.started and not each.ended for each in found)
        if latest and ends and not goes_on and _months_between(max(ends), latest) > LEFT_AFTER:
            yield name, len(ends) < len(found)


def _months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month
