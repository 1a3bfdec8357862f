"""Who did something, as a page shows it."""

from __future__ import annotations

from uuid import UUID

from app.services.doers import Doers
from app.web.wording import Words


def by_whom(words: Words, doers: Doers, account_id: UUID | None, key_id: UUID | None) -> str:
    """The name of a person, the label of a key, or the command line."""
    if account_id is not None:
        return doers.accounts.get(account_id) or words.gettext("Somebody without an account here")
    if key_id is not None:
        label = doers.keys.get(key_id)
        return (
            words.gettext("API key “%(label)s”") % {"label": label} if label else words.gettext("An API key")
        )
    return words.gettext("Command line")
