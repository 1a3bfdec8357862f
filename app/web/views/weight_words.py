"""What each weight is called and what it means."""

from __future__ import annotations

from collections.abc import Mapping

from app.web.wording import N_

GROUPS: Mapping[str, tuple[str, str]] = {
    "parts": (
        N_("Parts of the score"),
        N_(
            "How much each part counts. Only their proportions matter; a part that a vacancy "
            "does not ask for hands its share to the others."
        ),
    ),
    "importance": (
        N_("Essential and optional requirements"),
        N_(
            "How much a requirement counts by its class. All optional ones together never "
            "weigh more than their share of the lightest essential one."
        ),
    ),
    "provenance": (
        N_("Where a requirement comes from"),
        N_(
            "Stated by the employer, read in the text, or taken over from the occupation "
            "until somebody confirms it."
        ),
    ),
    "trust": (
        N_("Trust in the skills part"),
        N_(
            "The share of its weight that the skills part keeps where all requirements come "
            "from there; the words of the text get the rest."
        ),
    ),
    "relation": (
        N_("How near a claim is to what is asked for"),
        N_("What a claim earns for a requirement by how the two skills stand to each other."),
    ),
    "isco": (
        N_("Nearness of occupations"),
        N_(
            "What a past or trained occupation earns by how many digits of its ISCO-08 code "
            "are those of the vacancy's. More digits never earn less."
        ),
    ),
    "evidence": (
        N_("Evidence behind a claim"),
        N_("What a claim earns by how well it is supported. Better evidence never earns less."),
    ),
    "unknown_level": (
        N_("Unknown level of a skill"),
        N_("What a claim without a level earns where a level is asked for."),
    ),
    "unknown_language_level": (
        N_("Unknown level of a language"),
        N_("What a language without a level earns where a level is wished for."),
    ),
    "title": (
        N_("Words of the vacancy's title"),
        N_("How many times as much a word of the title weighs as another one."),
    ),
    "prominence": (
        N_("Words that stand out in a profile"),
        N_("What a word earns for standing out in the profile, beside the 1 for standing there."),
    ),
    "theme": (
        N_("What texts are about"),
        N_(
            "The share of the text part that goes to what profile and vacancy are about, whatever "
            "words and language they use."
        ),
    ),
    "tenure": (
        N_("How an occupation is claimed"),
        N_(
            "What an occupation earns that the person only trained for, left more than five years before "
            "the latest date in the profile, or names without time worked in it. With time worked in it, "
            "it grows to the whole within two years."
        ),
    ),
}
"""Group of weights to what it is called and what it means."""

TERMS: Mapping[str, str] = {
    "parts": "part",
    "importance": "importance",
    "provenance": "provenance",
    "trust": "provenance",
    "relation": "relation",
    "evidence": "evidence",
    "tenure": "tenure",
}
"""Group of weights to the vocabulary that its entries are of."""
