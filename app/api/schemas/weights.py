"""Weight profiles as callers send and get them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, WithJsonSchema

from app.api.schemas.common import NOT_BLANK, Given, Received
from app.domain.transitions import WeightsState
from app.matching.weights import BOUNDS, DEFAULT_WEIGHTS
from app.models import StoredWeights
from app.models.weights import MAX_REASON
from app.services.weight_profiles import NAME_PATTERN


def _number(group: str) -> dict[str, Any]:
    least, greatest = BOUNDS[group]
    return {"type": "number", "minimum": least, "maximum": greatest}


def _group(group: str, held: object) -> dict[str, Any]:
    if isinstance(held, dict):
        entries = {name: _number(group) for name in held}
        return {"type": "object", "properties": entries, "additionalProperties": False}
    if isinstance(held, list):
        return {"type": "array", "items": _number(group), "minItems": len(held), "maxItems": len(held)}
    return _number(group)


def _schema() -> dict[str, Any]:
    """What may be sent, with its bounds, from the weights that there are."""
    held = DEFAULT_WEIGHTS.as_dict()
    return {
        "type": "object",
        "properties": {group: _group(group, held[group]) for group in BOUNDS},
        "additionalProperties": False,
    }


class WeightProfileIn(Received):
    """Weights to propose. What `values` leave out is as in force; docs/matching.md says what each does."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "language-first",
                    "values": {"parts": {"languages": 0.15}, "importance": {"optional": 0.3}},
                    "reason": "Employers sent back whom they could not talk to.",
                }
            ]
        }
    )

    name: Annotated[
        str,
        StringConstraints(pattern=NAME_PATTERN),
        Field(description="Profiles of the same name are numbered."),
    ]
    # The service says which bound a value breaks, and where.
    values: Annotated[dict[str, Any], WithJsonSchema(_schema())]
    reason: Annotated[
        str,
        StringConstraints(min_length=1, max_length=MAX_REASON),
        Field(json_schema_extra={"pattern": NOT_BLANK}, description="Why, for the person who approves."),
    ]


class WeightProfileOut(Given):
    """A weight profile as it is stored; it never changes but for its state, and is never deleted.

    Match runs name the weights they used by `name` and `number`. `evidence` is what fitted
    weights rest on and what they would move; it is empty where somebody chose them. Keys and
    accounts are null for what was done at the command line.
    """

    id: UUID
    name: str
    number: int
    weights: dict[str, Any]
    reason: str
    evidence: dict[str, Any]
    state: WeightsState
    proposed_by_key_id: UUID | None
    proposed_by_account_id: UUID | None
    approved_by_key_id: UUID | None
    approved_by_account_id: UUID | None
    ended_by_key_id: UUID | None
    ended_by_account_id: UUID | None
    approved_at: datetime | None
    ended_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: StoredWeights) -> WeightProfileOut:
        return cls(**{name: getattr(row, name) for name in cls.model_fields})
