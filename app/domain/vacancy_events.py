"""What was done to a vacancy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from app.domain.actor import Role


class VacancyEvent(NamedTuple):
    """One thing that was done; ``by`` is the name of an account, None of anybody else."""

    at: datetime
    operation: str
    role: Role
    by: str | None
    details: Mapping[str, Any]
