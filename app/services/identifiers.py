"""Fields that hold an address or a code rather than words."""

from __future__ import annotations

import re

from app.matching.text import canonical

_ISCO_CODE = re.compile(
    r"(?:https?://data\.europa\.eu/esco/isco/C|ISCO[- ]?(?:08)?[ :-]*)?(\d{1,4})", re.IGNORECASE
)
_URI = re.compile(r"(?:https?://|urn:)\S+", re.IGNORECASE)


def is_uri(text: str) -> bool:
    """Whether a field holds a concept's address rather than words."""
    return bool(_URI.fullmatch(text.strip()))


def is_identifier(text: str) -> bool:
    """Whether a field holds an address or a code, and so no words."""
    return is_uri(text) or bool(isco_code(text.strip()))


def isco_code(text: str) -> str:
    """The ISCO-08 code that a field holds, in ASCII digits; empty when it holds something else."""
    code = _ISCO_CODE.fullmatch(text)
    return canonical(code[1]) if code else ""
