"""Keys that work without a mouse: their actions, and what each person set them to."""

from __future__ import annotations

from collections.abc import Mapping

from app.web.viewer import Viewer
from app.web.wording import N_

ACTIONS: Mapping[str, tuple[str, str]] = {
    "next": ("j", N_("Next in the list")),
    "previous": ("k", N_("Previous in the list")),
    "open": ("o", N_("Open what is selected")),
    "shortlist": ("s", N_("Put on the shortlist")),
    "reject": ("r", N_("Reject")),
    "ask": ("n", N_("Ask for information")),
    "defer": ("d", N_("Defer")),
    "undo": ("u", N_("Undo the last decision")),
    "help": ("?", N_("Show the keys")),
}
"""Action to its first key and its name."""


def hotkeys_of(viewer: Viewer) -> dict[str, str]:
    """The keys of a viewer by action; none where they are switched off."""
    if viewer.preferences.get("hotkeys_on", True) is False:
        return {}
    own = viewer.preferences.get("hotkeys")
    chosen = own if isinstance(own, dict) else {}
    return {action: str(chosen.get(action, key)) for action, (key, _) in ACTIONS.items()}
