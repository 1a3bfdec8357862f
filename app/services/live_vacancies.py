"""The other direction: the published vacancies that suit one candidate best, as of now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.permissions import Operation, require
from app.domain.results import RankedMatch
from app.domain.reviews import PairReview
from app.errors import Conflict
from app.matching.ranking.vacancies import VacancyIndex
from app.matching.weights import WeightProfile
from app.repositories.candidate_pool import CandidatePoolRepository, PoolMember
from app.repositories.candidates import CandidateRepository
from app.repositories.records import VacancyRepository
from app.services.candidate_terms import make_rows
from app.services.choosing import choose
from app.services.decisions import reviews_of_candidate
from app.services.eligibility import EligibilityOf
from app.services.explanation import Explainer
from app.services.live_pools import LivePool, LivePools, row_id
from app.services.pairs import Pair, PairReader, Person, ProfileTexts, match_of, with_ties
from app.services.preparation import PreparedVacancy
from app.services.taxonomy_index import TaxonomyIndex
from app.services.transactions import Transaction
from app.services.vacancies import list_published_vacancies
from app.services.vacancy_queries import AskedVacancy, QueryMaker
from app.services.weight_profiles import weights_in_force


@dataclass(frozen=True, slots=True)
class PublishedVacancies:
    """All published vacancies as the index and the explanations need them.

    Attributes
    ----------
    key
        What it was made of: versions of the vacancies, sizes of the vocabulary, weights.
    by_id
        Stored vacancy, its linked form and its query, by the id that orders ties.
    """

    key: object
    weights: WeightProfile
    maker: QueryMaker
    index: VacancyIndex
    by_id: dict[str, tuple[UUID, PreparedVacancy, AskedVacancy]]


@dataclass(frozen=True, slots=True)
class SuitedVacancy:
    """One vacancy for the candidate; ``match.candidate_id`` is the candidate's row id."""

    vacancy_id: UUID
    title: str
    flags: tuple[str, ...]
    match: RankedMatch


@dataclass(frozen=True, slots=True)
class LiveVacancies:
    """The best vacancies for a candidate, those that a must or a person rules out, and what they rest on."""

    taxonomy_index: TaxonomyIndex
    weights: WeightProfile
    n_vacancies: int
    best: tuple[SuitedVacancy, ...]
    apart: tuple[SuitedVacancy, ...]


def rank_vacancies_now(
    transaction: Transaction,
    pools: LivePools,
    actor: Actor,
    candidate_id: UUID,
    *,
    k: int,
    today: date,
    explain: bool,
) -> LiveVacancies:
    """Rank the partnership's published vacancies for one candidate.

    Each pair has the score that the vacancy's own ranking gives it.

    Raises
    ------
    NotPermitted
        The role does not run rankings.
    NotFound
        The actor knows no such candidate, or there is no taxonomy release.
    ChangedMeanwhile
        The candidate changed between ranking and explaining.
    Conflict
        The candidate is not ranked: withdrawn, or of a cohort that is not committed.
    """
    require(actor, Operation.RANKING_RUN)
    live = pools.get(actor)
    with transaction(write=False) as session:
        CandidateRepository(session, actor).get(candidate_id, Operation.CANDIDATE_READ)
        member = _member(session, actor, candidate_id)
        own = row_id(member)
        found = pools.people(session, actor, live, [own])
        if own not in found:
            raise Conflict("The candidate changed this moment; ask again.")
        published = published_vacancies(session, actor, live)
        reviews = reviews_of_candidate(session, actor, candidate_id)
        reader = _VacancyReader(live.index, published, own, found[own], reviews, today)
        rows = make_rows([own], [found[own].encoded])
        chosen = choose(k, lambda n, _: published.index.search(rows, 0, n), reader.look_at)
        return LiveVacancies(
            taxonomy_index=live.index,
            weights=published.weights,
            n_vacancies=len(published.by_id),
            best=tuple(
                reader.suited(pair, at + 1, explain=explain, tied=tied)
                for at, (pair, tied) in enumerate(with_ties(chosen, k))
            ),
            apart=tuple(
                reader.suited(placed.pair, placed.place, explain=explain, tied=False)
                for placed in chosen.apart
            ),
        )


@dataclass(frozen=True, slots=True)
class _VacancyPair:
    """A pair under the id of its vacancy."""

    row: str
    pair: Pair

    @property
    def units(self) -> int:
        return self.pair.units

    @property
    def is_apart(self) -> bool:
        return self.pair.is_apart


class _VacancyReader:
    """Looks at the vacancies of one candidate one by one."""

    def __init__(
        self,
        index: TaxonomyIndex,
        published: PublishedVacancies,
        own: str,
        person: Person,
        reviews: Callable[[UUID], PairReview],
        today: date,
    ) -> None:
        self._index = index
        self._published = published
        self._own = own
        self._person = person
        self._reviews = reviews
        self._today = today
        self._texts = ProfileTexts()
        self._looked: dict[str, _VacancyPair] = {}

    def look_at(self, rows: Sequence[str], units: Sequence[int]) -> list[_VacancyPair]:
        """Look at pairs; raises ChangedMeanwhile if the candidate is no longer what was ranked."""
        for row, found in zip(rows, units, strict=True):
            if row not in self._looked:
                self._looked[row] = _VacancyPair(row, self._look(row, found))
        return [self._looked[row] for row in rows]

    def _look(self, row: str, units: int) -> Pair:
        vacancy_id, vacancy, asked = self._published.by_id[row]
        reader = PairReader(
            self._index,
            self._published.weights,
            vacancy,
            asked,
            EligibilityOf(self._index, vacancy, self._today),
            lambda _: {self._own: self._person},
            self._texts,
            lambda _: {self._own: self._reviews(vacancy_id)},
        )
        (pair,) = reader.look_at([self._own], [units])
        return pair

    def suited(self, found: _VacancyPair, rank: int, *, explain: bool, tied: bool) -> SuitedVacancy:
        """Write a pair down."""
        vacancy_id, vacancy, asked = self._published.by_id[found.row]
        explainer = Explainer(self._index, self._published.maker, vacancy, asked) if explain else None
        match = match_of(found.pair, rank, explainer, tied=tied)
        return SuitedVacancy(vacancy_id, vacancy.record.title, vacancy.flags, match)


def _member(session: Session, actor: Actor, candidate_id: UUID) -> PoolMember:
    member = CandidatePoolRepository(session, actor.partnership_id).find_member(candidate_id)
    if member is None or not member.is_rankable:
        raise Conflict(
            "The candidate is not ranked: withdrawn, paused, or of a cohort that is not committed."
        )
    return member


def published_vacancies(session: Session, actor: Actor, live: LivePool) -> PublishedVacancies:
    """Give the published vacancies as queries of a pool; made anew where anything changed."""
    versions = tuple(VacancyRepository(session, actor).published_versions())
    weights = weights_in_force(session, actor)
    key = versions, live.vocabulary.sizes(), weights
    held = live.published
    if isinstance(held, PublishedVacancies) and held.key == key:
        return held
    maker = live.maker(weights)
    by_id = {}
    for row, record in list_published_vacancies(session, actor):
        prepared = live.prepare(row.id, row.version, record)
        by_id[record.id] = row.id, prepared, maker.make(prepared)
    ids = sorted(by_id)
    index = VacancyIndex([each.encode() for each in ids], [by_id[each][2].query for each in ids])
    live.published = made = PublishedVacancies(key, weights, maker, index, by_id)
    return made
