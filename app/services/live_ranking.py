"""Rank one vacancy against everybody who may be ranked now, explained, and store nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.domain.actor import Actor
from app.domain.permissions import Operation, require
from app.domain.results import VacancyRanking
from app.matching.weights import WeightProfile
from app.repositories.records import VacancyRepository
from app.services.conversion import ranked_record
from app.services.decisions import reviews_of_vacancy
from app.services.live_pools import LivePools
from app.services.pairs import ChangedMeanwhile
from app.services.ranking import Everybody, rank_vacancy
from app.services.settled_requirements import decisions_in_force
from app.services.taxonomy_index import TaxonomyIndex
from app.services.transactions import Transaction
from app.services.weight_profiles import weights_in_force

_TRIES = 5


@dataclass(frozen=True, slots=True)
class LiveRanking:
    """A ranking and what it rests on.

    Attributes
    ----------
    ranking
        Matches by row id of the pool (``live_pools.candidate_of``).
    n_candidates
        How many were ranked.
    fingerprint
        Of the pool: equal for equal candidates, linked alike.
    """

    index: TaxonomyIndex
    weights: WeightProfile
    ranking: VacancyRanking
    requirements_version: int
    n_candidates: int
    fingerprint: str


def rank_now(
    transaction: Transaction,
    pools: LivePools,
    actor: Actor,
    vacancy_id: UUID,
    *,
    k: int,
    today: date,
    explain: bool,
    with_what_if: bool = False,
) -> LiveRanking:
    """Rank the partnership's pool, as the database has it now, for one vacancy.

    Raises
    ------
    NotPermitted
        The role does not run rankings.
    NotFound
        The actor knows no such vacancy, or there is no taxonomy release.
    ChangedMeanwhile
        Candidates kept changing between ranking and explaining.
    """
    require(actor, Operation.RANKING_RUN)
    for last in (*(False,) * (_TRIES - 1), True):
        try:
            return _rank(transaction, pools, actor, vacancy_id, k, today, explain, with_what_if)
        except ChangedMeanwhile:
            if last:
                raise
    raise AssertionError("the last try returns or raises")


def _rank(
    transaction: Transaction,
    pools: LivePools,
    actor: Actor,
    vacancy_id: UUID,
    k: int,
    today: date,
    explain: bool,
    with_what_if: bool,
) -> LiveRanking:
    live = pools.get(actor)
    with transaction(write=False) as session:
        vacancies = VacancyRepository(session, actor)
        version, requirements_version = vacancies.versions(vacancy_id, Operation.VACANCY_READ)
        vacancy = live.find_vacancy(vacancy_id, version)
        if vacancy is None:
            row = vacancies.get(vacancy_id, Operation.VACANCY_READ)
            decided = decisions_in_force(session, actor, [row.id]).get(row.id, ())
            vacancy = live.prepare(row.id, row.version, ranked_record(row, decided))
        view = live.pool.view()
        weights = weights_in_force(session, actor)
        everybody = Everybody(
            live.index,
            live.vocabulary,
            weights,
            live.maker(weights),
            view,
            lambda ids: pools.people(session, actor, live, ids),
            live.texts,
            lambda _, ids: reviews_of_vacancy(session, actor, vacancy_id, ids),
        )
        ranking = rank_vacancy(
            everybody, vacancy, k=k, today=today, explain=explain, with_what_if=with_what_if
        )
        return LiveRanking(
            index=live.index,
            weights=weights,
            ranking=ranking,
            requirements_version=requirements_version,
            n_candidates=len(view),
            fingerprint=view.fingerprint,
        )
