"""``talentbridge evaluate rank``: measure rankings on judged sets, beside plain baselines."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import say, stage_progress
from app.cli.output import write_text
from app.cli.sources import TaxonomyOption, latent_spaces, open_taxonomy
from app.errors import InvalidInput

if TYPE_CHECKING:
    from app.domain.ranking_sets import RankingSet


def rank(
    sets: Annotated[
        list[Path],
        typer.Argument(
            metavar="SET...",
            help="Folders with queries.jsonl, docs.jsonl, qrels.tsv and meta.json (gzipped or not), or "
            "folders of such folders.",
        ),
    ],
    taxonomy: TaxonomyOption = None,
    systems: Annotated[
        str, typer.Option(metavar="NAME,...", help="Systems to measure; all of them when not given.")
    ] = "",
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
    judged = _read(sets)
    release = open_taxonomy(taxonomy)

    from app.cli.rank_evaluation_report import rank_json, rank_markdown, show_rank_tables
    from app.services.rank_evaluation import evaluate_rankings
    from app.services.taxonomy_index import build_taxonomy_index

    started = time.perf_counter()
    with stage_progress() as progress:
        index = build_taxonomy_index(release, latent_spaces(release, progress))
        report = evaluate_rankings(release, index, judged, names, seed=seed, progress=progress)
    say(f"Measured {len(names)} systems on {len(judged)} sets in {time.perf_counter() - started:.0f} s")
    if str(json_path) != "-" and str(markdown_path) != "-":
        show_rank_tables(report)
    if json_path is not None:
        write_text(json_path, rank_json(report))
    if markdown_path is not None:
        write_text(markdown_path, rank_markdown(report))


def _read(paths: list[Path]) -> list[RankingSet]:
    from app.intake.ranking_sets import ranking_folders, read_ranking_set

    found = [read_ranking_set(folder) for path in paths for folder in ranking_folders(path)]
    names = [each.name for each in found]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InvalidInput(f"Two sets are called {repeated[0]}. Rename a folder, or name it once.")
    return found
