"""Why somebody looks at who a candidate is."""

from __future__ import annotations

from enum import StrEnum


class IdentityReason(StrEnum):
    """What identity is shown for; each showing names one."""

    CONTACT = "contact"  # to speak with the candidate
    FACTS = "facts"  # to confirm what the profile says
    INTRODUCTION = "introduction"  # to prepare or follow an introduction
    DUPLICATE = "duplicate"  # to see whether two profiles are one person
    RIGHTS = "rights"  # the person asks what is kept, or for its erasure
    OTHER = "other"  # the note says which
