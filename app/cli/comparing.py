"""``talentbridge taxonomy compare``: what another release would change."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from app.cli.console import StageProgress, say, stage_progress
from app.cli.operators import PartnershipOption, choose_partnership, operator
from app.cli.output import write_text
from app.cli.sources import (
    AliasesOption,
    OutputOption,
    counted,
    latent_spaces,
    open_taxonomy,
    report_outcome,
)
from app.errors import InvalidInput

if TYPE_CHECKING:
    from app.domain.record_changes import RecordComparison
    from app.domain.records import AliasRecord, CandidateRecord, VacancyRecord
    from app.domain.taxonomy import Taxonomy
    from app.services.release_comparison import ReleaseComparison

_Source = Annotated[
    str, typer.Argument(metavar="PATH_OR_RELEASE", help="An ESCO folder or zip, or an imported release.")
]


def compare(
    before: _Source,
    after: _Source,
    vacancies: Annotated[
        Path | None, typer.Option("--vacancies", metavar="FILE", help="Vacancies to try both releases on.")
    ] = None,
    candidates: Annotated[
        Path | None, typer.Option("--candidates", metavar="FILE", help="Candidates to try them on.")
    ] = None,
    database: Annotated[
        bool,
        typer.Option("--database", help="Try them on the published vacancies and active candidates stored."),
    ] = False,
    partnership: PartnershipOption = None,
    aliases: AliasesOption = None,
    k: Annotated[int, typer.Option("-k", min=1, help="Length of the rankings to compare.")] = 10,
    output: OutputOption = Path("-"),
) -> None:
    """Tell what changes from one release to another, for given records too.

    Without records: concepts, labels, relations and skill lists. With them also which
    phrases are linked otherwise, and which requirements, claims and ranks change. The
    report is Markdown, or JSON in a file that ends in .json; Markdown shows the first
    of long lists, JSON all.
    """
    from app.cli.comparison_text import comparison_lines
    from app.services.release_comparison import compare_releases

    _check(vacancies, candidates, aliases, output, database=database)
    old, new = open_taxonomy([before]), open_taxonomy([after])
    started = time.perf_counter()
    releases = compare_releases(old, new)
    say(f"Compared {old.name} with {new.name} in {time.perf_counter() - started:.1f} s")
    records = None
    if database or vacancies:
        with stage_progress() as progress:
            if vacancies and candidates:
                tried = _read_records(vacancies, candidates, aliases, progress)
            else:
                tried = _stored_records(partnership)
            records = _compare_records(old, new, tried, k, progress)
        say(f"Tried both on the records in {time.perf_counter() - started:.1f} s")
    if output.suffix == ".json":
        write_text(output, json.dumps(_document(releases, records), ensure_ascii=False, indent=2) + "\n")
    else:
        write_text(output, "\n".join(comparison_lines(releases, records)) + "\n")


def _check(
    vacancies: Path | None, candidates: Path | None, aliases: Path | None, output: Path, *, database: bool
) -> None:
    if str(output) != "-" and output.suffix not in (".json", ".md"):
        raise InvalidInput("Name the report .json or .md, or leave -o out to print Markdown.")
    if (vacancies is None) != (candidates is None):
        raise InvalidInput("Name both --vacancies and --candidates: rankings need the two.")
    if database and vacancies is not None:
        raise InvalidInput("Choose either the files or --database.")
    if aliases is not None and vacancies is None:
        raise InvalidInput("--aliases goes with --vacancies and --candidates; --database has its own.")


class _Tried(NamedTuple):
    """Records to try both releases on; ``names`` are what candidates are shown as, by id."""

    vacancies: Sequence[VacancyRecord]
    candidates: Sequence[CandidateRecord]
    aliases: Sequence[AliasRecord]
    names: Mapping[str, str]


def _read_records(vacancies: Path, candidates: Path, aliases: Path | None, progress: StageProgress) -> _Tried:
    from app.intake.read import read_aliases, read_candidates, read_vacancies

    asked = read_vacancies(vacancies, progress=counted("reading vacancies", progress))
    offered = read_candidates(candidates, progress=counted("reading candidates", progress))
    report_outcome("Vacancies", asked, strict=False)
    report_outcome("Candidates", offered, strict=False)
    given: Sequence[AliasRecord] = ()
    if aliases is not None:
        told = read_aliases(aliases)
        report_outcome("Aliases", told, strict=False)
        given = told.records
    return _Tried(asked.records, offered.records, given, {record.id: record.id for record in offered.records})


def _stored_records(partnership: str | None) -> _Tried:
    """Load what a match run would rank; people are shown by pseudonym."""
    from app.cli.storage import open_database
    from app.services.aliases import current_alias_versions, load_aliases
    from app.services.candidates import list_rankable_candidates
    from app.services.vacancies import list_published_vacancies

    with open_database() as database, database.session(write=False) as session:
        actor = operator(choose_partnership(session, partnership))
        vacancies = list_published_vacancies(session, actor)
        candidates = list_rankable_candidates(session, actor)
        return _Tried(
            [record for _, record in vacancies],
            [record for _, record in candidates],
            load_aliases(session, actor, current_alias_versions(session, actor)),
            {record.id: row.pseudonym for row, record in candidates},
        )


def _compare_records(
    before: Taxonomy, after: Taxonomy, tried: _Tried, k: int, progress: StageProgress
) -> RecordComparison:
    from app.services.record_comparison import compare_records, with_candidate_names
    from app.services.taxonomy_index import build_taxonomy_index

    compared = compare_records(
        build_taxonomy_index(before, latent_spaces(before, progress)),
        build_taxonomy_index(after, latent_spaces(after, progress)),
        tried.vacancies,
        tried.candidates,
        aliases=tried.aliases,
        k=k,
        today=datetime.now(UTC).date(),
        progress=progress,
    )
    return with_candidate_names(compared, tried.names)


def _document(releases: ReleaseComparison, records: RecordComparison | None) -> dict[str, Any]:
    return {
        "taxonomy": {"counts": releases.counts, **asdict(releases)},
        "records": None if records is None else {"counts": records.counts, **asdict(records)},
    }
