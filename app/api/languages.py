"""The language to answer in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.intake.codes import language_code

_WEIGHTED = re.compile(r"\s*([A-Za-z0-9*-]{1,35})\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*")

# Written from right to left. A text says so itself only where it begins with a letter.
_RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})


def accepted_language(header: str, available: Sequence[str]) -> str:
    """Choose from ``available`` what ``Accept-Language`` (RFC 9110) likes best; English if nothing fits.

    Examples
    --------
    >>> accepted_language("ar-TN, fr;q=0.9, en;q=0.5", ["de", "en", "fr"])
    'fr'
    """
    liked: list[tuple[float, int, str]] = []
    for position, part in enumerate(header.split(",")):
        match = _WEIGHTED.fullmatch(part)
        code = language_code(match[1]) if match else None
        if match and code in available:
            liked.append((-float(match[2] or 1), position, str(code)))
    wanted = [code for weight, _, code in sorted(liked) if weight]
    return next(iter(wanted), "en" if "en" in available or not available else available[0])


def direction(lang: str) -> str:
    """Give the ``dir`` attribute of a text: ``auto`` where its language is not known."""
    return "auto" if not lang else "rtl" if lang in _RIGHT_TO_LEFT else "ltr"
