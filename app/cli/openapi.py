"""``talentbridge openapi``: the description of the HTTP API."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from app.cli.sources import OutputOption

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def openapi(output: OutputOption = Path("-")) -> None:
    """Print the OpenAPI document of the HTTP API as JSON."""
    from app.cli.output import write_text
    from app.main import create_app

    # Describing the interface touches no database.
    document = create_app(start_worker=False).openapi()
    write_text(output, json.dumps(document, ensure_ascii=False, indent=2) + "\n")
