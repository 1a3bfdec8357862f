"""Results of a command: to a file or to standard output, in the format asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import say
from app.intake.source import Format

OutputFormatOption = Annotated[
    Format | None, typer.Option("--format", help="Format to write; by the name of the file when not given.")
]


def write_output(
    path: Path,
    kind: Format | None,
    *,
    lines: Iterable[Mapping[str, object]],
    header: Sequence[str],
    rows: Iterable[Mapping[str, object]],
    sheet: str,
) -> None:
    """Write lines or rows, whichever the format takes, to a path or, for ``-``, to standard output."""
    from app.intake.write import format_of, open_target, write_as

    if str(path) == "-":
        write_as(sys.stdout.buffer, format_of(None, kind), lines=lines, header=header, rows=rows, sheet=sheet)
        sys.stdout.buffer.flush()
        return
    with open_target(path) as target:
        write_as(target, format_of(path, kind), lines=lines, header=header, rows=rows, sheet=sheet)
    say(f"Wrote {path}")


def write_text(path: Path, text: str) -> None:
    """Write a text to a path or, for ``-``, to standard output."""
    from app.intake.write import open_target

    if str(path) == "-":
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
        return
    with open_target(path) as target:
        target.write(text.encode())
    say(f"Wrote {path}")
