"""Match runs, rankings, explanations, and scoring without storing."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from app.api.deps import ActorDep, NowDep, RuntimeDep, SessionDep, allow
from app.api.idempotency import IdempotentRoute
from app.api.pagination import (
    DEFAULT_LIMIT,
    CursorParam,
    LimitParam,
    Page,
    cursor_of,
    link_header,
    read_id,
    read_rank,
)
from app.api.problems import Busy
from app.api.replies import reply, reply_page
from app.api.routers.candidates import CandidateId
from app.api.routers.cohorts import CohortId
from app.api.routers.vacancies import VacancyId
from app.api.routing import StrictRoute
from app.api.schemas.common import RecordId
from app.api.schemas.eligibility import ReaderLanguage
from app.api.schemas.explanations import ContributionOut
from app.api.schemas.live_rankings import CohortRankingOut, LiveRankingOut, SuitedVacanciesOut
from app.api.schemas.matching import (
    MAX_K,
    ExplanationOut,
    MatchesOut,
    MatchOut,
    MatchRunIn,
    MatchRunOut,
    ScoreIn,
    ScoreOut,
)
from app.domain.permissions import Operation
from app.domain.transitions import MatchRunState
from app.matching.version import ENGINE_VERSION
from app.services.file_exports import ranked_match
from app.services.live_cohorts import rank_cohort_now
from app.services.live_ranking import rank_now
from app.services.live_vacancies import rank_vacancies_now
from app.services.match_runs import (
    cancel_match_run,
    get_match,
    get_match_run,
    list_match_runs,
    list_matches,
    request_match_run,
    score_records,
)
from app.services.pairs import ChangedMeanwhile
from app.services.weight_profiles import weights_in_force

router = APIRouter(tags=["matching"], route_class=IdempotentRoute)
# What stores nothing may be repeated anyway.
stateless = APIRouter(tags=["matching"], route_class=StrictRoute)

RunId = Annotated[RecordId, Path(description="`id` of the match run.")]
MatchId = Annotated[RecordId, Path(description="`id` of the match.")]

_MAY_RUN = [Depends(allow(Operation.RANKING_RUN))]
_MAY_READ = [Depends(allow(Operation.RANKING_READ))]


@router.post(
    "/v1/match-runs",
    operation_id="request_match_run",
    status_code=202,
    response_model=MatchRunOut,
    dependencies=_MAY_RUN,
)
def post_match_run(session: SessionDep, actor: ActorDep, now: NowDep, body: MatchRunIn) -> Response:
    """Ask for a ranking. It is carried out in the background; read the run, or its job, to follow it."""
    run, job = request_match_run(session, actor, k=body.k, vacancy_ids=body.vacancy_ids, now=now)
    return reply(MatchRunOut.of(run, job.id), status=202, headers={"Location": f"/v1/match-runs/{run.id}"})


@router.get(
    "/v1/match-runs",
    operation_id="list_match_runs",
    response_model=Page[MatchRunOut],
    dependencies=_MAY_READ,
)
def get_match_runs(
    request: Request,
    session: SessionDep,
    actor: ActorDep,
    state: MatchRunState | None = None,
    limit: LimitParam = DEFAULT_LIMIT,
    cursor: CursorParam = None,
) -> Response:
    """List match runs, newest first."""
    page, job_ids = list_match_runs(session, actor, after=read_id(cursor), limit=limit, state=state)
    runs = [MatchRunOut.of(row, job_ids.get(row.id)) for row in page.items]
    return reply_page(request, runs, page.next_after)


@router.get(
    "/v1/match-runs/{run_id:id}",
    operation_id="get_match_run",
    response_model=MatchRunOut,
    dependencies=_MAY_READ,
)
def get_one_match_run(session: SessionDep, actor: ActorDep, run_id: RunId) -> Response:
    """Read a match run: its state, and what pins its result."""
    return reply(MatchRunOut.of(*get_match_run(session, actor, run_id)))


@router.post(
    "/v1/match-runs/{run_id:id}:cancel",
    operation_id="cancel_match_run",
    response_model=MatchRunOut,
    dependencies=_MAY_RUN,
)
def post_cancel(session: SessionDep, actor: ActorDep, now: NowDep, run_id: RunId) -> Response:
    """Cancel a match run that is not finished."""
    return reply(MatchRunOut.of(*cancel_match_run(session, actor, run_id, now=now)))


@router.get(
    "/v1/vacancies/{vacancy_id:id}/matches",
    operation_id="list_matches",
    response_model=MatchesOut,
    dependencies=_MAY_READ,
)
def get_matches(
    request: Request,
    session: SessionDep,
    actor: ActorDep,
    vacancy_id: VacancyId,
    run: Annotated[
        RecordId | None, Query(description="`id` of a match run; the newest complete one when left out.")
    ] = None,
    min_score: Annotated[float | None, Query(ge=0, le=1)] = None,
    limit: LimitParam = DEFAULT_LIMIT,
    cursor: CursorParam = None,
    lang: ReaderLanguage = "en",
) -> Response:
    """Read a vacancy's ranking, best first, and those whom a must or a person rules out.

    Decisions are shown as of now: whoever was rejected since the run stands under `apart`, and the
    ranks of the others stay.
    """
    ranking = list_matches(
        session,
        actor,
        vacancy_id,
        run_id=run,
        after_rank=read_rank(cursor),
        limit=limit,
        min_score=min_score,
    )
    next_cursor = cursor_of(ranking.matches[-1].rank) if ranking.has_more else None
    # The next page must be of the same run, even if a newer one completes meanwhile.
    shown: UUID | None = None if ranking.run is None else ranking.run.id
    link = link_header(request.url.path, {**request.query_params, "run": shown}, next_cursor)
    return reply(MatchesOut.of(ranking, next_cursor, lang), headers={"Link": link})


@stateless.get(
    "/v1/vacancies/{vacancy_id:id}/ranking",
    operation_id="rank_now",
    response_model=LiveRankingOut,
    dependencies=_MAY_RUN,
)
def get_ranking(
    runtime: RuntimeDep,
    actor: ActorDep,
    now: NowDep,
    vacancy_id: VacancyId,
    k: Annotated[int, Query(ge=1, le=MAX_K, description="How many candidates to give.")] = 20,
    explain: Annotated[bool, Query(description="Give the contributions of each match, too.")] = True,
    what_if: Annotated[
        bool, Query(description="Also say which skills would lift each match most, and to which rank.")
    ] = False,
    lang: ReaderLanguage = "en",
) -> Response:
    """Rank everybody who may be ranked for one vacancy, as of now. Nothing is stored."""
    try:
        live = rank_now(
            runtime.transaction,
            runtime.pools,
            actor,
            vacancy_id,
            k=k,
            today=now.date(),
            explain=explain,
            with_what_if=what_if,
        )
    except ChangedMeanwhile as error:
        raise Busy("Candidates kept changing. Send the request again in a moment.") from error
    return reply(LiveRankingOut.of(live, explain=explain, lang=lang, engine_version=ENGINE_VERSION))


@stateless.get(
    "/v1/candidates/{candidate_id:id}/ranking",
    operation_id="rank_vacancies_now",
    response_model=SuitedVacanciesOut,
    dependencies=_MAY_RUN,
)
def get_vacancies_for(
    runtime: RuntimeDep,
    actor: ActorDep,
    now: NowDep,
    candidate_id: CandidateId,
    k: Annotated[int, Query(ge=1, le=MAX_K, description="How many vacancies to give.")] = 20,
    explain: Annotated[bool, Query(description="Give the contributions of each match, too.")] = True,
    lang: ReaderLanguage = "en",
) -> Response:
    """Rank the published vacancies for one candidate, as of now. Nothing is stored."""
    try:
        live = rank_vacancies_now(
            runtime.transaction, runtime.pools, actor, candidate_id, k=k, today=now.date(), explain=explain
        )
    except ChangedMeanwhile as error:
        raise Busy("The candidate kept changing. Send the request again in a moment.") from error
    return reply(SuitedVacanciesOut.of(live, explain=explain, lang=lang, engine_version=ENGINE_VERSION))


@stateless.get(
    "/v1/cohorts/{cohort_id:id}/ranking",
    operation_id="rank_cohort_now",
    response_model=CohortRankingOut,
    dependencies=_MAY_RUN,
)
def get_vacancies_for_cohort(
    runtime: RuntimeDep,
    actor: ActorDep,
    now: NowDep,
    cohort_id: CohortId,
    k: Annotated[int, Query(ge=1, le=MAX_K, description="How many vacancies to give.")] = 20,
    lang: ReaderLanguage = "en",
) -> Response:
    """Rank the published vacancies for a cohort: where its people would fill the openings best, as of now."""
    try:
        live = rank_cohort_now(runtime.transaction, runtime.pools, actor, cohort_id, k=k, today=now.date())
    except ChangedMeanwhile as error:
        raise Busy("Candidates kept changing. Send the request again in a moment.") from error
    return reply(CohortRankingOut.of(live, lang=lang, engine_version=ENGINE_VERSION))


@router.get(
    "/v1/matches/{match_id:id}", operation_id="get_match", response_model=MatchOut, dependencies=_MAY_READ
)
def get_one_match(
    session: SessionDep, actor: ActorDep, match_id: MatchId, lang: ReaderLanguage = "en"
) -> Response:
    """Read a match."""
    row, review, pseudonymous = get_match(session, actor, match_id)
    return reply(MatchOut.of(row, review, pseudonymous=pseudonymous, lang=lang))


@router.get(
    "/v1/matches/{match_id:id}/explanation",
    operation_id="explain_match",
    response_model=ExplanationOut,
    dependencies=_MAY_READ,
)
def get_explanation(
    session: SessionDep, actor: ActorDep, match_id: MatchId, lang: ReaderLanguage = "en"
) -> Response:
    """Explain a match: the contributions that sum to its score exactly, as steps and in words."""
    row, review, pseudonymous = get_match(session, actor, match_id)
    shares = [ContributionOut.of(share) for share in row.contributions]
    match = MatchOut.of(row, review, pseudonymous=pseudonymous, lang=lang)
    told = ranked_match(row, row.candidate.pseudonym, explain=True)
    return reply(ExplanationOut.of(match, shares, told, lang))


@stateless.post(
    "/v1/matches:score",
    operation_id="score",
    response_model=ScoreOut,
    dependencies=_MAY_RUN,
    openapi_extra={"x-not-idempotent": True},
)
def post_score(
    runtime: RuntimeDep, actor: ActorDep, now: NowDep, body: ScoreIn, lang: ReaderLanguage = "en"
) -> Response:
    """Rank up to 200 candidates for one vacancy at once. Nothing is stored."""
    with runtime.transaction(write=False) as session:
        index, _ = runtime.indexes.get_for(session, actor)
        weights = weights_in_force(session, actor)
    ranking = score_records(
        index,
        actor,
        body.vacancy.record(),
        [candidate.record() for candidate in body.candidates],
        k=body.k,
        today=now.date(),
        weights=weights,
        explain=body.explain,
    )
    taxonomy = index.taxonomy
    return reply(
        ScoreOut.of(
            ranking,
            explain=body.explain,
            lang=lang,
            engine_version=ENGINE_VERSION,
            name=taxonomy.name,
            checksum=taxonomy.checksum,
            weights=weights,
        )
    )
