"""Input of the file mode: records from files, and the taxonomy they are read with."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from app.cli.console import StageProgress, say, show_issues
from app.errors import InvalidInput
from app.intake.outcome import ReadOutcome

if TYPE_CHECKING:
    from app.domain.taxonomy import Taxonomy
    from app.matching.weights import WeightProfile
    from app.services.latent_spaces import LatentSpaces
    from app.services.taxonomy_index import TaxonomyIndex

RecordT = TypeVar("RecordT")

TaxonomyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--taxonomy",
        metavar="PATH_OR_RELEASE",
        help="An ESCO folder, zip or CSV file, or the name of an imported release. "
        "Repeat it to add languages. The embedded starter taxonomy when not given.",
    ),
]
AliasesOption = Annotated[
    Path | None,
    typer.Option(
        "--aliases",
        metavar="FILE",
        help="What staff decided that phrases mean: JSON Lines, CSV or XLSX.",
    ),
]
LangOption = Annotated[
    str | None, typer.Option("--lang", help="Language of labels, and of records that do not say theirs.")
]
OutputOption = Annotated[
    Path, typer.Option("--output", "-o", metavar="OUT", help="File to write; - is standard output.")
]
STRICT = typer.Option("--strict", help="Stop with exit code 2 if a single row is refused.")


def weights_option(path: Path | None) -> WeightProfile:
    """Read the weights of a JSON file; the built-in ones without one.

    Raises
    ------
    InvalidInput
        The file cannot be read, or a value breaks its bound.
    """
    from app.matching.weights import DEFAULT_WEIGHTS
    from app.services.weight_values import read_weights

    if path is None:
        return DEFAULT_WEIGHTS
    values = read_json_object(path)
    name, version = values.get("name", path.stem), values.get("version", 1)
    if not isinstance(name, str) or isinstance(version, bool) or not isinstance(version, int):
        raise InvalidInput("The name of weights is text, and their version a whole number.")
    return read_weights(values, name=name, version=version)


def read_json_object(path: Path) -> dict[str, Any]:
    """Read a JSON file that holds one object; raises InvalidInput."""
    try:
        values = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path} cannot be read as JSON.") from error
    if not isinstance(values, dict):
        raise InvalidInput(f"{path} does not hold a JSON object.")
    return values


def report_outcome(what: str, outcome: ReadOutcome[RecordT], *, strict: bool) -> None:
    """Say how reading went: rows, refusals with their reasons, warnings.

    Raises
    ------
    InvalidInput
        No row is good, or one is bad and ``strict`` asks for none.
    """
    say(
        f"{what}: {outcome.n_rows:,} rows read, {len(outcome.records):,} accepted, "
        f"{outcome.n_refused:,} refused, {len(outcome.warnings):,} warnings"
    )
    show_issues(outcome.issues)
    for warning in outcome.warnings:
        say(
            f"  warning, {warning.key}: {warning.message} "
            f"({warning.count:,} times, first in row {warning.first_row})"
        )
    if strict and outcome.n_refused:
        raise InvalidInput(f"{outcome.n_refused:,} rows were refused, and --strict allows none.")
    if not outcome.records:
        raise InvalidInput(f"There is no valid row among the {what.lower()}.")


def latent_spaces(taxonomy: Taxonomy, progress: StageProgress, *, with_semantic: bool = True) -> LatentSpaces:
    """Where a command finds what was learned from a taxonomy; learned now and kept where nothing is found.

    With the semantic channel on, so are the embeddings of its labels.
    """
    from app.cli.storage import find_stored_spaces, read_settings, semantic_store
    from app.services.latent_spaces import LatentSpaces

    store = semantic_store() if with_semantic else None
    semantic = None
    if store is not None:
        semantic = store.find(taxonomy.checksum) or store.learn(taxonomy, progress)
    return LatentSpaces(
        find_stored_spaces(taxonomy.name),
        folder=read_settings().cache_dir,
        learns=True,
        progress=progress,
        semantic=semantic,
    )


def aliased_index(
    taxonomy: Taxonomy, aliases: Path | None, *, strict: bool, progress: StageProgress
) -> TaxonomyIndex:
    """Arrange a taxonomy for linking, with the aliases of a file before its labels.

    Raises
    ------
    InvalidInput
        No alias is good, or one is bad and ``strict`` asks for none.
    """
    from app.services.taxonomy_index import build_taxonomy_index

    index = build_taxonomy_index(taxonomy, latent_spaces(taxonomy, progress))
    if aliases is None:
        return index
    from app.intake.read import read_aliases
    from app.services.alias_files import check_for_index
    from app.services.aliased_index import with_aliases

    outcome = check_for_index(read_aliases(aliases), index)
    report_outcome("Aliases", outcome, strict=strict)
    return with_aliases(index, outcome.records)


def counted(stage: str, progress: StageProgress) -> Callable[[int], None]:
    """Adapt a progress callback to a reader, which does not know how many rows will come."""
    return lambda done: progress(stage, done, done)


def language_option(value: str | None) -> str | None:
    """Check ``--lang``.

    Raises
    ------
    InvalidInput
        It is no known language.
    """
    from app.intake.codes import language_code

    if value is None:
        return None
    code = language_code(value)
    if code is None:
        raise InvalidInput("--lang is not a known language. Use an ISO 639-1 code such as fr, ar or de.")
    return code


def open_taxonomy(names: Sequence[str] | None) -> Taxonomy:
    """Read the taxonomy that ``--taxonomy`` names: paths, one stored release, or the starter.

    Raises
    ------
    InvalidInput
        A name is neither a path nor an imported release.
    """
    started = time.perf_counter()
    taxonomy = _read_taxonomy(names or ())
    say(
        f"Taxonomy: {taxonomy.name} with {len(taxonomy.concepts):,} concepts in "
        f"{', '.join(taxonomy.languages)}, read in {time.perf_counter() - started:.1f} s"
    )
    return taxonomy


def _read_taxonomy(names: Sequence[str]) -> Taxonomy:
    from app.taxonomy import read_taxonomy, starter_taxonomy

    if not names:
        return starter_taxonomy()
    paths = [Path(name) for name in names]
    if all(path.exists() for path in paths):
        return read_taxonomy(paths).taxonomy
    if len(names) > 1:
        missing = next(name for name in names if not Path(name).exists())
        raise InvalidInput(f"There is no taxonomy at {missing}.")
    return _stored_release(names[0])


def _stored_release(name: str) -> Taxonomy:
    from app.cli.storage import open_database
    from app.services.taxonomy import load_taxonomy

    with open_database() as database, database.session(write=False) as session:
        return load_taxonomy(session, name)
