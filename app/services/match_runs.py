"""Match runs: ask for one, read its matches, and score without storing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.ids import new_id
from app.domain.permissions import Operation, Scope, require
from app.domain.records import CandidateRecord, VacancyRecord
from app.domain.results import VacancyRanking
from app.domain.reviews import DecisionBook, PairReview
from app.domain.transitions import MatchRunState, VacancyStatus, allowed_next, require_transition
from app.errors import Conflict, FieldIssue, NotFound
from app.matching.weights import WeightProfile
from app.models import Job, Match, MatchApart, MatchRun, RankedVacancy
from app.repositories.jobs import JobRepository
from app.repositories.match_runs import MatchRepository, MatchRunRepository, RankedCount
from app.repositories.records import VacancyRepository
from app.repositories.scoped import Page
from app.services.audit import record_event
from app.services.changes import flush
from app.services.decisions import load_decisions
from app.services.jobs import cancel_job, enqueue_job
from app.services.ranking import rank_records
from app.services.taxonomy_index import TaxonomyIndex
from app.services.weight_profiles import label_of, weights_in_force

JOB_KIND = "match_run"


@dataclass(frozen=True, slots=True)
class RankedList:
    """A part of a vacancy's ranking.

    Attributes
    ----------
    run
        The run it is of; None when the vacancy was never ranked.
    ranked
        What the run saw of the vacancy.
    apart
        Those whom a must rules out, and those whom people have, of the whole ranking.
    decisions
        Of people, as of now, by the stored ids as text.
    stale
        The vacancy's requirements have changed since.
    pseudonymous
        The reader sees people by pseudonym only.
    """

    run: MatchRun | None
    ranked: RankedVacancy | None
    matches: Sequence[Match]
    apart: Sequence[Match | MatchApart]
    decisions: DecisionBook
    has_more: bool
    stale: bool
    pseudonymous: bool


def request_match_run(
    session: Session,
    actor: Actor,
    *,
    k: int,
    vacancy_ids: Sequence[UUID] | None = None,
    weights: WeightProfile | None = None,
    now: datetime,
) -> tuple[MatchRun, Job]:
    """Ask for a ranking of the named vacancies, or of every published one.

    Opens the run and queues its job in one transaction. The run keeps the weights that are
    in force now, unless others are given. Flushes; the caller's transaction commits.

    Raises
    ------
    NotFound
        A named vacancy is not in the actor's partnership.
    Conflict
        A named vacancy is not published.
    """
    require(actor, Operation.RANKING_RUN)
    if vacancy_ids is not None:
        _require_published(session, actor, vacancy_ids)
    weights = weights or weights_in_force(session, actor)
    run = MatchRun(
        id=new_id(),
        partnership_id=actor.partnership_id,
        requested_by_key_id=actor.key_id,
        requested_by_account_id=actor.account_id,
        state=MatchRunState.REQUESTED,
        k=k,
        vacancy_ids=None if vacancy_ids is None else [str(each) for each in vacancy_ids],
        weight_profile_name=label_of(weights),
        weight_profile=weights.as_dict(),
        created_at=now,
    )
    session.add(run)
    record_event(session, actor, "match_run.requested", "match_run", run.id, now=now, k=k)
    flush(session)
    job = enqueue_job(session, actor, JOB_KIND, {}, match_run_id=run.id, now=now)
    return run, job


def repeat_match_run(session: Session, actor: Actor, run_id: UUID, *, now: datetime) -> tuple[MatchRun, Job]:
    """Ask for the same once more: the same vacancies and length, by the weights in force now. Flushes.

    Raises
    ------
    NotFound
        No such run in the actor's partnership.
    Conflict
        The run has not ended yet, or one of its vacancies is no longer published.
    """
    run = MatchRunRepository(session, actor).get(run_id, Operation.RANKING_RUN)
    if allowed_next(run.state):
        raise Conflict("This run has not ended yet. Wait for it, or cancel it first.")
    wanted = None if run.vacancy_ids is None else [UUID(each) for each in run.vacancy_ids]
    return request_match_run(session, actor, k=run.k, vacancy_ids=wanted, now=now)


def get_match_run(session: Session, actor: Actor, run_id: UUID) -> tuple[MatchRun, UUID | None]:
    """Get a run and the id of its job; raises NotFound."""
    run = MatchRunRepository(session, actor).get(run_id, Operation.RANKING_READ)
    return run, JobRepository(session, actor).ids_by_match_run([run.id]).get(run.id)


@dataclass(frozen=True, slots=True)
class RunDetails:
    """A run with what a page about it needs.

    ``ranked`` are the first vacancies that it ranked; ``earlier`` is the complete run before it.
    """

    run: MatchRun
    job: Job | None
    ranked: Sequence[RankedCount]
    earlier: MatchRun | None


def get_run_details(session: Session, actor: Actor, run_id: UUID, *, limit: int = 100) -> RunDetails:
    """Get a run, its job, and what it ranked; raises NotFound."""
    runs = MatchRunRepository(session, actor)
    run = runs.get(run_id, Operation.RANKING_READ)
    jobs = JobRepository(session, actor).list_page(after=None, limit=1, match_run_id=run.id).items
    return RunDetails(
        run,
        jobs[0] if jobs else None,
        runs.list_ranked_counts(run, limit=limit),
        runs.find_complete_before(run),
    )


def list_match_runs(
    session: Session,
    actor: Actor,
    *,
    after: UUID | None = None,
    limit: int = 50,
    state: MatchRunState | None = None,
) -> tuple[Page[MatchRun], Mapping[UUID, UUID]]:
    """List runs, newest first, and the ids of their jobs by run."""
    page = MatchRunRepository(session, actor).list_page(after=after, limit=limit, state=state)
    return page, JobRepository(session, actor).ids_by_match_run([run.id for run in page.items])


def cancel_match_run(
    session: Session, actor: Actor, run_id: UUID, *, now: datetime
) -> tuple[MatchRun, UUID | None]:
    """Cancel a run that is not finished, and its job with it.

    Raises
    ------
    WrongTransition
        The run has ended already.
    """
    run = MatchRunRepository(session, actor).get(run_id, Operation.RANKING_RUN)
    require_transition(run.state, MatchRunState.CANCELLED)
    job_id = JobRepository(session, actor).ids_by_match_run([run.id])[run.id]
    cancel_job(session, actor, job_id, now=now)
    return run, job_id


def list_matches(
    session: Session,
    actor: Actor,
    vacancy_id: UUID,
    *,
    run_id: UUID | None = None,
    after_rank: int = 0,
    limit: int = 50,
    min_score: float | None = None,
) -> RankedList:
    """Read a vacancy's ranking, best first: of the run named, else of the newest complete one.

    Raises
    ------
    NotFound
        The actor knows no such vacancy, or the run did not rank it.
    """
    pseudonymous = require(actor, Operation.RANKING_READ) is Scope.PSEUDONYMOUS
    vacancy = VacancyRepository(session, actor).get(vacancy_id, Operation.VACANCY_READ)
    runs = MatchRunRepository(session, actor)
    if run_id is None:
        run = runs.find_latest_complete(vacancy_id)
        if run is None:
            return RankedList(
                None, None, (), (), DecisionBook(), has_more=False, stale=False, pseudonymous=pseudonymous
            )
    else:
        run = runs.get(run_id, Operation.RANKING_READ)
    ranked = runs.find_ranked_vacancy(run, vacancy_id)
    if ranked is None:
        raise NotFound(f"That match run is {run.state} and did not rank this vacancy.")
    repository = MatchRepository(session, actor)
    matches = repository.list_for_vacancy(
        run.id, vacancy_id, after_rank=after_rank, limit=limit + 1, min_score=min_score
    )
    apart: list[Match | MatchApart] = [*repository.list_apart(run.id, vacancy_id)]
    apart += repository.list_ruled_out(run.id, vacancy_id)
    shown = {row.candidate_id for row in matches} | {row.candidate_id for row in apart}
    return RankedList(
        run=run,
        ranked=ranked,
        matches=matches[:limit],
        apart=sorted(apart, key=place_of),
        decisions=load_decisions(session, actor, vacancy_id=vacancy_id, candidate_ids=shown),
        has_more=len(matches) > limit,
        stale=ranked.requirements_version != vacancy.requirements_version,
        pseudonymous=pseudonymous,
    )


def place_of(row: Match | MatchApart) -> int:
    """The rank of a pair, or the one that it would have."""
    return row.rank if isinstance(row, Match) else row.place


def get_match(session: Session, actor: Actor, match_id: UUID) -> tuple[Match, PairReview, bool]:
    """Get a match, what people have decided on it, and whether the actor sees people by pseudonym only."""
    pseudonymous = require(actor, Operation.RANKING_READ) is Scope.PSEUDONYMOUS
    row = MatchRepository(session, actor).get(match_id)
    book = load_decisions(session, actor, vacancy_id=row.vacancy_id, candidate_ids=[row.candidate_id])
    return row, book.review(str(row.vacancy_id), str(row.candidate_id)), pseudonymous


def score_records(
    index: TaxonomyIndex,
    actor: Actor,
    vacancy: VacancyRecord,
    candidates: Sequence[CandidateRecord],
    *,
    k: int,
    today: date,
    weights: WeightProfile,
    explain: bool,
) -> VacancyRanking:
    """Rank a few candidates for one vacancy at once, and store nothing."""
    require(actor, Operation.RANKING_RUN)
    [ranking] = rank_records(index, [vacancy], candidates, k=k, today=today, weights=weights, explain=explain)
    return ranking


def _require_published(session: Session, actor: Actor, vacancy_ids: Sequence[UUID]) -> None:
    known = VacancyRepository(session, actor).statuses(vacancy_ids)
    missing = _issues(vacancy_ids, "unknown-vacancy", "There is no vacancy with this id.", set(known))
    if missing:
        raise NotFound("Some vacancies do not exist; see errors.", issues=missing)
    published = {key for key, status in known.items() if status is VacancyStatus.PUBLISHED}
    others = _issues(vacancy_ids, "not-published", "The vacancy is not published.", published)
    if others:
        raise Conflict("Only published vacancies are ranked; see errors.", issues=others)


def _issues(ids: Sequence[UUID], code: str, message: str, good: set[UUID]) -> list[FieldIssue]:
    return [
        FieldIssue(f"/vacancy_ids/{position}", code, message)
        for position, each in enumerate(ids)
        if each not in good
    ]
