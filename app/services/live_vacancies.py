"""The other direction: the published vacancies that suit one candidate best, as of now."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.permissions import Operation, require
from app.domain.results import RankedMatch
from app.errors import Conflict
from app.matching.ranking.vacancies import VacancyIndex
from app.repositories.candidate_pool import CandidatePoolRepository, PoolMember
from app.repositories.candidates import CandidateRepository
from app.repositories.records import VacancyRepository
from app.services.candidate_terms import make_rows
from app.services.explanation import Explainer
from app.services.live_pools import LivePool, LivePools, row_id
from app.services.preparation import PreparedVacancy
from app.services.ranking import match_at
from app.services.taxonomy_index import TaxonomyIndex
from app.services.transactions import Transaction
from app.services.vacancies import list_published_vacancies
from app.services.vacancy_queries import AskedVacancy, QueryMaker


@dataclass(frozen=True, slots=True)
class PublishedVacancies:
    """All published vacancies as the index and the explanations need them.

    Attributes
    ----------
    key
        What it was made of: versions of the vacancies, and sizes of the vocabulary.
    by_id
        Stored vacancy, its linked form and its query, by the id that orders ties.
    """

    key: object
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
    """The best vacancies for a candidate and what they rest on."""

    taxonomy_index: TaxonomyIndex
    n_vacancies: int
    best: tuple[SuitedVacancy, ...]


def rank_vacancies_now(
    transaction: Transaction, pools: LivePools, actor: Actor, candidate_id: UUID, *, k: int, explain: bool
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
        candidate, encoded = found[own]
        published = _published(session, actor, live)
        ranked = published.index.search(make_rows([own], [encoded]), 0, k + 1)
        ids = [each.decode() for each in ranked.ids.tolist()]
        units = ranked.units.tolist()
        best = []
        for position, vacancy_key in enumerate(ids[:k]):
            vacancy_id, vacancy, asked = published.by_id[vacancy_key]
            explainer = Explainer(live.index, published.maker, vacancy, asked) if explain else None
            match = match_at(position, units, candidate, encoded, asked, explainer)
            best.append(SuitedVacancy(vacancy_id, vacancy.record.title, vacancy.flags, match))
        return LiveVacancies(live.index, len(published.by_id), tuple(best))


def _member(session: Session, actor: Actor, candidate_id: UUID) -> PoolMember:
    member = CandidatePoolRepository(session, actor.partnership_id).find_member(candidate_id)
    if member is None or not member.is_rankable:
        raise Conflict(
            "The candidate is not ranked: withdrawn, paused, or of a cohort that is not committed."
        )
    return member


def _published(session: Session, actor: Actor, live: LivePool) -> PublishedVacancies:
    versions = tuple(VacancyRepository(session, actor).published_versions())
    key = versions, live.vocabulary.sizes()
    held = live.published
    if isinstance(held, PublishedVacancies) and held.key == key:
        return held
    maker = live.maker()
    by_id = {}
    for row, record in list_published_vacancies(session, actor):
        prepared = live.prepare(row.id, row.version, record)
        by_id[record.id] = row.id, prepared, maker.make(prepared)
    ids = sorted(by_id)
    index = VacancyIndex([each.encode() for each in ids], [by_id[each][2].query for each in ids])
    live.published = made = PublishedVacancies(key, maker, index, by_id)
    return made
