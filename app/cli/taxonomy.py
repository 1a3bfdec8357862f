"""``talentbridge taxonomy``: import and inspect taxonomy releases."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.comparing import compare
from app.cli.console import describe_issue, say, stage_progress
from app.domain.enums import ConceptKind, RelationKind
from app.errors import FieldIssue, InvalidInput

if TYPE_CHECKING:
    from app.services.semantic_spaces import SemanticStore
    from app.services.taxonomy import ImportReceipt

_N_FIRST = 3
_ISSUE_HEADER = ("code", "row", "column", "message", "hint")

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Import, inspect and compare taxonomy releases.",
)
app.command("compare")(compare)

ReleaseOption = Annotated[
    str | None, typer.Option("--release", metavar="NAME", help="Release; the default one when not given.")
]


@app.command("import")
def import_(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="ESCO CSV download: a folder, a zip, or (gzipped) CSV files."),
    ],
    release: Annotated[
        str | None,
        typer.Option(
            "--release", metavar="NAME", help="Such as esco-1.2.1; found from the paths if they say."
        ),
    ] = None,
    lang: Annotated[
        str | None,
        typer.Option("--lang", help="Language of files whose name does not end in it, such as fr."),
    ] = None,
    default: Annotated[
        bool, typer.Option("--default", help="Use this release where none is named, from now on.")
    ] = False,
    issues: Annotated[
        Path | None,
        typer.Option("--issues", metavar="FILE", help="Write every quirk to a CSV, XLSX or JSON Lines file."),
    ] = None,
    learn: Annotated[
        bool,
        typer.Option(
            "--learn/--no-learn",
            help="Learn which words mean alike, or leave it to 'taxonomy learn', "
            "for example while more languages follow.",
        ),
    ] = True,
) -> None:
    """Import a release, or add languages to one.

    A release never changes: importing it again does nothing, and labels in a new
    language are added. An empty database is set up first.
    """
    from datetime import UTC, datetime

    from app.cli.storage import open_database
    from app.services.taxonomy import ImportOutcome, import_release
    from app.taxonomy import read_taxonomy

    started = time.perf_counter()
    say(f"Reading {', '.join(map(str, paths))}")
    with stage_progress() as progress:
        result = read_taxonomy(paths, name=release, lang=lang, progress=progress)
    read_s = time.perf_counter() - started
    _set_up_if_empty()
    with open_database() as database, stage_progress() as progress, database.session() as session:
        receipt = import_release(
            session, result, now=datetime.now(UTC), make_default=default, progress=progress
        )
    _print_counts(result.counts)
    found = [*result.issues, *receipt.issues]
    _print_issues(found, written_to=issues)
    if issues is not None:
        _write_issues(issues, found)
    _print_receipt(receipt)
    print(f"Took {time.perf_counter() - started:.1f} s, {read_s:.1f} s of it reading", flush=True)
    if receipt.outcome is ImportOutcome.NO_CHANGE:
        return
    if learn:
        # Learning reads the release anew, as it is stored: hold no more than one.
        del result, found
        _learn_and_say(receipt.release)
    else:
        print(f"Linking goes by words alone until 'talentbridge taxonomy learn {receipt.release}' has run")


@app.command("learn")
def learn_(
    release: Annotated[str, typer.Argument(metavar="RELEASE", help="Name, such as esco-1.1.1.")],
    semantic: Annotated[
        bool,
        typer.Option(
            "--semantic",
            help="Also embed the release's English labels with the model that TALENTBRIDGE_SEMANTIC_MODEL "
            "names, and keep that in the cache folder; takes minutes for a whole release.",
        ),
    ] = False,
) -> None:
    """Learn from a release's labels which words mean alike, and store it with the release.

    Linking then also finds concepts that share no word with a phrase. An import does
    this by itself unless --no-learn keeps it from it.
    """
    from app.cli.storage import semantic_store

    store = semantic_store() if semantic else None
    if semantic and store is None:
        raise InvalidInput(
            "The semantic channel is off. Set TALENTBRIDGE_SEMANTIC_MODEL to a model's folder, or 'package'."
        )
    _learn_and_say(release)
    if store is not None:
        _embed_and_say(release, store)


@app.command("list")
def list_() -> None:
    """List the imported releases."""
    from app.cli.storage import open_database
    from app.services.taxonomy import list_releases

    with open_database() as database, database.session(write=False) as session:
        releases = list_releases(session)
    if not releases:
        say("No release yet. Import one: talentbridge taxonomy import PATH")
    for summary in releases:
        mark = "  (default)" if summary.is_default else ""
        print(
            f"{summary.name}{mark}  {summary.n_skills:,} skills, {summary.n_occupations:,} occupations; "
            f"{', '.join(summary.n_labels)}"
        )


@app.command()
def show(
    release: Annotated[str, typer.Argument(metavar="RELEASE", help="Name, such as esco-1.1.1.")],
) -> None:
    """Show what a release holds."""
    from app.cli.storage import open_database
    from app.services.taxonomy import get_release

    with open_database() as database, database.session(write=False) as session:
        summary = get_release(session, release)
    print(summary.name + ("  (default)" if summary.is_default else ""))
    _print_rows(
        {
            "skills": summary.n_skills,
            "occupations": summary.n_occupations,
            "groups": summary.n_groups,
            "relations": summary.n_relations,
            **{f"labels {lang}": count for lang, count in summary.n_labels.items()},
        }
    )
    print(f"Imported {summary.imported_at:%Y-%m-%d %H:%M} UTC")
    print(f"Checksum {summary.checksum}")
    if summary.source_note:
        print(summary.source_note)


@app.command()
def search(
    q: Annotated[str, typer.Argument(metavar="Q", help="The beginning of a label, or a part of it.")],
    release: ReleaseOption = None,
    kind: Annotated[ConceptKind, typer.Option("--kind", help="What to look for.")] = ConceptKind.SKILL,
    lang: Annotated[str, typer.Option("--lang", help="Language of the labels.")] = "en",
    limit: Annotated[int, typer.Option("-k", min=1, help="Most results to show.")] = 10,
) -> None:
    """Find concepts by a part of their label."""
    from app.cli.storage import open_database
    from app.services.taxonomy import find_default_release, get_release, search_concepts

    with open_database() as database, database.session(write=False) as session:
        summary = get_release(session, release) if release else find_default_release(session)
        if summary is None:
            raise InvalidInput("No release yet. Import one: talentbridge taxonomy import PATH")
        hits = search_concepts(session, summary.name, kind, q, lang, limit)
    for hit in hits:
        matched = "" if hit.matched_label == hit.label else f"  ({hit.matched_label})"
        print(f"{hit.label}{matched}  {hit.uri}")
    if not hits:
        say(f"Nothing in {summary.name}.")
    elif summary.source_note:
        say(summary.source_note)


def _learn_and_say(release: str) -> None:
    started = time.perf_counter()
    n_learned = _learn(release)
    print(
        f"Learned {n_learned} of 2 kinds of concepts of {release} in {time.perf_counter() - started:.1f} s"
        + ("" if n_learned else ": it has too few labels")
    )


def _embed_and_say(release: str, store: SemanticStore) -> None:
    from app.cli.storage import open_database
    from app.services.taxonomy import load_taxonomy

    started = time.perf_counter()
    with open_database() as database, database.session(write=False) as session:
        taxonomy = load_taxonomy(session, release)
    with stage_progress() as progress:
        store.learn(taxonomy, progress)
    print(f"Embedded the English labels of {release} in {time.perf_counter() - started:.1f} s")


def _learn(release: str) -> int:
    from datetime import UTC, datetime

    from app.cli.storage import open_database, read_settings
    from app.services.latent_spaces import learn_release

    with open_database() as database, stage_progress() as progress:
        return learn_release(
            database.session,
            release,
            now=lambda: datetime.now(UTC),
            folder=read_settings().cache_dir,
            progress=progress,
        )


def _set_up_if_empty() -> None:
    from app.cli.storage import connected
    from app.db import current_revision, upgrade_database

    with connected(create=True) as engine:
        if current_revision(engine) is None:
            say("Setting up the empty database")
            upgrade_database(engine.url)


def _print_counts(counts: Mapping[str, int]) -> None:
    names = {f"{kind}s": f"{kind}s".replace("_", " ").replace("isco", "ISCO") for kind in ConceptKind}
    names |= {f"relations.{kind}": f"relations: {kind}".replace("_", " ") for kind in RelationKind}
    shown = {names[key]: counts[key] for key in names}
    linked = counts["relations.essential"] + counts["relations.optional"]
    shown["occupation–skill relations"] = linked
    for key, count in counts.items():
        section, _, what = key.partition(".")
        if section in ("labels", "descriptions"):
            shown[f"{section} {what}"] = count
        elif section == "rows":
            shown[f"rows of {what}"] = count
    _print_rows(shown)


def _print_rows(rows: Mapping[str, int]) -> None:
    shown = {name: f"{count:,}" for name, count in rows.items() if count}
    left, right = max(map(len, shown), default=0), max(map(len, shown.values()), default=0)
    for name, count in shown.items():
        print(f"  {name:<{left}}  {count:>{right}}")


def _print_issues(found: Sequence[FieldIssue], *, written_to: Path | None) -> None:
    groups: dict[str, list[FieldIssue]] = defaultdict(list)
    for issue in found:
        groups[issue.code].append(issue)
    if not groups:
        print("No quirks in the files")
        return
    where = "" if written_to else "; --issues FILE writes them all"
    print(f"{len(found):,} quirks by kind, mended or left out{where}:")
    for code, issues in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        print(f"  {code}: {len(issues):,}")
        for issue in issues[:_N_FIRST]:
            print(f"    {describe_issue(issue)}")


def _write_issues(path: Path, found: Sequence[FieldIssue]) -> None:
    from app.cli.output import write_output

    rows = [{name: getattr(issue, name) for name in _ISSUE_HEADER} for issue in found]
    write_output(path, None, lines=rows, header=_ISSUE_HEADER, rows=rows, sheet="issues")


def _print_receipt(receipt: ImportReceipt) -> None:
    from app.services.taxonomy import ImportOutcome

    added = ", ".join(f"{count:,} {lang}" for lang, count in receipt.n_new_labels.items())
    print(
        {
            ImportOutcome.IMPORTED: f"Imported {receipt.release} with labels: {added}",
            ImportOutcome.LABELS_ADDED: f"Added labels to {receipt.release}: {added}",
            ImportOutcome.NO_CHANGE: f"No change: {receipt.release} holds all of this already",
        }[receipt.outcome]
    )
    print(f"Checksum {receipt.checksum}")
    if receipt.is_default:
        print(f"{receipt.release} is the default release")
    else:
        print(f"Another release is the default; --default makes it {receipt.release}")
