"""The composition root: puts the application together from its settings."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio.to_thread
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from app import __version__
from app.api.application import Mounted, make_application, make_reconciliation_application
from app.api.reconciliation import Reconciliation, ReconciliationAccess
from app.api.runtime import Runtime
from app.config import Settings
from app.db import current_revision, head_revision, make_engine, make_session_factory, session_scope
from app.errors import NotFound, ReleaseConflict
from app.matching.compiled import compile_in_background
from app.matching.ranking.twin import ranking_code
from app.matching.ranking.vacancies import vacancy_code
from app.services.cohort_uploads import JOB_KIND as UPLOAD_JOB_KIND
from app.services.cohort_uploads import discard_expired
from app.services.faults import fault_fields
from app.services.latent_spaces import learn_release
from app.services.linker_snapshots import LinkerSnapshots
from app.services.live_pools import LivePools
from app.services.match_execution import match_run_handler
from app.services.match_runs import JOB_KIND
from app.services.queue import JOB_KIND as QUEUE_JOB_KIND
from app.services.queue import renewal_handler
from app.services.release_comparison_cache import ReleaseComparisonCache
from app.services.taxonomy import find_default_release, import_release
from app.services.taxonomy_cache import TaxonomyIndexCache
from app.services.taxonomy_index import TaxonomyIndex
from app.services.transactions import Transaction
from app.services.upload_commits import upload_handler
from app.services.weight_previews import JOB_KIND as PREVIEW_JOB_KIND
from app.services.weight_previews import preview_handler
from app.services.worker import Chore, Handler, WorkerConfig, run_worker
from app.taxonomy import read_starter
from app.web.application import make_console
from app.web.options import PREFIX, ConsoleOptions

if TYPE_CHECKING:
    from app.services.semantic_spaces import SemanticStore

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Tell the time, as the clock of every entry point."""
    return datetime.now(UTC)


def create_app(
    settings: Settings | None = None,
    *,
    engine: Engine | None = None,
    indexes: TaxonomyIndexCache | None = None,
    start_worker: bool | None = None,
    now: Clock = utc_now,
    console: ConsoleOptions | None = None,
) -> FastAPI:
    """Make the HTTP application.

    Parameters
    ----------
    settings
        Read from the environment when not given.
    engine
        A database to use in place of the one in the settings; the caller closes it.
    indexes
        Tables to share with another application of this process.
    start_worker
        Run the job worker in a thread of this process; as the settings say when not given.
    now
        The clock.
    console
        What the review console offers beyond accounts.
    """
    settings = settings or Settings()
    own_engine = make_engine(settings.database_url) if engine is None else None
    database = engine or own_engine
    assert database is not None
    transaction: Transaction = partial(session_scope, make_session_factory(database))
    indexes = indexes or TaxonomyIndexCache(
        settings.taxonomy_release,
        LinkerSnapshots(settings.cache_dir),
        semantic=_semantic_store(settings),
    )
    runtime = Runtime(
        transaction=transaction,
        now=now,
        indexes=indexes,
        pools=LivePools(transaction, indexes, settings.cache_dir),
        comparisons=ReleaseComparisonCache(),
        taxonomy_release=settings.taxonomy_release,
        unmet=partial(_unmet, database, transaction),
    )
    reconciliation = Reconciliation(
        access=ReconciliationAccess(settings.reconciliation),
        index_of=partial(_stored_index, transaction, indexes),
    )
    with_worker = settings.embedded_worker if start_worker is None else start_worker

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await anyio.to_thread.run_sync(_ensure_taxonomy, database, transaction, now, settings.cache_dir)
        compile_in_background()
        ranking_code.compile_in_background()
        vacancy_code.compile_in_background()
        stop = threading.Event()
        worker = threading.Thread(
            target=run_worker,
            args=(transaction, job_handlers(indexes), worker_config(settings)),
            kwargs={"now": now, "stop": stop, "chores": worker_chores(transaction, now)},
            name="job-worker",
            daemon=True,
        )
        if with_worker:
            worker.start()
        try:
            yield
        finally:
            stop.set()
            if with_worker:
                await anyio.to_thread.run_sync(worker.join)
            if own_engine is not None:
                own_engine.dispose()

    pages = Mounted(PREFIX, make_console(runtime, console or ConsoleOptions()))
    return make_application(runtime, reconciliation, version=__version__, lifespan=lifespan, beside=pages)


