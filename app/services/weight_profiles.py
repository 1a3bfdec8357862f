"""Weight profiles of a partnership: propose, approve by a second person, withdraw, read those in force."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.ids import new_id
from app.domain.permissions import Operation, require
from app.domain.transitions import WeightsState, require_transition
from app.errors import Conflict, FieldIssue, InvalidInput
from app.matching.weights import DEFAULT_WEIGHTS, WeightProfile
from app.models import StoredWeights
from app.models.weights import MAX_NAME, MAX_REASON
from app.repositories.scoped import Page
from app.repositories.weights import WeightsRepository
from app.services.audit import record_event
from app.services.changes import flush, require_version, touch
from app.services.weight_values import read_weights

NAME_PATTERN = rf"^[a-z0-9][a-z0-9-]{{0,{MAX_NAME - 1}}}$"


def weights_in_force(
    session: Session, actor: Actor, operation: Operation = Operation.RANKING_RUN
) -> WeightProfile:
    """Give the weights by which the actor's partnership is ranked now: approved ones, or the built-in.

    ``operation`` is what they are needed for; whoever reads rankings may see what weighs how much.
    """
    row = WeightsRepository(session, actor).find_in_force(operation)
    return DEFAULT_WEIGHTS if row is None else _usable(row)


def profile_in_force(session: Session, actor: Actor) -> tuple[WeightProfile, UUID | None]:
    """Give the weights in force to whoever may read weights, and the id of their profile.

    The id is None for the built-in ones.

    Raises
    ------
    Conflict
        They are of another version of the service, with other bounds.
    """
    row = WeightsRepository(session, actor).find_in_force(Operation.WEIGHTS_READ)
    if row is None:
        return DEFAULT_WEIGHTS, None
    return _usable(row), row.id


def weights_of(row: StoredWeights) -> WeightProfile:
    """The weights of a stored profile."""
    return WeightProfile.from_dict(row.weights)


def readable_weights(row: StoredWeights) -> WeightProfile | None:
    """The weights of a stored profile; None where they are of a version with other weights or bounds."""
    try:
        return weights_of(row)
    except (TypeError, ValueError):
        return None


def propose_weights(
    session: Session,
    actor: Actor,
    name: str,
    values: Mapping[str, Any],
    *,
    reason: str,
    evidence: Mapping[str, Any] | None = None,
    now: datetime,
) -> StoredWeights:
    """Propose weights for the actor's partnership; nothing ranks by them until a second person approves.

    Flushes.

    Parameters
    ----------
    values
        Weights, whole or only those to change: what is left out is as in force.
    evidence
        What the values rest on and what they would move.

    Raises
    ------
    NotPermitted
        The actor is no administrator.
    InvalidInput
        A value breaks its bound, or there is no name or reason.
    Conflict
        The name is that of the built-in weights, or nothing would change.
    """
    require(actor, Operation.WEIGHTS_WRITE)
    issues = proposal_issues(name, reason)
    if issues:
        raise InvalidInput("The proposal is not complete; see errors.", issues=issues)
    if name == DEFAULT_WEIGHTS.name:
        raise Conflict(f"{name} is the name of the built-in weights. Choose another one.")
    held = weights_in_force(session, actor)
    number = WeightsRepository(session, actor).last_number(name) + 1
    weights = read_weights(values, name=name, version=number, base=held, root="/values")
    if _values(weights) == _values(held):
        raise Conflict(f"These are the weights in force, {label_of(held)}.")
    row = StoredWeights(
        id=new_id(),
        partnership_id=actor.partnership_id,
        name=name,
        number=number,
        weights=weights.as_dict(),
        reason=reason,
        evidence=dict(evidence or {}),
        state=WeightsState.PROPOSED,
        proposed_by_key_id=actor.key_id,
        proposed_by_account_id=actor.account_id,
        version=1,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    _record(session, actor, row, now)
    flush(session)
    return row


def proposal_issues(name: str, reason: str) -> list[FieldIssue]:
    """Say what is wrong with the words of a proposal; nothing where it is empty."""
    issues = []
    if not re.fullmatch(NAME_PATTERN, name):
        message = f"A name has up to {MAX_NAME} small letters a to z, figures and hyphens."
        issues.append(FieldIssue("/name", "wrong-form", message))
    if not reason.strip() or len(reason) > MAX_REASON:
        message = f"Say why, in up to {MAX_REASON:,} characters."
        issues.append(FieldIssue("/reason", "required", message))
    return issues


def approve_weights(
    session: Session, actor: Actor, row_id: UUID, *, expected_version: int | None = None, now: datetime
) -> StoredWeights:
    """Put proposed weights in force, from the next ranking on; those in force are superseded.

    Match runs keep the weights they were asked for with. Flushes.

    Raises
    ------
    NotFound
        No such profile.
    WrongTransition
        It is not a proposal.
    Conflict
        The actor proposed it, or it was fitted to others than those now in force.
    InvalidInput
        Its values lie outside the bounds that hold today.
    """
    repository = WeightsRepository(session, actor)
    row = repository.get(row_id, Operation.WEIGHTS_WRITE, for_update=True)
    require_version(row, expected_version)
    require_transition(row.state, WeightsState.APPROVED)
    if actor.is_who(row.proposed_by_key_id, row.proposed_by_account_id):
        raise Conflict(
            "You proposed these weights. A second person approves them, with their own key or account."
        )
    read_weights(row.weights, name=row.name, version=row.number)
    _require_measured(session, actor, row)
    held = repository.find_in_force(Operation.WEIGHTS_WRITE, for_update=True)
    if held is not None:
        _end(session, actor, held, WeightsState.SUPERSEDED, now)
        # Before the other one is in force: there is never more than one.
        flush(session)
    row.state = WeightsState.APPROVED
    row.approved_by_key_id = actor.key_id
    row.approved_by_account_id = actor.account_id
    row.approved_at = now
    touch(row, now)
    _record(session, actor, row, now)
    flush(session)
    return row


def withdraw_weights(
    session: Session, actor: Actor, row_id: UUID, *, expected_version: int | None = None, now: datetime
) -> StoredWeights:
    """Withdraw a proposal, or take weights out of force: the built-in ones then hold again.

    One person is enough, since it leads back to what was there before anybody decided.
    Flushes.

    Raises
    ------
    NotFound
        No such profile.
    WrongTransition
        It has ended already.
    """
    row = WeightsRepository(session, actor).get(row_id, Operation.WEIGHTS_WRITE, for_update=True)
    require_version(row, expected_version)
    _end(session, actor, row, WeightsState.WITHDRAWN, now)
    flush(session)
    return row


def get_weights(session: Session, actor: Actor, row_id: UUID) -> StoredWeights:
    """Get a weight profile of the actor's partnership; raises NotFound."""
    return WeightsRepository(session, actor).get(row_id, Operation.WEIGHTS_READ)


