"""``talentbridge export``: vacancies, candidates, matches or decisions from the database to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from app.cli.operators import PartnershipOption, choose_partnership, operator, organisation_actor
from app.cli.output import OutputFormatOption, write_output
from app.cli.sources import OutputOption
from app.cli.storage import open_database

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Export vacancies, candidates, matches or decisions from the database to JSON Lines, CSV or XLSX.",
)


@app.command()
def vacancies(
    output: OutputOption = Path("-"),
    employer: Annotated[str | None, typer.Option("--employer", metavar="ID", help="Only this one's.")] = None,
    partnership: PartnershipOption = None,
    output_format: OutputFormatOption = None,
) -> None:
    """Export vacancies in the format that import and match read."""
    from app.domain.actor import Role
    from app.intake.lines import VACANCY_HEADER, vacancy_line, vacancy_row
    from app.services.file_exports import iter_vacancies

    with open_database() as database, database.session(write=False) as session:
        owner = choose_partnership(session, partnership)
        actor = operator(owner)
        if employer is not None:
            actor = organisation_actor(session, owner, employer, Role.EMPLOYER)
        records = iter_vacancies(session, actor)
        write_output(
            output,
            output_format,
            lines=map(vacancy_line, records),
            header=VACANCY_HEADER,
            rows=map(vacancy_row, records),
            sheet="vacancies",
        )


@app.command()
def candidates(
    output: OutputOption = Path("-"),
    cohort: Annotated[
        UUID | None, typer.Option("--cohort", metavar="ID", help="Only this cohort, by the id the API shows.")
    ] = None,
    partnership: PartnershipOption = None,
    output_format: OutputFormatOption = None,
) -> None:
    """Export profiles under their pseudonyms, without any direct identifier."""
    from app.intake.lines import CANDIDATE_HEADER, candidate_line, candidate_row
    from app.services.file_exports import iter_candidates

    with open_database() as database, database.session(write=False) as session:
        records = iter_candidates(
            session, operator(choose_partnership(session, partnership)), cohort_id=cohort
        )
        write_output(
            output,
            output_format,
            lines=map(candidate_line, records),
            header=CANDIDATE_HEADER,
            rows=map(candidate_row, records),
            sheet="candidates",
        )


@app.command()
def matches(
    run_id: Annotated[UUID, typer.Argument(metavar="RUN_ID", help="A complete match run.")],
    output: OutputOption = Path("-"),
    explain: Annotated[bool, typer.Option("--explain", help="Add what each score is made of.")] = False,
    partnership: PartnershipOption = None,
    output_format: OutputFormatOption = None,
) -> None:
    """Export the matches of a run, with candidates under their pseudonyms."""
    from app.intake.lines import match_header, match_rows, ranking_line
    from app.services.file_exports import iter_rankings

    with open_database() as database, database.session(write=False) as session:
        actor = operator(choose_partnership(session, partnership))
        rankings = list(iter_rankings(session, actor, run_id, explain=explain))
        write_output(
            output,
            output_format,
            lines=(ranking_line(ranking, explain=explain) for ranking in rankings),
            header=match_header(rankings, explain=explain),
            rows=match_rows(rankings, explain=explain),
            sheet="matches",
        )


@app.command()
def decisions(
    output: OutputOption = Path("-"),
    history: Annotated[
        bool, typer.Option("--history", help="All decisions, and not only the newest on each pair.")
    ] = False,
    partnership: PartnershipOption = None,
    output_format: OutputFormatOption = None,
) -> None:
    """Export what people decided and what it was made on, without notes and without who it was."""
    from app.intake.lines import DECISION_HEADER, decision_line, decision_row
    from app.services.file_exports import iter_decisions

    with open_database() as database, database.session(write=False) as session:
        entries = iter_decisions(
            session, operator(choose_partnership(session, partnership)), with_history=history
        )
        write_output(
            output,
            output_format,
            lines=map(decision_line, entries),
            header=DECISION_HEADER,
            rows=map(decision_row, entries),
            sheet="decisions",
        )
