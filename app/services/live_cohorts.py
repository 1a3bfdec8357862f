"""The published vacancies that suit a cohort best, as of now: where its people would fill the openings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.permissions import Operation, require
from app.domain.results import RankedMatch
from app.domain.reviews import DecisionBook
from app.errors import Conflict
from app.matching.ranking.pool import Ranked
from app.matching.ranking.query import SCORE_UNITS
from app.matching.weights import WeightProfile
from app.repositories.candidate_pool import CandidatePoolRepository
from app.repositories.records import CohortRepository
from app.services.candidate_terms import make_rows
from app.services.choosing import Chosen, choose
from app.services.decisions import load_decisions
from app.services.eligibility import EligibilityOf
from app.services.live_pools import LivePools, candidate_of, row_id
from app.services.live_vacancies import PublishedVacancies, published_vacancies
from app.services.pairs import Pair, PairReader, Person, ProfileTexts, apart_of, matches_of, with_ties
from app.services.taxonomy_index import TaxonomyIndex
from app.services.transactions import Transaction

MOST_SEATS = 20
"""A vacancy of more openings is looked at as if it had so many."""


@dataclass(frozen=True, slots=True)
class CohortVacancy:
    """One vacancy for a cohort.

    Attributes
    ----------
    fit
        Mean score of the best people that neither a must nor a person rules out, one for each
        opening (at most ``MOST_SEATS``); an opening that nobody is left for counts 0.
    matches
        These people, best first, by row id of the pool.
    apart
        Those who are ruled out and would be among them.
    """

    vacancy_id: UUID
    title: str
    openings: int
    rank: int
    fit: float
    tied: bool
    matches: tuple[RankedMatch, ...]
    apart: tuple[RankedMatch, ...]


@dataclass(frozen=True, slots=True)
class LiveCohort:
    """The best vacancies for a cohort and what they rest on."""

    taxonomy_index: TaxonomyIndex
    weights: WeightProfile
    n_vacancies: int
    n_candidates: int
    best: tuple[CohortVacancy, ...]


def rank_cohort_now(
    transaction: Transaction, pools: LivePools, actor: Actor, cohort_id: UUID, *, k: int, today: date
) -> LiveCohort:
    """Rank the partnership's published vacancies for a cohort.

    Each pair has the score that the vacancy's own ranking gives it.

    Raises
    ------
    NotPermitted
        The role does not run rankings.
    NotFound
        The actor knows no such cohort, or there is no taxonomy release.
    ChangedMeanwhile
        A candidate changed between ranking and explaining.
    Conflict
        Nobody of the cohort is ranked.
    """
    require(actor, Operation.RANKING_RUN)
    live = pools.get(actor)
    with transaction(write=False) as session:
        CohortRepository(session, actor).get(cohort_id, Operation.COHORT_READ)
        people = pools.people(session, actor, live, _members(session, actor, cohort_id))
        published = published_vacancies(session, actor, live)
        decisions = load_decisions(session, actor, candidate_ids=map(candidate_of, people))
        reader = _CohortReader(live.index, published, people, decisions, today)
        chosen = choose(k, reader.search, reader.look_at)
        best = tuple(
            reader.written(found, at + 1, tied=tied) for at, (found, tied) in enumerate(with_ties(chosen, k))
        )
        return LiveCohort(live.index, published.weights, len(published.by_id), len(people), best)


@dataclass(frozen=True, slots=True)
class _CohortPair:
    """A vacancy with the people of the cohort who are best for it; ``units`` is the mean score."""

    row: str
    units: int
    chosen: Chosen[Pair]
    is_apart: bool = False


class _CohortReader:
    """Looks at vacancies one by one, each with the cohort's people as its pool."""

    def __init__(
        self,
        index: TaxonomyIndex,
        published: PublishedVacancies,
        people: Mapping[str, Person],
        decisions: DecisionBook,
        today: date,
    ) -> None:
        self._index = index
        self._published = published
        self._people = people
        self._decisions = decisions
        self._today = today
        self._texts = ProfileTexts()
        self._lists = self._ranked_people()
        self._looked: dict[str, _CohortPair] = {}

    def _ranked_people(self) -> dict[str, Ranked]:
        """Everybody of the cohort for each vacancy, best first."""
        rows = sorted(self._people)
        encoded = make_rows(rows, [self._people[row].encoded for row in rows])
        n_vacancies = len(self._published.by_id)
        units = {vacancy: np.zeros(len(rows), dtype=np.int64) for vacancy in self._published.by_id}
        for at in range(len(rows)):
            found = self._published.index.search(encoded, at, max(1, n_vacancies))
            for vacancy, score in zip(found.ids.tolist(), found.units.tolist(), strict=True):
                units[vacancy.decode()][at] = score
        ids = encoded.ids
        order = {vacancy: np.lexsort((ids, -held)) for vacancy, held in units.items()}
        return {vacancy: Ranked(ids[order[vacancy]], units[vacancy][order[vacancy]]) for vacancy in units}

    def search(self, n: int, _may_leave_out: bool) -> Ranked:
        """Vacancies by the mean score of as many people as there are openings: an upper bound of the fit."""
        ids = sorted(self._published.by_id)
        bound = np.array([self._mean(each, self._lists[each].units.tolist()) for each in ids], dtype=np.int64)
        keys = np.array([each.encode() for each in ids], dtype=np.bytes_)
        best = np.lexsort((keys, -bound))[:n]
        return Ranked(keys[best], bound[best])

    def look_at(self, rows: Sequence[str], units: Sequence[int]) -> list[_CohortPair]:
        """Find the people for each vacancy."""
        del units  # an upper bound that has served
        for row in rows:
            if row not in self._looked:
                self._looked[row] = self._look(row)
        return [self._looked[row] for row in rows]

    def written(self, found: _CohortPair, rank: int, *, tied: bool) -> CohortVacancy:
        """Write a vacancy down."""
        vacancy_id, vacancy, _ = self._published.by_id[found.row]
        return CohortVacancy(
            vacancy_id=vacancy_id,
            title=vacancy.record.title,
            openings=vacancy.record.openings,
            rank=rank,
            fit=found.units / SCORE_UNITS,
            tied=tied,
            matches=matches_of(found.chosen, self._seats(found.row), None, self._texts),
            apart=apart_of(found.chosen, None),
        )

    def _look(self, row: str) -> _CohortPair:
        vacancy_id, vacancy, asked = self._published.by_id[row]
        reader = PairReader(
            self._index,
            self._published.weights,
            vacancy,
            asked,
            EligibilityOf(self._index, vacancy, self._today),
            lambda rows: {each: self._people[each] for each in rows if each in self._people},
            self._texts,
            lambda rows: {
                each: self._decisions.review(str(vacancy_id), str(candidate_of(each))) for each in rows
            },
        )
        people = self._lists[row]
        chosen = choose(
            self._seats(row), lambda n, _: Ranked(people.ids[:n], people.units[:n]), reader.look_at
        )
        return _CohortPair(row, self._mean(row, [pair.units for pair in chosen.kept]), chosen)

    def _seats(self, row: str) -> int:
        return min(self._published.by_id[row][1].record.openings, MOST_SEATS)

    def _mean(self, row: str, units: Sequence[int]) -> int:
        seats = self._seats(row)
        return sum(units[:seats]) // seats


def _members(session: Session, actor: Actor, cohort_id: UUID) -> list[str]:
    members = CandidatePoolRepository(session, actor.partnership_id).list_members(cohort_id)
    rows = [row_id(member) for member in members if member.is_rankable]
    if not rows:
        raise Conflict("Nobody of this cohort is ranked: it is not committed, or all have withdrawn.")
    return rows
