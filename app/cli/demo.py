"""``talentbridge demo``: sample data in, ranked and explained shortlist out."""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import describe_issue, say, stage_progress
from app.errors import InvalidInput

if TYPE_CHECKING:
    from app.cli.rendering import Gap
    from app.cli.seeding import Seeded
    from app.domain.records import VacancyRecord
    from app.domain.results import VacancyRanking
    from app.services.file_imports import FileReceipt

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_SHOWN_GAPS = 3


Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What the demo shows after the import.

    ``pseudonyms`` names the candidates, ``surprises`` the vacancies whose planted
    best candidate is not first.
    """

    vacancies: Sequence[VacancyRecord]
    receipt: FileReceipt
    rankings: list[VacancyRanking]
    pseudonyms: dict[str, str]
    gaps: list[Gap]
    surprises: list[str]
    n_pairs: int
    matching_s: float
    total_s: float


@app.command()
def demo(
    k: Annotated[int, typer.Option("-k", min=1, help="Candidates shown per vacancy.")] = 5,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.")
    ] = False,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="FILE", help="Keep the SQLite database in this new file.")
    ] = None,
) -> None:
    """Show a ranked, explained shortlist on sample data, in a temporary database.

    Ends with exit code 1 if the planted best candidate of a vacancy is not first.
    """
    if keep is not None and keep.exists():
        raise InvalidInput(f"{keep} exists. Remove it, or keep the database in another file.")
    tell: Tell = (lambda _line: None) if as_json else print
    with _place(keep) as path:
        shown = _demonstrate(path, k, tell)
    for line in _report(shown, keep):
        tell(line)
    if as_json:
        print(json.dumps(_document(shown), ensure_ascii=False))
    for vacancy_id in shown.surprises:
        say(f"Not as expected: the planted best candidate of {vacancy_id} is not first.")
    if shown.surprises:
        raise typer.Exit(1)


@contextlib.contextmanager
def _place(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="talentbridge-") as folder:
        yield Path(folder) / "demo.sqlite3"


def _demonstrate(path: Path, k: int, tell: Tell) -> Demonstration:
    from app.cli.rendering import cohort_gaps
    from app.cli.seeding import run_matching, seed
    from app.cli.storage import PAGE, every_item, open_database
    from app.db import upgrade_database
    from app.intake.read import read_candidates, read_vacancies
    from app.samples import sample_path
    from app.services.candidates import list_candidates
    from app.services.file_exports import iter_rankings
    from app.services.taxonomy_cache import TaxonomyIndexCache

    started = time.perf_counter()
    url = f"sqlite:///{path}"
    upgrade_database(url)
    vacancies = read_vacancies(sample_path("vacancies.jsonl"))
    candidates = read_candidates(sample_path("cohort.csv"))
    indexes = TaxonomyIndexCache()

    def now() -> datetime:
        return datetime.now(UTC)

    with open_database(url) as database:
        seeded = seed(database, vacancies, candidates, now=now)
        for line in _import_report(seeded):
            tell(line)
        matching_started = time.perf_counter()
        with stage_progress() as progress:
            run_id = run_matching(database, seeded.operator, indexes, k=k, now=now, progress=progress)
        matching_s = time.perf_counter() - matching_started
        with database.session(write=False) as session:
            actor = seeded.operator
            rankings = list(
                iter_rankings(session, actor, run_id, explain=True, name_of=lambda row: row.external_id)
            )
            profiles = every_item(lambda after: list_candidates(session, actor, after=after, limit=PAGE))
            pseudonyms = {row.external_id: row.pseudonym for row in profiles}
            index = indexes.get(session)
    expected: dict[str, str] = json.loads(sample_path("expected.json").read_text("utf-8"))
    first = {ranking.vacancy_id: ranking.matches[0].candidate_id for ranking in rankings}
    openings = {record.id: record.openings for record in vacancies.records}
    return Demonstration(
        vacancies=vacancies.records,
        receipt=seeded.cohort,
        rankings=rankings,
        pseudonyms=pseudonyms,
        gaps=cohort_gaps(rankings, openings, lambda uri: index.label(uri, "en"))[:_SHOWN_GAPS],
        surprises=sorted(key for key, best in expected.items() if first.get(key) != best),
        n_pairs=len(vacancies.records) * len(candidates.records),
        matching_s=matching_s,
        total_s=time.perf_counter() - started,
    )


def _import_report(seeded: Seeded) -> Iterator[str]:
    cohort = seeded.cohort
    yield "TalentBridge demo: invented vacancies, invented trainees"
    yield ""
    yield "1. Import"
    yield f"   {len(seeded.vacancies.created)} vacancies read and published"
    yield f"   {cohort.n_rows} trainees read: {len(cohort.created)} accepted, {cohort.n_refused} refused"
    for issue in cohort.issues:
        yield f"     {describe_issue(issue)}"
    yield ""


def _report(shown: Demonstration, keep: Path | None) -> Iterator[str]:
    from app.cli.rendering import apart, shortlist, waterfall

    yield "2. Shortlists"
    for record, ranking in zip(shown.vacancies, shown.rankings, strict=True):
        flags = ", ".join(flag.replace("_", " ") for flag in ranking.flags)
        yield f"   {record.title} · {record.country} · {record.openings} openings" + (
            f" · {flags}" if flags else ""
        )
        for line in shortlist(ranking, shown.pseudonyms):
            yield f"   {line}"
        for line in apart(ranking, shown.pseudonyms):
            yield f"   {line}"
        yield ""
    best = shown.rankings[0].matches[0]
    yield f"3. Why {shown.pseudonyms[best.candidate_id]} is first for {shown.vacancies[0].title}"
    for line in waterfall(best):
        yield f"   {line}"
    yield ""
    yield "4. What the cohort lacks most (essential skills, over all shortlists)"
    for number, gap in enumerate(shown.gaps, start=1):
        yield (
            f"   {number}. {gap.skill}: missing in {gap.n_lacking} of {gap.n_asked} shortlisted profiles; "
            f"asked for {gap.n_openings} openings"
        )
    yield ""
    rate = shown.n_pairs / shown.matching_s
    yield (
        f"5. {shown.n_pairs} pairs ranked and stored in {shown.matching_s:.1f} s ({rate:,.0f} a second, "
        f"most of it loading libraries); {shown.total_s:.1f} s in all"
    )
    yield ""
    yield "Next"
    yield "   talentbridge serve --demo                                        the same data over HTTP"
    yield "   talentbridge match VACANCIES CANDIDATES -k 10 -o OUT.jsonl       your own two files"
    yield "   talentbridge taxonomy import PATH                                a full ESCO release"
    if keep is not None:
        yield f"   TALENTBRIDGE_DATABASE_URL=sqlite:///{keep.resolve()} talentbridge serve"


def _document(shown: Demonstration) -> dict[str, object]:
    from app.intake.lines import ranking_line

    lines = []
    for ranking in shown.rankings:
        line = ranking_line(ranking, explain=True)
        lines.append(
            line
            | {
                "pseudonyms": {
                    match.candidate_id: shown.pseudonyms[match.candidate_id]
                    for match in (*ranking.matches, *ranking.apart)
                }
            }
        )
    return {
        "import": {
            "n_vacancies": len(shown.vacancies),
            "n_rows": shown.receipt.n_rows,
            "n_accepted": len(shown.receipt.created),
            "n_refused": shown.receipt.n_refused,
            "issues": [asdict(issue) for issue in shown.receipt.issues],
        },
        "rankings": lines,
        "gaps": [asdict(gap) for gap in shown.gaps],
        "as_expected": not shown.surprises,
        "surprises": shown.surprises,
        "n_pairs": shown.n_pairs,
        "matching_s": round(shown.matching_s, 3),
        "total_s": round(shown.total_s, 3),
    }
