"""The navigation: every part of the console that a role has a use for."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.permissions import Operation
from app.web.options import PREFIX
from app.web.viewer import Viewer
from app.web.wording import N_

_ENTRIES: tuple[tuple[str, str, Operation], ...] = (
    ("queue", N_("Work queue"), Operation.REVIEW_READ),
    ("candidates", N_("Candidates"), Operation.CANDIDATE_READ),
    ("cohorts", N_("Cohorts"), Operation.COHORT_READ),
    ("normalisation", N_("Normalisation"), Operation.QUEUE_READ),
    ("runs", N_("Runs and jobs"), Operation.RANKING_READ),
    ("taxonomy", N_("Taxonomy"), Operation.TAXONOMY_COMPARE),
    ("weights", N_("Weights"), Operation.WEIGHTS_READ),
    ("audit", N_("Audit"), Operation.AUDIT_READ),
    ("settings", N_("Settings"), Operation.REVIEW_READ),
)
"""Address below the prefix, name, and the operation that makes it of use."""

_BELOW = {"vacancies": "queue", "matches": "queue", "jobs": "runs"}
"""Pages that belong to the entry of another address."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation."""

    href: str
    name: str
    is_current: bool


def entries(viewer: Viewer, path: str) -> tuple[Entry, ...]:
    """The entries of a viewer, with the one marked that ``path`` belongs to."""
    here = path.removeprefix(f"{PREFIX}/").partition("/")[0]
    here = _BELOW.get(here, here)
    return tuple(
        Entry(f"{PREFIX}/{slug}", viewer.words.gettext(name), slug == here)
        for slug, name, operation in _ENTRIES
        if viewer.may(operation)
    )
