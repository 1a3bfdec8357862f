"""What proposed weights would move, worked out in the background for whoever approves them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.permissions import Operation
from app.domain.transitions import JobStatus, WeightsState, allowed_next
from app.errors import Conflict
from app.models import Job
from app.repositories.weights import WeightsRepository
from app.services.jobs import enqueue_job, find_latest_job, finish_job
from app.services.taxonomy_cache import TaxonomyIndexCache
from app.services.weight_effects import effects_of
from app.services.weight_profiles import label_of, weights_in_force, weights_of
from app.services.weight_proposals import would_move
from app.services.worker import Handler, JobContext

JOB_KIND = "weights_preview"


def request_preview(session: Session, actor: Actor, row_id: UUID, *, now: datetime) -> Job:
    """Queue the job that ranks a sample of vacancies by proposed weights and by those in force. Flushes.

    Gives the job that is on its way already, if there is one.

    Raises
    ------
    NotFound
        No such profile.
    Conflict
        It is not a proposal: what was approved or withdrawn would be compared with itself or with nothing.
    """
    row = WeightsRepository(session, actor).get(row_id, Operation.WEIGHTS_WRITE, for_update=True)
    if row.state is not WeightsState.PROPOSED:
        raise Conflict("Only proposed weights have a preview; these are decided.")
    held = find_preview(session, actor, row_id)
    if held is not None and allowed_next(held.status):
        return held
    return enqueue_job(session, actor, JOB_KIND, {}, subject_id=row.id, now=now)


def find_preview(session: Session, actor: Actor, row_id: UUID) -> Job | None:
    """Find the newest preview of a profile; its ``result`` is there once it succeeded."""
    return find_latest_job(session, actor, JOB_KIND, row_id)


def is_outdated(job: Job, in_force: str) -> bool:
    """Whether a finished preview compares with weights that are no longer in force."""
    return job.status is JobStatus.SUCCEEDED and (job.result or {}).get("from") != in_force


def preview_handler(indexes: TaxonomyIndexCache) -> Handler:
    """Make the job handler that works out previews."""

    def handle(context: JobContext) -> None:
        actor, row_id = context.job.actor, context.job.subject_id
        if row_id is None:
            raise ValueError("a preview's job must name its weights")
        context.report("loading", 0, 1)
        with context.transaction(write=False) as session:
            row = WeightsRepository(session, actor).get(row_id, Operation.WEIGHTS_READ)
            held = weights_in_force(session, actor)
            index, _ = indexes.get_for(session, actor)
            today = context.now().date()
            effects = effects_of(
                session, actor, index, held, weights_of(row), today=today, progress=context.report
            )
        found = {"from": label_of(held), **would_move(effects)}
        with context.transaction() as session:
            finish_job(session, context.job, result=found, now=context.now())

    return handle
