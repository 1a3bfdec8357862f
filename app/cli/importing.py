"""``talentbridge import``: vacancies or a cohort from a file into the database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import say, show_issues, stage_progress
from app.cli.operators import PartnershipOption, choose_partnership, organisation_actor
from app.cli.sources import STRICT, counted, report_outcome
from app.cli.storage import open_database

if TYPE_CHECKING:
    from app.services.file_imports import FileReceipt

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Import vacancies or a cohort from a file into the database.",
)

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Check everything and store nothing.")]


@app.command()
def vacancies(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Vacancies: JSON Lines, CSV or XLSX.")],
    employer: Annotated[str, typer.Option("--employer", metavar="ID", help="Employer that offers them.")],
    partnership: PartnershipOption = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="Publish them, so that they are ranked.")
    ] = False,
    strict: Annotated[bool, STRICT] = False,
    dry_run: DryRunOption = False,
) -> None:
    """Submit the vacancies of a file for an employer, as drafts unless told to publish."""
    from app.domain.actor import Role
    from app.intake.read import read_vacancies
    from app.services.file_imports import import_vacancies

    with open_database() as database:
        with stage_progress() as progress:
            outcome = read_vacancies(path, progress=counted("reading vacancies", progress))
        report_outcome("Vacancies", outcome, strict=strict)
        with database.session() as session:
            actor = organisation_actor(
                session, choose_partnership(session, partnership), employer, Role.EMPLOYER
            )
            receipt = import_vacancies(session, actor, outcome, publish=publish, now=datetime.now(UTC))
            if dry_run:
                session.rollback()
    _report(receipt, len(outcome.issues), dry_run=dry_run)


@app.command()
def cohort(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Candidates: JSON Lines, CSV or XLSX.")],
    institution: Annotated[
        str, typer.Option("--institution", metavar="ID", help="Institution that trains them.")
    ],
    cohort_id: Annotated[
        str, typer.Option("--cohort", metavar="ID", help="The institution's id for the cohort.")
    ],
    title: Annotated[str, typer.Option("--title")] = "",
    programme: Annotated[
        str | None, typer.Option("--programme", metavar="ID", help="Training programme they finish.")
    ] = None,
    finishes_on: Annotated[
        datetime | None, typer.Option("--finishes-on", formats=["%Y-%m-%d"], help="Last day of the training.")
    ] = None,
    partnership: PartnershipOption = None,
    commit: Annotated[
        bool, typer.Option("--commit", help="Commit the cohort, so that it is ranked.")
    ] = False,
    strict: Annotated[bool, STRICT] = False,
    dry_run: DryRunOption = False,
) -> None:
    """Open a cohort for an institution with the candidates of a file; its row errors are kept with it."""
    from app.domain.actor import Role
    from app.domain.submissions import CohortRecord
    from app.intake.read import read_candidates
    from app.services.file_imports import import_cohort

    record = CohortRecord(cohort_id, title, programme, finishes_on.date() if finishes_on else None)
    with open_database() as database:
        with stage_progress() as progress:
            outcome = read_candidates(path, progress=counted("reading candidates", progress))
        report_outcome("Candidates", outcome, strict=strict)
        with database.session() as session:
            owner = choose_partnership(session, partnership)
            actor = organisation_actor(session, owner, institution, Role.INSTITUTION)
            receipt = import_cohort(session, actor, record, outcome, commit=commit, now=datetime.now(UTC))
            if dry_run:
                session.rollback()
    _report(receipt, len(outcome.issues), dry_run=dry_run)


def _report(receipt: FileReceipt, n_told: int, *, dry_run: bool) -> None:
    say(f"{len(receipt.created):,} stored, {receipt.n_refused:,} refused" + (" (dry run)" if dry_run else ""))
    if len(receipt.issues) > n_told:
        show_issues(receipt.issues)
