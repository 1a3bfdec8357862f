"""What the composition root decides about the console."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

PREFIX = "/console"
"""Where the console is mounted."""


@dataclass(frozen=True, slots=True)
class ConsoleOptions:
    """Settings of the console.

    Attributes
    ----------
    demo_partnership_id
        The partnership whose demo reviewer anybody may become; None except on sample data.
    """

    demo_partnership_id: UUID | None = None
