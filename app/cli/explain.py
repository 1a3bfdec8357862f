"""``talentbridge explain``: tell matches of two files so that they can be read aloud."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import stage_progress
from app.cli.output import write_text
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
from app.errors import InvalidInput

if TYPE_CHECKING:
    from app.domain.results import VacancyRanking

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def explain(
    vacancies: Annotated[
        Path | None,
        typer.Argument(
            metavar="VACANCIES", help="Vacancies: JSON Lines, CSV or XLSX; the demo's if not given."
        ),
    ] = None,
    candidates: Annotated[
        Path | None,
        typer.Argument(metavar="CANDIDATES", help="Candidates, likewise."),
    ] = None,
    k: Annotated[int, typer.Option("-k", min=1, help="Matches told of each vacancy.")] = 1,
    only: Annotated[
        list[str] | None,
        typer.Option("--vacancy", metavar="ID", help="Only this one; repeat it for more."),
    ] = None,
    output: OutputOption = Path("-"),
    reader: Annotated[
        str, typer.Option("--reader", metavar="LANG", help="Reader's language: en, fr or ar.")
    ] = "en",
    taxonomy: TaxonomyOption = None,
    aliases: AliasesOption = None,
    lang: LangOption = None,
    on: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], metavar="DAY", help="Day for which rules are asked; today if not given."
        ),
    ] = None,
    strict: Annotated[bool, STRICT] = False,
) -> None:
    """Tell the best matches of each vacancy, and who is listed apart, as a page to read.

    Markdown: a paragraph, the score in steps, rules, and what would change the rank.
    """
    from app.cli.explained_page import page
    from app.intake.read import read_candidates, read_vacancies
    from app.samples import sample_path
    from app.services.ranking import rank_records

    lang = language_option(lang)
    with stage_progress() as progress:
        asked = read_vacancies(
            vacancies or sample_path("vacancies.jsonl"), progress=counted("reading vacancies", progress)
        )
        offered = read_candidates(
            candidates or sample_path("cohort.csv"), progress=counted("reading candidates", progress)
        )
    report_outcome("Vacancies", asked, strict=strict)
    report_outcome("Candidates", offered, strict=strict)
    _check(reader, only or [], {record.id for record in asked.records})
    with stage_progress() as progress:
        index = aliased_index(open_taxonomy(taxonomy), aliases, strict=strict, progress=progress)
        records = [
            dataclasses.replace(record, lang=record.lang or lang)
            for record in asked.records
            if not only or record.id in only
        ]
        rankings: list[VacancyRanking] = rank_records(
            index,
            records,
            [dataclasses.replace(record, lang=record.lang or lang) for record in offered.records],
            # As many as there are, so that a rank that a skill would lead to is exact.
            k=max(1, len(offered.records)),
            today=(on or datetime.now(UTC)).date(),
            explain=True,
            with_what_if=True,
            progress=progress,
        )

    def label_of(uri: str) -> str:
        return index.label(uri, reader)

    write_text(output, page(records, rankings, k, reader, label_of))


def _check(reader: str, only: list[str], known: set[str]) -> None:
    from app.wording import LANGUAGES

    if reader not in LANGUAGES:
        raise InvalidInput(f"There are no sentences in {reader}. Choose {' or '.join(LANGUAGES)}.")
    missing = sorted(set(only) - known)
    if missing:
        raise InvalidInput(f"There is no vacancy {missing[0]} in the file.")
