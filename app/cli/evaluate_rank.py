"""``talentbridge evaluate rank``: measure rankings on judged sets, beside plain baselines."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import say, stage_progress
from app.cli.operators import PartnershipOption, choose_partnership, operator
from app.cli.output import write_text
from app.cli.sources import TaxonomyOption, latent_spaces, open_taxonomy
from app.errors import InvalidInput

if TYPE_CHECKING:
    from app.domain.ranking_sets import RankingSet
    from app.services.rank_evaluation import RankReport
    from app.services.review_figures import ReviewReport


def rank(
    sets: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[SET]...",
            help="Folders with queries.jsonl, docs.jsonl, qrels.tsv and meta.json (gzipped or not), or "
            "folders of such folders.",
        ),
    ] = None,
    taxonomy: TaxonomyOption = None,
    systems: Annotated[
        str, typer.Option(metavar="NAME,...", help="Systems to measure; all of them when not given.")
    ] = "",
    reviews: Annotated[
        bool,
        typer.Option("--reviews", help="Also measure by the decisions of reviewers in the database."),
    ] = False,
    partnership: PartnershipOption = None,
    seed: Annotated[int, typer.Option(help="Seed of everything that is drawn at random.")] = 0,
    json_path: Annotated[
        Path | None, typer.Option("--json", metavar="OUT", help="Write every figure; - is standard output.")
    ] = None,
    markdown_path: Annotated[
        Path | None, typer.Option("--markdown", metavar="OUT", help="Write the tables as Markdown.")
    ] = None,
) -> None:
    """Measure how candidates are ranked for vacancies.

    docs/evaluation.md says what the sets, the systems and the figures are.
    """
    from app.services.rank_evaluation_systems import check_rank_systems

    names = check_rank_systems([name.strip() for name in systems.split(",") if name.strip()])
    if not sets and not reviews:
        raise InvalidInput("Name a set, or measure by the decisions in the database with --reviews.")
    judged = _read(sets or [])
    report = _measured(judged, names, taxonomy, seed) if judged else None
    decided = _reviewed(partnership, seed) if reviews else None

    from app.cli.rank_evaluation_report import rank_json, rank_markdown, show_rank_tables
    from app.cli.review_report import review_json, review_markdown, show_review_table

    if str(json_path) != "-" and str(markdown_path) != "-":
        if report is not None:
            show_rank_tables(report)
        if decided is not None:
            show_review_table(decided)
    if json_path is not None:
        content = {} if report is None else json.loads(rank_json(report))
        content |= {} if decided is None else {"reviews": review_json(decided)}
        write_text(json_path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    if markdown_path is not None:
        tables = [
            *([] if report is None else [rank_markdown(report)]),
            *([] if decided is None else [review_markdown(decided)]),
        ]
        write_text(markdown_path, "\n".join(tables))


def _measured(
    judged: list[RankingSet], names: Sequence[str], taxonomy: list[str] | None, seed: int
) -> RankReport:
    from app.services.rank_evaluation import evaluate_rankings
    from app.services.taxonomy_index import build_taxonomy_index

    release = open_taxonomy(taxonomy)
    started = time.perf_counter()
    with stage_progress() as progress:
        index = build_taxonomy_index(release, latent_spaces(release, progress))
        report = evaluate_rankings(release, index, judged, names, seed=seed, progress=progress)
    say(f"Measured {len(names)} systems on {len(judged)} sets in {time.perf_counter() - started:.0f} s")
    return report


def _reviewed(partnership: str | None, seed: int) -> ReviewReport:
    """Measure by the decisions in the database, linked as the service links."""
    from app.cli.storage import open_database, read_settings, semantic_store
    from app.services.review_figures import measure_reviews
    from app.services.taxonomy_cache import TaxonomyIndexCache

    indexes = TaxonomyIndexCache(read_settings().taxonomy_release, semantic=semantic_store())
    with open_database() as database, database.session(write=False) as session:
        actor = operator(choose_partnership(session, partnership))
        index, _ = indexes.get_for(session, actor)
        return measure_reviews(session, actor, index, seed=seed)


def _read(paths: list[Path]) -> list[RankingSet]:
    from app.intake.ranking_sets import ranking_folders, read_ranking_set

    found = [read_ranking_set(folder) for path in paths for folder in ranking_folders(path)]
    names = [each.name for each in found]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InvalidInput(f"Two sets are called {repeated[0]}. Rename a folder, or name it once.")
    return found
