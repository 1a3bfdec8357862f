"""The ``talentbridge`` command: finds the subcommand, and turns errors into exit codes.

Nothing heavy is imported here or at the top of a command's module, so that
``--help`` answers at once.
"""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from app import __version__
from app.cli.console import say, show_error
from app.errors import AppError

# Name -> module with a Typer application called ``app``, and its line in the overview.
_COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("app.cli.demo", "Show a ranked, explained shortlist on sample data."),
    "serve": (
        "app.cli.serve",
        "Run the console and the HTTP API, with the job worker inside unless told otherwise.",
    ),
    "match": ("app.cli.match", "Rank the candidates of one file for the vacancies of another."),
    "link": ("app.cli.link", "Link phrases to the concepts of a taxonomy."),
    "reconcile": ("app.cli.reconcile", "Offer a taxonomy to OpenRefine, on this machine."),
    "import": ("app.cli.importing", "Import vacancies or a cohort from a file into the database."),
    "export": (
        "app.cli.exporting",
        "Export vacancies, candidates, matches or decisions to a file.",
    ),
    "explain": ("app.cli.explain", "Tell the best matches of two files so that they can be read aloud."),
    "evaluate": ("app.cli.evaluate", "Measure linking on labelled phrases, beside the baselines."),
    "taxonomy": ("app.cli.taxonomy", "Import, inspect and compare taxonomy releases."),
    "aliases": ("app.cli.aliases", "Decide what phrases mean, and list those that wait for it."),
    "weights": ("app.cli.weights", "Propose, approve and list weights, and fit them to decisions."),
    "keys": ("app.cli.keys", "Create, list and revoke API keys."),
    "admin": ("app.cli.admin", "Create, list and disable accounts of staff, and reset their passwords."),
    "worker": ("app.cli.worker", "Work off queued jobs until stopped."),
    "db": ("app.cli.database", "Migrate and check the database."),
    "doctor": ("app.cli.doctor", "Tell what is installed, reachable and missing."),
    "openapi": ("app.cli.openapi", "Print the OpenAPI document of the HTTP API."),
}

EXIT_UNEXPECTED = 1
EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130


class _LazyGroup(TyperGroup):
    """A group that imports the module of a command only when the command is called."""

    def list_commands(self, _ctx: Any) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in _COMMANDS:
            close = difflib.get_close_matches(cmd_name, _COMMANDS)
            if close:
                ctx.fail(f"No such command '{cmd_name}'. Did you mean '{close[0]}'?")
            return None
        command = typer.main.get_command(importlib.import_module(_COMMANDS[cmd_name][0]).app)
        command.name = cmd_name
        return command

    def format_commands(self, _ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_module, summary) in _COMMANDS.items()])


app = typer.Typer(
    cls=_LazyGroup,
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"talentbridge {__version__}")
        raise typer.Exit


@app.callback(epilog="Every command takes --help, and --debug to show where an unexpected error happened.")
def _root(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop."),
    ] = False,
) -> None:
    """Match trainees of Talent Partnerships to vacancies: explained, exact, reproducible."""


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code.

    0 all is well; 1 an unexpected error, or a check that failed; 2 the input or
    the arguments must be mended; 130 interrupted.
    """
    debug = "--debug" in arguments
    command = typer.main.get_command(app)
    try:
        command.main([word for word in arguments if word != "--debug"], prog_name="talentbridge")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else EXIT_UNEXPECTED * bool(stop.code)
    except AppError as error:
        if debug:
            raise
        show_error(error)
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        say("Interrupted.")
        return EXIT_INTERRUPTED
    except Exception as error:
        if debug:
            raise
        # The message may quote personal data; the kind of the error does not.
        say(f"Unexpected error: {type(error).__name__}.")
        say("Run the same command with --debug to see where; please report it without the data.")
        return EXIT_UNEXPECTED
    return 0


def main() -> None:
    """Entry point of the installed command."""
    sys.exit(run(sys.argv[1:]))
