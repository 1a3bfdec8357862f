"""``talentbridge evaluate``: measure linking and ranking on labelled sets, beside the baselines."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import say, stage_progress
from app.cli.evaluate_rank import rank
from app.cli.output import write_text
from app.cli.sources import TaxonomyOption, language_option, latent_spaces, open_taxonomy
from app.errors import InvalidInput

if TYPE_CHECKING:
    from app.domain.evaluation import EvaluationSet
    from app.domain.taxonomy import Taxonomy

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)

_GENERATED = "generated"


@app.callback()
def _group() -> None:
    """Measure quality on labelled data."""


app.command()(rank)


@app.command()
def link(
    sets: Annotated[
        list[str],
        typer.Argument(
            metavar="SET...",
            help="Files of labelled phrases (JSON Lines, gzipped or not), folders of such files, or sets "
            "made from the taxonomy: held-out, other-languages, typos-1, typos-2, order, padding, or "
            "generated for all of these.",
        ),
    ],
    taxonomy: TaxonomyOption = None,
    systems: Annotated[
        str, typer.Option(metavar="NAME,...", help="Systems to measure; all of them when not given.")
    ] = "",
    lang: Annotated[
        list[str] | None, typer.Option("--lang", help="Only texts in this language; repeat it for more.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many texts of each set, drawn at random.")
    ] = None,
    slow_limit: Annotated[int, typer.Option(min=1, help="The same for systems that scan every label.")] = 200,
    size: Annotated[int, typer.Option(min=1, help="Texts in each set made from the taxonomy.")] = 500,
    seed: Annotated[int, typer.Option(help="Seed of everything that is drawn at random.")] = 0,
    json_path: Annotated[
        Path | None, typer.Option("--json", metavar="OUT", help="Write every figure; - is standard output.")
    ] = None,
    markdown_path: Annotated[
        Path | None, typer.Option("--markdown", metavar="OUT", help="Write the tables as Markdown.")
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(help="Folder of a BERT sentence model; the installed one when not given."),
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Folder to keep label embeddings in between runs.")
    ] = None,
) -> None:
    """Measure how phrases are linked to concepts.

    docs/evaluation.md says what the sets, the systems and the figures are.
    """
    from app.services.evaluation_systems import SYSTEMS, check_systems

    names = check_systems([name.strip() for name in systems.split(",") if name.strip()]) or SYSTEMS
    langs = [language_option(code) for code in lang or ()]
    release = open_taxonomy(taxonomy)
    chosen = _chosen(_read_sets(sets, release, size, seed), langs)

    from app.cli.evaluation_report import as_json, as_markdown, show_tables
    from app.services.evaluation import EvaluationOptions, evaluate

    options = EvaluationOptions(names, limit, slow_limit, seed, model, cache)
    # The linker is measured as it is by default; with the channel on it is a system of its own.
    started = time.perf_counter()
    with stage_progress() as progress:
        report = evaluate(
            release,
            chosen,
            options,
            spaces=latent_spaces(release, progress, with_semantic=False),
            progress=progress,
        )
    n_texts = sum(len(each.queries) for each in chosen)
    say(f"Measured {len(names)} systems on {len(chosen)} sets in {time.perf_counter() - started:.0f} s")
    for name, n_dropped in sorted(report.left_out.items()):
        say(f"  {name}: {n_dropped} of its texts name only concepts that {release.name} does not have")
    for name, reason in report.unavailable.items():
        say(f"  {name}: {reason}")
    if not n_texts:
        raise InvalidInput("There is no text to measure on. Choose other sets or languages.")
    if str(json_path) != "-" and str(markdown_path) != "-":
        show_tables(report)
    if json_path is not None:
        write_text(json_path, as_json(report))
    if markdown_path is not None:
        write_text(markdown_path, as_markdown(report))


def _read_sets(words: list[str], release: Taxonomy, size: int, seed: int) -> list[EvaluationSet]:
    """Files and folders in the order given, then the generated sets."""
    from app.intake.evaluation_sets import read_evaluation_set, set_files
    from app.services.generated_sets import Family, generate_sets

    families: list[Family] = []
    found: list[EvaluationSet] = []
    for word in words:
        path = Path(word)
        if word == _GENERATED:
            families += list(Family)
        elif word in {family.value for family in Family}:
            families.append(Family(word))
        elif path.is_dir():
            found += [read_evaluation_set(file) for file in set_files(path)]
        elif path.exists():
            found.append(read_evaluation_set(path))
        else:
            known = ", ".join([*Family, _GENERATED])
            raise InvalidInput(f"There is no file or folder {word}. Sets made from the taxonomy: {known}.")
    found += generate_sets(release, list(dict.fromkeys(families)), size=size, seed=seed)
    names = [each.name for each in found]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InvalidInput(f"Two sets are called {repeated[0]}. Rename a file, or name it once.")
    return found


def _chosen(sets: list[EvaluationSet], langs: list[str | None]) -> list[EvaluationSet]:
    """Keep the texts in some languages; all of them when none is named."""
    import dataclasses

    if not langs:
        return sets
    kept = [
        dataclasses.replace(each, queries=tuple(query for query in each.queries if query.lang in langs))
        for each in sets
    ]
    return [each for each in kept if each.queries]
