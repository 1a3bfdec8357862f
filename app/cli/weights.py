"""``talentbridge weights``: propose weights, approve them as a second person, list and show them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from app.cli.console import say
from app.cli.operators import ActingOption, PartnershipOption, acting, choose_partnership
from app.cli.output import write_text
from app.cli.sources import OutputOption, read_json_object
from app.cli.storage import PAGE, every_item, open_database

if TYPE_CHECKING:
    from app.models import StoredWeights

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Propose, approve and list the weights of a partnership.",
)

ProfileArgument = Annotated[UUID, typer.Argument(metavar="ID", help="As weights list shows it.")]


@app.command("list")
def list_(partnership: PartnershipOption = None, key_file: ActingOption = None) -> None:
    """List the weight profiles of a partnership, newest first."""
    from app.matching.weights import DEFAULT_WEIGHTS
    from app.services.weight_profiles import label_of, list_weights

    is_own = False
    with open_database() as database, database.session(write=False) as session:
        actor = acting(session, choose_partnership(session, partnership), key_file, now=datetime.now(UTC))
        print("id\tprofile\tstate\tproposed\tapproved\treason")
        for row in every_item(lambda after: list_weights(session, actor, after=after, limit=PAGE)):
            is_own = is_own or row.state.value == "approved"
            approved = row.approved_at.date().isoformat() if row.approved_at else "-"
            told = row.created_at.date().isoformat(), approved, " ".join(row.reason.split())
            print("\t".join([str(row.id), f"{row.name}-{row.number}", row.state, *told]))
    if not is_own:
        say(f"In force: the built-in weights, {label_of(DEFAULT_WEIGHTS)}.")


@app.command()
def show(
    profile: Annotated[
        UUID | None, typer.Argument(metavar="[ID]", help="The weights in force when not given.")
    ] = None,
    output: OutputOption = Path("-"),
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Write what they rest on and what they would move, instead.")
    ] = False,
    partnership: PartnershipOption = None,
    key_file: ActingOption = None,
) -> None:
    """Write weights as JSON, in the form that match --weights and propose --values read."""
    from app.services.weight_profiles import get_weights, weights_in_force

    with open_database() as database, database.session(write=False) as session:
        actor = acting(session, choose_partnership(session, partnership), key_file, now=datetime.now(UTC))
        if profile is None:
            values, rests_on = weights_in_force(session, actor).as_dict(), {}
        else:
            row = get_weights(session, actor, profile)
            values, rests_on = row.weights, row.evidence
    write_text(output, json.dumps(rests_on if evidence else values, ensure_ascii=False, indent=1) + "\n")


@app.command()
def approve(
    profile: ProfileArgument, partnership: PartnershipOption = None, key_file: ActingOption = None
) -> None:
    """Put proposed weights in force; not for the person who proposed them."""
    from app.services.weight_profiles import approve_weights

    now = datetime.now(UTC)
    with open_database() as database, database.session() as session:
        actor = acting(session, choose_partnership(session, partnership), key_file, now=now)
        say(f"{_label(approve_weights(session, actor, profile, now=now))} is in force from now on.")


@app.command()
def withdraw(
    profile: ProfileArgument, partnership: PartnershipOption = None, key_file: ActingOption = None
) -> None:
    """Withdraw a proposal, or take weights out of force: the built-in ones then hold again."""
    from app.services.weight_profiles import withdraw_weights

    now = datetime.now(UTC)
    with open_database() as database, database.session() as session:
        actor = acting(session, choose_partnership(session, partnership), key_file, now=now)
        say(f"{_label(withdraw_weights(session, actor, profile, now=now))} is withdrawn.")


@app.command()
def propose(
    reason: Annotated[str, typer.Option("--reason", help="Why, for the person who approves.")],
    values: Annotated[
        Path,
        typer.Option(
            "--values", metavar="FILE", help="JSON of the weights to change; the others stay as in force."
        ),
    ],
    name: Annotated[
        str, typer.Option("--name", help="Name; profiles of the same name are numbered.")
    ] = "own",
    partnership: PartnershipOption = None,
    key_file: ActingOption = None,
) -> None:
    """Propose weights. Nothing ranks by them until a second person approves."""
    from app.services.weight_profiles import propose_weights

    now = datetime.now(UTC)
    chosen = read_json_object(values)
    with open_database() as database, database.session() as session:
        actor = acting(session, choose_partnership(session, partnership), key_file, now=now)
        row = propose_weights(session, actor, name, chosen, reason=reason, now=now)
        label, row_id = _label(row), row.id
    say(f"Proposed {label}. A second person puts it in force: talentbridge weights approve {row_id}")
    print(row_id)


def _label(row: StoredWeights) -> str:
    return f"{row.name}-{row.number}"
