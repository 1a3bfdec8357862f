"""``talentbridge reconcile``: a taxonomy for OpenRefine, without a database and without keys."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.console import say, stage_progress
from app.cli.server import is_loopback, listening, run_server
from app.cli.sources import LangOption, TaxonomyOption, language_option, latent_spaces, open_taxonomy
from app.errors import InvalidInput

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_PORT = 8070


@app.command()
def reconcile(
    taxonomy: TaxonomyOption = None,
    lang: LangOption = None,
    host: Annotated[str, typer.Option("--host", help="Address of this machine to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = _PORT,
) -> None:
    """Serve the reconciliation API over one taxonomy, for spreadsheets in OpenRefine.

    Only programs on this machine reach it, and they need no key. To offer it to
    others, use talentbridge serve.
    """
    from urllib.parse import quote

    from app.cli.storage import read_settings
    from app.log import configure_logging
    from app.main import create_reconciliation_app
    from app.matching.compiled import compile_in_background
    from app.services.concept_catalogue import catalogue_of
    from app.services.reconciliation import ReconciliationQuery
    from app.services.reconciliation import reconcile as candidates_of
    from app.services.taxonomy_index import build_taxonomy_index

    settings = read_settings()
    lang = language_option(lang) or "en"
    if not is_loopback(host):
        raise InvalidInput("It asks for no key, so it listens on this machine only: leave --host out.")
    with listening(host, port) as listener:
        release = open_taxonomy(taxonomy)
        configure_logging(level=settings.log_level, json=settings.json_logs)
        with stage_progress() as progress:
            index = build_taxonomy_index(release, latent_spaces(release, progress))
            # Clients give up sooner than the tables of a large release are built.
            candidates_of(catalogue_of(index), [ReconciliationQuery("any phrase builds them")])
        compile_in_background()
        name = f"[{host}]" if ":" in host else host
        print(f"http://{name}:{port}/reconcile/{quote(release.name, safe='')}/{lang}", flush=True)
        say("In OpenRefine: Reconcile, Start reconciling, Add standard service, and this address.")
        say("Stop with Ctrl+C")
        run_server(create_reconciliation_app(index), listener)
