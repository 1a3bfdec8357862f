"""Who looks at a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from app.domain.actor import Actor
from app.domain.permissions import Operation, scope_of
from app.web.wording import Words


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in member of staff.

    Attributes
    ----------
    actor
        Decides what may be seen and done, like the actor behind an API key.
    account_id, name
        Of the account.
    session_left_s
        Seconds until the sign-in is over, however much it is used.
    is_demo
        Whether it is the demo reviewer, whom anybody may become.
    preferences
        Of the account: ``hotkeys_on``, ``hotkeys`` (action to key), ``blind``.
    """

    actor: Actor
    account_id: UUID
    name: str
    partnership: str
    words: Words
    session_left_s: int
    is_demo: bool = False
    preferences: Mapping[str, object] = field(default_factory=dict)

    def may(self, operation: Operation | str) -> bool:
        """Whether the role has a part in an operation; templates give its name."""
        wanted = Operation[operation] if isinstance(operation, str) else operation
        return scope_of(self.actor, wanted) is not None
