"""Decisions of staff on pairs of vacancy and candidate, and employers' answers to introductions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.api.deps import ActorDep, NowDep, SessionDep, allow
from app.api.idempotency import IdempotentRoute
from app.api.pagination import DEFAULT_LIMIT, CursorParam, LimitParam, Page, read_id
from app.api.replies import reply, reply_page
from app.api.routers.candidates import CandidateId
from app.api.routers.vacancies import VacancyId
from app.api.schemas.common import RecordId
from app.api.schemas.reviews import AnswerIn, IntroductionOut, ReviewIn, ReviewOut
from app.domain.permissions import Operation
from app.domain.transitions import ReviewState
from app.services.reviews import (
    answer_introduction,
    list_candidate_reviews,
    list_introductions,
    list_reviews,
    record_review,
)

router = APIRouter(tags=["reviews"], route_class=IdempotentRoute)

History = Annotated[bool, Query(description="Give the decisions before the newest ones, too.")]

_MAY_WRITE = [Depends(allow(Operation.REVIEW_WRITE))]
_MAY_READ = [Depends(allow(Operation.REVIEW_READ))]


@router.post(
    "/v1/vacancies/{vacancy_id:id}/reviews",
    operation_id="record_review",
    status_code=201,
    response_model=ReviewOut,
    dependencies=_MAY_WRITE,
)
def post_review(
    session: SessionDep, actor: ActorDep, now: NowDep, vacancy_id: VacancyId, body: ReviewIn
) -> Response:
    """Decide on a candidate for a vacancy. Rankings honour it from now on."""
    row = record_review(
        session,
        actor,
        vacancy_id,
        body.candidate_id,
        body.state,
        reason=body.reason,
        note=body.note,
        after=body.after,
        run_id=body.run_id,
        deferred_until=body.deferred_until,
        despite_claim=body.despite_claim,
        now=now,
    )
    location = f"/v1/vacancies/{row.vacancy_id}/reviews?candidate_id={row.candidate_id}"
    return reply(ReviewOut.of(row), status=201, headers={"Location": location})


@router.get(
    "/v1/vacancies/{vacancy_id:id}/reviews",
    operation_id="list_reviews",
    response_model=Page[ReviewOut],
    dependencies=_MAY_READ,
)
def get_reviews(
    request: Request,
    session: SessionDep,
    actor: ActorDep,
    vacancy_id: VacancyId,
    candidate_id: RecordId | None = None,
    state: ReviewState | None = None,
    history: History = False,
    limit: LimitParam = DEFAULT_LIMIT,
    cursor: CursorParam = None,
) -> Response:
    """List the decisions on a vacancy's candidates, newest first: the newest of each, or all."""
    (page, pseudonymous) = list_reviews(
        session,
        actor,
        vacancy_id,
        candidate_id=candidate_id,
        state=state,
        with_history=history,
        after=read_id(cursor),
        limit=limit,
    )
    items = [ReviewOut.of(row, pseudonymous=pseudonymous) for row in page.items]
    return reply_page(request, items, page.next_after)


@router.get(
    "/v1/candidates/{candidate_id:id}/reviews",
    operation_id="list_candidate_reviews",
    response_model=Page[ReviewOut],
    dependencies=_MAY_READ,
)
def get_candidate_reviews(
    request: Request,
    session: SessionDep,
    actor: ActorDep,
    candidate_id: CandidateId,
    state: ReviewState | None = None,
    history: History = False,
    limit: LimitParam = DEFAULT_LIMIT,
    cursor: CursorParam = None,
) -> Response:
    """List the decisions on a candidate over all vacancies, newest first."""
    (page, pseudonymous) = list_candidate_reviews(
        session,
        actor,
        candidate_id,
        state=state,
        with_history=history,
        after=read_id(cursor),
        limit=limit,
    )
    items = [ReviewOut.of(row, pseudonymous=pseudonymous) for row in page.items]
    return reply_page(request, items, page.next_after)


@router.get(
    "/v1/vacancies/{vacancy_id:id}/introductions",
    operation_id="list_introductions",
    response_model=Page[IntroductionOut],
    dependencies=[Depends(allow(Operation.INTRODUCTION_READ))],
)
def get_introductions(
    request: Request,
    session: SessionDep,
    actor: ActorDep,
    vacancy_id: VacancyId,
    limit: LimitParam = DEFAULT_LIMIT,
    cursor: CursorParam = None,
) -> Response:
    """List whom the vacancy's employer was introduced to, newest first."""
    page = list_introductions(session, actor, vacancy_id, after=read_id(cursor), limit=limit)
    return reply_page(request, [IntroductionOut.of(row) for row in page.items], page.next_after)


@router.post(
    "/v1/vacancies/{vacancy_id:id}/introductions/{candidate_id:id}:answer",
    operation_id="answer_introduction",
    response_model=IntroductionOut,
    dependencies=[Depends(allow(Operation.INTRODUCTION_ANSWER))],
)
def post_answer(
    session: SessionDep,
    actor: ActorDep,
    now: NowDep,
    vacancy_id: VacancyId,
    candidate_id: CandidateId,
    body: AnswerIn,
) -> Response:
    """Accept or decline somebody who was introduced to your vacancy."""
    row = answer_introduction(
        session, actor, vacancy_id, candidate_id, body.state, reason=body.reason, note=body.note, now=now
    )
    return reply(IntroductionOut.of(row))
