"""Where the rules that the package brings come from, in the reader's words."""

from __future__ import annotations

import re

from app.web.wording import N_, Words

_LAW = re.compile(r"civil law of (?P<country>[A-Z]{2}), (?P<rest>.+)")
_GENERAL_KNOWLEDGE = N_(
    "civil law (%(country)s), general knowledge as of 2026; confirm against the official text"
)
SOURCES = (
    N_("Regulation (EU) 2016/679, Article 6(1)(a)"),
    N_("Regulation (EU) 2026/1047: jobseekers have reached the age of majority of the host country"),
    N_("the vacancy, as the employer states it"),
    N_("Directive 2005/36/EC; the occupation is regulated according to the taxonomy release"),
    N_("the candidate's own wish"),
    N_("shortage list of the territory"),
    N_(
        "EURES report on labour shortages and surpluses (occupations named as severe and widespread); "
        "interim until the annex of Regulation (EU) 2026/1047 is loaded"
    ),
)
"""Those of the package's own rulebook; a partnership's own stay as it writes them."""


def source_name(source: str, words: Words) -> str:
    """What a rule rests on."""
    law = _LAW.fullmatch(source)
    if law is not None and _GENERAL_KNOWLEDGE.endswith(law["rest"]):
        return words.gettext(_GENERAL_KNOWLEDGE) % {"country": words.country(law["country"])}
    return words.gettext(source)
