"""``talentbridge match``: rank two files without a database."""

from __future__ import annotations

import dataclasses
import time
from datetime import UTC, datetime
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

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def match(
    vacancies: Annotated[
        Path, typer.Argument(metavar="VACANCIES", help="Vacancies: JSON Lines, CSV or XLSX.")
    ],
    candidates: Annotated[
        Path, typer.Argument(metavar="CANDIDATES", help="Candidates: JSON Lines, CSV or XLSX.")
    ],
    k: Annotated[int, typer.Option("-k", min=1, help="Matches per vacancy.")] = 10,
    output: OutputOption = Path("-"),
    taxonomy: TaxonomyOption = None,
    aliases: AliasesOption = None,
    lang: LangOption = None,
    on: Annotated[
        datetime | None,
        typer.Option(
            "--on",
            formats=["%Y-%m-%d"],
            metavar="DAY",
            help="Day for which rules are asked; today if not given.",
        ),
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Add what each score is made of.")] = False,
    strict: Annotated[bool, STRICT] = False,
    output_format: OutputFormatOption = None,
) -> None:
    """Rank the candidates of one file for the vacancies of another.

    Writes one line per vacancy, or one row per match in a CSV or XLSX file.
    Refused rows are reported and left out. docs/file-mode.md describes the formats.
    """
    from app.intake.lines import match_header, match_rows, ranking_line
    from app.intake.read import read_candidates, read_vacancies

    lang = language_option(lang)
    with stage_progress() as progress:
        asked = read_vacancies(vacancies, progress=counted("reading vacancies", progress))
        offered = read_candidates(candidates, progress=counted("reading candidates", progress))
    report_outcome("Vacancies", asked, strict=strict)
    report_outcome("Candidates", offered, strict=strict)

    from app.services.ranking import rank_records

    release = open_taxonomy(taxonomy)
    started = time.perf_counter()
    with stage_progress() as progress:
        index = aliased_index(release, aliases, strict=strict, progress=progress)
        rankings = rank_records(
            index,
            [dataclasses.replace(record, lang=record.lang or lang) for record in asked.records],
            [dataclasses.replace(record, lang=record.lang or lang) for record in offered.records],
            k=k,
            today=(on or datetime.now(UTC)).date(),
            explain=explain,
            progress=progress,
        )
    elapsed_s = time.perf_counter() - started
    n_pairs = len(asked.records) * len(offered.records)
    rate = n_pairs / elapsed_s
    say(f"Ranked {n_pairs:,} pairs on {release.name} in {elapsed_s:.1f} s ({rate:,.0f} a second)")
    write_output(
        output,
        output_format,
        lines=(ranking_line(ranking, explain=explain) for ranking in rankings),
        header=match_header(rankings, explain=explain),
        rows=match_rows(rankings, explain=explain),
        sheet="matches",
    )
