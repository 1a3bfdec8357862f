"""``talentbridge match``: rank two files without a database."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    weights_option,
)
from app.errors import InvalidInput

if TYPE_CHECKING:
    from app.domain.records import CandidateRecord, VacancyRecord
    from app.domain.reviews import DecisionBook

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
    decisions: Annotated[
        Path | None,
        typer.Option(
            "--decisions",
            metavar="FILE",
            help="What people decided on pairs: JSON Lines, CSV or XLSX. Whom they rejected is listed apart.",
        ),
    ] = None,
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
    weights: Annotated[
        Path | None,
        typer.Option(
            "--weights",
            metavar="FILE",
            help="Weights as talentbridge weights show writes them; the built-in ones when not given.",
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
    profile = weights_option(weights)
    with stage_progress() as progress:
        asked = read_vacancies(vacancies, progress=counted("reading vacancies", progress))
        offered = read_candidates(candidates, progress=counted("reading candidates", progress))
    report_outcome("Vacancies", asked, strict=strict)
    report_outcome("Candidates", offered, strict=strict)
    book = None if decisions is None else _read_book(decisions, asked.records, offered.records)

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
            decisions=book,
            weights=profile,
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


def _read_book(
    path: Path, vacancies: Sequence[VacancyRecord], candidates: Sequence[CandidateRecord]
) -> DecisionBook:
    """Read what people decided.

    Raises
    ------
    InvalidInput
        A row is refused, whatever ``--strict`` says.
    """
    from app.domain.reviews import SPOKEN_FOR, DecisionBook
    from app.intake.read import read_decisions

    outcome = read_decisions(path)
    report_outcome("Decisions", outcome, strict=False)
    if outcome.n_refused:
        raise InvalidInput(
            "Mend the refused decisions first: without them, somebody rejected would come back."
        )
    asked = {vacancy.id for vacancy in vacancies}
    offered = {candidate.id for candidate in candidates}
    n_unused = sum(
        each.candidate_id not in offered
        or (each.vacancy_id not in asked and each.decision.state not in SPOKEN_FOR)
        for each in outcome.records
    )
    if n_unused:
        say(f"  {n_unused:,} decisions are on a vacancy or a candidate that is not in the files")
    return DecisionBook((each.vacancy_id, each.candidate_id, each.decision) for each in outcome.records)
