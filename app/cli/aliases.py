"""``talentbridge aliases``: what staff decided that phrases mean, and what waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import say, stage_progress
from app.cli.operators import PartnershipOption, choose_partnership, operator
from app.cli.output import OutputFormatOption, write_output
from app.cli.sources import STRICT, OutputOption, counted, language_option, report_outcome
from app.cli.storage import every_item, open_database
from app.domain.enums import PhraseKind
from app.domain.transitions import QueueState

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.domain.actor import Actor
    from app.models import ConceptAlias, QueuedPhrase

_QUEUE_HEADER = (
    "phrase",
    "lang",
    "kind",
    "reason",
    "n_vacancies",
    "n_candidates",
    "suggested_uri",
    "suggested_label",
    "suggested_score",
)

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Decide what phrases mean, and list those that wait for it.",
)

LangFilter = Annotated[str | None, typer.Option("--lang", help="Only phrases in this language.")]
KindFilter = Annotated[PhraseKind | None, typer.Option("--kind", help="Only phrases for these.")]


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Aliases: JSON Lines, CSV or XLSX.")],
    shared: Annotated[
        bool, typer.Option("--shared", help="Let them hold in every partnership, not in one only.")
    ] = False,
    partnership: PartnershipOption = None,
    strict: Annotated[bool, STRICT] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and store nothing.")] = False,
) -> None:
    """Put the aliases of a file in force: phrase, lang, kind, concept_uri (empty: no concept), note.

    An alias for the same phrase, language and kind is superseded. Refused rows are
    reported and left out. docs/normalisation.md describes the format.
    """
    from app.intake.read import read_aliases
    from app.services.alias_files import check_for_import, import_aliases

    with open_database() as database:
        with stage_progress() as progress:
            outcome = read_aliases(path, progress=counted("reading aliases", progress))
        with database.session() as session:
            outcome = check_for_import(session, outcome)
            report_outcome("Aliases", outcome, strict=strict)
            actor = operator(choose_partnership(session, partnership))
            receipt = import_aliases(session, actor, outcome, shared=shared, now=datetime.now(UTC))
            if dry_run:
                session.rollback()
    say(
        f"{receipt.n_new:,} new, {receipt.n_superseding:,} in place of others, "
        f"{receipt.n_unchanged:,} in force before" + (" (dry run)" if dry_run else "")
    )


@app.command("list")
def list_(lang: LangFilter = None, kind: KindFilter = None, partnership: PartnershipOption = None) -> None:
    """List the aliases in force, the shared ones among them."""
    code = language_option(lang)
    with open_database() as database, database.session(write=False) as session:
        actor = operator(choose_partnership(session, partnership))
        n_listed = 0
        for alias in _in_force(session, actor, code, kind):
            mark = "  (shared)" if alias.partnership_id is None else ""
            print(f"{alias.lang} {alias.kind}  {alias.phrase} → {alias.concept_uri or 'no concept'}{mark}")
            n_listed += 1
    if not n_listed:
        say("No alias is in force. Import some: talentbridge aliases import FILE")


@app.command()
def export(
    output: OutputOption = Path("-"),
    lang: LangFilter = None,
    kind: KindFilter = None,
    partnership: PartnershipOption = None,
    output_format: OutputFormatOption = None,
) -> None:
    """Export the aliases in force in the format that import reads, one for each phrase."""
    from app.intake.lines import ALIAS_HEADER, alias_line, alias_row
    from app.services.aliases import alias_record

    code = language_option(lang)
    with open_database() as database, database.session(write=False) as session:
        actor = operator(choose_partnership(session, partnership))
        records = [alias_record(alias) for alias in _each_once(_in_force(session, actor, code, kind))]
    write_output(
        output,
        output_format,
        lines=map(alias_line, records),
        header=ALIAS_HEADER,
        rows=map(alias_row, records),
        sheet="aliases",
    )


@app.command()
def queue(
    output: OutputOption = Path("-"),
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Read all records again first, as a match run does.")
    ] = False,
    lang: LangFilter = None,
    kind: KindFilter = None,
    partnership: PartnershipOption = None,
    output_format: OutputFormatOption = None,
) -> None:
    """Write the phrases that link to nothing, or not surely, the most frequent first.

    With a column concept_uri added, the table is one that import reads.
    """
    from app.cli.storage import read_settings, semantic_store
    from app.services.queue import find_unsure, list_queue, renew_queue
    from app.services.taxonomy_cache import TaxonomyIndexCache

    code = language_option(lang)
    with open_database() as database:
        with database.session(write=False) as session:
            actor = operator(choose_partnership(session, partnership))
        if refresh:
            indexes = TaxonomyIndexCache(read_settings().taxonomy_release, semantic=semantic_store())
            found, taxonomy_name = find_unsure(database.session, actor, indexes)
            with database.session() as session:
                receipt = renew_queue(
                    session, actor, found, taxonomy_name=taxonomy_name, now=datetime.now(UTC)
                )
            say(f"{receipt.n_open:,} phrases wait, {receipt.n_new:,} of them new")
        with database.session(write=False) as session:
            rows = [
                _queue_row(entry)
                for entry in every_item(
                    lambda after: list_queue(
                        session, actor, after=after, limit=200, lang=code, kind=kind, state=QueueState.OPEN
                    )
                )
            ]
    write_output(output, output_format, lines=rows, header=_QUEUE_HEADER, rows=rows, sheet="queue")


def _in_force(
    session: Session, actor: Actor, lang: str | None, kind: PhraseKind | None
) -> Iterator[ConceptAlias]:
    from app.domain.transitions import AliasState
    from app.services.aliases import list_aliases

    return every_item(
        lambda after: list_aliases(
            session, actor, after=after, limit=200, lang=lang, kind=kind, state=AliasState.APPROVED
        )
    )


def _each_once(aliases: Iterable[ConceptAlias]) -> list[ConceptAlias]:
    """Keep of each phrase the alias that counts, the partnership's own, in the order of phrases."""
    best: dict[tuple[str, str, str], ConceptAlias] = {}
    for alias in aliases:
        key = alias.kind, alias.canonical, alias.lang
        if key not in best or alias.partnership_id is not None:
            best[key] = alias
    return [best[key] for key in sorted(best)]


def _queue_row(entry: QueuedPhrase) -> dict[str, str | int | float]:
    best = entry.suggestions[0] if entry.suggestions else {}
    return {
        "phrase": entry.wording,
        "lang": entry.lang,
        "kind": entry.kind.value,
        "reason": entry.reason.value,
        "n_vacancies": entry.n_vacancies,
        "n_candidates": entry.n_candidates,
        "suggested_uri": best.get("concept_uri", ""),
        "suggested_label": best.get("label", ""),
        "suggested_score": best.get("score", ""),
    }
