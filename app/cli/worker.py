"""``talentbridge worker``: work off queued jobs in a process of its own."""

from __future__ import annotations

import signal
import threading
from typing import Annotated, Any

import typer

from app.cli.console import say

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def worker(
    once: Annotated[bool, typer.Option("--once", help="Stop when the queue is empty.")] = False,
) -> None:
    """Work off queued jobs until stopped; the job in hand is finished first.

    Needed only where the server runs without its embedded worker
    (TALENTBRIDGE_EMBEDDED_WORKER=false).
    """
    from app.cli.storage import open_database, read_settings, semantic_store
    from app.log import configure_logging
    from app.main import job_handlers, utc_now, worker_chores, worker_config
    from app.services.linker_snapshots import LinkerSnapshots
    from app.services.taxonomy_cache import TaxonomyIndexCache
    from app.services.worker import do_chores, run_worker, work_once

    settings = read_settings()
    configure_logging(level=settings.log_level, json=settings.json_logs)
    semantic = semantic_store(settings)
    with open_database() as database:
        indexes = TaxonomyIndexCache(
            settings.taxonomy_release, LinkerSnapshots(settings.cache_dir), semantic=semantic
        )
        handlers = job_handlers(indexes)
        config = worker_config(settings)
        chores = worker_chores(database.session, utc_now)
        if once:
            do_chores(chores)
            n_done = 0
            while work_once(database.session, handlers, config, now=utc_now):
                n_done += 1
            say(f"{n_done:,} jobs done")
            return
        stop = threading.Event()

        def ask_to_stop(_signal: int, _frame: Any) -> None:
            stop.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, ask_to_stop)
        run_worker(database.session, handlers, config, now=utc_now, stop=stop, chores=chores)
