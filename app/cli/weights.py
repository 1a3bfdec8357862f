"""``talentbridge weights``: propose weights, approve them as a second person, list and show them."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from app.cli.console import say, stage_progress
from app.cli.operators import ActingOption, PartnershipOption, acting, choose_partnership
from app.cli.output import write_text
from app.cli.sources import OutputOption, read_json_object
from app.cli.storage import PAGE, every_item, open_database
from app.cli.weight_evidence import fit_lines

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.domain.actor import Actor
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
    from app.services.weight_profiles import get_weights, weights_in_force, weights_of

    with open_database() as database, database.session(write=False) as session:
        actor = acting(session, choose_partnership(session, partnership), key_file, now=datetime.now(UTC))
        if profile is None:
            values, rests_on = weights_in_force(session, actor).as_dict(), {}
        else:
            row = get_weights(session, actor, profile)
            values, rests_on = weights_of(row).as_dict(), row.evidence
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
        Path | None,
        typer.Option(
            "--values",
            metavar="FILE",
            help="JSON of the weights to change, the others as in force; fitted to decisions when not given.",
        ),
    ] = None,
    name: Annotated[
        str, typer.Option("--name", help="Name; profiles of the same name are numbered.")
    ] = "own",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show everything and store nothing.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of the intervals.")] = 0,
    partnership: PartnershipOption = None,
    key_file: ActingOption = None,
) -> None:
    """Propose weights: those of a file, or fitted to the partnership's own decisions.

    Shows how well a fit agrees with decisions it has not seen, and which rankings would
    move. Nothing ranks by it until a second person approves. docs/matching.md says how.
    """
    from app.services.weight_profiles import propose_weights

    now = datetime.now(UTC)
    chosen = None if values is None else read_json_object(values)
    with open_database() as database:
        with database.session(write=False) as session:
            owner = choose_partnership(session, partnership)
            actor = acting(session, owner, key_file, now=now)
            evidence: Mapping[str, Any] = {}
            if chosen is None:
                chosen, evidence = _fitted(session, actor, seed, now)
                for line in fit_lines(evidence):
                    print(line, file=sys.stderr)
        with database.session() as session:
            row = propose_weights(session, actor, name, chosen, reason=reason, evidence=evidence, now=now)
            label, row_id = _label(row), row.id
            if dry_run:
                session.rollback()
    if dry_run:
        say(f"{label} would be proposed (dry run).")
        return
    say(f"Proposed {label}. A second person puts it in force: talentbridge weights approve {row_id}")
    print(row_id)


def _fitted(
    session: Session, actor: Actor, seed: int, now: datetime
) -> tuple[dict[str, Any], Mapping[str, Any]]:
    from app.cli.storage import read_settings, semantic_store
    from app.services.taxonomy_cache import TaxonomyIndexCache
    from app.services.weight_proposals import fit_proposal

    indexes = TaxonomyIndexCache(read_settings().taxonomy_release, semantic=semantic_store())
    with stage_progress() as progress:
        index, _ = indexes.get_for(session, actor)
        fitted = fit_proposal(session, actor, index, now=now, seed=seed, progress=progress)
    return dict(fitted.values), fitted.evidence


def _label(row: StoredWeights) -> str:
    return f"{row.name}-{row.number}"
