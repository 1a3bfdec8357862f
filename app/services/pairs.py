"""One vacancy's pairs, looked at one by one: what each is worth, and whether it is for the list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.eligibility import Eligibility
from app.domain.enums import Rule, Verdict
from app.domain.results import CandidateSide, RankedMatch
from app.matching.ranking.query import SCORE_UNITS
from app.matching.weights import SKILLS
from app.services.candidate_terms import EncodedCandidate
from app.services.choosing import Chosen, PairT
from app.services.eligibility import EligibilityOf
from app.services.explanation import Breakdown, Explainer, take_apart
from app.services.preparation import PreparedCandidate
from app.services.vacancy_queries import AskedVacancy

_WISHES = (Rule.COUNTRY, Rule.SHIFT, Rule.CONTRACT, Rule.PAY, Rule.ROLE, Rule.START_DATE)


class ChangedMeanwhile(RuntimeError):
    """What was ranked is not what is explained: rank again."""


@dataclass(frozen=True, slots=True)
class Person:
    """A candidate who was found. ``birth_date`` is for the rule on age alone."""

    candidate: PreparedCandidate
    encoded: EncodedCandidate
    birth_date: date | None = None


People = Callable[[Sequence[str]], Mapping[str, Person]]
"""Gives the candidates of some ids; those that are gone are left out."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair that was looked at."""

    row: str
    units: int
    candidate: PreparedCandidate
    breakdown: Breakdown
    eligibility: Eligibility

    @property
    def is_apart(self) -> bool:
        return self.eligibility.verdict is Verdict.NO


class PairReader:
    """Looks at the pairs of one vacancy; what was looked at once is kept."""

    def __init__(self, asked: AskedVacancy, eligibility: EligibilityOf, people: People) -> None:
        self._asked = asked
        self._eligibility = eligibility
        self._people = people
        self._looked: dict[str, Pair] = {}

    def look_at(self, rows: Sequence[str], units: Sequence[int]) -> list[Pair]:
        """Look at pairs; ``units`` is what the engine found them to be worth.

        Raises
        ------
        ChangedMeanwhile
            If a candidate is no longer what was ranked.
        """
        unseen = [row for row in rows if row not in self._looked]
        people = self._people(unseen) if unseen else {}
        found = dict(zip(rows, units, strict=True))
        for row in unseen:
            if row not in people:
                raise ChangedMeanwhile("a candidate went between ranking and explaining")
            self._looked[row] = self._look(row, found[row], people[row])
        return [self._looked[row] for row in rows]

    def _look(self, row: str, units: int, person: Person) -> Pair:
        claims = person.encoded.claims
        if max(claims.values(), default=0) >= self._asked.query.entry_credit.shape[1]:
            raise ChangedMeanwhile("a candidate has come to claim in a way that nobody in the pool did")
        breakdown = take_apart(self._asked, claims, frozenset(person.encoded.words))
        if breakdown.units != units:
            raise ChangedMeanwhile("a candidate changed between ranking and explaining")
        eligibility = self._eligibility.judge(person.candidate, person.birth_date)
        return Pair(row, units, person.candidate, breakdown, eligibility)


def with_ties(chosen: Chosen[PairT], k: int) -> Iterator[tuple[PairT, bool]]:
    """The best ``k``, and whether a neighbour is worth the same."""
    units = [pair.units for pair in chosen.kept]
    for at, pair in enumerate(chosen.kept[:k]):
        yield pair, pair.units in (*units[max(0, at - 1) : at], *units[at + 1 : at + 2])


def matches_of(chosen: Chosen[Pair], k: int, explainer: Explainer | None) -> tuple[RankedMatch, ...]:
    """The best ``k`` as matches."""
    return tuple(
        match_of(pair, at + 1, explainer, tied=tied) for at, (pair, tied) in enumerate(with_ties(chosen, k))
    )


def apart_of(chosen: Chosen[Pair], explainer: Explainer | None) -> tuple[RankedMatch, ...]:
    """Those who are listed apart as matches; their rank is the one that they would have."""
    return tuple(match_of(placed.pair, placed.place, explainer, tied=False) for placed in chosen.apart)


def match_of(pair: Pair, rank: int, explainer: Explainer | None, *, tied: bool) -> RankedMatch:
    """Write a pair down."""
    return RankedMatch(
        candidate_id=pair.row,
        rank=rank,
        score=pair.units / SCORE_UNITS,
        tied=tied,
        parts={name: brought / SCORE_UNITS for name, brought in pair.breakdown.part_units().items()},
        flags=pair.candidate.flags,
        contributions=explainer.contributions(pair.candidate, pair.breakdown) if explainer else (),
        eligibility=pair.eligibility,
        candidate_side=_candidate_side(pair),
    )


def _candidate_side(pair: Pair) -> CandidateSide:
    wishes = [result.verdict for result in pair.eligibility.results if result.rule in _WISHES]
    used = {met.entry.key for met in pair.breakdown.met if met.entry is not None and met.ask.part == SKILLS}
    return CandidateSide(
        wishes_met=wishes.count(Verdict.YES),
        wishes_unmet=wishes.count(Verdict.NO),
        skills_used=len(used),
        skills_offered=len({claim.skill_key for claim in pair.candidate.claims}),
    )