def create_reconciliation_app(index: TaxonomyIndex) -> FastAPI:
    """Make an application that offers one taxonomy for reconciliation, to everybody who reaches it."""

    def index_of(name: str | None) -> TaxonomyIndex:
        if name not in (None, index.taxonomy.name):
            raise NotFound(f"Only {index.taxonomy.name} is served here.")
        return index

    reconciliation = Reconciliation(access=ReconciliationAccess.OPEN, index_of=index_of)
    return make_reconciliation_application(reconciliation, version=__version__)


def _stored_index(transaction: Transaction, indexes: TaxonomyIndexCache, name: str | None) -> TaxonomyIndex:
    with transaction(write=False) as session:
        return indexes.get(session, name)


def job_handlers(indexes: TaxonomyIndexCache) -> dict[str, Handler]:
    """Give the handler of every kind of job, for the embedded worker and the separate one."""
    return {
        JOB_KIND: match_run_handler(indexes),
        QUEUE_JOB_KIND: renewal_handler(indexes),
        PREVIEW_JOB_KIND: preview_handler(indexes),
        UPLOAD_JOB_KIND: upload_handler(indexes),
    }


def worker_chores(transaction: Transaction, now: Clock) -> list[Chore]:
    """Give what a worker does now and then beside its jobs."""

    def forget_uploads() -> None:
        with transaction() as session:
            discard_expired(session, now=now())

    return [forget_uploads]


def worker_config(settings: Settings) -> WorkerConfig:
    """Name this process's worker and set its pace."""
    return WorkerConfig(
        name=f"{socket.gethostname()}-{os.getpid()}",
        lease=timedelta(seconds=settings.job_lease_s),
        poll_s=settings.job_poll_s,
    )


def _semantic_store(settings: Settings) -> SemanticStore | None:
    """Open the model of the semantic channel; nothing of it is imported where the channel is off."""
    if not settings.semantic_model:
        return None
    from app.services.semantic_spaces import open_store

    return open_store(settings.semantic_model, settings.cache_dir)


def _unmet(engine: Engine, transaction: Transaction) -> list[str]:
    """Say what is missing before requests can be served."""
    try:
        if current_revision(engine) != head_revision():
            return ["The database schema is not the one this version knows: run 'talentbridge db upgrade'."]
        with transaction(write=False) as session:
            if find_default_release(session) is None:
                return ["No taxonomy is imported: run 'talentbridge taxonomy import'."]
    except SQLAlchemyError as error:
        log.error("database_unreachable", extra=fault_fields(error))
        return ["The database cannot be reached."]
    return []


def _ensure_taxonomy(engine: Engine, transaction: Transaction, now: Clock, cache_dir: Path) -> None:
    """Import the embedded starter taxonomy where there is no release yet."""
    try:
        if current_revision(engine) != head_revision():
            log.warning("database_not_migrated")
            return
        with transaction() as session:
            if find_default_release(session) is not None:
                return
            receipt = import_release(session, read_starter(), now=now())
        log.info("starter_taxonomy_imported", extra={"release": receipt.release})
        learn_release(transaction, receipt.release, now=now, folder=cache_dir)
    except ReleaseConflict:
        # Another process that starts at the same time imports it just now.
        log.info("starter_taxonomy_imported_elsewhere")
    except SQLAlchemyError as error:
        # The service starts all the same, and says in /readyz what is missing.
        log.error("database_unreachable", extra=fault_fields(error))
