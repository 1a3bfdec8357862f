"""The notice that has to be shown with the data of a release."""

from __future__ import annotations

# ESCO asks for this sentence wherever its data is shown.
ESCO_NOTICE = (
    "This service uses the ESCO classification of the European Commission. © European Union, CC BY 4.0."
)
STARTER_NOTICE = "TalentBridge starter taxonomy, CC BY 4.0."


def source_note(release: str) -> str:
    """Give the notice for a release by its name; empty where the service knows none."""
    if release.startswith("esco"):
        return ESCO_NOTICE
    return STARTER_NOTICE if release.startswith("starter") else ""
