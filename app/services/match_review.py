"""Everything that a reviewer reads of one pair, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.permissions import Operation, Scope, require, scope_of
from app.domain.results import RankedMatch
from app.domain.reviews import Elsewhere, Neighbours, Progress
from app.errors import NotFound
from app.models import (
    CandidateProfile,
    FirstRating,
    Match,
    MatchApart,
    MatchRun,
    RankedVacancy,
    Review,
    ReviewClaim,
    ReviewOpinion,
    Vacancy,
)
from app.repositories.candidates import CandidateRepository
from app.repositories.match_runs import MatchRunRepository
from app.repositories.match_steps import MatchSteps
from app.repositories.records import VacancyRepository
from app.repositories.review_pairs import ReviewPairRepository
from app.repositories.review_work import Pair, ReviewWorkRepository
from app.repositories.reviews import ReviewRepository
from app.services.accounts import account_names
from app.services.concept_labels import ConceptLabels, concept_labels
from app.services.file_exports import ranked_apart, ranked_match
from app.services.review_rules import Basis, basis_of_pair


@dataclass(frozen=True, slots=True)
class MatchReview:
    """One pair of a ranking, with all that people have to know to decide.

    Attributes
    ----------
    candidate
        With occupations, claims, languages and cohort; without them where ``pseudonymous``.
    told
        The pair as it was ranked, explained, under the pseudonym.
    stored
        The row behind it.
    history
        Decisions on the pair, newest first.
    before
        The pair as the newest decision found it, where that was another run's.
    elsewhere
        Other vacancies to which the candidate was introduced, or that accepted them.
    claim
        Who is reviewing the pair.
    opinions
        Of second reviewers, newest first, as far as they stand.
    rating
        The reader's own, before they saw the score.
    alike
        Near-duplicates of the same ranking: pseudonym to id.
    names
        Of the accounts named above.
    pseudonymous
        The reader sees no more of people than pseudonyms and what the ranking gave.
    """

    vacancy: Vacancy
    candidate: CandidateProfile
    run: MatchRun
    ranked: RankedVacancy
    told: RankedMatch
    stored: Match | MatchApart
    basis: Basis
    history: Sequence[Review]
    before: RankedMatch | None
    elsewhere: Sequence[Elsewhere]
    claim: ReviewClaim | None
    opinions: Sequence[ReviewOpinion]
    rating: FirstRating | None
    alike: Mapping[str, UUID]
    names: Mapping[UUID, str]
    labels: ConceptLabels
    neighbours: Neighbours
    progress: Progress
    pseudonymous: bool

    @property
    def is_listed(self) -> bool:
        """Whether no must ruled the candidate out."""
        return isinstance(self.stored, Match)


def read_match_review(
    session: Session,
    actor: Actor,
    vacancy_id: UUID,
    candidate_id: UUID,
    *,
    run_id: UUID | None = None,
    lang: str,
    now: datetime,
) -> MatchReview:
    """Read a pair of the run named, else of the newest complete one that ranked the vacancy.

    Raises
    ------
    NotFound
        The actor knows no such vacancy, or the run gave it no such candidate.
    """
    pseudonymous = require(actor, Operation.RANKING_READ) is Scope.PSEUDONYMOUS
    vacancy = VacancyRepository(session, actor).get(vacancy_id, Operation.VACANCY_READ)
    run, ranked = _run_of(session, actor, vacancy_id, run_id)
    pairs = ReviewPairRepository(session, actor)
    stored = pairs.find_explained(run.id, vacancy_id, candidate_id)
    if stored is None:
        raise NotFound("This ranking does not list such a candidate.")
    candidate = _candidate_of(session, actor, stored)
    history = ReviewRepository(session, actor).list_pair(vacancy_id, candidate_id)
    told = _told(stored, candidate.pseudonym)
    pair = Pair(vacancy_id, candidate_id)
    work = ReviewWorkRepository(session, actor)
    claim, opinions = work.find_claim(pair, now), work.list_opinions(pair)
    steps = MatchSteps(session, actor, run.id, vacancy_id)
    accounts = [each.decided_by_account_id for each in history] + [each.account_id for each in opinions]
    accounts += [] if claim is None else [claim.account_id]
    return MatchReview(
        vacancy=vacancy,
        candidate=candidate,
        run=run,
        ranked=ranked,
        told=told,
        stored=stored,
        basis=basis_of_pair(stored, ranked, candidate),
        history=history,
        before=_before(pairs, history, run.id, candidate.pseudonym),
        elsewhere=pairs.list_elsewhere([candidate_id], beside=vacancy_id).get(candidate_id, ()),
        claim=claim,
        opinions=opinions,
        rating=None if actor.account_id is None else work.find_rating(pair, actor.account_id),
        alike=pairs.ids_by_pseudonym(told.near_duplicates),
        names=account_names(session, actor, [each for each in accounts if each is not None]),
        labels=_labels(session, run, vacancy, candidate, told, lang),
        neighbours=steps.beside(stored),
        progress=steps.progress(now),
        pseudonymous=pseudonymous,
    )


def next_to_review(
    session: Session,
    actor: Actor,
    vacancy_id: UUID,
    candidate_id: UUID,
    *,
    run_id: UUID,
    by_name: bool = False,
    now: datetime,
) -> UUID | None:
    """Say which candidate of a ranking comes next after a pair of it; None when all are decided.

    Parameters
    ----------
    by_name
        In an order that tells nothing of the ranks.
    """
    run = MatchRunRepository(session, actor).get(run_id, Operation.RANKING_READ)
    pairs = ReviewPairRepository(session, actor)
    stored = pairs.find_explained(run.id, vacancy_id, candidate_id)
    steps = MatchSteps(session, actor, run.id, vacancy_id)
    if by_name:
        return steps.next_undecided_by_name("" if stored is None else stored.candidate.pseudonym, now=now)
    # After somebody apart the ranking begins at its top.
    return steps.next_undecided(stored.rank if isinstance(stored, Match) else 0, now=now)


def _run_of(
    session: Session, actor: Actor, vacancy_id: UUID, run_id: UUID | None
) -> tuple[MatchRun, RankedVacancy]:
    runs = MatchRunRepository(session, actor)
    if run_id is None:
        run = runs.find_latest_complete(vacancy_id)
    else:
        run = runs.get(run_id, Operation.RANKING_READ)
    ranked = None if run is None else runs.find_ranked_vacancy(run, vacancy_id)
    if run is None or ranked is None:
        raise NotFound("This vacancy has not been ranked, or not in that run.")
    return run, ranked


def _candidate_of(session: Session, actor: Actor, stored: Match | MatchApart) -> CandidateProfile:
    if scope_of(actor, Operation.CANDIDATE_READ) is None:
        return stored.candidate
    return CandidateRepository(session, actor).get(stored.candidate_id, Operation.CANDIDATE_READ)


def _told(stored: Match | MatchApart, name: str) -> RankedMatch:
    if isinstance(stored, Match):
        return ranked_match(stored, name, explain=True)
    return ranked_apart(stored, name, explain=True)


def _before(
    pairs: ReviewPairRepository, history: Sequence[Review], run_id: UUID, name: str
) -> RankedMatch | None:
    if not history or history[0].run_id in (None, run_id):
        return None
    decided = history[0]
    assert decided.run_id is not None
    stored = pairs.find_explained(decided.run_id, decided.vacancy_id, decided.candidate_id)
    return None if stored is None else _told(stored, name)


def _labels(
    session: Session,
    run: MatchRun,
    vacancy: Vacancy,
    candidate: CandidateProfile,
    told: RankedMatch,
    lang: str,
) -> ConceptLabels:
    shares = told.contributions
    return concept_labels(
        session,
        run.taxonomy_name,
        [uri for share in shares for uri in (share.requirement_uri, share.claim_uri)],
        langs=[lang, vacancy.lang, candidate.lang],
        words=[share.claim for share in shares if share.claim_uri],
    )
