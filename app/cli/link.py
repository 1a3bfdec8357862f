"""``talentbridge link``: phrases to concepts without a database."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import say, stage_progress
from app.cli.output import OutputFormatOption, write_output
from app.cli.sources import (
    STRICT,
    AliasesOption,
    LangOption,
    OutputOption,
    TaxonomyOption,
    aliased_index,
    counted,
    language_option,
    open_taxonomy,
    report_outcome,
)

_BLOCK = 2_000

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def link(
    phrases: Annotated[Path, typer.Argument(metavar="PHRASES", help="Phrases: JSON Lines, CSV or XLSX.")],
    k: Annotated[int, typer.Option("-k", min=1, help="Links per phrase.")] = 5,
    output: OutputOption = Path("-"),
    taxonomy: TaxonomyOption = None,
    aliases: AliasesOption = None,
    lang: LangOption = None,
    strict: Annotated[bool, STRICT] = False,
    output_format: OutputFormatOption = None,
) -> None:
    """Link phrases to the concepts of a taxonomy, or abstain.

    Each row has an id, a text, and a kind: skill, occupation, or text for a whole
    text whose phrases are to be found. docs/file-mode.md describes the formats.
    """
    from app.intake.lines import LINK_HEADER, link_rows, links_line
    from app.intake.read import read_phrases

    lang = language_option(lang)
    with stage_progress() as progress:
        outcome = read_phrases(phrases, progress=counted("reading phrases", progress))
    report_outcome("Phrases", outcome, strict=strict)

    from app.services.linking import link_phrases

    release = open_taxonomy(taxonomy)
    started = time.perf_counter()
    records = [dataclasses.replace(record, lang=record.lang or lang) for record in outcome.records]
    links = []
    with stage_progress() as progress:
        index = aliased_index(release, aliases, strict=strict, progress=progress)
        for start in range(0, len(records), _BLOCK):
            progress("linking", start, len(records))
            links += link_phrases(index, records[start : start + _BLOCK], k=k, lang=lang)
    elapsed_s = time.perf_counter() - started
    n_abstained = sum(phrase.abstained for phrase in links)
    rate = len(links) / elapsed_s
    say(f"Linked {len(links):,} phrases on {release.name} in {elapsed_s:.1f} s ({rate:,.0f} a second)")
    say(f"{n_abstained:,} of them have no concept in this taxonomy")
    write_output(
        output,
        output_format,
        lines=map(links_line, links),
        header=LINK_HEADER,
        rows=link_rows(links),
        sheet="links",
    )