def list_weights(
    session: Session,
    actor: Actor,
    *,
    after: UUID | None = None,
    limit: int = 50,
    state: WeightsState | None = None,
) -> Page[StoredWeights]:
    """List the weight profiles of the actor's partnership, newest first."""
    return WeightsRepository(session, actor).list_page(after=after, limit=limit, state=state)


def label_of(weights: WeightProfile) -> str:
    """Name and version, as match runs pin them."""
    return f"{weights.name}-{weights.version}"


def _usable(row: StoredWeights) -> WeightProfile:
    weights = readable_weights(row)
    if weights is None:
        # Of another version of the service, with other bounds: no rank may rest on a guess.
        raise Conflict(
            f"The weights in force, {row.name}-{row.number}, are not within the bounds of this version. "
            "Withdraw them, or approve others."
        )
    return weights


def _require_measured(session: Session, actor: Actor, row: StoredWeights) -> None:
    """What a fit would move was measured from certain weights; from others it says nothing."""
    measured_from, held = row.evidence.get("from"), label_of(weights_in_force(session, actor))
    if measured_from not in (None, held):
        raise Conflict(
            f"These weights were fitted and measured from {measured_from}, and {held} is in force now. "
            "Propose anew, so that what would move is known."
        )


def _values(weights: WeightProfile) -> dict[str, object]:
    return {key: value for key, value in weights.as_dict().items() if key not in ("name", "version")}


def _end(session: Session, actor: Actor, row: StoredWeights, state: WeightsState, now: datetime) -> None:
    require_transition(row.state, state)
    row.state = state
    row.ended_by_key_id = actor.key_id
    row.ended_by_account_id = actor.account_id
    row.ended_at = now
    touch(row, now)
    _record(session, actor, row, now)


def _record(session: Session, actor: Actor, row: StoredWeights, now: datetime) -> None:
    record_event(
        session,
        actor,
        f"weights.{row.state}",
        "weight_profile",
        row.id,
        now=now,
        profile=f"{row.name}-{row.number}",
        is_fitted=bool(row.evidence),
    )
