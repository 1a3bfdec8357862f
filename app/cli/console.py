"""What commands tell the person at the terminal; results go to standard output or a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from app.errors import AppError, FieldIssue

SHOWN_ISSUES = 20

StageProgress = Callable[[str, int, int], None]


def say(text: str = "") -> None:
    """Print one line for the person, apart from the results."""
    print(text, file=sys.stderr)


def show_error(error: AppError) -> None:
    """Print a deliberate error as one block: what, where, how to mend it."""
    say(f"Error: {error.detail}")
    show_issues(error.issues)


def show_issues(issues: Sequence[FieldIssue], n_total: int | None = None) -> None:
    """Print the first issues, and how many more there are."""
    for issue in issues[:SHOWN_ISSUES]:
        say(f"  {describe_issue(issue)}")
    n_more = (len(issues) if n_total is None else n_total) - SHOWN_ISSUES
    if n_more > 0:
        say(f"  … and {n_more:,} more")


def describe_issue(issue: FieldIssue) -> str:
    """Give an issue as one line: place, fault, repair."""
    place = []
    if issue.row is not None:
        place.append(f"row {issue.row}")
    if issue.column is not None:
        place.append(issue.column)
    elif issue.pointer:
        place.append(issue.pointer)
    text = f"{issue.message} {issue.hint}".strip()
    return f"{', '.join(place)}: {text}" if place else text


@contextmanager
def stage_progress() -> Iterator[StageProgress]:
    """Give a callback (stage, done, total) that draws a bar per stage, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _stage, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield report
